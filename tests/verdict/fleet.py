#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A drawn world through the collector: its measurements are imported, and the
verdicts are held against the truth, and against what simpler rules would say
of the same rows.

    fleet.py COLLECTOR [--seed N] [--nets N] [--stress KIND] [--days]

With --days the verdicts are made as of the end of every day, too: how long a
change takes to be published, and how often a steady network changes. Prints
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
ACCUSED = reference.ACCUSE
CHANGING = ("rollout", "lifted", "transit", "flap", "rate", "evening")


def end_of(day):
    """The last millisecond of a day of the world."""
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
        for day in range(worlds.DAYS) if args.days else ():
            states = {v["asn"]: v["state"] for v in collector.verdicts(day)}
            for asn, found in history.items():
                found.append(states.get(asn, "insufficient"))
    tap = Tap()
    seen = {a: witnesses(world, networks[a], rows[a]) for a in rows}
    states = {v["asn"]: v["state"] for v in items}
    tell(tap, "the collector", states, networks, seen)
    if args.days:
        tell_days(tap, history, networks)
    for name, rule in RULES:
        states = {asn: rule(found) for asn, found in rows.items()}
        tell(tap, name, states, networks, seen)
    tap.run(
        f"all {len(items)} verdicts are the reference's",
        lambda: wrong_verdicts(items, rows, world.operators),
    )
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
