"""Scores of count forecasts by scoringrules (CRPS) and scipy (log score), independent libraries.

    scores.py           holds scores.csv, which the Rust tests read, against them
    scores.py --write   writes scores.csv anew

Each row: the distribution with its parameters, the count that came, log score and CRPS (lower is better). The negative binomial is
that of a Gamma belief with shape a and rate b seen over an exposure of 1: size a, probability b / (b + 1).
"""

import csv
import pathlib
import sys

import numpy
import scipy.stats
import scoringrules

FILE = pathlib.Path(__file__).with_name("scores.csv")
HEADER = ["distribution", "a", "b", "came", "log_score", "crps"]


def rows():
    for mean in [0.02, 0.5, 3.0, 17.5, 240.0]:
        for came in [0, 1, 4, 18, 90]:
            yield ["poisson", mean, "", came, -scipy.stats.poisson.logpmf(came, mean), scoringrules.crps_poisson(came, mean)]
    for a, b in [(0.5, 2.0), (0.7, 0.1), (6.3, 1.0), (48.5, 3.0), (12.0, 0.04)]:
        for came in [0, 1, 4, 18, 90]:
            logs = -scipy.stats.nbinom.logpmf(came, a, b / (b + 1.0))
            crps = scoringrules.crps_negbinom(came, a, b / (b + 1.0))
            yield ["gamma_poisson", a, b, came, logs, crps]


def main():
    found = [[str(cell) if not isinstance(cell, (float, numpy.floating)) else repr(float(cell)) for cell in row] for row in rows()]
    if "--write" in sys.argv:
        with FILE.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *found])
        return
    with FILE.open(newline="") as file:
        stated = list(csv.reader(file))
    assert stated[0] == HEADER and len(stated) == len(found) + 1, "scores.csv has other rows"
    for line, (row, new) in enumerate(zip(stated[1:], found), start=2):
        assert row[:4] == new[:4], f"line {line}: {row[:4]} for {new[:4]}"
        for stated_score, score in zip(map(float, row[4:]), map(float, new[4:])):
            assert abs(stated_score - score) <= 1e-9 * max(1.0, abs(score)), f"line {line}: {row} for {new}"
    print(f"scores.csv: {len(found)} rows as scoringrules {scoringrules.__version__} and scipy have them")


if __name__ == "__main__":
    main()
