"""Measures one class of people with danger costs beside LEMON's minimum-cost flow algorithms, all exact, each run in a process of its own.

    danger.py --date 2021-08-25 --data DIR [--limit 900] [--binary FILE]

DIR holds `grid/make.py`; where it is not there that is said and nothing measured. Records go to `danger.jsonl`, one for each instance, rate and solver;
`run.py` puts them into `README.md`. The explicit network is made of the oracle's programme: what lies on no way is left out, as `Programme` does,
and a crowd's pieces are parallel arcs. It needs one access class and nobody who waits in a crowd.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))
from city import build_lemon  # noqa: E402
from run import keep, last_words, read_results, watched  # noqa: E402

RESULTS = HERE / "danger.jsonl"
GRIDS = ["5 200 5 2 400 2 --danger", "8 576 10 3 800 1 --danger"]
RATES = ["100", "20000"]
PEERS = ["lemon-simplex", "lemon-cost-scaling"]
SCALE = 10**9  # cost units per unit of the objective: whole numbers for LEMON


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--date", help="the day of the run, for the records")
    parser.add_argument("--network", nargs=3, metavar=("CASE", "RATE", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "flows")
    parser.add_argument("--limit", type=float, default=900, help="seconds for one run")
    parser.add_argument("--binary", type=Path, default=ROOT / "target" / "release" / "corridor")
    args = parser.parse_args()
    if args.network:
        write_network(*args.network)
        return
    if not args.date:
        parser.error("--date is needed: the run takes no time from the machine's clock")
    make = args.data / "grid" / "make.py"
    if not make.exists():
        print(f"NOT MEASURED: {make} is not there", file=sys.stderr)
        return
    for words in GRIDS:
        for rate in RATES:
            with tempfile.TemporaryDirectory() as work:
                case = Path(work, "case")
                subprocess.run([sys.executable, make, case, *words.split()], check=True)
                note(args, words, rate, "corridor", corridor(args, case, rate, Path(work, "out")))
                measure_peers(args, words, rate, case, Path(work, "network"))


def corridor(args, case, rate, out):
    """The whole command: reading, planning, out-times, both proofs and all files; then `verify`."""
    command = [args.binary, "plan", case, "--rate", rate, "--engine", "priced", "--gap", "0", "--quiet", "--out", out]
    code, seconds, processor, memory, _, errors = watched(command, args.limit)
    record = {"seconds": seconds, "processor_seconds": processor, "peak_mib": memory}
    if code != 0:
        return record | {"status": "no answer in time" if code is None else f"exit {code}: {last_words(errors)}"}
    summary = json.loads((out / "plan.json").read_text(encoding="utf-8"))["summary"]
    verified = watched([args.binary, "verify", case, out / "plan.json"], args.limit)[0] == 0
    return record | {"status": "done", "objective": summary["objective"], "gap": summary["gap"], "verified": verified}


def measure_peers(args, words, rate, case, file):
    if not build_lemon():
        for peer in PEERS:
            note(args, words, rate, peer, {"status": "not tried: no compiler or no LEMON here"})
        return
    # In a process of its own, so that its memory is not counted in that of what is measured.
    built = json.loads(subprocess.run([sys.executable, __file__, "--network", case, rate, file], check=True, capture_output=True, text=True).stdout)
    constant = built.pop("constant")
    for peer in PEERS:
        code, seconds, processor, memory, output, errors = watched([HERE / "lemon" / "lemon", peer.removeprefix("lemon-"), file], args.limit)
        record = {"process_seconds": seconds, "process_processor_seconds": processor, "peak_mib": memory} | built
        if code == 0:
            said = json.loads(output.splitlines()[-1])
            record |= {"status": "done", "processor_seconds": said["processor_seconds"], "objective": constant - said["sum_out_time"] / SCALE}
        else:
            record["status"] = "no answer in time" if code is None else f"exit {code}: {last_words(errors)}"
        note(args, words, rate, peer, record)


def write_network(folder, rate, file):
    """Writes what `lemon.cc` reads; prints how large it is, and the objective's constant."""
    sys.path.insert(0, str(ROOT / "tests" / "oracle"))
    import case as cases
    import numpy as np
    import optimum

    begin = time.process_time()
    case = cases.read(folder)
    programme, mu = optimum.Programme(case, Fraction(rate)), float(rate)
    n, units = case.steps, case.people
    chains = len(case.nodes) * (n + 1)  # where the groups' waiting begins: a vertex for each group and point
    source, sink = chains + len(case.groups) * n, chains + len(case.groups) * n + 1
    parts = []

    def add(*columns):
        parts.append([np.asarray(column, float) for column in np.broadcast_arrays(*columns)])

    def state(node, point):
        return node * (n + 1) + point

    for kind, number, thing, step, columns in programme.blocks:
        room, cost = np.minimum(programme.upper[columns], units), -programme.gain[columns]
        if kind == "arc":
            room = np.minimum(programme.capacity[thing, step], units)
            add(state(programme.tail[thing], step), state(programme.head[thing], step + programme.transit[thing]), room, cost)
        elif kind == "hold":
            pieces = [piece for i, k, most in zip(thing.tolist(), step.tolist(), room.tolist()) for piece in held(case, mu, i, k, most)]
            add(*np.array([(state(i, k), state(i, k + 1), width, price) for i, k, width, price in pieces]).T)
        elif kind == "stay":
            add(state(thing, step), sink, room, 0)
        elif kind == "call":
            add(chains + number * n + step, state(thing, step), room, cost)
        elif kind == "wait":
            add(chains + number * n + step, np.where(step + 1 < n, chains + number * n + step + 1, sink), units, 0)
    ready = [(chains + key, count) for key, count in programme.limits["ready"].items() if count]
    add(source, *np.array(ready).T, 0)
    tail, head, capacity, cost = (np.concatenate(column) for column in zip(*parts))
    with open(file, "wb") as out:
        out.write(f"{sink + 1} {len(tail)} {source} {sink} {units}\n".encode())
        for array, kind in ((tail, "<i4"), (head, "<i4"), (capacity, "<i8"), (np.rint(cost * SCALE), "<i8")):
            out.write(array.astype(kind).tobytes())
    build = time.process_time() - begin
    print(json.dumps({"nodes": sink + 1, "arcs": len(tail), "build_seconds": build, "constant": float(programme.constant)}))


def held(case, mu, node, step, most):
    """(node, step, width, cost) of the pieces of waiting there, together `most` people wide."""
    place, met = case.nodes[node], 0
    free = place.rate is None or not place.pieces or not mu or not place.rate[step]
    for width, slope in [(None, 0)] if free else case.extra_pieces(place, step):
        here = min(most - met, most if width is None else width)
        if here <= 0:
            return
        yield node, step, here, 0 if free else mu * float(place.rate[step] * case.step_hours * slope)
        met += here


def note(args, words, rate, solver, record):
    key = {"instance": words, "rate": float(rate), "solver": solver}
    keep(RESULTS, args, key, record)


def table():
    """The section of `README.md`, or nothing where nothing was measured."""
    records = read_results(RESULTS)
    if not records:
        return []
    lines = ["", "## One class with danger costs", "", __doc__.split("\n")[0] + " `bench/danger.py` writes `danger.jsonl`.", "",
             "| instance | μ | solver | processor, s | in times of corridor's | whole process, s | build, s | peak, MiB | objective | gap | end |", "|---|---|---|---|---|---|---|---|---|---|---|"]
    base = {(r["instance"], r["rate"]): r.get("processor_seconds") for r in records if r["solver"] == "corridor"}
    number = lambda r, field, form: format(r[field], form) if r.get(field) is not None else "–"  # noqa: E731
    for r in records:
        own, first = r.get("processor_seconds"), base.get((r["instance"], r["rate"]))
        ratio = f"{own / first:.2f}" if own and first else "–"
        whole = "as before" if r["solver"] == "corridor" else number(r, "process_processor_seconds", ".2f")
        lines.append(f"| grid {r['instance']} | {r['rate']:g} | {r['solver']} | {number(r, 'processor_seconds', '.2f')} | {ratio} | {whole} | {number(r, 'build_seconds', '.1f')} | {number(r, 'peak_mib', '.0f')} | {number(r, 'objective', '.6f')} | {number(r, 'gap', '.1e')} | {r['status']} |")
    return lines + ["", *NOTES]


NOTES = [
    "* corridor's time is that of the whole command `corridor plan --engine priced --gap 0`: reading, the least out-times too, both proofs and all files. LEMON's is its",
    "  `run()` alone, for the first objective only; its whole process reads the network and hands it over besides, and what makes the network is apart (`build`).",
    "* All are exact; LEMON's objectives hold costs rounded to 10⁻⁹ per person and arc, corridor's are exact values of its plans.",
]

if __name__ == "__main__":
    main()
