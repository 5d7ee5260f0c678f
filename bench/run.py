"""Measures `corridor plan` beside HiGHS on the explicit linear programme of the same case, each in a process of its own.

    run.py --date 2021-08-25 [--limit 1800] [--only TEXT] [--rates 0,100] [--solvers corridor,simplex,interior]
    run.py --table --date …        writes the table again from results.jsonl

Each record has quality (the gap) beside seconds and memory, and goes to `results.jsonl` as soon as it is there; `README.md` is written
at the end. The linear programme is the oracle's: one commodity per access class, slots that no one can use left out.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ORACLE = ROOT / "tests" / "oracle"
INSTANCES = [("kabul-2021", "15"), ("kabul-2021", "5"), ("river-town", "1")]
SOLVERS = {"corridor": "corridor, priced", "simplex": "HiGHS simplex", "interior": "HiGHS interior point, no crossover"}
BUILD_LIMIT = 600  # seconds beyond the limit for reading the case and building the programme
TOLERANCE = 1e-3


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--date", help="the day of the run, for the records")
    parser.add_argument("--limit", type=float, default=1800, help="seconds for one solve")
    parser.add_argument("--rates", default="0,100")
    parser.add_argument("--solvers", default=",".join(SOLVERS))
    parser.add_argument("--only", default="", help="only instances whose name and step contain this, such as kabul-2021@15")
    parser.add_argument("--binary", type=Path, default=ROOT / "target" / "release" / "corridor")
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    parser.add_argument("--page", type=Path, default=HERE / "README.md", help="the table goes there")
    parser.add_argument("--table", action="store_true", help="only write the table again")
    parser.add_argument("--worker", nargs=4, metavar=("CASE", "STEP", "RATE", "SOLVER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return solve(*args.worker, args.limit)
    if not args.date:
        parser.error("--date is needed: the run takes no time from the machine's clock")
    if not args.table:
        measure(args)
    write_table(args.results, args.page)
    return None


def measure(args):
    """Runs what is asked for; a record replaces an older one of the same instance, rate and solver."""
    for name, step in INSTANCES:
        if args.only not in f"{name}@{step}":
            continue
        for rate in args.rates.split(","):
            for solver in args.solvers.split(","):
                key = {"case": name, "step_minutes": float(step), "rate": float(rate), "solver": solver}
                run = run_corridor if solver == "corridor" else run_highs
                keep(args.results, args, key, run(args, ROOT / "cases" / name, step, rate, solver))


def read_results(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def keep(path, args, key, record):
    """Puts a record in the place of the one of the same key, and shows it."""
    record = key | {"date": args.date, "machine": machine(), "limit": args.limit} | record
    records = [r for r in read_results(path) if any(r[k] != v for k, v in key.items())] + [record]
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    print({k: v for k, v in record.items() if k != "machine"}, flush=True)


def run_corridor(args, case, step, rate, _):
    """The whole command: reading, planning, whole people, out-times, proof, files."""
    with tempfile.TemporaryDirectory() as out:
        command = [args.binary, "plan", case, "--rate", rate, "--step", f"{step}min", "--engine", "priced", "--gap", str(TOLERANCE), "--out", out, "--json"]
        code, seconds, processor, memory, _, errors = watched(command, args.limit)
        record = {"seconds": seconds, "processor_seconds": processor, "peak_mib": memory}
        plan = Path(out, "plan.json")
        if code != 0 or not plan.exists():
            return {**record, "status": "no answer in time" if code is None else f"exit {code}: {last_words(errors)}"}
        with open(plan, encoding="utf-8") as file:
            said = json.load(file)["summary"]
        code, verify, verify_processor, verify_memory, _, _ = watched([args.binary, "verify", case, plan], args.limit)
        return {**record, "status": said["termination"], "objective": said["objective"], "bound": said["bound"], "gap": said["gap"],
                "verified": code == 0, "verify_seconds": verify, "verify_processor_seconds": verify_processor, "verify_peak_mib": verify_memory}


def run_highs(args, case, step, rate, solver):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--worker", with_rates(args, case, Path(folder)), step, rate, solver, "--limit", str(args.limit)]
        code, seconds, processor, memory, output, errors = watched(command, args.limit + BUILD_LIMIT)
    if code != 0:
        return {"seconds": seconds, "processor_seconds": processor, "peak_mib": memory, "status": "no answer in time" if code is None else f"exit {code}: {last_words(errors)}"}
    return {**json.loads(output.splitlines()[-1]), "peak_mib": memory, "process_seconds": seconds}


def with_rates(args, case, folder):
    """A case whose rates are estimated, with them written down: the explicit programme reads hazard.csv alone."""
    if (case / "hazard.csv").exists() or not (case / "incidents.csv").exists():
        return case
    copy = folder / case.name
    shutil.copytree(case, copy)
    subprocess.run([args.binary, "threat", case, "--out", folder / "threat"], check=True, stdout=subprocess.DEVNULL)
    shutil.copy(folder / "threat" / "hazard.csv", copy / "hazard.csv")
    return copy


def watched(command, limit):
    """(exit code or None where it was stopped, seconds, processor seconds, peak memory in MiB, output, errors) of a child process."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=output, stderr=errors)
        stopped = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if not stopped and time.perf_counter() - begin > limit:
                child.kill()
                stopped = True
            time.sleep(0.005)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begin
        output.seek(0)
        errors.seek(0)
        code = None if stopped else child.returncode
        return code, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read(), errors.read()


def solve(folder, step, rate, solver, limit):
    """The worker: builds the explicit programme, solves it with HiGHS, prints one record."""
    sys.path.insert(0, str(ORACLE))
    import highspy
    import numpy as np

    import case as cases
    import optimum

    begin = time.perf_counter()
    case = cases.read(folder, step)
    read = time.perf_counter() - begin
    programme = optimum.Programme(case, Fraction(rate))
    model = programme.model()
    build = time.perf_counter() - begin - read
    highs = highspy.Highs()
    options = {"output_flag": False, "time_limit": limit, "solver": "simplex" if solver == "simplex" else "ipm"}
    if solver == "interior":
        options |= {"run_crossover": "off", "ipm_optimality_tolerance": TOLERANCE}
    for name, value in options.items():
        assert highs.setOptionValue(name, value) == highspy.HighsStatus.kOk, name
    highs.passModel(model)
    begin, processor = time.perf_counter(), time.process_time()
    highs.run()
    seconds, processor = time.perf_counter() - begin, time.process_time() - processor
    info, found = highs.getInfo(), highs.getSolution()
    record = {"seconds": seconds, "processor_seconds": processor, "read_seconds": read, "build_seconds": build, "columns": programme.columns, "rows": len(programme.low),
              "nonzeros": int(programme.matrix.nnz), "status": highs.modelStatusToString(highs.getModelStatus())}
    if len(found.col_value):
        record["objective"] = -info.objective_function_value + programme.constant
        record["gap"] = proved_gap(programme, np.array(found.row_dual), record["objective"]) if found.dual_valid else None
        record["primal_infeasibility"] = info.max_primal_infeasibility
    print(json.dumps(record))


def proved_gap(programme, row_dual, objective):
    """The gap that the row duals prove: reduced costs are recomputed, and each column pays at its better bound."""
    import numpy as np

    high, low = programme.high, programme.low
    price = -row_dual  # of the maximisation
    price = np.where((price > 0) & ~np.isfinite(high), 0, np.where((price < 0) & ~np.isfinite(low), 0, price))
    rows = np.where(price > 0, np.where(np.isfinite(high), high, 0), np.where(np.isfinite(low), low, 0)) @ price
    # nobody is anywhere more often than all people together, so a column without a bound has this one
    upper = np.minimum(programme.upper, programme.case.people)
    reduced = programme.gain - programme.matrix.T @ price
    bound = rows + np.maximum(reduced, 0) @ upper + programme.constant
    return float((bound - objective) / max(1, abs(objective)))


def last_words(errors):
    """The end of what a failed run printed, without a stack's trace, fit for a table."""
    return " ".join(errors.split("stack backtrace")[0].split()).replace("|", "/")[-200:]


def machine():
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.processor())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory, 1)}


# --- the table -------------------------------------------------------------------------------------------------


def write_table(results, path):
    records = read_results(results)
    lines = ["# Benchmarks", "", __doc__.split("\n")[0] + " `make bench` writes this page and `results.jsonl`.", ""]
    for where in sorted({(r["date"], json.dumps(r["machine"])) for r in records}):
        about = json.loads(where[1])
        lines.append(f"Measured on {where[0]}: {about['processor']}, {about['cores']} cores, {about['memory_gib']:g} GiB memory.")
    lines += ["", "| case | step | μ | solver | time, in times of corridor's | seconds | processor, s | build, s | peak, MiB | gap | end |",
              "|---|---|---|---|---|---|---|---|---|---|---|"]
    base = {key(r): r for r in records if r["solver"] == "corridor"}
    order = {name: i for i, name in enumerate(SOLVERS)}
    for r in sorted(records, key=lambda r: (r["case"], -r["step_minutes"], r["rate"], order[r["solver"]])):
        ratio = ratio_text(r, base.get(key(r)))
        build = f"{r['build_seconds']:.1f}" if "build_seconds" in r else "–"
        gap = f"{max(0, r['gap']):.1e}" if r.get("gap") is not None else "–"
        lines.append(f"| {r['case']} | {r['step_minutes']:g} min | {r['rate']:g} | {SOLVERS[r['solver']]} | {ratio} | {r['seconds']:.2f} | {r['processor_seconds']:.2f} | {build} | {r['peak_mib']:.0f} | {gap} | {r['status']} |")
    lines += ["", *NOTES, *other_tables(), ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def other_tables():
    """What `danger.py` and `city.py` have measured."""
    sys.path.insert(0, str(HERE))
    import city
    import danger

    return danger.table() + city.table()


def key(record):
    return record["case"], record["step_minutes"], record["rate"]


def ratio_text(record, base):
    if base is None or "gap" not in base:
        return "–"
    ratio = record["processor_seconds"] / base["processor_seconds"]
    stopped = str(record["status"]).lower().startswith(("time limit", "no answer"))
    more = "more than " if stopped and record["solver"] != "corridor" else ""
    return more + (f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}")


NOTES = [
    "What is compared:",
    "",
    "* The ratio is of processor time, all threads together, which other work on the machine changes least.",
    "* corridor's time is that of the whole command `corridor plan --engine priced --gap 0.001`: reading, planning, whole people, the least",
    "  out-times, both proofs and all files. Its gap is between whole people and a bound checked in exact arithmetic.",
    "* HiGHS's time is its solve alone, presolve included; reading the case and building the programme are apart. It solves the programme with",
    "  fractional people, and for the first objective only. Its interior point stops at a relative gap of 0.001; its simplex has no such option.",
    "  Its gap here is what its row duals prove, recomputed; an interior point's duals without crossover are a little infeasible, which each",
    "  column is charged for at the number of all people, so that gap may be far above the one it stopped at.",
    "  It ends 'Unknown' where it reached its gap, but the remaining infeasibility is above HiGHS's own limits.",
    "* Peak memory is that of each process, for HiGHS with the Python that builds the programme.",
    "* A solver that was stopped shows what it had by then: HiGHS's simplex had no feasible plan after half an hour. Times are of one run each,",
    "  on a machine that other work shared; corridor's rows and the simplex's are of one run, the interior point's of an earlier one that day;",
    "  what the engine does now may differ a little (README).",
    "* Steps of 5 minutes are within the bars: a gap of at most 0.1 % in less than 2 GiB. The explicit programme, three times as large, was not tried.",
]

if __name__ == "__main__":
    main()
