"""The optimum with fractional people: the explicit time-expanded linear programme, solved by HiGHS.

People who have been called are one commodity per access class; groups differ only at their source arcs, where the weight is
earned. `Programme` builds the matrix with arrays, `solve` runs HiGHS, `optimum` gives the least sum of out-times as well.

    optimum.py CASE [--rate MU] [--plan PLAN.json]

The second stage keeps to the optimal face of the first: a column whose reduced cost is not 0 (beyond `FACE`) is fixed at its
bound. By complementary slackness every optimal solution lies there, and the result is accepted only if its own first
objective is within `SLIP` (relative) of the optimum.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import coo_matrix

import case as cases
import bound as bounds
import evaluate

FACE = 1e-8
SLIP = 1e-9


def first_words_unheard():
    """HiGHS greets on standard output once, when first made; that greeting would stand among the results."""
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    highspy.Highs()
    os.dup2(kept, 1)
    os.close(kept)
    os.close(nothing)


first_words_unheard()


@dataclass
class Solution:
    status: str
    objective: float  # people - mu * harm, with its constant
    values: np.ndarray
    reduced: np.ndarray  # reduced costs of the maximisation: d objective / d value
    row_dual: np.ndarray  # d objective / d right-hand side
    seconds: float


class Programme:
    """max gain · x + constant, row_low <= A x <= row_high, 0 <= x <= upper.

    `worst`: in place of terms 1 and 2, for each window the attacks expected in it times the largest cost of one attack: a column for that
    cost, and a row for each place and step that it is at least the cost there.
    """

    def __init__(self, case, rate, worst=False):
        self.case, self.rate, self.worst = case, rate, worst
        self.gain, self.upper, self.out_time, self.blocks = [], [], [], []
        self.entries, self.columns = [], 0  # entries: (row key space, keys, columns, values)
        self.limits = {}  # row key space -> (keys, limit)
        self.slots()
        self.constant = 0.0
        accesses = sorted({g.access for g in case.groups}, key=sorted)
        for number, access in enumerate(accesses):
            self.add_class(number, access)
        if worst:
            self.add_windows()
        else:
            self.add_crowds()
        self.assemble()

    # --- what every class shares -------------------------------------------------------------------------------

    def slots(self):
        case, n = self.case, self.case.steps
        arcs = case.arcs
        self.tail = np.array([a.tail for a in arcs], int)
        self.head = np.array([a.head for a in arcs], int)
        self.transit = np.array([a.transit for a in arcs], int)
        self.capacity = np.zeros((len(arcs), n))
        self.in_time = np.ones((len(arcs), n), bool)
        self.cost = np.zeros((len(arcs), n))
        self.crossing_time = np.zeros((len(arcs), n))
        rate = float(self.rate)
        for i, arc in enumerate(arcs):
            for k in arc.steps(n):
                room = arc.capacity[k]
                self.capacity[i, k] = np.inf if room is None else room
            if arc.rate is not None and arc.vulnerability and not arc.flight and not self.worst:
                factor = rate * float(arc.travel_hours * arc.vulnerability)
                self.cost[i] = [factor * float(r) for r in arc.rate]
            if arc.crossing:
                self.in_time[i] = [case.counts(arc, k) for k in range(n)]
                self.crossing_time[i] = np.arange(n) + (arc.transit if case.count_arrival else 0)
        self.room = np.array([np.inf if v.holding_capacity is None else v.holding_capacity for v in case.nodes])
        self.haven = np.array([v.haven for v in case.nodes])

    def columns_for(self, gain, upper, out_time=None):
        """Adds columns; returns their numbers."""
        count = len(gain)
        self.gain.append(np.asarray(gain, float))
        self.upper.append(np.broadcast_to(np.asarray(upper, float), count))
        self.out_time.append(np.zeros(count) if out_time is None else np.asarray(out_time, float))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def enter(self, space, keys, columns, value):
        self.entries.append((space, np.asarray(keys, np.int64), columns, np.full(len(columns), float(value))))

    # --- one access class --------------------------------------------------------------------------------------

    def add_class(self, number, access):
        case, n = self.case, self.case.steps
        groups = [(j, g) for j, g in enumerate(case.groups) if g.access == access]
        may = np.array([case.usable(a, access) for a in case.arcs], bool)
        open_ = (self.capacity > 0) & self.in_time & may[:, None]
        forward, backward = self.reachable(open_, groups)
        base = number * len(case.nodes)

        def at(node, point):
            return (base + node) * (n + 1) + point

        arc, step = np.nonzero(open_)
        landing = step + self.transit[arc]
        keep = forward[self.tail[arc], step] & backward[self.head[arc], landing]
        arc, step, landing = arc[keep], step[keep], landing[keep]
        crossing = np.array([a.crossing for a in case.arcs], bool)[arc]
        cols = self.columns_for(-self.cost[arc, step], np.inf, np.where(crossing, self.crossing_time[arc, step], 0))
        self.enter("balance", at(self.tail[arc], step), cols, -1)
        self.enter("balance", at(self.head[arc], landing), cols, 1)
        finite = np.isfinite(self.capacity[arc, step])
        self.enter("capacity", (arc * n + step)[finite], cols[finite], 1)
        self.blocks.append(("arc", number, arc, step, cols))

        node, point = np.nonzero(forward[:, :n] & backward[:, 1:] & (self.room > 0)[:, None])
        cols = self.columns_for(np.zeros(len(node)), np.inf)
        self.enter("balance", at(node, point), cols, -1)
        self.enter("balance", at(node, point + 1), cols, 1)
        finite = np.isfinite(self.room[node])
        self.enter("holding", (node * (n + 1) + point)[finite], cols[finite], 1)
        self.enter("crowd", node * n + point, cols, 1)
        self.blocks.append(("hold", number, node, point, cols))

        node = np.nonzero(forward[:, n] & backward[:, n])[0]
        cols = self.columns_for(np.zeros(len(node)), np.inf)
        self.enter("balance", at(node, n), cols, -1)
        finite = np.isfinite(self.room[node])
        self.enter("holding", (node * (n + 1) + n)[finite], cols[finite], 1)
        self.blocks.append(("stay", number, node, np.full(len(node), n), cols))
        for j, g in groups:
            self.add_group(j, g, forward[g.origin] & backward[g.origin], at)

    def add_group(self, j, group, on_a_way, at):
        case, n, rate = self.case, self.case.steps, float(self.rate)
        ready = np.array(group.ready)
        waiting = np.array([float(t) for t in case.waiting_cost(group)])
        never = waiting[n] + float(group.left_behind)
        self.constant -= rate * never * group.people
        point = np.nonzero((ready > 0) & on_a_way[:n])[0]
        cols = self.columns_for(float(group.weight) + rate * (never - waiting[point]), np.inf)
        self.enter("balance", at(group.origin, point), cols, 1)
        self.enter("ready", j * n + point, cols, 1)
        self.blocks.append(("call", j, np.full(len(point), group.origin), point, cols))
        point = np.arange(n)
        cols = self.columns_for(np.zeros(n), np.inf)  # ready and not called
        self.enter("ready", j * n + point, cols, 1)
        self.enter("ready", j * n + point[1:], cols[:-1], -1)
        self.limits.setdefault("ready", {}).update(zip((j * n + point).tolist(), np.diff(ready, prepend=0).tolist()))
        if group.there:
            self.enter("crowd", group.origin * n + point, cols, 1)
        self.blocks.append(("wait", j, np.full(n, group.origin), point, cols))

    def reachable(self, open_, groups):
        """Node points that a caller of these groups can reach, and those from which a haven can be reached in time."""
        case, n = self.case, self.case.steps
        forward = np.zeros((len(case.nodes), n + 1), bool)
        backward = np.zeros((len(case.nodes), n + 1), bool)
        can_hold = self.room > 0
        for _, g in groups:
            forward[g.origin, :n] |= np.array(g.ready) > 0
        short, long = np.nonzero(self.transit == 0)[0], np.nonzero(self.transit > 0)[0]
        for k in range(n):
            used = short[open_[short, k]]
            self.spread(forward, self.tail[used], self.head[used], k)
            used = long[open_[long, k]]
            used = used[forward[self.tail[used], k]]
            forward[self.head[used], k + self.transit[used]] = True
            forward[:, k + 1] |= forward[:, k] & can_hold
        backward[:, n] = self.haven & can_hold
        for k in range(n - 1, -1, -1):
            backward[:, k] = backward[:, k + 1] & can_hold
            used = long[open_[long, k]]
            used = used[backward[self.head[used], k + self.transit[used]]]
            backward[self.tail[used], k] = True
            used = short[open_[short, k]]
            self.spread(backward, self.head[used], self.tail[used], k)
        return forward, backward

    @staticmethod
    def spread(mark, source, target, k):
        """Follows zero-step legs at point k until nothing new is marked."""
        while True:
            new = target[mark[source, k] & ~mark[target, k]]
            if not len(new):
                return
            mark[new, k] = True

    # --- crowds and the matrix ---------------------------------------------------------------------------------

    def add_crowds(self):
        """Pieces of the crowd's danger where it costs anything; elsewhere the crowd's rows are dropped."""
        case, n, rate, whole = self.case, self.case.steps, float(self.rate), self.case.people
        present = set()
        for space, keys, _, _ in self.entries:
            if space == "crowd":
                present.update(keys.tolist())
        keys, gains, widths = [], [], []
        for i, node in enumerate(case.nodes):
            if node.rate is None or not node.pieces or not rate:
                continue
            for k in range(n):
                if not node.rate[k] or i * n + k not in present:
                    continue
                cost, met = rate * float(node.rate[k] * case.step_hours), 0
                for width, slope in case.extra_pieces(node, k):
                    keys.append(i * n + k)
                    gains.append(-cost * float(slope))
                    widths.append(np.inf if width is None else width)
                    met += whole if width is None else width
                    if met >= whole:
                        break
                widths[-1] = np.inf
        cols = self.columns_for(gains, np.array(widths)) if keys else np.zeros(0, int)
        self.enter("crowd", keys, cols, -1)
        self.dear_crowds = set(keys)

    def add_windows(self):
        """One column for the worst attack of each window; its pieces of crowds cost nothing by themselves."""
        case, n, rate = self.case, self.case.steps, float(self.rate)
        present = set()
        for space, keys, _, _ in self.entries:
            if space == "crowd":
                present.update(keys.tolist())
        windows = case.windows()
        heights = self.columns_for([-rate * float(bounds.attacks(case, window)) for window in windows], np.inf)
        of_step = {k: heights[w] for w, window in enumerate(windows) for k in window}
        self.dear_crowds = set()
        for i, node in enumerate(case.nodes):
            if node.safe or not node.pieces:
                continue
            for k in range(n):
                if i * n + k not in present:
                    continue
                self.dear_crowds.add(i * n + k)
                pieces = case.extra_pieces(node, k)
                widths = [np.inf if width is None else width for width, _ in pieces]
                cols = self.columns_for(np.zeros(len(pieces)), np.array(widths))
                self.enter("crowd", [i * n + k] * len(pieces), cols, -1)
                for col, (_, slope) in zip(cols, pieces):
                    self.enter("attack", [i * n + k], np.array([col]), float(slope))
                self.enter("attack", [i * n + k], np.array([of_step[k]]), -1)
        first = len(case.nodes) * n
        blocks = [(thing, step, cols) for kind, _, thing, step, cols in self.blocks if kind == "arc"]
        for i, arc in enumerate(case.arcs):
            if arc.flight or not arc.vulnerability or case.nodes[arc.tail].safe:
                continue
            entered = {}
            for thing, step, cols in blocks:
                for col, k in zip(cols[thing == i].tolist(), step[thing == i].tolist()):
                    entered.setdefault(k, []).append(col)
            for k in range(n):
                on_it = [col for j in range(k - max(arc.transit, 1) + 1, k + 1) for col in entered.get(j, [])]
                if on_it:
                    self.enter("attack", [first + i * n + k] * len(on_it), np.array(on_it), float(arc.vulnerability))
                    self.enter("attack", [first + i * n + k], np.array([of_step[k]]), -1)

    def assemble(self):
        case, n = self.case, self.case.steps
        self.gain, self.upper, self.out_time = (np.concatenate(x) for x in (self.gain, self.upper, self.out_time))
        rows, cols, values, low, high = [], [], [], [], []
        self.row_keys, count = {}, 0
        for space in ("balance", "capacity", "holding", "crowd", "ready", "attack"):
            if not any(s == space for s, _, _, _ in self.entries):
                self.row_keys[space] = (np.zeros(0, np.int64), count)
                self.row_keys.setdefault(space + " bound", (np.zeros(0, np.int64), np.zeros(0, np.int64)))
                continue
            parts = [(k, c, v) for s, k, c, v in self.entries if s == space]
            key, col, val = (np.concatenate([p[i] for p in parts]) for i in range(3))
            if space == "crowd":
                keep = np.isin(key, np.fromiter(self.dear_crowds, np.int64, len(self.dear_crowds)))
                key, col, val = key[keep], col[keep], val[keep]
            unique, index, often = np.unique(key, return_inverse=True, return_counts=True)
            if space in ("capacity", "holding"):
                limit = self.capacity[unique // n, unique % n] if space == "capacity" else self.room[unique // (n + 1)]
                self.row_keys[space + " bound"] = (key[often[index] == 1], col[often[index] == 1])
                self.upper[col[often[index] == 1]] = limit[index[often[index] == 1]]
                shared = often > 1
                number = np.cumsum(shared) - 1
                keep = shared[index]
                col, val, index, unique, limit = col[keep], val[keep], number[index[keep]], unique[shared], limit[shared]
            rows.append(count + index)
            cols.append(col)
            values.append(val)
            self.row_keys[space] = (unique, count)
            count += len(unique)
            if space in ("capacity", "holding"):
                low.append(np.full(len(unique), -np.inf))
                high.append(limit)
            elif space == "attack":
                low.append(np.full(len(unique), -np.inf))
                high.append(np.zeros(len(unique)))
            else:
                side = np.array([self.limits["ready"][k] for k in unique.tolist()], float) if space == "ready" else np.zeros(len(unique))
                low.append(side)
                high.append(side)
        self.low, self.high = np.concatenate(low), np.concatenate(high)
        self.matrix = coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(cols))), shape=(count, self.columns)).tocsc()

    # --- solving -----------------------------------------------------------------------------------------------

    def model(self, gain=None, upper=None, lower=None):
        """The HiGHS model of min -gain · x."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.columns, len(self.low)
        lp.col_cost_ = -(self.gain if gain is None else gain)
        lp.col_lower_ = np.zeros(self.columns) if lower is None else lower
        lp.col_upper_ = self.upper if upper is None else upper
        lp.row_lower_, lp.row_upper_ = self.low, self.high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = self.matrix.indptr, self.matrix.indices, self.matrix.data
        return lp

    def solve(self, options=None, **bounds):
        highs = highspy.Highs()
        highs.silent()
        for name, value in (options or {"threads": 1, "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}).items():
            highs.setOptionValue(name, value)
        highs.passModel(self.model(**bounds))
        begin = time.perf_counter()
        highs.run()
        seconds = time.perf_counter() - begin
        found = highs.getSolution()
        value = -highs.getInfo().objective_function_value + self.constant
        return Solution(highs.modelStatusToString(highs.getModelStatus()), value, np.array(found.col_value), -np.array(found.col_dual),
                        -np.array(found.row_dual), seconds)

    def prices(self, solution, unit=10**9, shut_scale=1):
        """The price list of an optimal dual: {"unit", "capacity", "holding", "crowd"} as in plan.json.

        Slots without capacity get a price that no way can repay.
        """
        case, n = self.case, self.case.steps
        capacity, holding, crowd = {}, {}, {}
        for space, out in (("capacity", capacity), ("holding", holding)):
            keys, first = self.row_keys[space]
            out.update(zip(keys.tolist(), solution.row_dual[first:first + len(keys)].tolist()))
            keys, cols = self.row_keys[space + " bound"]
            out.update(zip(keys.tolist(), solution.reduced[cols].tolist()))
        keys, first = self.row_keys["crowd"]
        # crowd - pieces = side: one more person in the crowd is one less on the right-hand side
        crowd.update(zip(keys.tolist(), solution.row_dual[first:first + len(keys)].tolist()))
        shut = max(float(g.weight) + float(self.rate) * float(g.left_behind + case.waiting_cost(g)[n]) for g in case.groups) + 1
        shut *= shut_scale
        shut += max((sum(max(0.0, crowd.get(g.origin * n + k, 0)) for k in range(n)) for g in case.groups if g.there), default=0)
        for i, arc in enumerate(case.arcs):
            capacity.update({i * n + k: shut for k in arc.steps(n) if arc.capacity[k] == 0})
        for i, node in enumerate(case.nodes):
            if node.holding_capacity == 0:
                holding.update({i * (n + 1) + k: shut for k in range(n + 1) if k < n or node.haven})

        def listed(prices, per, name):
            rows = []
            for key in sorted(prices):
                i, k = divmod(key, per)
                price = round(max(0.0, prices[key]) * unit)
                if price:
                    rows.append({**name(i), "from": k, "until": k + 1, "price": price})
            return rows

        of_arc = lambda i: {"flight" if case.arcs[i].flight else "link": case.arcs[i].id}
        of_node = lambda i: {"node": case.nodes[i].id}
        rows = listed(capacity, n, of_arc)
        return {"unit": f"1/{unit}", "capacity": [{k: v for k, v in r.items() if "link" in r or k not in ("from", "until")} for r in rows],
                "holding": listed(holding, n + 1, of_node), "crowd": listed(crowd, n, of_node)}


def face(programme, first):
    """Bounds of the optimal face: columns with a reduced cost stay at their bound, rows with a dual at their limit."""
    lower, upper = np.zeros(programme.columns), programme.upper.copy()
    at_upper, at_lower = first.reduced > FACE, first.reduced < -FACE
    lower[at_upper] = upper[at_upper]
    upper[at_lower] = 0
    return lower, upper, np.where(first.row_dual > FACE, programme.high, programme.low)


def optimum(case, rate, out_times=True):
    """(first-stage solution, programme, least sum of out-times; None where it was not found)."""
    programme = Programme(case, rate)
    first = programme.solve()
    return first, programme, earliest(programme, first)[0] if out_times else None


def earliest(programme, first):
    """(least sum of out-times among the optima, its solution), or (None, None)."""
    if first.status != "Optimal":
        return None, None
    lower, upper, low = face(programme, first)
    kept, programme.low = programme.low, low
    second = programme.solve(gain=-programme.out_time, upper=upper, lower=lower)
    programme.low = kept
    if second.status != "Optimal":
        return None, None
    slip = abs(float(programme.gain @ second.values) + programme.constant - first.objective)
    least = float(programme.out_time @ second.values)
    return (least, second) if slip <= SLIP * max(1, abs(first.objective)) else (None, None)


def movements(programme, values):
    """The movements of a whole solution, as in plan.json; None if it is not whole."""
    whole = np.rint(values)
    if np.abs(values - whole).max(initial=0) > 1e-6:
        return None
    case, onward, calls = programme.case, defaultdict(list), []
    numbers = {access: i for i, access in enumerate(sorted({g.access for g in case.groups}, key=sorted))}
    for kind, which, thing, point, cols in programme.blocks:
        for i, k, people in zip(thing.tolist(), point.tolist(), whole[cols].astype(int).tolist()):
            if not people:
                continue
            if kind == "call":
                calls.append((k, which, people))
            elif kind == "arc":
                arc = case.arcs[i]
                onward[which, arc.tail, k].append([people, (arc.head, k + arc.transit), (arc.id, k)])
            elif kind == "hold":
                onward[which, i, k].append([people, (i, k + 1), None])
            elif kind == "stay":
                onward[which, i, k].append([people, None, None])
    found = defaultdict(int)
    for point, g, people in sorted(calls):
        number, origin = numbers[case.groups[g].access], case.groups[g].origin
        while people:
            way = follow_flow(onward, number, (origin, point))
            part = min(people, min(step[0] for step in way))
            for step in way:
                step[0] -= part
            people -= part
            found[case.groups[g].id, point, tuple(step[2] for step in way if step[2])] += part
    return [{"group": g, "people": n, "enter": k, "legs": [list(leg) for leg in legs]} for (g, k, legs), n in sorted(found.items())]


def follow_flow(onward, number, place):
    """Steps with flow left from `place` to a haven at the end; a cycle of zero steps that it meets is taken out of the flow."""
    way, met = [], [place]
    while place is not None:
        step = next(s for s in onward[number, *place] if s[0])
        way.append(step)
        place = step[1]
        if place in met:
            back = met.index(place)
            part = min(s[0] for s in way[back:])
            for s in way[back:]:
                s[0] -= part
            way, met = way[:back], met[:back]
        met.append(place)
    return way


def plan(case, rate):
    """The plan.json of the oracle's own optimum with least out-times, without its digest; None if that is not whole.

    The out-times' prices are tried at rising rates rho, until they prove the out-times or the numbers grow too large.
    """
    rate = cases.Fraction(rate)
    first, programme, _ = optimum(case, rate, out_times=False)
    _, second = earliest(programme, first)
    moved = movements(programme, second.values) if second else None
    if moved is None:
        return None
    prices = programme.prices(first)
    wrong, found = evaluate.check(case, moved)
    assert not wrong, wrong
    objective, proved = found.objective(rate), bounds.bound(case, rate, prices)
    for scale in (10**3, 10**4, 10**5, 10**6, 10**7):
        both = programme.solve(gain=scale * programme.gain - programme.out_time)
        late = {"rate": str(scale), **programme.prices(both, shut_scale=scale)}
        if found.sum_out_time - bounds.out_time_bound(case, rate, late, objective) < 1:
            break
    gap = float((proved - objective) / max(1, abs(objective)))
    return {
        "format": "corridor-plan/1", "case": {"title": case.title, "digest": ""},
        "summary": {
            "exchange_rate": float(rate), "harm_view": "expected", "people": found.people, "weighted_people": float(found.weighted_people),
            "harm": float(found.harm), "harm_to_bystanders": float(found.harm_to_bystanders), "objective": float(objective),
            "bound": float(proved), "gap": gap, "sum_out_time": found.sum_out_time,
            "termination": "optimal" if gap <= 0.001 else "limit", "tolerance": 0.001, "engine": "oracle",
        },
        "movements": moved, "prices": prices, "out_time_prices": late,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("case")
    parser.add_argument("--rate", default="0")
    parser.add_argument("--worst", action="store_true", help="the worst case in place of the forecast")
    parser.add_argument("--plan", help="write the optimum there as a plan, if it is whole")
    args = parser.parse_args()
    case = cases.read(args.case)
    begin = time.perf_counter()
    if args.worst:
        programme = Programme(case, cases.Fraction(args.rate), worst=True)
        first = programme.solve()
        return print(f"{first.status}: {first.objective:.9g} in the worst case, {programme.columns} columns, {len(programme.low)} rows")
    first, programme, least = optimum(case, cases.Fraction(args.rate))
    print(f"{first.status}: {first.objective:.9g}, least sum of out-times {least}, {programme.columns} columns, "
          f"{len(programme.low)} rows, {time.perf_counter() - begin:.2f} s")
    if args.plan:
        made = plan(case, args.rate)
        print("the optimum is not whole" if made is None else f"written to {args.plan}")
        if made is not None:
            with open(args.plan, "w", encoding="utf-8") as file:
                json.dump(made, file, indent=1)


if __name__ == "__main__":
    main()
