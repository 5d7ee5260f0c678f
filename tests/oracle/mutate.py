"""Mutates a plan at random and compares what `corridor verify` says of it with what the oracle says.

    mutate.py CASE PLAN.json [--count N] [--seed S] [--binary PATH]

A mutated plan that still keeps every rule and states every figure rightly must be accepted, every other rejected. One whose price
list gives a bound so near to the stated one that rounding may explain it is not judged.
"""

import argparse
import copy
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import bound as bounds
import case as cases
import compare
import evaluate

FIGURES = ["people", "weighted_people", "harm", "objective", "bound", "gap", "sum_out_time"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("case", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--binary", type=Path, default=Path("target/release/corridor"))
    parser.add_argument("--keep", type=Path, default=Path("out/oracle-mutated"))
    args = parser.parse_args()
    case, rng = cases.read(args.case), random.Random(args.seed)
    plan = json.loads(args.plan.read_text(encoding="utf-8"))
    print("the plan itself:", verdict(case, plan) or "right")
    seen, failed = Counter(), 0
    for number in range(args.count):
        mutated, what = mutate(case, copy.deepcopy(plan), rng)
        right = verdict(case, mutated)
        if right is None or what is None:
            seen["not judged"] += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "plan.json")
            path.write_text(json.dumps(mutated), encoding="utf-8")
            done = subprocess.run([args.binary, "verify", args.case, path], capture_output=True, text=True)
        seen["rejected" if right else "accepted"] += 1
        if (done.returncode == 0) == bool(right) or done.returncode not in range(0, 100):
            failed += 1
            args.keep.mkdir(parents=True, exist_ok=True)
            (args.keep / f"{number}.json").write_text(json.dumps(mutated), encoding="utf-8")
            print(f"FAIL {number}: {what}: the oracle says {right or 'right'}, verify exits {done.returncode}: {done.stderr.strip()[-300:]}")
    print(dict(seen))
    print(f"{args.count - seen['not judged'] - failed} passed, {failed} failed")
    sys.exit(bool(failed))


def verdict(case, plan):
    """What is wrong with a plan, [] if nothing is, None where rounding decides."""
    plan = json.loads(json.dumps(plan), parse_float=Fraction)
    said, rate = plan["summary"], Fraction(plan["summary"]["exchange_rate"])
    wrong, found = evaluate.check(case, plan["movements"])
    if wrong:
        return wrong
    objective = found.objective(rate)
    for name in ("people", "weighted_people", "harm", "sum_out_time"):
        if not compare.close(said[name], getattr(found, name), compare.FIGURE):
            wrong.append(f"{name} is {float(getattr(found, name))!r}, stated {float(said[name])!r}")
    if not compare.close(said["objective"], objective, compare.FIGURE):
        wrong.append(f"objective is {float(objective)!r}")
    try:
        exact = bounds.bound(case, rate, plan["prices"])
        if plan.get("out_time_prices"):
            bounds.out_time_bound(case, rate, plan["out_time_prices"], objective)
    except bounds.NoProof as why:
        return wrong + [str(why)]
    off = abs(said["bound"] - exact) / max(1, abs(exact))
    if off > 2 * compare.ROUNDING:
        wrong.append(f"bound is {float(exact)!r}, stated {float(said['bound'])!r}")
    elif off > compare.FIGURE and not wrong:
        return None
    if not compare.close(said["gap"], (said["bound"] - objective) / max(1, abs(objective)), 1e-9):
        wrong.append("gap")
    return wrong


def mutate(case, plan, rng):
    """(the plan with one thing changed, what was changed)."""
    moves, kind = plan["movements"], rng.choice(["people", "enter", "step", "link", "drop", "twice", "group", "figure", "price", "more", "split", "wait"])
    if kind == "figure":
        name = rng.choice(FIGURES)
        plan["summary"][name] += rng.choice([1, -1]) * (max(1, abs(plan["summary"][name]) // 100) if name in ("people", "sum_out_time") else 0.01)
        return plan, f"{name} changed"
    if kind == "price":
        listed = [(key, row) for key in ("capacity", "holding", "crowd") for row in plan["prices"].get(key, [])]
        if not listed:
            return plan, None
        key, row = rng.choice(listed)
        row["price"] = rng.choice([0, row["price"] * 2, row["price"] + 1, max(0, row["price"] - 1), row["price"] // 2, -row["price"]])
        return plan, f"{key} price {row}"
    if not moves:
        return plan, None
    move = rng.choice(moves)
    leg = rng.choice(move["legs"])
    before = json.dumps(move)
    if kind == "people":
        move["people"] += rng.choice([1, -1, -move["people"], 10**6])
    elif kind == "enter":
        move["enter"] += rng.choice([1, -1, -case.steps, case.steps])
    elif kind == "step":
        leg[1] += rng.choice([1, -1, 2, -2, case.steps])
    elif kind == "link":
        leg[0] = rng.choice(case.arcs).id
    elif kind == "drop":
        move["legs"].remove(leg)
    elif kind == "twice":
        moves.append(copy.deepcopy(move))
    elif kind == "group":
        move["group"] = rng.choice(case.groups).id
    elif kind == "more":
        move["legs"].append([rng.choice(case.arcs).id, rng.randrange(case.steps)])
    elif kind == "split" and move["people"] > 1:  # says the same in two rows
        move["people"] -= 1
        moves.append({**copy.deepcopy(move), "people": 1})
    elif kind == "wait":  # calls forward at another time
        move["enter"] = rng.randint(0, move["legs"][0][1])
    return plan, f"{kind}: {before} became {json.dumps(move)}"


if __name__ == "__main__":
    main()
