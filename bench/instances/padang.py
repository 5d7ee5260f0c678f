"""Turns an instance of the `.dat` form (`V id supply x y`, `S id supply`, `T id demand`, `E tail head capacity transit`) into a case folder.

    padang.py FILE.dat OUT [--flow FILE]

The steps of the instance are ten seconds long. A step of the case is declared as one minute instead, so that every travel time and rate is
a whole number (a transit of k steps is k minutes, a capacity of c per step is 60·c people per hour): the same problem, with a clock that
runs six times slower. Capacities of 2³¹ − 1 are none. `count_out` is arrival and the deadline is the end, so out-times are arrival steps.
Positions are metres of UTM zone 47 south, turned into degrees on a sphere: near enough to look at.
With --flow the plain network is written too: `n` vertices, `t` steps, `a tail head transit capacity`, `s vertex people`, `d sink`.
"""

import csv
import math
import sys
from pathlib import Path

UNLIMITED = 2**31 - 1


def read(path):
    """(steps, {node: (x, y)}, {node: people}, sinks, [(tail, head, capacity, transit)])"""
    steps, nodes, people, sinks, edges = 0, {}, {}, [], []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        word = line.split()
        match word[:1]:
            case ["TIME"]:
                steps = int(word[1])
            case ["V"] | ["%V"]:  # the second of the two safe ends is commented out, but edges lead there
                nodes[word[1]] = (float(word[3]), float(word[4]))
            case ["S"]:
                people[word[1]] = int(word[2])
            case ["T"]:
                sinks.append(word[1])
            case ["E"]:
                edges.append((word[1], word[2], int(word[3]), int(word[4])))
    for tail, head, _, _ in edges:
        nodes.setdefault(tail, None)
        nodes.setdefault(head, None)
    return steps, nodes, people, sinks, edges


def position(metres):
    if metres is None:
        return "", ""
    latitude = (metres[1] - 1e7) / 110_574
    return f"{99 + (metres[0] - 5e5) / (111_320 * math.cos(math.radians(latitude))):.6f}", f"{latitude:.6f}"


def write(out, steps, nodes, people, sinks, edges):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)

    def table(name, header, rows):
        with open(out / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)

    end = f"2030-01-01T{steps // 60:02d}:{steps % 60:02d}:00Z"
    out.joinpath("case.toml").write_text(
        f'title = "Padang, {sum(people.values())} people, steps of ten seconds declared as minutes"\nzone = "UTC"\nstart = 2030-01-01T00:00:00Z\n'
        f'deadline = {end}\nend = {end}\nas_of = 2030-01-01T00:00:00Z\nstep_minutes = 1\ncount_out = "arrival"\npeople_per_casualty = [0]\n',
        encoding="utf-8",
    )
    kind = lambda node: "haven" if node in sinks else "zone" if node in people else "junction"
    table("node.csv", ["node_id", "x_coord", "y_coord", "place_kind"], [[n, *position(at), kind(n)] for n, at in nodes.items()])
    rate = lambda capacity: "" if capacity >= UNLIMITED else capacity * 60
    rows = [[f"e{i}", u, v, transit, rate(capacity)] for i, (u, v, capacity, transit) in enumerate(edges) if u not in sinks]
    table("link.csv", ["link_id", "from_node_id", "to_node_id", "travel_minutes", "people_per_hour"], rows)
    table("groups.csv", ["group_id", "origin", "people"], [[f"g{n}", n, count] for n, count in people.items()])


def write_flow(path, steps, nodes, people, sinks, edges):
    number = {node: index for index, node in enumerate(nodes)}
    with open(path, "w", encoding="utf-8") as file:
        print(f"n {len(nodes)}\nt {steps}", file=file)
        for u, v, capacity, transit in edges:
            print("a", number[u], number[v], transit, capacity, file=file)
        for node, count in people.items():
            print("s", number[node], count, file=file)
        for node in sinks:
            print("d", number[node], file=file)


if __name__ == "__main__":
    instance = read(sys.argv[1])
    write(sys.argv[2], *instance)
    if "--flow" in sys.argv:
        write_flow(sys.argv[sys.argv.index("--flow") + 1], *instance)
