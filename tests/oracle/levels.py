"""The averaged levels of `docs/method/danger.md`, read from that page anew, with predictive scores by scoringrules and scipy.

    levels.py           holds levels.csv, which the Rust tests read, against them
    levels.py --write   writes levels.csv anew

Each row: a history of counts, one a period, the count that came then, and log score and CRPS of the forecast of it. What was expected
before any count is two events a period.
"""

import csv
import itertools
import math
import pathlib
import sys

import numpy
import scipy.stats
import scoringrules

FILE = pathlib.Path(__file__).with_name("levels.csv")
HEADER = ["history", "came", "log_score", "crps"]
DISCOUNTS = [1.0, 0.97, 0.9, 0.75, 0.5]
SCATTERS = [0.0, 0.03, 0.15, 0.7, 3.0]
EXCITATIONS = [(0.0, 0.0), (0.2, 0.1), (0.2, 0.5), (0.5, 0.1), (0.5, 0.5)]
DEALT_ANEW = 0.01
START_MEAN = 2.0
HISTORIES = [[], [0], [3, 1, 4], [0] * 12 + [7], [2, 2, 3, 1, 2, 40, 38, 2, 55], [180, 20, 333, 90, 2, 250]]


def models():
    """(starting weight, discount, scatter, excitation) of each model."""
    found = []
    for (d, discount), (s, scatter), (e, excitation) in itertools.product(*map(enumerate, [DISCOUNTS, SCATTERS, EXCITATIONS])):
        found.append((0.5**d * 0.15**s * (0.12 if e else 1.0), discount, scatter, excitation))
    total = sum(model[0] for model in found)
    return [(start / total, *rest) for start, *rest in found]


def size_and_chance(history, discount, scatter, excitation):
    """Size and success chance of the negative binomial of the next count, from all counts so far."""
    ages = range(len(history) - 1, -1, -1)
    shape = 0.5 + sum(count * discount**age for count, age in zip(history, ages))
    rate = 0.5 / START_MEAN + sum(discount**age for age in ages)
    part, kept = excitation
    mean = shape / rate
    if part and history:
        weights = [kept**age for age in ages]
        mean = (1 - part) * mean + part * sum(map(lambda w, y: w * y, weights, history)) / sum(weights)
    shape = 1 / ((1 + 1 / shape) * (1 + scatter) - 1)
    return shape, shape / (shape + mean)


def weights(history):
    """The weight of each model after a history: by its forecasts of each count from those before it."""
    start = numpy.array([model[0] for model in models()])
    weight = start.copy()
    for now, count in enumerate(history):
        for at, (_, *model) in enumerate(models()):
            weight[at] *= scipy.stats.nbinom.pmf(count, *size_and_chance(history[:now], *model))
        weight = (1 - DEALT_ANEW) * weight / weight.sum() + DEALT_ANEW * start
    return weight


def rows():
    for history in HISTORIES:
        parts = [size_and_chance(history, *model) for _, *model in models()]
        weight = weights(history)
        n, p = numpy.array(parts).T
        counts = numpy.arange(60_000)
        below = sum(w * scipy.stats.nbinom.cdf(counts, *part) for w, part in zip(weight, parts))
        for came in [0, 2, 30]:
            log_score = -math.log(float((weight * scipy.stats.nbinom.pmf(came, n, p)).sum()))
            crps = float(((below - (counts >= came)) ** 2).sum())
            if len(history) == 3:
                # One model alone against scoringrules, so that the sum above is held to it too.
                alone = scipy.stats.nbinom.cdf(counts, *parts[7])
                theirs = scoringrules.crps_negbinom(came, parts[7][0], parts[7][1])
                assert abs(((alone - (counts >= came)) ** 2).sum() - theirs) <= 1e-9 * max(1.0, theirs)
            yield [" ".join(map(str, history)), came, log_score, crps]


def main():
    found = [[str(cell) if not isinstance(cell, float) else repr(cell) for cell in row] for row in rows()]
    if "--write" in sys.argv:
        with FILE.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *found])
        return
    with FILE.open(newline="") as file:
        stated = list(csv.reader(file))
    assert stated[0] == HEADER and len(stated) == len(found) + 1, "levels.csv has other rows"
    for line, (row, new) in enumerate(zip(stated[1:], found), start=2):
        assert row[:2] == new[:2], f"line {line}: {row[:2]} for {new[:2]}"
        for stated_score, score in zip(map(float, row[2:]), map(float, new[2:])):
            assert abs(stated_score - score) <= 1e-9 * max(1.0, abs(score)), f"line {line}: {row} for {new}"
    print(f"levels.csv: {len(found)} rows as the page, scipy and scoringrules have them")


if __name__ == "__main__":
    main()
