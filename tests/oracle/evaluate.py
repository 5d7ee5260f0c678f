"""Re-evaluates a plan: every rule it must keep and every figure it states, exactly, from the case and the movements alone.

    evaluate.py CASE PLAN.json
"""

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

import case as cases
from bound import attacks


@dataclass
class Figures:
    people: int
    weighted_people: Fraction
    harm: Fraction
    harm_terms: tuple  # crowds, links, waiting, left behind
    harm_to_bystanders: Fraction
    harm_if_nobody_moves: Fraction
    worst_case_harm: Fraction
    sum_out_time: int

    def objective(self, rate, worst=False):
        return self.weighted_people - rate * (self.worst_case_harm if worst else self.harm)


class Loads:
    """Who is where: entries by group and point, people in slots, people held."""

    def __init__(self, case):
        self.called = [[0] * (case.steps + 1) for _ in case.groups]
        self.slots = defaultdict(int)  # (arc, step)
        self.held = defaultdict(int)  # (node, point)
        self.sum_out_time = 0


def check(case, movements):
    """(what is wrong, in words; Figures). The figures mean something only if nothing is wrong."""
    wrong, loads = [], Loads(case)
    for number, movement in enumerate(movements):
        problem = follow(case, movement, loads)
        if problem:
            wrong.append(f"movement {number}: {problem}")
    for g, called in zip(case.groups, loads.called):
        total = 0
        for k in range(case.steps):
            total += called[k]
            if total > g.ready[k]:
                wrong.append(f"{g.id}: {total} called by point {k}, {g.ready[k]} ready")
                break
    for (a, k), people in sorted(loads.slots.items()):
        limit = case.arcs[a].capacity[k]
        if limit is not None and people > limit:
            wrong.append(f"{case.arcs[a].id}: {people} in step {k}, capacity {limit}")
    for (i, k), people in sorted(loads.held.items()):
        limit = case.nodes[i].holding_capacity
        if limit is not None and people > limit:
            wrong.append(f"{case.nodes[i].id}: {people} held from point {k}, room for {limit}")
    return wrong, figures(case, loads)


def follow(case, movement, loads):
    """Adds one movement to the loads; says what is wrong with it, or None."""
    n, people, point = case.steps, movement["people"], movement["enter"]
    if movement["group"] not in case.group_index:
        return f"no group {movement['group']}"
    g = case.group_index[movement["group"]]
    group = case.groups[g]
    if not isinstance(people, int) or people < 1:
        return f"{people} people"
    if not isinstance(point, int) or not 0 <= point <= n - 1:
        return f"enters at {point}"
    place, crossings, taken, stays = group.origin, 0, [], []
    for name, k in movement["legs"]:
        if name not in case.arc_index:
            return f"no link or flight {name}"
        a = case.arc_index[name]
        arc = case.arcs[a]
        if arc.tail != place:
            return f"{name} does not begin at {case.nodes[place].id}"
        if not isinstance(k, int) or k < point or k not in arc.steps(n):
            return f"{name} cannot be entered in step {k}"
        if not case.usable(arc, group.access):
            return f"{group.id} has no access to {name}"
        if arc.crossing:
            crossings += 1
            if not case.counts(arc, k):
                return f"crosses by {name} in step {k}, too late"
            loads.sum_out_time += people * case.out_time(arc, k)
        stays.append((place, point, k))
        taken.append((a, k))
        place, point = arc.head, k + arc.transit
    if not case.nodes[place].haven:
        return f"ends at {case.nodes[place].id}, no haven"
    assert crossings == 1, "from an unsafe origin to a haven with no way out of safety there is one crossing"
    stays.append((place, point, n + 1))
    loads.called[g][movement["enter"]] += people
    for slot in taken:
        loads.slots[slot] += people
    for where, begin, end in stays:
        for k in range(begin, end):
            loads.held[where, k] += people
    return None


def figures(case, loads):
    people, weighted, waiting, behind = 0, Fraction(0), Fraction(0), Fraction(0)
    stay_waiting = Fraction(0)
    crowd = {key: count for key, count in loads.held.items() if key[1] < case.steps}
    still = {}
    for g, called in zip(case.groups, loads.called):
        out, cost = sum(called), case.waiting_cost(g)
        people, weighted = people + out, weighted + g.weight * out
        waiting += sum((cost[k] * called[k] for k in range(case.steps) if called[k]), Fraction(0)) + cost[case.steps] * (g.people - out)
        behind += g.left_behind * (g.people - out)
        stay_waiting += (cost[case.steps] + g.left_behind) * g.people
        if g.there:
            gone = 0
            for k in range(case.steps):
                gone += called[k]
                crowd[g.origin, k] = crowd.get((g.origin, k), 0) + g.ready[k] - gone
                still[g.origin, k] = still.get((g.origin, k), 0) + g.ready[k]
    in_crowds = crowd_harm(case, crowd)
    on_links = sum((case.link_cost(case.arcs[a], k) * x for (a, k), x in loads.slots.items()), Fraction(0))
    bystanders = sum(
        (v.rate[k] * case.step_hours * cases.severity_at(v.pieces, v.bystanders[k])
         for v in case.nodes if v.rate is not None and v.bystanders is not None for k in range(case.steps)), Fraction(0))
    worst = worst_case(case, crowd, loads.slots) + waiting + behind
    return Figures(people, weighted, in_crowds + on_links + waiting + behind, (in_crowds, on_links, waiting, behind), bystanders,
                   crowd_harm(case, still) + stay_waiting, worst, loads.sum_out_time)


def extra_severity(case, i, k, people):
    """S(b + c) - S(b)."""
    node = case.nodes[i]
    here = node.bystanders[k] if node.bystanders is not None else 0
    return cases.severity_at(node.pieces, here + people) - cases.severity_at(node.pieces, here)


def crowd_harm(case, crowd):
    total = Fraction(0)
    for (i, k), people in crowd.items():
        rate = case.nodes[i].rate
        if people and rate is not None and rate[k]:
            total += rate[k] * case.step_hours * extra_severity(case, i, k, people)
    return total


def worst_case(case, crowd, slots):
    """Sum over windows of the attacks expected in it times the dearest single attack."""
    n, cost = case.steps, [Fraction(0)] * case.steps
    for (i, k), people in crowd.items():
        if people and not case.nodes[i].safe:
            cost[k] = max(cost[k], extra_severity(case, i, k, people))
    on_link = defaultdict(int)
    for (a, k), people in slots.items():
        arc = case.arcs[a]
        if not arc.flight and arc.vulnerability and not case.nodes[arc.tail].safe:
            for j in range(k, min(n, k + max(1, arc.transit))):
                on_link[a, j] += people
    for (a, k), people in on_link.items():
        cost[k] = max(cost[k], case.arcs[a].vulnerability * people)
    return sum((attacks(case, window) * max(cost[k] for k in window) for window in case.windows()), Fraction(0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("case")
    parser.add_argument("plan")
    args = parser.parse_args()
    with open(args.plan, encoding="utf-8") as file:
        plan = json.load(file, parse_float=Fraction)
    wrong, found = check(cases.read(args.case), plan["movements"])
    print("\n".join(wrong) or "keeps every rule")
    for name, value in vars(found).items():
        print(f"{name}: {tuple(map(float, value)) if isinstance(value, tuple) else float(value)}, stated {plan['summary'].get(name)}")


if __name__ == "__main__":
    main()
