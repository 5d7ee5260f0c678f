"""Measures the earliest-arrival engine on cities beside peers on the explicit time expansion, each run in a process of its own.

    city.py --date 2021-08-25 --data DIR [--only TEXT] [--peers ortools-max-flow,…] [--limit 900] [--binary FILE]

DIR holds `padang_10p_10s.dat` and `grid/make.py`; what is not there is said and left out. Records go to `city.jsonl`, one for each instance
and solver; `run.py` puts them into `README.md`. Peers that the limit or the memory stops are recorded as that.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))
from run import keep, last_words, read_results, watched  # noqa: E402

RESULTS = HERE / "city.jsonl"
# Imported streets: `import osm … --evacuate`, then `plan --rate 0`, then `verify`, each timed by itself.
STREETS = HERE / "streets.jsonl"
GRIDS = ["20 120 10 4 400 1", "50 240 40 8 600 1", "100 300 60 12 1200 1", "200 360 100 40 2000 1"]
PEERS = ["ortools-max-flow", "ortools-min-cost", "lemon-simplex", "lemon-cost-scaling", "highs-simplex", "networkx"]
# Expanded arcs beyond which a peer is not tried: it would need more memory than most machines have, or hours.
ARCS_MAX = {"networkx": 400_000, "highs-simplex": 4_000_000, "ortools-min-cost": 16_000_000, "lemon-simplex": 16_000_000, "lemon-cost-scaling": 16_000_000, "ortools-max-flow": 30_000_000}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--date", required=True)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "flows")
    parser.add_argument("--only", default="")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--limit", type=float, default=900, help="seconds for one run")
    parser.add_argument("--binary", type=Path, default=ROOT / "target" / "release" / "corridor")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        for name, case, flow in instances(args.data, Path(work)):
            if args.only in name:
                measure(args, name, case, flow)


def instances(data, work):
    """(name, case folder, flow file), made when they are asked for."""
    padang, grid = data / "padang_10p_10s.dat", data / "grid" / "make.py"
    for path in (padang, grid):
        if not path.exists():
            print(f"NOT MEASURED: {path} is not there", file=sys.stderr)
    if padang.exists():
        case, flow = work / "padang", work / "padang.flow"
        subprocess.run([sys.executable, HERE / "instances" / "padang.py", padang, case, "--flow", flow], check=True)
        yield "padang", case, flow
    for words in GRIDS if grid.exists() else []:
        case, flow = work / f"grid {words}", work / f"grid {words}.flow"
        subprocess.run([sys.executable, grid, case, *words.split(), "--flow", flow], check=True)
        yield f"grid {words}", case, flow


def measure(args, name, case, flow):
    last = None
    for engine in ("earliest", "ccrp"):
        with tempfile.TemporaryDirectory() as out:
            record = corridor(args, case, engine, Path(out))
        last = record.get("last_out_time", last) if engine == "earliest" else last
        note(args, name, f"corridor, {engine}", record)
    if last is None:
        return
    words = flow.read_text(encoding="utf-8").split("\n")
    arcs = (sum(line.startswith("a ") for line in words) + int(words[0].split()[1])) * (last + 1)
    for peer in filter(None, args.peers.split(",")):
        if arcs > ARCS_MAX[peer]:
            note(args, name, peer, {"arcs": arcs, "status": "not tried: too large"})
            continue
        if peer.startswith("lemon") and not build_lemon():
            note(args, name, peer, {"status": "not tried: no compiler or no LEMON here"})
            continue
        code, seconds, processor, memory, output, errors = watched([sys.executable, HERE / "peers.py", peer, flow, last], args.limit)
        record = {"process_seconds": seconds, "process_processor_seconds": processor, "peak_mib": memory}
        if code == 0:
            record = json.loads(output.splitlines()[-1]) | {"process_seconds": seconds, "status": "done", "horizon": last}
        else:
            record["status"] = "no answer in time" if code is None else f"exit {code}: {last_words(errors)}"
        note(args, name, peer, record)


def corridor(args, case, engine, out):
    """The whole command: reading, planning, whole people, out-times, proof, files; then `verify`."""
    command = [args.binary, "plan", case, "--rate", "0", "--engine", engine, "--quiet", "--out", out]
    code, seconds, processor, memory, _, errors = watched(command, args.limit)
    record = {"seconds": seconds, "processor_seconds": processor, "peak_mib": memory}
    if code != 0:
        return record | {"status": "no answer in time" if code is None else f"exit {code}: {last_words(errors)}"}
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    code, verify, verify_processor, verify_memory, output, _ = watched([args.binary, "verify", case, out / "plan.json", "--json"], args.limit)
    links = {}
    for line in (case / "link.csv").read_text(encoding="utf-8").splitlines()[1:]:
        fields = line.split(",")
        links[fields[0]] = int(fields[3])
    out_times = [m["legs"][-1][1] + links[m["legs"][-1][0]] for m in plan["movements"]]
    return record | {"status": "done", "out": plan["summary"]["people"], "sum_out_time": plan["summary"]["sum_out_time"], "last_out_time": max(out_times),
                     "verified": code == 0, "verify_seconds": verify, "verify_processor_seconds": verify_processor, "verify_peak_mib": verify_memory}


def build_lemon():
    driver = HERE / "lemon" / "lemon"
    if driver.exists():
        return True
    try:
        subprocess.run(["g++", "-O2", "-o", driver, HERE / "lemon" / "lemon.cc"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def note(args, name, solver, record):
    key = {"instance": name, "solver": solver}
    keep(RESULTS, args, key, record)


def table():
    """The section of `README.md`, or nothing where nothing was measured."""
    records = read_results(RESULTS)
    if not records:
        return []
    where = sorted({(r["date"], r["machine"]["processor"], r["machine"]["cores"], r["machine"]["memory_gib"]) for r in records})
    lines = ["", "## Cities: the earliest-arrival engine", "", __doc__.split("\n")[0] + " `bench/city.py` writes `city.jsonl`.", ""]
    lines += [f"Measured on {date}: {processor}, {cores} cores, {memory:g} GiB memory." for date, processor, cores, memory in where]
    lines += ["", "| instance | solver | processor, s | in times of corridor's | load, s | peak, MiB | people out | last out | sum of out-times | verify, s | end |",
              "|---|---|---|---|---|---|---|---|---|---|---|"]
    base = {r["instance"]: r.get("processor_seconds") for r in records if r["solver"] == "corridor, earliest"}
    number = lambda r, field: f"{r[field]:,}" if r.get(field) is not None else "–"
    for r in records:
        own, first = r.get("processor_seconds"), base.get(r["instance"])
        ratio = f"{own / first:.2f}" if own and first and r["status"] == "done" else "–"
        spent = r.get("process_processor_seconds")
        seconds = f"{own:.2f}" if own else f"stopped after {spent:.0f}" if spent else "–"
        load = f"{r['load_seconds']:.1f}" if "load_seconds" in r else "–"
        verify = f"{r['verify_processor_seconds']:.2f}" if "verify_processor_seconds" in r else "–"
        peak = f"{r['peak_mib']:.0f}" if "peak_mib" in r else "–"
        lines.append(f"| {r['instance']} | {r['solver']} | {seconds} | {ratio} | {load} | {peak} | {number(r, 'out')} | {number(r, 'last_out_time')} | {number(r, 'sum_out_time')} | {verify} | {r['status']} |")
    return lines + ["", *NOTES, *streets()]


def streets():
    """The table of imported cities, or nothing where none was measured."""
    records = read_results(STREETS)
    if not records:
        return []
    lines = ["", "### Imported streets", "",
             "OpenStreetMap extracts, cut out and settled by `corridor import osm … --evacuate` (which plans three times, for the clearance at the ends of what is not",
             "known), planned by `corridor plan --rate 0` with all files and orders, and checked by `corridor verify`. Processor seconds of whole commands; clearance at the slow ends, as written, at the fast ends.", "",
             "| city | people | links | steps | import, s | peak, MiB | plan, s | peak, MiB | verify, s | clearance, min | proved out-time gap, person-steps |", "|---|---|---|---|---|---|---|---|---|---|---|"]
    for r in records:
        steps = f"{r['steps']:,} of {r['step_seconds']} s"
        clearance = " · ".join(str(minutes) for minutes in r["clearance_minutes"])
        lines.append(f"| {r['city']} | {r['people']:,} | {r['links']:,} | {steps} | {r['import_processor_seconds']:.2f} | {r['import_peak_mib']} | {r['plan_processor_seconds']:.2f} | {r['plan_peak_mib']} | {r['verify_processor_seconds']:.2f} | {clearance} | {r['out_time_gap_steps']} |")
    return lines


NOTES = [
    "* Processor time is of all threads together. corridor's is that of the whole command: reading, planning, both proofs and all files. A peer's is its",
    "  solve alone; making the explicit network and handing it over is apart (`load`). Ratios are of these two, so they flatter the peers.",
    "* The earliest-arrival plan is one for every step at once. OR-Tools' maximum flow is for one horizon, the last out-time; the minimum-cost peers",
    "  find the least sum of out-times, given that horizon.",
    "* CCRP is corridor's own (`--engine ccrp`): what greedy planning loses is in its last out-time and its sum.",
    "* A run is stopped by the wall clock; on a machine that is shared with other work its processor time until then tells more.",
    "* `not tried`: the explicit network would have more arcs than the peer can take here in reasonable time and memory.",
]

if __name__ == "__main__":
    main()
