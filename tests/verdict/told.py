#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the census tells of a drawn world, as rows come.

    told.py CENSUS_ROWS --seed N [--nets N] [--stress KIND] [--steps N]

The measurements go into a store as they come, and four times a day, or N, the
census counts. Its events beside the truth: how many of them are noise, how many
changes are found, and after how long.
"""
import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import reference
import worlds
from fleet import percent, third_report, third_witness
from tap import Tap

# where nothing waits for a disk
MEMORY = Path("/dev/shm")
NOISE = 0.05  # events of a steady network in a month, at most
CHANGING = ("rollout", "lifted", "transit", "flap", "rate", "evening")
SOON, PROMPT, NEVER = 2, 0.9, math.inf
LINE, WITNESS = "the third line's report", "the third witness"
TOLD = {"rollout": "filtered", "lifted": "open"}


def measurements(world, steps):
    """By time, in reports of one network between two counts."""
    probes = []
    for number, network in enumerate(world.networks):
        for probe in worlds.known_before(network) + world.probes(network):
            probes.append((int(probe[0] * steps // 1), number, probe))
    probes.sort()
    before, row = None, 0
    for step, number, probe in probes:
        row = row + 1 if (step, number) == before else 0
        before = step, number
        line = worlds.measurement(
            world.networks[number], row % 1000, probe, world.operators
        )
        line["id"] = "00000000-%04x-7000-%04x-%012x:%d" % (
            step + 32768,
            0x8000 + row // 1000,
            number,
            row % 1000,
        )
        line["report"] = line["id"][:36]
        yield line


def run(program, world, steps=4):
    """{ASN: [(day, state)]} as published, {ASN: [(day, from, to)]} as told."""
    states, events = {}, {}
    begin = worlds.DAY0 * reference.DAY_MS
    step = reference.DAY_MS // steps
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        rows = Path(folder) / "rows.jsonl"
        with rows.open("w") as file:
            for line in measurements(world, steps):
                file.write(json.dumps(line) + "\n")
        with rows.open() as file:
            # one more: it closes the last day
            done = subprocess.run(
                [
                    program,
                    f"{folder}/collector.db",
                    str(begin + step - 1),
                    str(begin + (worlds.DAYS * steps + 1) * step - 1),
                    str(step),
                ],
                stdin=file,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
    for line in done.stdout.splitlines():
        what, at, asn, *words = line.split()
        day = (int(at) + 1) / reference.DAY_MS - worlds.DAY0
        kept = states if what == "state" else events
        kept.setdefault(int(asn), []).append((day, *words))
    return states, events


def steady_events(world, events):
    """How many networks do not change, and what is told of them beside the
    first event: [(network, event)]."""
    steady = [n for n in world.networks if n["policy"] not in CHANGING]
    return len(steady), [
        (n, event) for n in steady for event in events.get(n["asn"], [])[1:]
    ]


def first_after(found, change, at, want):
    """Days from the change until `want` is found; None: never."""
    return next(
        (x[0] - change for x in found if x[0] > change and x[at] == want),
        None,
    )


def changes(world, states, events):
    """{policy: [(ASN, days until it is published, until it is told)]}"""
    out = {policy: [] for policy in TOLD}
    for n in world.networks:
        want = TOLD.get(n["policy"])
        if want and not n["sybil"]:
            out[n["policy"]].append(
                (
                    n["asn"],
                    first_after(
                        states.get(n["asn"], []), n["change"], 1, want
                    ),
                    first_after(
                        events.get(n["asn"], []), n["change"], 2, want
                    ),
                )
            )
    return out


def lasts(states, want):
    """Whether the network was published as `want` for a week before the world
    ended, which is longer than a change must hold."""
    return bool(states) and states[-1][1] == want and states[-1][0] <= 23


def not_told(world, states, found):
    """Changes that were published, and lasted, without an event."""
    return [
        f"AS{asn}: {policy}, published after {published:.2f} days"
        for policy, all_of in found.items()
        for asn, published, told in all_of
        if published is not None
        and told is None
        and lasts(states[asn], TOLD[policy])
    ]


def say_changes(tap, found):
    for policy, all_of in found.items():
        published = [x[1] for x in all_of if x[1] is not None]
        told = [x[2] for x in all_of if x[2] is not None]
        if told:
            tap.say(
                f"{policy}: {len(all_of)}, published {len(published)}, after "
                f"{statistics.median(published):.2f} days (median); told "
                f"{len(told)}, after {statistics.median(told):.2f} days"
            )


def waits_of(world, found):
    """Days from the third line's report, and from the third witness, to the
    publication of each rollout that has them two days before the end; NEVER: it
    was not published. By either word: [(ASN, days)]."""
    networks = {n["asn"]: n for n in world.networks}
    waits = {LINE: [], WITNESS: []}
    for asn, published, _ in found["rollout"]:
        network = networks[asn]
        probes = world.probes(network)
        third = {
            LINE: third_report(network, worlds.rollup(network, probes)),
            WITNESS: third_witness(network, probes, world.operators),
        }
        for word, at in third.items():
            if at is None or at > worlds.DAYS - SOON:
                continue
            wait = NEVER
            if published is not None:
                wait = max(0, network["change"] + published - at)
            waits[word].append((asn, wait))
    return waits


def say_waits(tap, waits):
    for word, all_of in waits.items():
        days = [days for _, days in all_of]
        if days:
            tap.say(
                f"rollouts after {word}: {24 * statistics.median(days):.0f} h "
                "(median); within 48 h "
                + percent(sum(x <= SOON for x in days), len(days))
                + f"; {days.count(NEVER)} were not published"
            )


def too_late(waits):
    """Those after the third witness, if they are too many."""
    late = [(asn, days) for asn, days in waits[WITNESS] if days > SOON]
    few = len(late) <= (1 - PROMPT) * len(waits[WITNESS])
    return [] if few else [f"AS{a}: {d:.1f} days" for a, d in late]


def too_many(tap, steady, told):
    rate = len(told) / steady
    tap.say(
        f"{len(told)} events of {steady} steady networks beside the first: "
        f"{rate:.3f} a month"
    )
    return [
        f"AS{n['asn']} {n['policy']} {n['sybil']}: {event}"
        for n, event in told
        if rate > NOISE
    ]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nets", type=int, default=300)
    parser.add_argument("--stress", default="")
    parser.add_argument("--steps", type=int, default=4)
    args = parser.parse_args()
    world, tap = worlds.World(args.seed, args.nets, args.stress), Tap()
    states, events = run(args.program, world, args.steps)
    steady, told = steady_events(world, events)
    found = changes(world, states, events)
    say_changes(tap, found)
    waits = waits_of(world, found)
    say_waits(tap, waits)
    if steady:
        tap.run(
            f"steady networks have at most {NOISE} events a month",
            lambda: too_many(tap, steady, told),
        )
    tap.row(
        "a rollout or a lift that is published and lasts is told",
        not_told(world, states, found),
    )
    if waits[WITNESS]:
        tap.row(
            f"{PROMPT:.0%} of the rollouts are published within two days of "
            "their third witness",
            too_late(waits),
        )
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
