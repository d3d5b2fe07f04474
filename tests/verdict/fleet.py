#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A drawn world through the collector: its measurements are imported, and the
verdicts are held against the truth, and against what simpler rules would say
of the same rows.

    fleet.py COLLECTOR [--seed N] [--nets N] [--stress KIND]
             [--days | --often]

With --days the verdicts are made as of the end of every day, too: how long a
change takes to be published, and how often a steady network changes. With
--often they are made every six hours, as rows come: the same, how long after
the third line's report, and how many events a steady network has. Prints
TAP: the row is whether all verdicts are the reference's, the rest is figures.
"""
import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import compare
import reference
import worlds
from tap import Tap

LAST = worlds.DAYS - 1
STEPS = 4  # a day, with --often
ACCUSED = reference.ACCUSE
CHANGING = ("rollout", "lifted", "transit", "flap", "rate", "evening")


def end_of(day):
    """The last millisecond of a day of the world, or of a part of it."""
    at = compare.EPOCH + timedelta(days=worlds.DAY0 + day + 1, milliseconds=-1)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + "999Z"


class Collector:
    def __init__(self, program, folder):
        self.program = program
        self.config = folder / "collector.conf"
        (folder / "state").mkdir(mode=0o700)
        self.config.write_text(f"[collector]\nstate = {folder}/state\n")

    def run(self, command, *args):
        done = subprocess.run(
            [self.program, command, "--config", self.config, *args],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"{command}: {done.stderr[-1000:]}")
        return done.stdout

    def verdicts(self, day):
        text = self.run("verdicts", "--format", "json", "--at", end_of(day))
        return json.loads(text)["items"]


def write_world(world, path):
    """The measurements for the import. -> {ASN: rollup rows}"""
    rows = {}
    with open(path, "w") as file:
        for network in world.networks:
            probes = world.probes(network)
            rows[network["asn"]] = worlds.rollup(network, probes)
            for number, probe in enumerate(
                worlds.known_before(network) + probes
            ):
                row = worlds.measurement(
                    network, number, probe, world.operators
                )
                file.write(json.dumps(row) + "\n")
    return {asn: found for asn, found in rows.items() if found}


# --- simpler rules, on the same rows ---

FAILED = ("filtered", "intercepted")


def outcomes(rows, since=0):
    """[(last time, failed, count)] of what is evidence."""
    return [
        (r.last, r.outcome in FAILED, r.count)
        for r in rows
        if r.day >= worlds.DAY0 + since
        and r.outcome in FAILED + ("reachable",)
    ]


def by_majority(rows):
    seen = outcomes(rows)
    failed = sum(n for _, bad, n in seen if bad)
    if not seen:
        return "insufficient"
    return "filtered" if 2 * failed > sum(n for *_, n in seen) else "open"


def by_latest(rows):
    last = {}
    for r in rows:
        if r.day >= worlds.DAY0 and r.outcome in FAILED + ("reachable",):
            last[r.agent] = max(
                last.get(r.agent, (0, False)), (r.last, r.outcome in FAILED)
            )
    failed = sum(bad for _, bad in last.values())
    if not last:
        return "insufficient"
    if failed in (0, len(last)):
        return "filtered" if failed else "open"
    return "partial"


def by_rate(rows):
    seen = outcomes(rows, worlds.DAYS - 7)
    total = sum(n for *_, n in seen)
    if total < 5:
        return "insufficient"
    failed = sum(n for _, bad, n in seen if bad)
    return "filtered" if 2 * failed > total else "open"


def by_sprt(rows):
    """Wald's test of a failure rate of .7 against one of .1."""
    state, score, bound = "insufficient", 0.0, math.log(999)
    for _, bad, count in sorted(outcomes(rows)):
        for _ in range(count):
            score += math.log(7) if bad else math.log(1 / 3)
            if abs(score) >= bound:
                state, score = "filtered" if score > 0 else "open", 0.0
    return state


RULES = (
    ("majority of probes", by_majority),
    ("latest of each agent", by_latest),
    ("failures of 7 days", by_rate),
    ("SPRT", by_sprt),
)


# --- what is true ---


def witnesses(world, network, rows):
    """Honest lines, a week old and still there, that share nothing."""
    there = {r.agent for r in rows if r.day >= worlds.DAY0 + LAST - 6}
    first = {}
    for r in rows:
        first[r.agent] = min(first.get(r.agent, r.day), r.day)
    prefixes = {}
    for a in network["agents"]:
        if a["sybil"] or a["office"] or a["firewall"] == "host":
            continue
        if a["id"] in there and first[a["id"]] <= worlds.DAY0 + LAST - 7:
            operator = world.operators[a["id"]]
            prefixes.setdefault(operator, set()).add(a["places"][LAST])
    used = set()
    for operator in sorted(prefixes, key=lambda o: (len(prefixes[o]), o)):
        free = sorted(prefixes[operator] - used)
        used.update(free[:1])
    return len(used)


def percent(part, whole):
    return f"{part}/{whole}" + (f" = {part / whole:.3f}" if whole else "")


def tell(tap, name, states, networks, seen):
    """Precision, wrong accusations, recall by witnesses."""
    truth = {asn: networks[asn]["truth"][LAST] for asn in states}
    accused = [a for a in states if states[a] in ACCUSED]
    wrong = [a for a in accused if truth[a] == "open"]
    attacked = sum(bool(networks[a]["sybil"]) for a in wrong)
    called = [a for a in states if states[a] == "filtered"]
    tap.say(
        f"{name}: {len(states)} networks, {len(accused)} accused, "
        f"{len(wrong)} of them open ({attacked} under attack); filtered "
        "truly so: "
        + percent(sum(truth[a] == "filtered" for a in called), len(called))
        + "; insufficient: "
        + percent(
            sum(s == "insufficient" for s in states.values()), len(states)
        )
    )
    for state in ("open", "filtered", "intercepted", "partial"):
        shown = []
        for low, high in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 9), (10, 999)):
            x = [
                a
                for a in states
                if truth[a] == state
                and low <= seen[a] <= high
                and not networks[a]["sybil"]
            ]
            if x:
                found = sum(states[a] == state for a in x)
                shown.append(f"{low}: {percent(found, len(x))}")
        tap.say(f"  recall of {state} by witnesses: {'; '.join(shown)}")


def tell_stops(tap, items, networks):
    """Whose filter it is said to be, by whose it is; and networks that are
    charged with what their upstream does."""
    table, charged = {}, []
    for v in items:
        network = networks[v["asn"]]
        if v["state"] not in ACCUSED or network["sybil"]:
            continue
        if network["truth"][LAST] == "open":
            continue
        key = worlds.stops_in(network), v["stopped_in"]
        table[key] = table.get(key, 0) + 1
        if key == ("upstream", "own"):
            charged.append(f"AS{v['asn']}: {v['because']}")
    for (true, said), count in sorted(table.items()):
        tap.say(f"stopped in truth {true}, said to be {said}: {count}")
    return charged


def delays(history, networks, policy, want):
    """Days from a change to its publication, and how many were never seen."""
    found, never = [], 0
    for asn, states in history.items():
        network = networks[asn]
        if network["policy"] != policy or network["sybil"]:
            continue
        days = [
            d
            for d in range(int(network["change"]), worlds.DAYS)
            if states[d] == want
        ]
        if days:
            found.append(days[0] + 1 - network["change"])
        else:
            never += 1
    return found, never


def tell_days(tap, history, networks):
    for policy, want in (("rollout", "filtered"), ("lifted", "open")):
        found, never = delays(history, networks, policy, want)
        if found:
            tap.say(
                f"{policy}: published after {statistics.median(found):.1f} "
                "days (median), not at all: "
                + percent(never, never + len(found))
            )
    steady = [
        states
        for asn, states in history.items()
        if networks[asn]["policy"] not in CHANGING
    ]
    changes = sum(
        a != b and a != "insufficient"
        for states in steady
        for a, b in zip(states, states[1:])
    )
    tap.say(
        f"steady networks: {percent(changes, len(steady))} changes a month"
    )


# --- as rows come ---


def third_report(network, rows):
    """When the third line that is honest first failed after the change, in
    days of the world; None: there are not three."""
    honest = {
        a["id"]
        for a in network["agents"]
        if not (a["sybil"] or a["office"] or a["firewall"] == "host")
    }
    first = {}
    for r in rows:
        at = r.first / reference.DAY_MS - worlds.DAY0
        if r.agent in honest and r.outcome == "filtered":
            if at >= network["change"]:
                first[r.agent] = min(first.get(r.agent, at), at)
    times = sorted(first.values())
    return times[2] if len(times) > 2 else None


class Blocked:
    """A line that the network's filter stops, while it reports."""

    def __init__(self, agent, began):
        self.agent, self.began = agent, began
        self.seen = {}  # endpoint: when it last failed, after the change

    def see(self, at, endpoint, prefix):
        self.seen[endpoint] = at
        self.prefix = prefix

    def witnesses(self, at):
        """Old enough, and stopped at two endpoints of late."""
        late = sum(at - last < reference.RECENT for last in self.seen.values())
        return at - self.began >= reference.AGE and late > 1


def who_counts(lines, at):
    """Those that are a month old, and if there are any, of the others those
    that did not come within three days of the one before (doc/verdict.md,
    section 6)."""
    old = [x for x in lines if at - x.began >= reference.BURST_AGE]
    young = sorted((x for x in lines if x not in old), key=lambda x: x.began)
    apart = [
        x
        for before, x in zip([None, *young], young)
        if before is None or x.began >= before.began + reference.BURST
    ]
    return old + apart if old else []


def three_apart(lines, operators):
    """Three of them with a prefix and an operator of its own each."""
    prefixes, taken = {}, {}
    for line in lines:
        operator = operators.get(line.agent, line.agent)
        prefixes.setdefault(operator, set()).add(line.prefix)

    def place(operator, tried):
        """A prefix for the operator, if others have to move for it, too."""
        for prefix in sorted(prefixes[operator] - tried):
            tried.add(prefix)
            if prefix not in taken or place(taken[prefix], tried):
                taken[prefix] = operator
                return True
        return False

    return any(
        place(operator, set()) and len(taken) == 3
        for operator in sorted(prefixes)
    )


def third_witness(network, probes, operators):
    """When the third line that the filter stops was a witness, by what was
    built: who tells what his line does, and is not stopped by anything else or
    exempt; in days of the world. None: there were not three."""
    lines = {}
    for a in network["agents"]:
        if not (a["sybil"] or a["office"] or a["firewall"] or a["liar"]
                or a["optout"] or "days" in a):
            began = -a["age"] if a["join"] <= 0 else None
            lines[a["id"]] = Blocked(a["id"], began)
    for at, agent, prefix, endpoint, outcome, *_ in probes:
        line = lines.get(agent)
        if line is None:
            continue
        if line.began is None:
            line.began = at
        if outcome != "filtered" or at < network["change"]:
            continue
        line.see(at, endpoint, prefix)
        there = [x for x in lines.values() if x.seen and x.witnesses(at)]
        if three_apart(who_counts(there, at), operators):
            return at
    return None


def tell_often(tap, history, networks, rows):
    for policy, want in (("rollout", "filtered"), ("lifted", "open")):
        after_change, after_third, never = [], [], 0
        for asn, states in history.items():
            network = networks[asn]
            if network["policy"] != policy or network["sybil"]:
                continue
            seen = [
                (step + 1) / STEPS
                for step, state in enumerate(states)
                if state == want and (step + 1) / STEPS > network["change"]
            ]
            if not seen:
                never += 1
                continue
            after_change.append(seen[0] - network["change"])
            third = third_report(network, rows[asn])
            if policy == "rollout" and third is not None:
                after_third.append(max(0, seen[0] - third))
        if after_change:
            tap.say(
                f"{policy}, evaluated every {24 // STEPS} h: published after "
                f"{statistics.median(after_change):.2f} days (median), "
                f"{max(after_change):.1f} at most, not at all: "
                + percent(never, never + len(after_change))
            )
        if after_third:
            tap.say(
                f"  after the third line's report: "
                f"{24 * statistics.median(after_third):.0f} h (median), "
                "within 48 h: "
                + percent(
                    sum(x <= 2 for x in after_third), len(after_third)
                )
            )


def wrong_verdicts(items, rows, operators):
    """What is not as the reference has it."""
    every = [r for found in rows.values() for r in found]
    want = reference.judge(every, compare.NOW, operators)
    return compare.wrong_verdicts(want, items)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nets", type=int, default=300)
    parser.add_argument("--stress", default="")
    parser.add_argument("--days", action="store_true")
    parser.add_argument("--often", action="store_true")
    args = parser.parse_args()
    world = worlds.World(args.seed, args.nets, args.stress)
    networks = {n["asn"]: n for n in world.networks}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_world(world, folder / "measurements.jsonl")
        collector = Collector(args.program, folder)
        collector.run("import", folder / "measurements.jsonl")
        items = collector.verdicts(LAST)
        history = {asn: [] for asn in rows}
        steps = STEPS if args.often else 1
        wanted = worlds.DAYS * steps if args.days or args.often else 0
        for step in range(wanted):
            items_then = collector.verdicts((step + 1) / steps - 1)
            states = {v["asn"]: v["state"] for v in items_then}
            for asn, found in history.items():
                found.append(states.get(asn, "insufficient"))
    tap = Tap()
    seen = {a: witnesses(world, networks[a], rows[a]) for a in rows}
    states = {v["asn"]: v["state"] for v in items}
    tell(tap, "the collector", states, networks, seen)
    if args.often:
        tell_often(tap, history, networks, rows)
        history = {a: each[steps - 1 :: steps] for a, each in history.items()}
    if args.days or args.often:
        tell_days(tap, history, networks)
    for name, rule in RULES:
        states = {asn: rule(found) for asn, found in rows.items()}
        tell(tap, name, states, networks, seen)
    tap.row(
        "no network is charged with its upstream's filter",
        tell_stops(tap, items, networks),
    )
    tap.run(
        f"all {len(items)} verdicts are the reference's",
        lambda: wrong_verdicts(items, rows, world.operators),
    )
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
