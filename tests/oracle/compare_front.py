"""Compares `corridor front`, the worst case and the re-plan with the oracle on random cases, and on case folders named on the command line.

    compare_front.py [CASE …] [--cases N] [--seed S] [--binary PATH]

The front is held against a parametric linear programme: its objective is `p·x + μ·q·x`, so a corner solved at one rate gives people and harm, and
where two corners are worth the same the next rate is solved, until no new corner comes. With `--gap 0 --tolerance 0`:

* with one access class and nobody waiting `there`, the front's corners are the programme's;
* in any case each point's bound is the programme's optimum at its rate, and the front's offer is no further below it than whole people may cost;
* no corner of the programme lies in the region that is drawn as impossible.

At the tolerance of the default, the front's offer at every breakpoint of the programme is within the coverage that it states. The worst case's bound is
the optimum of the oracle's programme of the same definition; approached to a gap (`--engine priced`), it is no lower, and near it. A re-plan without an event changes no order, and is accepted by `verify`.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import case as cases
import generate
import highspy
import optimum

CLOSE = 1e-6  # relative: what a library's arithmetic may leave
NEAR = 1e-3  # relative: what a bound that is approached may be above the optimum
WHOLE = 1e-3  # relative: what whole people may cost, if no weight is larger


class Parametric:
    """max (p + μ·q)·x over one programme, for any μ > 0."""

    def __init__(self, case):
        one, two = optimum.Programme(case, Fraction(1)), optimum.Programme(case, Fraction(2))
        self.q, self.q0 = two.gain - one.gain, two.constant - one.constant
        self.p, self.p0 = one.gain - self.q, one.constant - self.q0
        self.highs = highspy.Highs()
        self.highs.silent()
        for name, value in {"threads": 1, "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}.items():
            self.highs.setOptionValue(name, value)
        self.programme = one
        self.highs.passModel(one.model())

    def corner(self, rate):
        """(people, harm) of an optimum at a rate."""
        costs = -(self.p + rate * self.q)
        for column, cost in enumerate(costs.tolist()):
            self.highs.changeColCost(column, cost)
        self.highs.run()
        if self.highs.modelStatusToString(self.highs.getModelStatus()) != "Optimal":
            raise RuntimeError("the oracle's own programme is not solved")
        x = self.highs.getSolution().col_value
        return float(self.p @ x + self.p0), -float(self.q @ x + self.q0)

    def corners(self, low, high):
        """All corners that are optimal at some rate of [low, high], most people first."""
        first, last = self.corner(low), self.corner(high)
        found = [first] + self.between(first, last) + ([last] if differ(first, last) else [])
        return found

    def between(self, one, other):
        if not differ(one, other) or one[1] - other[1] < 1e-12:
            return []
        rate = (one[0] - other[0]) / (one[1] - other[1])
        corner = self.corner(rate)
        above = corner[0] - rate * corner[1] - (one[0] - rate * one[1])
        if above <= CLOSE * max(1, abs(one[0] - rate * one[1])):
            return []
        return self.between(one, corner) + [corner] + self.between(corner, other)


def differ(a, b):
    return abs(a[0] - b[0]) > CLOSE * max(1, abs(a[0])) or abs(a[1] - b[1]) > CLOSE * max(1, abs(a[1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--cases", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the others follow")
    parser.add_argument("--binary", type=Path, default=Path("target/release/corridor"))
    parser.add_argument("--limit", type=float, default=300, help="seconds for one run")
    parser.add_argument("--keep", type=Path, default=Path("out/oracle-front"), help="where failing cases go")
    args = parser.parse_args()
    todo = [(folder.name, folder) for folder in args.folders] or [(f"seed {s}", s) for s in range(args.seed, args.seed + args.cases)]
    failed = 0
    for name, source in todo:
        work = Path(tempfile.mkdtemp(prefix="corridor-front-"))
        try:
            if isinstance(source, int):
                generate.generate(work / "case", source)
            else:
                shutil.copytree(source, work / "case")
            line, problems = examine(work, args)
        except Exception as error:  # one bad case does not stop the others
            line, problems = "not examined", [f"{type(error).__name__}: {error}"]
        failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok  '} {name}: {line}", flush=True)
        for problem in problems:
            print(f"     {problem}", flush=True)
        if problems:
            kept = args.keep / name.replace(" ", "-")
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(work, kept)
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(todo) - failed} passed, {failed} failed")
    sys.exit(bool(failed))


def run(args, *words, codes=(0,)):
    done = subprocess.run([args.binary, *map(str, words)], capture_output=True, text=True, timeout=args.limit)
    if done.returncode not in codes:
        raise RuntimeError(f"{words[0]} exits {done.returncode}: {' '.join((done.stderr or done.stdout).split())[-300:]}")
    return json.loads(done.stdout) if words[-1] == "--json" else done.stdout


def examine(work, args):
    case, folder = cases.read(work / "case"), work / "case"
    simple = len({g.access for g in case.groups}) == 1 and not any(g.there for g in case.groups)
    exact = run(args, "front", folder, "--gap", "0", "--tolerance", "0", "--json")["front"]
    asked = run(args, "front", folder, "--gap", "0", "--json")["front"]
    problems, line = [], f"{len(exact['points'])} points exactly, {len(asked['points'])} as asked for"
    if len(exact["points"]) > 1 or exact["points"][0]["harm"] > 1e-9:
        rates = [p["planned_at_rate"] for p in exact["points"] if p["planned_at_rate"] > 0]
        lp = Parametric(case)
        corners = lp.corners(min(rates + [1e-3]), max(rates + [1e3]))
        line += f", {len(corners)} corners of the programme{', simple' if simple else ''}"
        problems += judge_exact(case, lp, exact, corners, simple)
        problems += judge_asked(asked, corners)
    problems += judge_worst(work, case, args)
    problems += judge_replan(work, args)
    return line, problems


def offered(front, rate):
    return max(p["weighted_people"] - rate * p["harm"] for p in front["points"])


def best(corners, rate):
    return max(people - rate * harm for people, harm in corners)


def breakpoints(corners):
    return [(a[0] - b[0]) / (a[1] - b[1]) for a, b in zip(corners, corners[1:]) if a[1] - b[1] > 1e-12]


def judge_exact(case, lp, front, corners, simple):
    wrong = []
    heaviest = float(max((g.weight for g in case.groups), default=0))
    for point in front["points"]:
        rate = point["planned_at_rate"]
        if rate <= 0:
            continue
        people, harm = lp.corner(rate)
        value = people - rate * harm
        if abs(point["bound"] - value) > CLOSE * max(1, abs(value)):
            wrong.append(f"rate {rate}: the bound {point['bound']!r} is not the programme's optimum {value!r}")
    for rate in breakpoints(corners):
        value = best(corners, rate)
        if value - offered(front, rate) > max(heaviest, WHOLE * abs(value)) + CLOSE:
            wrong.append(f"rate {rate}: the front offers {offered(front, rate)!r}, the programme has {value!r}")
    if simple:
        points = [(p["weighted_people"], p["harm"]) for p in front["points"]]
        if len(points) != len(corners) or any(differ(a, b) for a, b in zip(points, corners)):
            wrong.append(f"one access class, but the corners are {points}, not {corners}")
    for people, harm in corners:
        most = line_at(front["impossible"], harm)
        if most is not None and people > most + CLOSE * max(1, abs(most)):
            wrong.append(f"the corner ({people}, {harm}) lies in what is called impossible ({most})")
    return wrong


def line_at(corners, harm):
    """The height of the line over a harm; None outside of it."""
    for (a, low), (b, high) in zip(corners, corners[1:]):
        if a - 1e-12 <= harm <= b:
            return low if b == a else low + (high - low) * (harm - a) / (b - a)
    return None


def judge_asked(front, corners):
    wrong = []
    for rate in breakpoints(corners):
        value = best(corners, rate)
        allowed = max(1, front["tolerance"] * min(abs(value), abs(offered(front, rate)))) * max(1, front["coverage"])
        if value - offered(front, rate) > allowed + CLOSE * max(1, abs(value)):
            wrong.append(f"rate {rate}: the front offers {offered(front, rate)!r} of {value!r}, and states a coverage of {front['coverage']}")
    return wrong


def judge_worst(work, case, args):
    if not case.window_minutes:
        return []
    wrong = []
    for rate in ("1", "100"):
        out = work / f"worst-{rate}"
        plan = run(args, "plan", work / "case", "--harm", "worst", "--rate", rate, "--gap", "0", "--out", out, "--json")["plans"][0]
        value = optimum.Programme(case, Fraction(rate), worst=True).solve()
        if abs(plan["bound"] - value.objective) > CLOSE * max(1, abs(value.objective)):
            wrong.append(f"worst case at rate {rate}: the bound {plan['bound']!r} is not the programme's optimum {value.objective!r}")
        if plan["objective"] > value.objective + CLOSE * max(1, abs(value.objective)):
            wrong.append(f"worst case at rate {rate}: {plan['objective']!r} is above the optimum {value.objective!r}")
        run(args, "verify", work / "case", out / "restricted" / "plan.json")
        out = work / f"worst-{rate}-approached"
        plan = run(args, "plan", work / "case", "--harm", "worst", "--rate", rate, "--engine", "priced", "--out", out, "--json")["plans"][0]
        above = (plan["bound"] - value.objective) / max(1, abs(value.objective))
        if not -CLOSE <= above <= NEAR:
            wrong.append(f"worst case at rate {rate}, approached: the bound {plan['bound']!r} is not near the optimum {value.objective!r}")
        if plan["objective"] > value.objective + CLOSE * max(1, abs(value.objective)):
            wrong.append(f"worst case at rate {rate}, approached: {plan['objective']!r} is above the optimum {value.objective!r}")
        run(args, "verify", work / "case", out / "restricted" / "plan.json")
    return wrong


def judge_replan(work, args):
    made, case = work / "plan", work / "case"
    run(args, "plan", case, "--rate", "10", "--gap", "0", "--out", made, "--json")
    read = cases.read(case)
    wrong = []
    for share in (Fraction(1, 4), Fraction(1, 2)):
        at = minutes_after_start(case, int(read.steps * share) * read.step_minutes)
        # Planned afresh, and where it may stand by the prices of the plan before.
        for how in (("--gap", "0"), ("--gap", "0.001", "--engine", "priced")):
            new = work / f"new-{share.denominator}-{how[1]}"
            answer = run(args, "replan", case, made / "plan.json", "--at", at, *how, "--out", new, "--json")
            if answer["orders"]["changed"]:
                wrong.append(f"a re-plan at {at} with {' '.join(how)} without an event changes {answer['orders']['changed']} orders")
            run(args, "verify", case, new / "plan.json", "--after", made / "plan.json", "--at", at)
    return wrong


def minutes_after_start(folder, minutes):
    """An instant so many minutes after the case's start, in UTC."""
    import tomllib
    from datetime import datetime, timedelta, timezone
    from zoneinfo import ZoneInfo

    with open(folder / "case.toml", "rb") as file:
        head = tomllib.load(file)
    start = head["start"] if isinstance(head["start"], datetime) else datetime.fromisoformat(head["start"])
    start = start if start.tzinfo else start.replace(tzinfo=ZoneInfo(head["zone"]))
    return (start.astimezone(timezone.utc) + timedelta(minutes=float(minutes))).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    main()
