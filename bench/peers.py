"""One peer on the explicit time expansion of one instance, in a process of its own; prints one JSON record.

    peers.py SOLVER FLOW HORIZON

SOLVER: ortools-max-flow (units out by HORIZON), ortools-min-cost, lemon-simplex, lemon-cost-scaling, highs-simplex, networkx (all units, least sum of
out-times, up to HORIZON). FLOW: `n` vertices, `a tail head transit capacity`, `s vertex people`, `d sink`. The expansion has a copy of each
vertex for each point, an arc for each arc and step, and waiting arcs; every sink's copies lead to one super sink, at the cost of their point.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UNLIMITED = 2**31 - 1


def read(path):
    n, arcs, people, sinks = 0, [], [], []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        word = line.split()
        match word[0]:
            case "n":
                n = int(word[1])
            case "a":
                arcs.append(tuple(map(int, word[1:5])))
            case "s":
                people.append((int(word[1]), int(word[2])))
            case "d":
                sinks.append(int(word[1]))
    return n, arcs, people, sinks


def expand(n, arcs, people, sinks, horizon):
    """(nodes, tail, head, capacity, cost, source, sink, units): numpy arrays of the explicit network."""
    import numpy as np

    points = np.arange(horizon + 1)
    source, sink = n * (horizon + 1), n * (horizon + 1) + 1
    tails, heads, capacities, costs = [], [], [], []

    def add(tail, head, capacity, cost):
        tails.append(tail.astype(np.int32))
        heads.append(head.astype(np.int32))
        capacities.append(np.broadcast_to(np.int64(capacity), tail.shape).astype(np.int64))
        costs.append(np.broadcast_to(np.int64(cost), tail.shape).astype(np.int64) if np.isscalar(cost) else cost)

    for u, v, transit, capacity in arcs:
        k = points[: horizon + 1 - transit]
        add(k * n + u, (k + transit) * n + v, capacity, 0)
    units = sum(count for _, count in people)
    k = points[:-1, None] * n + np.arange(n)[None, :]
    add(k.ravel(), (k + n).ravel(), units, 0)
    for v, count in people:
        add(np.array([source]), np.array([v]), count, 0)
    for v in sinks:
        add(points * n + v, np.full(horizon + 1, sink), units, points.astype(np.int64))
    return sink + 1, np.concatenate(tails), np.concatenate(heads), np.concatenate(capacities), np.concatenate(costs), source, sink, units


def ortools_max_flow(network):
    import numpy as np
    from ortools.graph.python import max_flow

    _, tail, head, capacity, _, source, sink, _ = network
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(tail, head, np.minimum(capacity, UNLIMITED))
    return lambda: (solver.solve(source, sink), {"out": solver.optimal_flow()})[1]


def ortools_min_cost(network):
    from ortools.graph.python import min_cost_flow

    nodes, tail, head, capacity, cost, source, sink, units = network
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    solver.set_node_supply(source, units)
    solver.set_node_supply(sink, -units)
    return lambda: (solver.solve(), {"out": units, "sum_out_time": solver.optimal_cost()})[1]


def lemon(network, algorithm):
    driver = Path(__file__).resolve().parent / "lemon" / "lemon"
    nodes, tail, head, capacity, cost, source, sink, units = network
    file = tempfile.NamedTemporaryFile("wb", delete=False)
    file.write(f"{nodes} {len(tail)} {source} {sink} {units}\n".encode())
    for array, kind in ((tail, "<i4"), (head, "<i4"), (capacity, "<i8"), (cost, "<i8")):
        file.write(array.astype(kind).tobytes())
    file.close()

    def solve():
        output = subprocess.run([driver, algorithm, file.name], check=True, capture_output=True, text=True).stdout
        Path(file.name).unlink()
        return json.loads(output)

    return solve


def highs(network):
    import highspy
    import numpy as np

    nodes, tail, head, capacity, cost, source, sink, units = network
    count = len(tail)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = count, nodes
    model.col_cost_, model.col_lower_, model.col_upper_ = cost.astype(float), np.zeros(count), capacity.astype(float)
    balance = np.zeros(nodes)
    balance[source], balance[sink] = units, -units
    model.row_lower_ = model.row_upper_ = balance
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * count + 1, 2)
    model.a_matrix_.index_ = np.stack([tail, head], 1).ravel()
    model.a_matrix_.value_ = np.tile([1.0, -1.0], count)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", "simplex")
    solver.passModel(model)
    return lambda: (solver.run(), {"out": units, "sum_out_time": round(solver.getInfo().objective_function_value)})[1]


def networkx(network):
    import networkx as nx

    _, tail, head, capacity, cost, source, sink, units = network
    graph = nx.DiGraph()
    for u, v, c, w in zip(tail.tolist(), head.tolist(), capacity.tolist(), cost.tolist()):
        if graph.has_edge(u, v):
            graph[u][v]["capacity"] += c
        else:
            graph.add_edge(u, v, capacity=c, weight=w)
    graph.nodes[source]["demand"], graph.nodes[sink]["demand"] = -units, units
    return lambda: {"out": units, "sum_out_time": nx.network_simplex(graph)[0]}


SOLVERS = {
    "ortools-max-flow": ortools_max_flow,
    "ortools-min-cost": ortools_min_cost,
    "lemon-simplex": lambda network: lemon(network, "simplex"),
    "lemon-cost-scaling": lambda network: lemon(network, "cost-scaling"),
    "highs-simplex": highs,
    "networkx": networkx,
}


def main():
    solver, path, horizon = sys.argv[1], sys.argv[2], int(sys.argv[3])
    network = expand(*read(path), horizon)
    begin = time.process_time()
    solve = SOLVERS[solver](network)
    built, wall = time.process_time(), time.perf_counter()
    record = {"arcs": len(network[1])} | solve()
    record.setdefault("processor_seconds", time.process_time() - built)
    record |= {"seconds": time.perf_counter() - wall, "load_seconds": built - begin}
    record["peak_mib"] = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(json.dumps(record))


if __name__ == "__main__":
    main()
