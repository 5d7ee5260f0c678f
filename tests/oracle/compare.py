"""Compares `corridor` with the oracle on random cases, and on case folders named on the command line.

    compare.py [CASE …] [--cases N] [--seed S] [--binary PATH] [--engines reference,priced] [--rates 0,10,1000] [--jobs J]

For each case, rate and engine the plan made with `--gap 0` must keep every rule and state its figures rightly; its bound must be what
its price list gives and equal the optimum of the explicit linear programme; its objective must be near that optimum, and equal to it
(with the least sum of out-times, proved) where there is one access class and nobody waits `there`; `corridor verify` must accept it,
and with `--foreign` the oracle's own plan and price list too, where its optimum is whole.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import bound as bounds
import case as cases
import evaluate
import generate
import optimum

FIGURE = 1e-9  # relative: figures printed as floating-point numbers
ROUNDING = 1e-7  # relative: how far a stated bound may lie above the exact one
OPTIMUM = 1e-6  # relative: the bound against the linear programme's optimum
WHOLE = Fraction(1, 1000)  # what whole people may cost, if no weight is larger


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the others follow")
    parser.add_argument("--binary", type=Path, default=Path("target/release/corridor"))
    parser.add_argument("--engines", default="reference,priced")
    parser.add_argument("--rates", default="0,10,1000")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=300, help="seconds for one plan")
    parser.add_argument("--foreign", action="store_true", help="have the oracle's own plan verified too")
    parser.add_argument("--keep", type=Path, default=Path("out/oracle"), help="where failing cases go")
    args = parser.parse_args()
    todo = [(folder.name, folder) for folder in args.folders] or [(f"seed {s}", s) for s in range(args.seed, args.seed + args.cases)]
    with ThreadPoolExecutor(args.jobs) as pool:
        failed = 0
        for (name, _), (line, problems) in zip(todo, pool.map(lambda item: try_case(*item, args), todo)):
            failed += bool(problems)
            print(f"{'FAIL' if problems else 'ok  '} {name}: {line}", flush=True)
            for problem in problems:
                print(f"     {problem}", flush=True)
    print(f"{len(todo) - failed} passed, {failed} failed")
    sys.exit(bool(failed))


def try_case(name, source, args):
    """(one line about the case, what is wrong). A failing case is kept with its plans."""
    work = Path(tempfile.mkdtemp(prefix="corridor-oracle-"))
    try:
        if isinstance(source, int):
            generate.generate(work / "case", source)
        else:
            shutil.copytree(source, work / "case")
        line, problems = examine(work, args)
        if problems:
            kept = args.keep / name.replace(" ", "-")
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(work, kept)
            (kept / "problems.txt").write_text("\n".join(problems) + "\n", encoding="utf-8")
        return line, problems
    except Exception as error:  # one bad case does not stop the others
        return "not examined", [f"{type(error).__name__}: {error}"]
    finally:
        shutil.rmtree(work, ignore_errors=True)


def examine(work, args):
    case, problems, notes = cases.read(work / "case"), [], []
    simple = len({g.access for g in case.groups}) == 1 and not any(g.there for g in case.groups)
    for rate in args.rates.split(","):
        first, _, least = optimum.optimum(case, Fraction(rate), out_times=simple)
        if first.status != "Optimal":
            problems.append(f"rate {rate}: the oracle's own programme is {first.status}")
            continue
        for engine in filter(None, args.engines.split(",")):
            where, out = f"rate {rate}, {engine}", work / f"{engine}-{rate}"
            begin = time.perf_counter()
            plan, why = run_plan(args, work / "case", rate, engine, out)
            seconds = time.perf_counter() - begin
            if plan is None:
                problems.append(f"{where}: {why}")
                continue
            wrong, note = judge(case, Fraction(rate), plan, first.objective, least, simple)
            wrong += verify(args, work / "case", out / "plan.json")
            problems += [f"{where}: {w}" for w in wrong]
            notes.append(f"{engine[0]}{rate} {note} {seconds:.1f}s")
        made = optimum.plan(case, rate) if args.foreign else None
        if made is not None:
            (work / f"oracle-{rate}.json").write_text(json.dumps(made), encoding="utf-8")
            problems += [f"rate {rate}, the oracle's plan: {w}" for w in verify(args, work / "case", work / f"oracle-{rate}.json")]
    kinds = len({g.access for g in case.groups})
    return f"{case.steps} steps, {len(case.nodes)} nodes, {len(case.arcs)} arcs, {kinds} classes{', simple' if simple else ''}; " + "; ".join(notes), problems


def run_plan(args, folder, rate, engine, out):
    command = [args.binary, "plan", folder, "--rate", rate, "--gap", "0", "--engine", engine, "--out", out, "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=args.limit)
    except subprocess.TimeoutExpired:
        return None, f"no plan within {args.limit:g} s"
    if done.returncode or not (out / "plan.json").exists():
        return None, f"plan exits {done.returncode}: {said(done)}"
    with open(out / "plan.json", encoding="utf-8") as file:
        return json.load(file, parse_float=Fraction), None


def verify(args, folder, plan):
    done = subprocess.run([args.binary, "verify", folder, plan], capture_output=True, text=True, timeout=args.limit)
    return [f"verify exits {done.returncode}: {said(done)}"] if done.returncode else []


def said(done, length=400):
    """The end of what a failed run printed, on one line, without a stack's trace."""
    text = (done.stderr.strip() or done.stdout.strip()).split("stack backtrace")[0]
    return " ".join(text.split())[-length:]


def judge(case, rate, plan, best, least, simple):
    """(what is wrong with a plan made with --gap 0, a note on how near it came)."""
    said = plan["summary"]
    wrong, found = evaluate.check(case, plan["movements"])
    objective = found.objective(rate)
    for name, value in (("people", found.people), ("weighted_people", found.weighted_people), ("harm", found.harm),
                        ("harm_to_bystanders", found.harm_to_bystanders), ("objective", objective), ("sum_out_time", found.sum_out_time),
                        ("exchange_rate", rate)):
        if not close(said[name], value, FIGURE):
            wrong.append(f"{name} is stated as {float(said[name])!r}, is {float(value)!r}")
    wrong += judge_bound(case, rate, plan, best, objective)
    largest = max((g.weight for g in case.groups), default=Fraction(0))
    if objective > best + OPTIMUM * max(1, abs(best)):
        wrong.append(f"objective {float(objective)!r} above the optimum {best!r}")
    if objective < best - max(largest, WHOLE * abs(Fraction(best))) - FIGURE:
        wrong.append(f"objective {float(objective)!r} too far below the optimum {best!r}")
    if simple and not close(objective, best, FIGURE):
        wrong.append(f"one access class, but objective {float(objective)!r} is not the optimum {best!r}")
    note, late = judge_out_times(case, rate, plan, objective, found.sum_out_time, least, simple)
    lost = (best - float(objective)) / max(1, abs(best))
    return wrong + late, f"{best:.6g} lost {max(0, lost):.1e}{note}"


def judge_bound(case, rate, plan, best, objective):
    said, wrong = plan["summary"], []
    try:
        exact = bounds.bound(case, rate, plan["prices"])
    except bounds.NoProof as why:
        return [f"the price list proves nothing: {why}"]
    size = max(1, abs(exact))
    if not -FIGURE * size <= said["bound"] - exact <= (ROUNDING + FIGURE) * size:
        wrong.append(f"bound is stated as {float(said['bound'])!r}, the list gives {float(exact)!r}")
    if not close(exact, best, OPTIMUM):
        wrong.append(f"bound {float(exact)!r} is not the optimum {best!r}")
    if not close(said["gap"], (said["bound"] - objective) / max(1, abs(objective)), 1e-9):
        wrong.append(f"gap is stated as {float(said['gap'])!r}")
    return wrong


def judge_out_times(case, rate, plan, objective, total, least, simple):
    """The proof of the out-times; it must close where whole people lose nothing."""
    if not plan.get("out_time_prices"):
        return " no out-time proof", ["no out_time_prices"] if simple else []
    try:
        proved = bounds.out_time_bound(case, rate, plan["out_time_prices"], objective)
    except bounds.NoProof as why:
        return " bad out-time proof", [f"the out-time price list proves nothing: {why}"]
    wrong = []
    if simple and total - proved >= 1:
        wrong.append(f"out-times sum to {total}, proved only {float(proved):.3f}")
    if simple and least is not None and abs(total - least) > 1e-6 * max(1, least) + 0.01:
        wrong.append(f"out-times sum to {total}, the least is {least!r}")
    return f" out {total}-{float(total - proved):.2g}{'' if least is not None or not simple else ' (oracle gave no least)'}", wrong


def close(a, b, tolerance):
    return abs(a - b) <= tolerance * max(1, abs(a), abs(b))


if __name__ == "__main__":
    main()
