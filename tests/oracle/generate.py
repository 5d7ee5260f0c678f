"""Writes a random case folder in which every feature of the case format is mixed. The seed alone decides the bytes.

    generate.py OUT SEED [--steps N] [--nodes N] [--classes K] [--there | --no-there]
"""

import argparse
import csv
import math
import random
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

# Zone and a first day; some horizons of a long case run over a change of the clocks.
PLACES = [
    ("Asia/Kabul", datetime(2021, 8, 25)), ("Asia/Kathmandu", datetime(2022, 4, 3)), ("UTC", datetime(2020, 2, 28)),
    ("Europe/Berlin", datetime(2023, 3, 25)), ("America/New_York", datetime(2021, 11, 6)), ("Pacific/Chatham", datetime(2023, 9, 23)),
]
STEPS = ["1", "5", "15", "2.5", "10", "7.5"]
TAGS = ["us", "ally", "siv", "press", "p1", "staff"]
KINDS = ["zone", "assembly", "junction", "gate", "holding", "airfield"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--nodes", type=int)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--there", action=argparse.BooleanOptionalAction)
    args = parser.parse_args()
    generate(args.out, args.seed, args.steps, args.nodes, args.classes, args.there)


def generate(out, seed, steps=None, nodes=None, classes=None, there=None):
    """Writes the case of `seed` into the folder `out`; what is None is drawn."""
    _Writer(random.Random(f"corridor {seed}"), seed, steps, nodes, classes, there).write(Path(out))


class _Writer:
    def __init__(self, rng, seed, steps, nodes, classes, there):
        self.rng, self.seed = rng, seed
        size = rng.random()
        if size < 0.75:
            self.n, count = rng.randint(8, 40), rng.randint(5, 20)
        elif size < 0.93:
            self.n, count = rng.randint(30, 100), rng.randint(12, 36)
        else:
            self.n, count = rng.randint(120, 200), rng.randint(30, 60)
        single = rng.random() < 0.35
        self.classes = 1 if single else rng.choice([2, 2, 3, 3, 4, 5, 8] if self.n <= 100 else [2, 3, 4])
        self.there = (not single) or rng.random() < 0.15
        self.n, self.count = steps or self.n, max(3, nodes or count)
        self.classes = classes or self.classes
        self.there = self.there if there is None else there
        self.step = rng.choice(STEPS)
        self.minutes = Fraction(self.step)
        zone, day = rng.choice(PLACES)
        self.zone_name, self.zone = zone, ZoneInfo(zone)
        local = day + timedelta(minutes=rng.choice([0, 18 * 60, 22 * 60 + 30, 7 * 60 + 7, 13 * 60]))
        self.start = local.replace(tzinfo=self.zone).astimezone(timezone.utc)
        self.flow = rng.uniform(0.4, 12)  # people per step of a usual link
        self.danger = rng.choice([0.3, 1, 3, 10])  # scales the rates

    # --- times -------------------------------------------------------------------------------------------------

    def instant(self, point):
        """The time of a point that need not be whole, to the second."""
        return self.start + timedelta(seconds=math.floor(point * float(self.minutes) * 60))

    def exact(self, k):
        return self.start + timedelta(seconds=float(k * self.minutes * 60))

    def text(self, when):
        """A local time where it is one, or a time with an offset; both are read alike."""
        local = when.astimezone(self.zone).replace(tzinfo=None)
        both = {local.replace(tzinfo=self.zone, fold=f).astimezone(timezone.utc) for f in (0, 1)}
        style = self.rng.randrange(4)
        if both == {when} and style < 2:
            return local.isoformat() if local.second or style else local.isoformat(timespec="minutes")
        if style == 2:
            return when.astimezone(self.zone).isoformat()
        other = timezone(timedelta(hours=self.rng.choice([-5, 0, 2, 5.5])))
        return when.astimezone(other).isoformat()

    def span(self, shortest=0.3):
        """Two odd points, the second later by at least one second, at times beyond the horizon's ends."""
        begin = self.rng.uniform(-0.15 * self.n, 0.95 * self.n)
        length = self.rng.uniform(shortest, self.n * 0.6)
        if self.rng.random() < 0.3:
            begin, length = round(begin), max(1, round(length))
        first, last = self.instant(begin), self.instant(begin + length)
        return first, max(last, first + timedelta(seconds=1))

    # --- the case ----------------------------------------------------------------------------------------------

    def write(self, out):
        out.mkdir(parents=True, exist_ok=True)
        for name in self.COLUMNS:
            (out / name).unlink(missing_ok=True)
        self.out = out
        self.place_nodes()
        self.draw_links()
        self.draw_flights()
        self.draw_groups()
        self.draw_danger()
        self.draw_closures()
        self.write_head()
        self.table("node.csv", self.node_rows())
        self.table("link.csv", self.links)
        self.table("flights.csv", self.flights)
        self.table("groups.csv", self.groups)
        for name, rows in (("ready.csv", self.ready), ("closures.csv", self.closures), ("severity.csv", self.severity),
                           ("hazard.csv", self.hazard), ("crowd.csv", self.crowd)):
            if rows or name == "hazard.csv" or self.rng.random() < 0.5:
                self.table(name, rows)

    COLUMNS = {
        "ready.csv": ["group_id", "time", "people"], "crowd.csv": ["node_id", "from", "until", "people"],
        "closures.csv": ["link_id", "from", "until", "people_per_hour", "mode"], "severity.csv": ["node_id", "crowd", "casualties"],
        "hazard.csv": ["element", "from", "until", "attacks_per_hour", "p10", "p90"],
        "flights.csv": ["flight_id", "operator", "aircraft", "from_node_id", "to_node_id", "departs", "arrives", "seats", "tags"],
    }

    def table(self, name, rows):
        """Writes a table; sometimes with columns in another order, a source, an unknown column or an HXL row."""
        rng = self.rng
        columns = list(rows[0]) if rows else list(self.COLUMNS[name])
        columns = [c for c in columns if any(row[c] != "" for row in rows) or not rows or rng.random() < 0.5 or c == "until"]
        first = columns[0]
        if rng.random() < 0.3:
            rng.shuffle(columns)
        extra = {c: v for c, v in (("source", 'radio, "net" 3'), ("certainty", "low"), ("remark", "á, b\nc")) if rng.random() < 0.3}
        with open(self.out / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator=rng.choice(["\n", "\r\n"]))
            writer.writerow(columns + list(extra))
            if rng.random() < 0.2:
                writer.writerow(["#" + c if c == columns[0] else f"#x+{c}" for c in columns] + [""] * len(extra))
            for row in rows:
                writer.writerow([row[c] for c in columns] + list(extra.values()))
        return first

    def write_head(self):
        rng, n = self.rng, self.n
        deadline = n if rng.random() < 0.2 else rng.uniform(0.5 * n, n)
        deadline = self.exact(round(deadline)) if rng.random() < 0.7 else self.instant(deadline)
        zoned = lambda when: when.astimezone(self.zone).isoformat()
        lines = [
            f'title = "Random case {self.seed}"', f'zone = "{self.zone_name}"', f"start = {zoned(self.start)}", f"deadline = {zoned(deadline)}",
            f"end = {zoned(self.exact(n))}", f"as_of = {zoned(self.start)}", f"step_minutes = {self.step}",
            f'count_out = "{rng.choice(["departure", "arrival"])}"', "people_per_casualty = [0, 10, 1000]",
            f"worst_case_window_minutes = {rng.choice([1, 2, 4, 7]) * max(1, int(self.minutes * n / 10))}", "people_per_vehicle = 2.5",
        ]
        (self.out / "case.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    # --- network -----------------------------------------------------------------------------------------------

    def place_nodes(self):
        rng, count = self.rng, self.count
        havens = 1 + rng.randint(0, max(0, count // 8))
        stations = rng.randint(0, max(0, (count - havens) // 6))  # safe, but nobody stays there
        unsafe = count - havens - stations
        self.nodes = []
        for i in range(unsafe):
            self.nodes.append(dict(id=f"n{i}", safe=False, kind=rng.choice(KINDS), x=i / unsafe + rng.uniform(0, 0.15), y=rng.random()))
        for i in range(stations):
            self.nodes.append(dict(id=f"s{i}", safe=True, kind=rng.choice(["airfield", "holding"]), x=1.2 + rng.uniform(0, 0.2), y=rng.random()))
        for i in range(havens):
            self.nodes.append(dict(id=f"h{i}", safe=True, kind="haven", x=1.5 + rng.uniform(0, 0.3), y=rng.random()))
        self.unsafe = [v for v in self.nodes if not v["safe"]]
        self.stations = [v for v in self.nodes if v["safe"] and v["kind"] != "haven"]
        self.havens = [v for v in self.nodes if v["kind"] == "haven"]

    def node_rows(self):
        rng, rows = self.rng, []
        whole = sum(g["people"] for g in self.groups)
        for v in self.nodes:
            limit = ""
            if v["kind"] == "haven" and rng.random() < 0.35:
                limit = rng.randint(1, max(2, int(whole * 0.6)))
            elif v["kind"] != "haven" and rng.random() < 0.3:
                limit = rng.choice([0, rng.randint(1, 5), rng.randint(1, max(2, int(6 * self.flow)))])
            safe = {True: "true", False: rng.choice(["", "false", "0"])}[v["safe"]]
            if v["kind"] == "haven":
                safe = rng.choice(["", "1", "true"])
            rows.append(dict(node_id=v["id"], name=f"{v['kind'].title()} {v['id']}, north", x_coord=round(69 + v["x"] * 0.2, 5),
                             y_coord=round(34.5 + v["y"] * 0.1, 5), place_kind=v["kind"], safe=safe, holding_capacity=limit,
                             accuracy_m=rng.choice(["", 50, 1000])))
        return rows

    def draw_links(self):
        rng = self.rng
        self.links, self.ways = [], []  # ways: (id, tail, head)
        order = self.unsafe
        pairs = []
        for i, v in enumerate(order):
            later = order[i + 1:i + 1 + max(2, len(order) // 3)]
            for w in rng.sample(later, min(len(later), rng.choice([1, 1, 2, 2, 3]))):
                pairs.append((v, w))
        for _ in range(len(order) // 3):
            pairs.append(tuple(rng.sample(order, 2)) if len(order) > 1 else (order[0], self.havens[0]))
        gates = order[-max(1, len(order) // 3):]
        for v in gates:
            if rng.random() < 0.6 or v is order[-1]:
                pairs.append((v, rng.choice(self.stations + self.havens)))
        for v in self.stations:
            pairs.append((v, rng.choice(self.havens)))
            if rng.random() < 0.4 and len(self.stations) > 1:
                pairs.append((v, rng.choice([w for w in self.stations if w is not v])))
        if len(self.havens) > 1 and rng.random() < 0.5:
            pairs.append(tuple(rng.sample(self.havens, 2)))
        for v, w in pairs:
            self.add_link(v, w)
        if rng.random() < 0.4 and len(order) >= 3:  # a short cycle of zero-step legs
            ring = rng.sample(order, 3)
            for v, w in zip(ring, ring[1:] + ring[:1]):
                self.add_link(v, w, minutes=rng.choice(["0", "0.2", "0.4"]))

    def add_link(self, v, w, minutes=None):
        rng = self.rng
        name = f"{v['id']}-{w['id']}"
        while any(link["link_id"] == name for link in self.links):
            name += "b"
        row = dict(link_id=name, from_node_id=v["id"], to_node_id=w["id"], directed="", travel_minutes="", length="", free_speed="",
                   people_per_hour="", capacity="", lanes="", tags="", vulnerability="")
        both = v["safe"] == w["safe"] and rng.random() < 0.35
        row["directed"] = rng.choice(["false", "0"]) if both else rng.choice(["", "true", "1"])
        steps = rng.choice([0, 0.3, 0.5, 1, 1, 1.5, 2, 2.7, rng.uniform(0, max(2, self.n / 7))])
        travel = round(steps * float(self.minutes), 2)
        if minutes is not None:
            row["travel_minutes"] = minutes
        elif rng.random() < 0.15 and travel > 0:
            row["length"], row["free_speed"] = max(1, round(travel * 500)), 30
        else:
            row["travel_minutes"] = f"{travel:g}"
        style = rng.random()
        if style < 0.2:
            pass  # unlimited
        elif style < 0.35:
            row["lanes"] = rng.choice([1, 2])
            row["capacity"] = round(self.flow * rng.uniform(0.3, 2) * 60 / float(self.minutes) / 2.5 / row["lanes"], 1)
        else:
            row["people_per_hour"] = round(self.flow * rng.uniform(0.15, 2) * 60 / float(self.minutes), rng.choice([0, 1, 2]))
        if rng.random() < 0.25:
            row["tags"] = ";".join(rng.sample(TAGS, rng.choice([1, 1, 2])))
        if not v["safe"] and rng.random() < 0.4:
            row["vulnerability"] = round(rng.uniform(0, 0.02), 4)
        self.links.append(row)
        self.ways.append((name, v, w))
        if both:
            self.ways.append((name + "~", w, v))

    def draw_flights(self):
        rng, self.flights = self.rng, []
        sources = [v for v in self.unsafe[len(self.unsafe) // 2:]] + self.stations
        for i in range(rng.choice([0, 1, 3, 6, 10, self.n // 6])):
            v = rng.choice(sources)
            targets = self.havens + ([] if v["safe"] else self.stations) + ([] if v["safe"] or rng.random() < 0.7 else self.unsafe[-2:])
            w = rng.choice([t for t in targets if t is not v])
            begin = rng.uniform(-0.1 * self.n, 1.05 * self.n)
            last = begin + rng.choice([0.2, rng.uniform(0.5, max(1, self.n / 6))])
            departs = self.instant(begin)
            arrives = max(self.instant(last), departs + timedelta(seconds=1))
            self.flights.append(dict(
                flight_id=f"f{i}", operator=rng.choice(["", "Air, One"]), aircraft=rng.choice(["", "C-17"]), from_node_id=v["id"],
                to_node_id=w["id"], departs=self.text(departs), arrives=self.text(arrives),
                seats=rng.randint(1, max(2, int(self.flow * 12))), tags=";".join(rng.sample(TAGS, 1)) if rng.random() < 0.25 else ""))

    # --- people ------------------------------------------------------------------------------------------------

    def draw_groups(self):
        rng, self.groups, self.ready = self.rng, [], []
        accesses = []
        while len(accesses) < self.classes:
            drawn = tuple(sorted(rng.sample(TAGS, rng.choice([0, 1, 1, 2, 3]))))
            if drawn not in accesses:
                accesses.append(drawn)
        count = max(self.classes, rng.choice([1, 2, 3, 5, 8]))
        whole = self.flow * self.n * rng.uniform(0.3, 2.5)
        origins = self.unsafe[:max(1, 2 * len(self.unsafe) // 3)]
        for i in range(count):
            people = max(1, round(whole / count * rng.uniform(0.3, 1.8)))
            access = accesses[i] if i < self.classes else rng.choice(accesses)
            there = self.there and rng.random() < 0.4
            row = dict(group_id=f"g{i}", name=f"Group {i}", origin=rng.choice(origins)["id"], people=people,
                       weight=rng.choice(["", 1, 1, 2, "0.5", "0.25", "3.7", 10, 0 if rng.random() < 0.4 else 1]), ready_from="",
                       ready_until="", access=";".join(access), waits="there" if there else rng.choice(["", "home"]),
                       waiting_vulnerability=round(rng.uniform(0, 0.01), 4) if rng.random() < 0.4 else "",
                       left_behind=round(rng.uniform(0, 0.02), 3) if rng.random() < 0.3 else "")
            self.draw_ready(row)
            self.groups.append(row)

    def draw_ready(self, row):
        rng = self.rng
        begin = rng.uniform(-0.2 * self.n, 0.6 * self.n)
        style = rng.random()
        if style < 0.3:
            return
        if style < 0.4:
            row["ready_from"] = self.text(self.instant(begin))
        elif style < 0.75:
            row["ready_from"] = self.text(self.instant(begin))
            row["ready_until"] = self.text(self.instant(begin + rng.uniform(0, 0.7 * self.n)))
        elif style < 0.8:
            row["ready_until"] = self.text(self.instant(rng.uniform(1, 0.7 * self.n)))
        else:
            left = row["people"]
            parts = sorted(rng.uniform(-0.1 * self.n, 1.02 * self.n) for _ in range(rng.randint(1, 4)))
            for i, at in enumerate(parts):
                people = left if i == len(parts) - 1 else rng.randint(0, left)
                left -= people
                self.ready.append(dict(group_id=row["group_id"], time=self.text(self.instant(at)), people=people))

    # --- danger ------------------------------------------------------------------------------------------------

    def draw_danger(self):
        rng = self.rng
        self.severity, self.hazard, self.crowd, self.closures = [], [], [], []
        for v in self.nodes:
            if rng.random() < (0.5 if not v["safe"] else 0.1):
                at, total, slope = 0, Fraction(0), Fraction(rng.randint(0, 20), 1000)
                for _ in range(rng.randint(1, 4)):
                    width = rng.randint(1, max(2, int(8 * self.flow)))
                    at, total = at + width, total + slope * width
                    self.severity.append(dict(node_id=v["id"], crowd=at, casualties=decimal(total)))
                    slope += Fraction(rng.randint(1, 40), 1000)
                if rng.random() < 0.5:
                    for _ in range(rng.randint(1, 3)):
                        begin, end = self.span()
                        people = rng.choice([rng.randint(1, max(2, int(10 * self.flow))), round(rng.uniform(0, 20 * self.flow), 1)])
                        self.crowd.append({"node_id": v["id"], "from": self.text(begin), "until": self.text(end), "people": people})
        hours = float(self.minutes) / 60
        for element in [f"node:{v['id']}" for v in self.nodes] + [f"link:{name}" for name, *_ in self.ways]:
            if rng.random() < (0.6 if element.startswith("node") else 0.35):
                for _ in range(rng.choice([1, 1, 2, 3])):
                    begin, end = self.span()
                    rate = round(rng.uniform(0.001, 0.05) * self.danger / hours / 5, rng.choice([2, 3, 4]))
                    self.hazard.append({"element": element, "from": self.text(begin), "until": self.text(end), "attacks_per_hour": rate,
                                        "p10": round(rate / 3, 5) if rng.random() < 0.3 else "", "p90": round(rate * 3, 5) if rng.random() < 0.3 else ""})
        rng.shuffle(self.hazard)

    def draw_closures(self):
        rng = self.rng
        for name, *_ in self.ways:
            if rng.random() < 0.25:
                for _ in range(rng.choice([1, 1, 2])):
                    begin, end = self.span()
                    if rng.random() < 0.6:
                        end = min(end, begin + timedelta(minutes=float(self.minutes) * self.n * 0.25))
                    rate = "" if rng.random() < 0.6 else round(self.flow * rng.uniform(0.05, 1) * 60 / float(self.minutes), 1)
                    self.closures.append({"link_id": name, "from": self.text(begin), "until": self.text(end), "people_per_hour": rate,
                                          "mode": rng.choice(["", "entry", "traverse", "traverse"])})


def decimal(value):
    """An exact decimal of a fraction in thousandths."""
    return f"{value.numerator * (1000 // value.denominator) / 1000:.3f}"


if __name__ == "__main__":
    main()
