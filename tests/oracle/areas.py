"""The areas of `hazards.geojson`, as `docs/case-format.md` states them: what they close, what they endanger.

Positions are taken as doubles, and from there on as fractions: whether a line meets a polygon is decided without rounding.
"""

import json
import re
from dataclasses import dataclass
from fractions import Fraction


@dataclass
class Area:
    polygons: list  # each a list of rings, the outer one first; a ring is a list of (x, y) whose last is its first
    begin: str
    until: str
    rate: Fraction | None  # of links that it closes, people per hour; None: it does not close
    attacks: Fraction | None

    def holds(self, point):
        return any(in_polygon(point, rings) for rings in self.polygons)

    def meets(self, line):
        pieces = list(zip(line, line[1:]))
        edges = [edge for rings in self.polygons for ring in rings for edge in zip(ring, ring[1:])]
        return self.holds(line[0]) or any(cross(piece, edge) for piece in pieces for edge in edges)


def read(path):
    areas = []
    for feature in json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)["features"]:
        geometry, said = feature["geometry"], feature["properties"]
        coordinates = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        polygons = [[[(degrees(at[0]), degrees(at[1])) for at in ring] for ring in rings] for rings in coordinates]
        attacks = Fraction(said["attacks_per_hour"]) if said.get("attacks_per_hour") is not None else None
        closes = said.get("closes") if said.get("closes") is not None else attacks is None
        rate = Fraction(said.get("people_per_hour") or 0) if closes in (True, "true", "1") else None
        areas.append(Area(polygons, said["from"], said["until"], rate, attacks))
    return areas


def degrees(text):
    return Fraction(float(text))


def line_of(text):
    """The corners of a WKT line, or None."""
    found = re.fullmatch(r"\s*LINESTRING\s*[ZM]*\s*\((.*)\)\s*", text, re.IGNORECASE)
    corners = [corner.split() for corner in found[1].split(",")] if found else []
    return [(degrees(corner[0]), degrees(corner[1])) for corner in corners] if len(corners) > 1 else None


def side(a, b, c):
    """Positive where c lies left of the way from a to b, 0 on its line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def on(point, edge):
    a, b = edge
    between = all(min(a[i], b[i]) <= point[i] <= max(a[i], b[i]) for i in (0, 1))
    return between and side(a, b, point) == 0


def cross(one, other):
    """Whether two pieces of line have a point in common."""
    (a, b), (c, d) = one, other
    if on(a, other) or on(b, other) or on(c, one) or on(d, one):
        return True
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def in_ring(point, ring):
    """Inside by the even-odd rule: a ray to the right is crossed an odd number of times. The border is not asked about here."""
    inside = False
    for a, b in zip(ring, ring[1:]):
        if (a[1] > point[1]) != (b[1] > point[1]):
            lower, upper = (a, b) if a[1] < b[1] else (b, a)
            inside ^= side(lower, upper, point) > 0
    return inside


def in_polygon(point, rings):
    if any(on(point, edge) for ring in rings for edge in zip(ring, ring[1:])):
        return True
    return in_ring(point, rings[0]) and not any(in_ring(point, hole) for hole in rings[1:])
