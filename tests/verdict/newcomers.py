#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Identities that come one after another, imported as measurements: they do
not talk an open network into an accusation, and customers that come as
steadily do not hide a filter that older lines see, too.

    newcomers.py COLLECTOR

A row is a network; its truth is what was built. Times are in days of the
world, of which the last begins at 29; who comes before day 0 has one
measurement that says no more than that he was there.
"""
import json
import random
import sys
import tempfile
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import compare
import reference
import worlds
from fleet import LAST, Collector
from tap import Tap

OPEN = ("open", "insufficient")  # of a network that is

OLD, OLDEST = -40, -120  # who was long there; the first agent of all

# Lines that first report on these days and are blocked or open; operators: so
# many run all of them, 0: each line is its own. `until`: what they see before
# that day is that it is open.
Lines = namedtuple("Lines", "days blocked operators until", defaults=(0, 0))


def seen(days, operators=0, until=0):
    return Lines(list(days), True, operators, until)


def open_to(days):
    return Lines(list(days), False)


def old(count):
    return [OLD - n for n in range(count)]


ROWS = (  # sentence, what it may be called, lines
    (
        "liars that come one a day do not accuse two older lines' network",
        OPEN,
        [open_to(old(2)), seen(range(9, 19))],
    ),
    (
        "nor do two a day",
        OPEN,
        [open_to(old(2)), seen(n / 2 for n in range(18, 36))],
    ),
    (
        "nor one every two days",
        OPEN,
        [open_to(old(2)), seen(range(8, 24, 2))],
    ),
    (
        "nor one every three days",
        OPEN,
        [open_to(old(3)), seen(range(4, 23, 3))],
    ),
    (
        "nor one every five days",
        OPEN,
        [open_to(old(1)), seen(range(1, 22, 5))],
    ),
    (
        "nor nine of three operators",
        OPEN,
        [open_to(old(4)), seen(range(9, 18), operators=3)],
    ),
    (
        "nor with one liar among the older lines",
        OPEN,
        [open_to(old(3)), seen(old(1)), seen(range(9, 18))],
    ),
    (
        "nor where honest customers come as steadily",
        OPEN,
        [open_to(old(2)), open_to(range(8, 20, 3)), seen(range(9, 19))],
    ),
    (
        "nor if they see it open for a week at first",
        OPEN,
        [open_to(old(3)), seen(range(5, 14), until=21)],
    ),
    (
        "nor one a day where nobody else is",
        OPEN,
        [seen(range(9, 19))],
    ),
    (
        "nor one every two days beside customers that are new, too",
        OPEN,
        [open_to((10, 14, 17)), seen(range(8, 22, 2))],
    ),
    (
        "nor one every three days where nobody else is",
        OPEN,
        [seen(range(2, 27, 3))],
    ),
    (
        "nor one every four days beside customers that are new, too",
        OPEN,
        [open_to((1, 6, 12)), seen(range(1, 24, 4))],
    ),
    (
        "nor a week apart where nobody else is",
        OPEN,
        [seen(range(0, 23, 7))],
    ),
    (
        "nor with two liars that are as old as the two honest lines",
        OPEN,
        [open_to(old(2)), seen(old(2)), seen(range(9, 19))],
    ),
    (
        "nor with one that is, where there is one honest one",
        OPEN,
        [open_to(old(1)), seen(old(1)), seen(range(2, 27, 3))],
    ),
    (
        "a filter that two older lines see is found while customers come",
        ("filtered",),
        [seen(old(2)), seen(range(9, 19))],
    ),
    (
        "so is one with an exempt line among three older ones",
        ("filtered",),
        [seen(old(2)), open_to([OLD]), seen(range(9, 19))],
    ),
    (
        "so is one whose customers come four days apart, after a month",
        ("filtered",),
        [seen(range(-3, 22, 4))],
    ),
    (
        "so is one that begins while customers come",
        ("filtered",),
        [seen(old(3), until=12), seen(range(2, 22, 2), until=12)],
    ),
    (
        "so is one whose customers came one a day, a month ago",
        ("filtered",),
        [seen(range(-14, -4))],
    ),
    (
        "a filter of some prefixes is found where older lines see both",
        ("partial",),
        [seen(old(4)), open_to(old(5)), seen(range(9, 15))],
    ),
)

# The same where nobody was heard of before day 0, a collector's first.
FIRST_MONTH = (
    (
        "from a collector's fifth day on, one a day do not accuse either",
        OPEN,
        [open_to((0, 0)), seen(range(5, 15))],
    ),
    (
        "nor do two a day",
        OPEN,
        [open_to((0, 1)), seen(n / 2 for n in range(9, 27))],
    ),
    (
        "nor one every three days",
        OPEN,
        [open_to((0, 0)), seen(range(4, 23, 3))],
    ),
    (
        "nor do these where nobody else is",
        OPEN,
        [seen(range(4, 23, 3))],
    ),
    (
        "a filter that all see who came in the first week is found",
        ("filtered",),
        [seen(range(7))],
    ),
    (
        "so is one with an exempt line among them",
        ("filtered",),
        [seen((0, 1)), open_to([0]), seen(range(2, 7))],
    ),
)


class Network:
    """One network of worlds.py's form, with its probes."""

    def __init__(self, number, groups, operators):
        self.R = random.Random(number)
        self.asn = 64600 + number
        self.net = dict(id=number, asn=self.asn)
        self.probes, self.operators = [], operators
        self.lines = 0
        for group in groups:
            for nth, day in enumerate(group.days):
                self.add(group, nth, day)
        self.probes.sort()

    def add(self, group, nth, day):
        agent = "%08x%08x" % (self.asn, self.lines)
        prefix, self.lines = self.lines, self.lines + 1
        self.operators[agent] = (
            "%08x%08x" % (self.asn, nth % group.operators)
            if group.operators
            else agent
        )
        if day < 0:
            self.see(day, agent, prefix, 0, ("unknown", "no-control", ""))
        for today in range(max(0, int(day)), worlds.DAYS):
            blocked = group.blocked and today >= group.until
            for endpoint in self.R.sample(range(6), 3):
                at = max(day, today) + self.R.uniform(0, 0.49)
                self.see(
                    at,
                    agent,
                    prefix,
                    endpoint,
                    ("filtered", "drop", "path")
                    if blocked
                    else ("reachable", "open", ""),
                )

    def see(self, at, agent, prefix, endpoint, words):
        self.probes.append((at, agent, prefix, endpoint, *words, 0, 0))

    def measurements(self):
        for number, probe in enumerate(self.probes):
            yield worlds.measurement(
                self.net, number, probe, self.operators
            )


def draw(rows, more=()):
    """The networks, and who runs the agents."""
    operators = {}
    return [
        Network(number, groups, operators)
        for number, groups in enumerate([x[2] for x in rows] + list(more))
    ], operators


@contextmanager
def imported(program, networks):
    """A collector that has their measurements."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        collector = Collector(program, folder)
        path = folder / "measurements.jsonl"
        with open(path, "w") as file:
            for network in networks:
                for row in network.measurements():
                    file.write(json.dumps(row) + "\n")
        collector.run("import", path)
        yield collector


def judge(program, networks):
    with imported(program, networks) as collector:
        return collector.verdicts(LAST)


def wrong_network(row, asn, items):
    _, may_be, _ = row
    found = [v for v in items if v["asn"] == asn]
    if len(found) != 1:
        return [f"AS{asn} has {len(found)} verdicts"]
    if found[0]["state"] in may_be:
        return []
    return [f"AS{asn} is {found[0]['state']}: {found[0]['because']}"]


def run_world(tap, program, name, rows, more=()):
    networks, operators = draw(rows, more)
    items = judge(program, networks)
    for row, network in zip(rows, networks):
        tap.row(row[0], wrong_network(row, network.asn, items))
    every = [
        row
        for network in networks
        for row in worlds.rollup(dict(network.net, agents=[]), network.probes)
    ]
    tap.run(
        f"all verdicts {name} are the reference's",
        lambda: compare.wrong_verdicts(
            reference.judge(every, compare.NOW, operators), items
        ),
    )


def main():
    tap = Tap()
    oldest = open_to((OLDEST, OLDEST + 9))
    run_world(tap, sys.argv[1], "later on", ROWS, [[oldest]])
    run_world(tap, sys.argv[1], "of the first month", FIRST_MONTH)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
