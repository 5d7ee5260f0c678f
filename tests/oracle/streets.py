"""Compares the streets that `corridor import osm` makes of an extract with those that OSMnx makes of it.

The same ways go to both: osmium keeps the classes of roads that Corridor takes and writes XML, this script takes out
what the public may not drive, and OSMnx reads that without simplifying and with all components kept. Compared are the number of junctions (nodes of
degree other than 2, streets taken as undirected), the kilometres of street, and the number of components.

Usage: streets.py --binary target/release/corridor [--within 0.02] [EXTRACT ...]

Needs osmium-tool and OSMnx, which are no part of the test suite's requirements. Without them, or without an extract, it says so and
ends with code 0: nothing was compared. Extracts are looked for in ../shared/data/osm unless named.
"""

import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

CLASSES = (
    "motorway,trunk,primary,secondary,tertiary,unclassified,residential,road,living_street,"
    "motorway_link,trunk_link,primary_link,secondary_link,tertiary_link"
)
CLOSED = {"no", "private", "agricultural", "forestry", "emergency", "military", "permit", "delivery", "use_sidepath", "bus", "psv"}
SPEAKING_OF_CARS = ["motorcar", "motor_vehicle", "vehicle", "access"]  # the first that is there decides
USUAL = ["liechtenstein-latest.osm.pbf", "andorra.osm.pbf", "campo-grande.osm.gz", "baltimore.osm.pbf"]


def filtered(extract, folder):
    """XML of the ways of the classes that both sides are to read, and of the nodes on them."""
    roads, xml = folder / "roads.osm.pbf", folder / "roads.osm"
    for command in (
        ["osmium", "tags-filter", extract, f"w/highway={CLASSES}", "-o", roads],
        ["osmium", "cat", roads, "-o", xml],
    ):
        subprocess.run([str(part) for part in command] + ["--overwrite", "--no-progress"], check=True, capture_output=True)
    return xml


def may_drive(way):
    tags = {tag.get("k"): tag.get("v") for tag in way.findall("tag")}
    stated = next((tags[key] for key in SPEAKING_OF_CARS if key in tags), "yes")
    return stated not in CLOSED and tags.get("area") != "yes" and tags.get("oneway") != "reversible"


def mended(xml):
    """Leaves out what the public may not drive, which OSMnx would take in, and cuts ways where they name a node that the extract does
    not hold, which OSMnx refuses. Corridor does both by itself."""
    import xml.etree.ElementTree as tree

    document = tree.parse(xml)
    root = document.getroot()
    known = {node.get("id") for node in root.iter("node")}
    cut, new = 0, -1
    for way in list(root.iter("way")):
        if not may_drive(way):
            root.remove(way)
            continue
        runs, run = [], []
        for ref in way.findall("nd"):
            if ref.get("ref") in known:
                run.append(ref)
            else:
                cut += 1
                runs.append(run)
                run = []
        runs.append(run)
        if len(runs) == 1:
            continue
        tags = way.findall("tag")
        root.remove(way)
        for run in (run for run in runs if len(run) > 1):
            part = tree.SubElement(root, "way", {"id": str(new), "version": "1"})
            new -= 1
            part.extend(run + tags)
    used = {ref.get("ref") for way in root.iter("way") for ref in way.findall("nd")}
    for node in list(root.iter("node")):
        if node.get("id") not in used:
            root.remove(node)
    document.write(xml)
    return cut


def by_osmnx(xml):
    import networkx
    import osmnx

    osmnx.settings.use_cache = False
    began = time.perf_counter()
    graph = osmnx.graph.graph_from_xml(xml, bidirectional=False, simplify=False, retain_all=True)
    undirected = osmnx.convert.to_undirected(graph)
    seconds = time.perf_counter() - began
    return {
        "junctions": sum(1 for _, degree in undirected.degree() if degree != 2),
        "kilometres": sum(length for *_, length in undirected.edges(data="length")) / 1000,
        "components": networkx.number_connected_components(undirected),
        "seconds": seconds,
    }


def by_corridor(binary, extract, folder):
    """From the tables alone, as any reader of GMNS would: a two-way street is one row, or a row and its `-back`."""
    case = folder / "case"
    began = time.perf_counter()
    ran = subprocess.run([binary, "import", "osm", extract, "--out", case, "--json"], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    degree, metres, parent = {}, 0.0, {}

    def root(node):
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    with open(case / "node.csv", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            degree[row["node_id"]] = 0
            parent[row["node_id"]] = row["node_id"]
    with open(case / "link.csv", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["link_id"].endswith("-back"):
                continue
            ends = row["from_node_id"], row["to_node_id"]
            for end in ends:
                degree[end] += 1
            parent[root(ends[0])] = root(ends[1])
            metres += float(row["length"])
    barriers = sum(notice["code"] == "barrier_closed" for notice in json.loads(ran.stdout)["notices"])
    return {
        "junctions": sum(1 for number in degree.values() if number != 2),
        "kilometres": metres / 1000,
        "components": len({root(node) for node in degree}),
        "seconds": seconds,
        "barriers": barriers,
    }


def compare(binary, extract, within):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        xml = filtered(extract, folder)
        cut = mended(xml)
        theirs, ours = by_osmnx(xml), by_corridor(binary, extract, folder)
    fine = True
    print(f"{extract.name} ({cut} references to missing nodes, cut for OSMnx)")
    for figure in ("junctions", "kilometres", "components"):
        apart = ours[figure] / theirs[figure] - 1
        held = abs(apart) <= within or figure == "components"
        fine &= held
        verdict = "" if held else "  TOO FAR APART"
        print(f"  {figure:<12} corridor {ours[figure]:>10.1f}   OSMnx {theirs[figure]:>10.1f}   {apart:+.2%}{verdict}")
    print(f"  {'seconds':<12} corridor {ours['seconds']:>10.2f}   OSMnx {theirs['seconds']:>10.2f}   (OSMnx reads XML)")
    return fine


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extracts", nargs="*", type=pathlib.Path)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--within", type=float, default=0.02)
    arguments = parser.parse_args()
    try:
        import osmnx  # noqa: F401
    except ImportError:
        print("NOT COMPARED: OSMnx is not installed (pip install osmnx)")
        return 0
    if shutil.which("osmium") is None:
        print("NOT COMPARED: osmium is not installed (osmium-tool)")
        return 0
    data = pathlib.Path(__file__).resolve().parents[2] / "../shared/data/osm"
    extracts = arguments.extracts or [data / name for name in USUAL]
    missing = [extract for extract in extracts if not extract.is_file()]
    for extract in missing:
        print(f"NOT COMPARED: there is no extract {extract.name}")
    results = [compare(arguments.binary, extract, arguments.within) for extract in extracts if extract not in missing]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
