"""Reads a case folder into its exact meaning, as `docs/method/case-format.md` states it.

Everything is an integer or a `fractions.Fraction`; nothing here is rounded that the page does not round. The reader
trusts the case: it checks what it needs to stay right, and leaves diagnosis to `corridor check`.
"""

import csv
import math
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import areas


class CaseError(Exception):
    """The case says something that the format does not allow."""


@dataclass
class Node:
    id: str
    kind: str
    safe: bool
    holding_capacity: int | None  # people; None: unlimited
    pieces: list  # severity: [(width | None for the last, slope)], in order of the crowd
    rate: list | None = None  # attacks per hour in each step, or None where always 0
    bystanders: list | None = None  # b(i, k), whole people, or None where always 0

    @property
    def haven(self):
        return self.kind == "haven"


@dataclass
class Arc:
    """One way of a link, or a flight. `capacity[k]` is None where unlimited; a flight has one step only."""

    id: str
    tail: int
    head: int
    transit: int  # steps
    tags: frozenset
    capacity: dict | list  # step -> people | None
    travel_hours: Fraction
    vulnerability: Fraction
    flight: bool
    crossing: bool
    rate: list | None = None

    def steps(self, horizon):
        """The steps in which people could enter, were every capacity positive."""
        if self.flight:
            return range(min(self.capacity), min(self.capacity) + 1)
        return range(0, max(0, horizon - self.transit + 1) if self.transit else horizon)


@dataclass
class Group:
    id: str
    origin: int
    people: int
    weight: Fraction
    ready: list  # ready[k] for k = 0 … N-1
    access: frozenset
    there: bool
    waiting_vulnerability: Fraction
    left_behind: Fraction

    def releases(self):
        """(point, people) pairs; who is not ready by point N-1 is released at N."""
        before = 0
        for k, now in enumerate(self.ready):
            if now > before:
                yield k, now - before
            before = now
        if self.people > before:
            yield len(self.ready), self.people - before


@dataclass
class Case:
    title: str
    steps: int
    step_minutes: Fraction
    step_hours: Fraction
    deadline: Fraction  # in steps after start
    count_arrival: bool
    rates: list
    window_minutes: Fraction
    nodes: list
    arcs: list
    groups: list
    node_index: dict = field(default_factory=dict)
    arc_index: dict = field(default_factory=dict)
    group_index: dict = field(default_factory=dict)

    def counts(self, arc, k):
        """Whether crossing by `arc`, entered at point `k`, is in time."""
        return k + arc.transit <= self.deadline if self.count_arrival else k < self.deadline

    def out_time(self, arc, k):
        return k + arc.transit if self.count_arrival else k

    def usable(self, arc, access):
        return not arc.tags or bool(arc.tags & access)

    def waiting_cost(self, group):
        """Term 3 per person by the point of entry: index k for who enters at k, index N for who never does."""
        rate, total, out = self.nodes[group.origin].rate, Fraction(0), [Fraction(0)]
        for k in range(self.steps):
            if rate is not None:
                total += rate[k] * self.step_hours * group.waiting_vulnerability
            out.append(total)
        return out

    def link_cost(self, arc, k):
        """Term 2 per person who enters in step k."""
        return arc.rate[k] * arc.travel_hours * arc.vulnerability if arc.rate is not None and not arc.flight else Fraction(0)

    def extra_pieces(self, node, k):
        """The pieces (width, slope) of c -> S(b + c) - S(b); the last width is None."""
        skip = node.bystanders[k] if node.bystanders is not None else 0
        out = []
        for width, slope in node.pieces:
            if width is not None and width <= skip:
                skip -= width
                continue
            out.append((None if width is None else width - skip, slope))
            skip = 0
        return out

    @property
    def people(self):
        return sum(g.people for g in self.groups)

    def windows(self):
        """Step ranges of the worst case's windows; a step belongs to the window in which it starts."""
        per, out = self.window_minutes / self.step_minutes, {}
        for k in range(self.steps):
            out.setdefault(math.floor(k / per), []).append(k)
        return [out[w] for w in sorted(out)]


def severity_at(pieces, crowd):
    """S(crowd) of a curve given by its pieces."""
    total = Fraction(0)
    for width, slope in pieces:
        part = crowd if width is None else min(width, crowd)
        total += slope * part
        crowd -= part
        if crowd <= 0:
            break
    return total


def read(folder, step_minutes=None):
    """Reads the case in `folder`; `step_minutes` replaces the step that it names."""
    return _Reader(Path(folder), step_minutes).case()


class _Reader:
    def __init__(self, folder, step_minutes):
        self.folder = folder
        with open(folder / "case.toml", "rb") as file:
            self.head = tomllib.load(file, parse_float=Fraction)
        self.zone = ZoneInfo(self.head["zone"])
        self.start = self.instant(self.head["start"])
        self.step = Fraction(step_minutes) if step_minutes is not None else Fraction(self.head["step_minutes"])
        length = self.point(self.head["end"])
        if length.denominator != 1 or length <= 0:
            raise CaseError("the step does not divide the horizon")
        self.n = int(length)
        self.h = self.step / 60

    def instant(self, value):
        """Minutes since the epoch, exactly; local times are read in the case's zone."""
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        when = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
        if when.tzinfo is None:
            early, late = (when.replace(tzinfo=self.zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
            if early != late:
                raise CaseError(f"{value} does not exist or exists twice")
            when = early
        passed = when.astimezone(timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
        return Fraction((passed.days * 86400 + passed.seconds) * 10**6 + passed.microseconds, 60 * 10**6)

    def point(self, value):
        """Steps after start, exactly."""
        return (self.instant(value) - self.start) / self.step

    def table(self, name):
        path = self.folder / name
        if not path.exists():
            return []
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [{k: (v or "").strip() for k, v in row.items() if k is not None} for row in csv.DictReader(file)]
        return [row for row in rows if any(row.values()) and not next(iter(row.values())).startswith("#")]

    def case(self):
        self.read_nodes()
        self.read_links()
        self.read_closures()
        self.read_flights()
        self.read_groups()
        self.read_danger()
        head = self.head
        return Case(
            title=head.get("title", ""), steps=self.n, step_minutes=self.step, step_hours=self.h,
            deadline=self.point(head["deadline"]), count_arrival=head.get("count_out", "departure") == "arrival",
            rates=[Fraction(r) for r in head.get("people_per_casualty", [0])],
            window_minutes=Fraction(head.get("worst_case_window_minutes", 360)),
            nodes=self.nodes, arcs=self.arcs, groups=self.groups, node_index=self.node_index,
            arc_index={a.id: i for i, a in enumerate(self.arcs)}, group_index={g.id: i for i, g in enumerate(self.groups)},
        )

    def read_nodes(self):
        curves = {}
        for row in self.table("severity.csv"):
            curves.setdefault(row["node_id"], []).append((int(row["crowd"]), Fraction(row["casualties"])))
        self.nodes = []
        for row in self.table("node.csv"):
            kind = row.get("place_kind", "")
            safe = truth(row.get("safe", ""), kind == "haven")
            limit = row.get("holding_capacity", "")
            pieces = curve_pieces(curves.get(row["node_id"], []))
            self.nodes.append(Node(row["node_id"], kind, safe, int(limit) if limit else None, pieces))
        self.node_index = {node.id: i for i, node in enumerate(self.nodes)}

    def read_links(self):
        self.arcs, self.base_rate = [], {}
        for row in self.table("link.csv"):
            if row.get("travel_minutes"):
                minutes = Fraction(row["travel_minutes"])
            else:
                minutes = Fraction(row["length"]) / 1000 / Fraction(row["free_speed"]) * 60
            rate = self.link_rate(row)
            ends = [self.node_index[row["from_node_id"]], self.node_index[row["to_node_id"]]]
            ways = [(row["link_id"], ends)]
            if not truth(row.get("directed", ""), True):
                ways.append((row["link_id"] + "~", ends[::-1]))
            for name, (tail, head) in ways:
                self.add_arc(name, tail, head, math.floor(minutes / self.step + Fraction(1, 2)), row,
                             [per_step(rate, self.h, k) for k in range(self.n)], minutes / 60, False)
                self.base_rate[name] = rate

    def link_rate(self, row):
        if row.get("people_per_hour"):
            return Fraction(row["people_per_hour"])
        per_vehicle = self.head.get("people_per_vehicle")
        if row.get("capacity") and row.get("lanes") and per_vehicle is not None:
            return Fraction(row["capacity"]) * Fraction(row["lanes"]) * Fraction(per_vehicle)
        return None

    def add_arc(self, name, tail, head, transit, row, capacity, hours, flight):
        a, b = self.nodes[tail], self.nodes[head]
        if a.safe and not b.safe:
            raise CaseError(f"{name} leads out of safety")
        self.arcs.append(Arc(
            id=name, tail=tail, head=head, transit=transit, tags=tags(row.get("tags", "")), capacity=capacity, travel_hours=hours,
            vulnerability=Fraction(0 if flight else row.get("vulnerability") or 0), flight=flight, crossing=b.safe and not a.safe,
        ))

    def read_closures(self):
        index = {arc.id: arc for arc in self.arcs}
        for row in self.table("closures.csv") + self.area_closures():
            arc = index[row["link_id"]]
            begin, end = self.point(row["from"]), self.point(row["until"])
            rate = Fraction(row["people_per_hour"]) if row.get("people_per_hour") else Fraction(0)
            reach = max(1, arc.transit) if row.get("mode") == "traverse" else 1
            # [k, k + reach) meets [begin, end) for positive time: k < end and k + reach > begin
            for k in range(max(0, math.floor(begin) - reach), min(self.n, math.ceil(end) + 1)):
                if k < end and k + reach > begin:
                    limit = per_step(rate, self.h, k)
                    arc.capacity[k] = limit if arc.capacity[k] is None else min(limit, arc.capacity[k])

    def areas(self):
        path = self.folder / "hazards.geojson"
        return areas.read(path) if path.exists() else []

    def lines(self):
        """Each way of a link with its line: its geometry, or the straight line between its ends. What is on no map is left out."""
        places = self.places()
        for row in self.table("link.csv"):
            ends = [places.get(row["from_node_id"]), places.get(row["to_node_id"])]
            line = areas.line_of(row.get("geometry", "")) or (ends if None not in ends else None)
            if line is not None:
                yield row["link_id"], line
                if not truth(row.get("directed", ""), True):
                    yield row["link_id"] + "~", line

    def places(self):
        rows = [row for row in self.table("node.csv") if row.get("x_coord") and row.get("y_coord")]
        return {row["node_id"]: (areas.degrees(row["x_coord"]), areas.degrees(row["y_coord"])) for row in rows}

    def area_closures(self):
        return [
            {"link_id": name, "from": area.begin, "until": area.until, "people_per_hour": area.rate, "mode": "traverse"}
            for area in self.areas() if area.rate is not None for name, line in self.lines() if area.meets(line)
        ]

    def area_rates(self):
        rows = []
        for area in (area for area in self.areas() if area.attacks is not None):
            elements = [f"link:{name}" for name, line in self.lines() if area.meets(line)]
            elements += [f"node:{name}" for name, place in self.places().items() if area.holds(place)]
            rows += [{"element": e, "from": area.begin, "until": area.until, "attacks_per_hour": area.attacks} for e in elements]
        return rows

    def read_flights(self):
        for row in self.table("flights.csv"):
            k, landing = math.floor(self.point(row["departs"])), math.ceil(self.point(row["arrives"]))
            if 0 <= k <= self.n - 1 and landing <= self.n:
                ends = self.node_index[row["from_node_id"]], self.node_index[row["to_node_id"]]
                self.add_arc(row["flight_id"], *ends, landing - k, row, {k: int(row["seats"])}, Fraction(0), True)

    def read_groups(self):
        rows = {}
        for row in self.table("ready.csv"):
            rows.setdefault(row["group_id"], []).append((self.point(row["time"]), int(row["people"])))
        self.groups, listed = [], self.table("groups.csv")
        if not rows.keys() <= {row["group_id"] for row in listed}:
            raise CaseError("ready.csv names a group that is not there")
        for row in listed:
            people, origin = int(row["people"]), self.node_index[row["origin"]]
            if self.nodes[origin].safe:
                raise CaseError(f"group {row['group_id']} starts in safety")
            if row["group_id"] in rows:
                given = rows[row["group_id"]]
                if sum(n for _, n in given) != people:
                    raise CaseError(f"ready.csv does not add up for {row['group_id']}")
                ready = [sum(n for t, n in given if t <= k) for k in range(self.n)]
            else:
                begin = self.point(row["ready_from"]) if row.get("ready_from") else Fraction(0)
                end = self.point(row["ready_until"]) if row.get("ready_until") else begin
                ready = [ramp(people, begin, end, k) for k in range(self.n)]
            self.groups.append(Group(
                id=row["group_id"], origin=origin, people=people, weight=Fraction(row.get("weight") or 1), ready=ready,
                access=tags(row.get("access", "")), there=row.get("waits") == "there",
                waiting_vulnerability=Fraction(row.get("waiting_vulnerability") or 0), left_behind=Fraction(row.get("left_behind") or 0),
            ))

    def read_danger(self):
        index = {arc.id: arc for arc in self.arcs}
        for row in self.table("hazard.csv") + self.area_rates():
            kind, name = row["element"].split(":", 1)
            thing = self.nodes[self.node_index[name]] if kind == "node" else index.get(name)
            if thing is None:
                continue
            start = thing if kind == "node" else self.nodes[thing.tail]
            if start.safe:
                continue
            if thing.rate is None:
                thing.rate = [Fraction(0)] * self.n
            add_mean(thing.rate, self.point(row["from"]), self.point(row["until"]), Fraction(row["attacks_per_hour"]))
        means = {}
        for row in self.table("crowd.csv"):
            node = self.node_index[row["node_id"]]
            add_mean(means.setdefault(node, [Fraction(0)] * self.n), self.point(row["from"]), self.point(row["until"]), Fraction(row["people"]))
        for node, mean in means.items():
            self.nodes[node].bystanders = [math.floor(m) for m in mean]


def per_step(rate, hours, k):
    """Whole people per step by differences of floors; None: unlimited."""
    if rate is None:
        return None
    per = rate * hours
    return (k + 1) * per.numerator // per.denominator - k * per.numerator // per.denominator


def ramp(people, begin, end, t):
    if begin == end:
        return people if t >= begin else 0
    return math.floor(people * min(max((t - begin) / (end - begin), Fraction(0)), Fraction(1)))


def add_mean(series, begin, end, value):
    """Adds to each step's mean the part of `value` that holds in it."""
    for k in range(max(0, math.floor(begin)), min(len(series), math.ceil(end))):
        overlap = min(end, Fraction(k + 1)) - max(begin, Fraction(k))
        if overlap > 0:
            series[k] += value * overlap


def curve_pieces(rows):
    """[(width, slope)] of the curve through (0, 0) and `rows`, the last without an end; refuses one that is not convex."""
    pieces, at = [], (0, Fraction(0))
    for crowd, casualties in sorted(rows):
        if crowd == at[0]:
            if casualties != at[1]:
                raise CaseError("two values for one crowd")
            continue
        slope = (casualties - at[1]) / (crowd - at[0])
        if pieces and slope < pieces[-1][1] or slope < 0:
            raise CaseError("the severity curve is not convex")
        pieces.append((crowd - at[0], slope))
        at = (crowd, casualties)
    if pieces:
        pieces.append((None, pieces.pop()[1]))
    return pieces


def tags(text):
    return frozenset(part.strip() for part in text.split(";") if part.strip())


def truth(text, blank):
    return {"": blank, "1": True, "true": True, "0": False, "false": False}[text.lower()]
