"""Recomputes the bound that a price list gives, exactly, from the case and the list alone.

    bound.py CASE PLAN.json

A list that proves nothing (a positive price where there is no limit, a worth that no finite price can support, an attacker who
attacks too much) raises `NoProof`.
"""

import argparse
import json
import math
from fractions import Fraction

import case as cases


class NoProof(Exception):
    """The price list bounds nothing, and why."""


class Prices:
    """A price list in units of the objective it is for, spread over slots: lam[arc][step], eta[node][point], theta[node][step].

    `scale` is the factor of people and harm (rho for the out-times, else 1); `out_times` says whether out-times are subtracted.
    """

    def __init__(self, case, rate, listed, scale=Fraction(1), out_times=False):
        self.case, self.rate, self.scale, self.out_times = case, Fraction(rate), Fraction(scale), out_times
        self.unit = Fraction(listed.get("unit", "1"))
        n = case.steps
        self.lam = [{} for _ in case.arcs]
        self.eta = [{} for _ in case.nodes]
        self.theta = [{} for _ in case.nodes]
        self.attack_node = self.attack_arc = None
        for row in listed.get("crowd", []):
            self.spread(self.theta[self.node(row)], row, n)
        if listed.get("attacker"):
            self.read_attacker(listed["attacker"])
        self.worths = [self.read_worth(row) for row in listed.get("worth", [])]
        self.link_costs = [self.arc_costs(i, arc) for i, arc in enumerate(case.arcs)]
        if self.worths:
            self.prices_from_worth()
        else:
            for row in listed.get("capacity", []):
                if "flight" in row:
                    arc = self.arc(row["flight"])
                    k = min(case.arcs[arc].capacity) if case.arcs[arc].flight else row["from"]
                    self.spread(self.lam[arc], {"from": k, "until": k + 1, **row}, n)
                else:
                    self.spread(self.lam[self.arc(row["link"])], row, n)
            for row in listed.get("holding", []):
                self.spread(self.eta[self.node(row)], row, n + 1)

    def node(self, row):
        if row["node"] not in self.case.node_index:
            raise NoProof(f"no node {row['node']}")
        return self.case.node_index[row["node"]]

    def arc(self, name):
        if name not in self.case.arc_index:
            raise NoProof(f"no link or flight {name}")
        return self.case.arc_index[name]

    def spread(self, series, row, end, key="price", unit=None):
        if row[key] < 0:
            raise NoProof("a price below 0")
        for k in range(max(0, row["from"]), min(end, row["until"])):
            if row[key]:
                series[k] = series.get(k, Fraction(0)) + Fraction(row[key]) * (self.unit if unit is None else unit)

    # --- what a leg costs and earns beside its price -----------------------------------------------------------

    def arc_costs(self, i, arc):
        """The other costs of a leg per person, by step."""
        case, n = self.case, self.case.steps
        if arc.flight or not arc.vulnerability or case.nodes[arc.tail].safe:
            return {}
        if self.attack_node is not None:
            attack = self.attack_arc[i]
            return {k: arc.vulnerability * sum(attack.get(j, 0) for j in range(k, k + max(1, arc.transit))) for k in arc.steps(n)} if attack else {}
        if arc.rate is None:
            return {}
        factor = self.scale * self.rate
        return {k: factor * case.link_cost(arc, k) for k in arc.steps(n) if arc.rate[k]}

    def earned(self, arc, k, weight):
        """What entering in step k earns; None: it does not count, and is no way."""
        if not arc.crossing:
            return Fraction(0)
        if not self.case.counts(arc, k):
            return None
        return self.scale * weight - (self.case.out_time(arc, k) if self.out_times else 0)

    def crowd_cost(self, i, k):
        """What one unit of severity at node i costs in step k."""
        if self.attack_node is not None:
            return self.attack_node[i].get(k, Fraction(0))
        rate = self.case.nodes[i].rate
        return self.scale * self.rate * rate[k] * self.case.step_hours if rate is not None else Fraction(0)

    def read_attacker(self, rows):
        """Weights y per node or link and step, in each window at most rate * a_w."""
        case = self.case
        self.attack_node, self.attack_arc = [{} for _ in case.nodes], [{} for _ in case.arcs]
        for row in rows:
            series = self.attack_node[self.node(row)] if "node" in row else self.attack_arc[self.arc(row["link"])]
            self.spread(series, row, case.steps, "weight", Fraction(1))
        for window in case.windows():
            have = sum(series.get(k, 0) for series in self.attack_node + self.attack_arc for k in window)
            if have > self.scale * self.rate * attacks(case, window):
                raise NoProof("the attacker attacks more than expected")

    # --- the worth form ----------------------------------------------------------------------------------------

    def read_worth(self, row):
        """(access, weight, {node: list over points 0 … N of a worth or None})"""
        n, series = self.case.steps, {}
        for name, points in row["nodes"].items():
            values = [None] * (n + 1)
            for i, (k, value) in enumerate(points):
                end = points[i + 1][0] if i + 1 < len(points) else n + 1
                values[k:end] = [None if value is None else Fraction(value) * self.unit] * (end - k)
            series[self.node({"node": name})] = values[:n + 1]
        return frozenset(row["access"]), Fraction(row["weight"]), series

    def prices_from_worth(self):
        case, n = self.case, self.case.steps
        nowhere = [None] * (n + 1)
        for access, weight, series in self.worths:
            for i, arc in enumerate(case.arcs):
                if not case.usable(arc, access) or arc.head not in series:
                    continue
                tail, head = series.get(arc.tail, nowhere), series[arc.head]
                for k in arc.steps(n):
                    earned = self.earned(arc, k, weight)
                    if earned is not None and head[k + arc.transit] is not None:
                        self.raise_to(self.lam[i], k, head[k + arc.transit] - self.link_costs[i].get(k, 0) + earned, tail[k])
            for i, node in enumerate(case.nodes):
                here = series.get(i, nowhere)
                for k in range(n):
                    if here[k + 1] is not None:
                        self.raise_to(self.eta[i], k, here[k + 1] - self.theta[i].get(k, 0), here[k])
                if node.haven:
                    self.raise_to(self.eta[i], n, Fraction(0), here[n])

    @staticmethod
    def raise_to(series, k, onward, here):
        """A price of at least onward - here; infinite where there was no way."""
        price = math.inf if here is None else onward - here
        if price > 0:
            series[k] = max(series.get(k, 0), price)

    # --- the bound ---------------------------------------------------------------------------------------------

    def bound(self):
        total = self.limits_term() + self.crowd_term()
        if self.worths:
            at_origin = {(access, weight): series for access, weight, series in self.worths}
            nowhere = [None] * (self.case.steps + 1)
            self.refuse_omitted(at_origin)
            return total + sum(self.group_term(g, at_origin.get((g.access, g.weight), {}).get(g.origin, nowhere)) for g in self.case.groups)
        ways = {}
        for g in self.case.groups:
            if (g.access, g.weight) not in ways:
                ways[g.access, g.weight] = self.best_ways(g.access, g.weight)
            total += self.group_term(g, ways[g.access, g.weight][g.origin])
        return total

    def refuse_omitted(self, listed):
        """A class that the worth list leaves out is said to have no way; one that has a way through open slots is not bounded."""
        case, n = self.case, self.case.steps
        for access in {g.access for g in case.groups if (g.access, g.weight) not in listed}:
            can = [[False] * (n + 1) for _ in case.nodes]
            for k in range(n, -1, -1):
                for i, node in enumerate(case.nodes):
                    can[i][k] = node.holding_capacity != 0 and (can[i][k + 1] if k < n else node.haven)
                again = k < n
                while again:
                    again = False
                    for i, arc in enumerate(case.arcs):
                        open_ = k in arc.steps(n) and arc.capacity[k] != 0 and case.usable(arc, access) and (not arc.crossing or case.counts(arc, k))
                        if open_ and can[arc.head][k + arc.transit] and not can[arc.tail][k]:
                            can[arc.tail][k] = again = True
            for g in case.groups:
                if g.access == access and (g.access, g.weight) not in listed and any(can[g.origin][k] for k in range(n) if g.ready[k]):
                    raise NoProof(f"the worth list leaves out the class of {g.id}, which has a way")

    def limits_term(self):
        total = Fraction(0)
        for arc, series in zip(self.case.arcs, self.lam):
            for k, price in series.items():
                limit = arc.capacity.get(k, 0) if arc.flight else arc.capacity[k]
                total += self.limited(price, limit, f"{arc.id} in step {k}")
        for node, series in zip(self.case.nodes, self.eta):
            for k, price in series.items():
                # at point N only havens hold people
                limit = node.holding_capacity if node.haven or k < self.case.steps else None
                total += self.limited(price, limit, f"holding at {node.id}, point {k}")
        return total

    @staticmethod
    def limited(price, limit, what):
        if price and limit is None:
            raise NoProof(f"a price without a limit: {what}")
        if not limit:
            return 0
        if price == math.inf:
            raise NoProof(f"no price is high enough: {what}")
        return price * limit

    def crowd_term(self):
        total, whole = Fraction(0), self.case.people
        for i, series in enumerate(self.theta):
            for k, theta in series.items():
                pieces = self.case.extra_pieces(self.case.nodes[i], k)
                if theta and not pieces:
                    raise NoProof(f"a crowd price at a node without severity: {self.case.nodes[i].id}")
                cost = self.crowd_cost(i, k)
                for width, slope in pieces:
                    total += max(Fraction(0), theta - cost * slope) * (whole if width is None else min(width, whole))
        return total

    def group_term(self, group, way):
        """Sum over releases of people times the best that one of them can be worth. `way[k]`: from (origin, k)."""
        case, n = self.case, self.case.steps
        factor = self.scale * self.rate
        waiting = case.waiting_cost(group)
        best = [None] * (n + 1)
        best[n] = -factor * (waiting[n] + group.left_behind)
        for k in range(n - 1, -1, -1):
            best[k] = best[k + 1] - (self.theta[group.origin].get(k, 0) if group.there else 0)
            if way[k] is not None:
                best[k] = max(best[k], way[k] - factor * waiting[k])
        return sum((people * best[point] for point, people in group.releases()), Fraction(0))

    def best_ways(self, access, weight):
        """value[node][point]: the best way from there to a haven at point N, None if there is none.

        A step's legs of zero steps are relaxed until nothing improves: no cycle of them earns anything.
        """
        case, n = self.case, self.case.steps
        value = [[None] * (n + 1) for _ in case.nodes]
        for i, node in enumerate(case.nodes):
            if node.haven:
                value[i][n] = -self.eta[i].get(n, Fraction(0))
        by_step = [[] for _ in range(n)]
        scale = self.denominator(weight)
        integer = lambda x: int(x * scale)
        for i, arc in enumerate(case.arcs):
            if case.usable(arc, access):
                for k in arc.steps(n):
                    earned = self.earned(arc, k, weight)
                    if earned is not None:
                        gain = integer(earned - self.lam[i].get(k, 0) - self.link_costs[i].get(k, 0))
                        by_step[k].append((arc.tail, arc.head, k + arc.transit, gain))
        stay = [{k: integer(self.eta[i].get(k, 0) + self.theta[i].get(k, 0)) for k in {*self.eta[i], *self.theta[i]}} for i in range(len(case.nodes))]
        for row in value:
            if row[n] is not None:
                row[n] = integer(row[n])
        for k in range(n - 1, -1, -1):
            for i, row in enumerate(value):
                if row[k + 1] is not None:
                    row[k] = row[k + 1] - stay[i].get(k, 0)
            again = True
            while again:
                again = False
                for tail, head, landing, gain in by_step[k]:
                    onward = value[head][landing]
                    if onward is not None and (value[tail][k] is None or onward + gain > value[tail][k]):
                        value[tail][k] = onward + gain
                        again = True
        return [[None if x is None else Fraction(x, scale) for x in row] for row in value]

    def denominator(self, weight):
        """A common denominator of everything that a way costs or earns."""
        found = {(self.scale * weight).denominator}
        for table in (self.lam, self.eta, self.theta, self.link_costs):
            for series in table:
                found.update(Fraction(x).denominator for x in series.values())
        return math.lcm(*found)


def attacks(case, window):
    """a_w: expected attacks at all nodes and links in the window's steps."""
    rates = [v.rate for v in case.nodes if v.rate is not None] + [a.rate for a in case.arcs if a.rate is not None and not a.flight]
    return sum((rate[k] for rate in rates for k in window), Fraction(0)) * case.step_hours


def bound(case, rate, listed):
    """The bound on people - rate * harm (or worst-case harm, if the list has an attacker)."""
    return Prices(case, rate, listed).bound()


def out_time_bound(case, rate, listed, objective):
    """The least sum of out-times of any plan whose objective is at least `objective`."""
    scale = Fraction(listed["rate"])
    return scale * objective - Prices(case, rate, listed, scale, True).bound()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("case")
    parser.add_argument("plan")
    args = parser.parse_args()
    case = cases.read(args.case)
    with open(args.plan, encoding="utf-8") as file:
        plan = json.load(file, parse_float=Fraction)
    rate = plan["summary"]["exchange_rate"]
    print("bound", float(bound(case, rate, plan["prices"])), "stated", float(plan["summary"]["bound"]))
    if plan.get("out_time_prices"):
        least = out_time_bound(case, rate, plan["out_time_prices"], Fraction(plan["summary"]["objective"]))
        print("out-times at least", float(least), "planned", plan["summary"]["sum_out_time"])


if __name__ == "__main__":
    main()
