#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many open networks identities that come one after another talk into an
accusation, and how many filters are found whose customers come as steadily.

    attacks.py COLLECTOR

324 open networks are attacked, and 312 filter; each is drawn as newcomers.py
says, once beside agents that were there long before, and once in a collector's
first month; and of each what rows say, and what is published before anybody
has reviewed it, had all of them enrolled at this collector. Prints figures;
only that all verdicts are there is a row.
"""
import json
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing

from fleet import LAST
from newcomers import OLDEST, draw, imported, old, open_to, seen
from tap import Tap

import worlds

# what is published is as of now: the last day of the world is yesterday
worlds.DAY0 = int(time.time() // 86400) - worlds.DAYS

# days between one identity and the next
EVERY = (1 / 3, 1 / 2, 1, 2, 3, 4, 5, 6, 7)
ACCUSED = ("filtered", "intercepted", "partial")


def arrivals(every, count, first=1):
    """The days on which they come; the last one is there for four days."""
    days = [first + n * every for n in range(count)]
    return [day for day in days if day < worlds.DAYS - 4]


def attacks():
    """Open networks: what is done, and the lines. Identities come at each pace
    where none to five older lines are honest: each its own operator, or three
    operators for all, or beside older liars, who are as many as the honest
    lines, at most two; those of every second world begin late."""
    for every in EVERY:
        for honest in range(6):
            for kind in ("apart", "shared", "liars"):
                for first in (1, 12):
                    days = arrivals(every, 12, first)
                    lines = [open_to(old(honest)), seen(days)]
                    if kind == "shared":
                        lines[1] = seen(days, operators=3)
                    if kind == "liars":
                        lines.append(seen(old(min(2, max(1, honest)))))
                    yield (kind, honest, every), lines


def filters():
    """Networks that filter, whose customers come at a pace."""
    for every in (1 / 2, 1, 2, 3, 4, 5):
        for before in range(4):
            for customers in range(4, 17):
                days = arrivals(every, customers)
                exempt = open_to(old(1 if customers % 3 == 0 else 0))
                lines = [seen(old(before)), exempt, seen(days)]
                yield (before, every, customers), lines


def judge_all(program, what, is_first):
    """-> [(what was drawn, state by rows, state that is published)]"""
    rows = list(what())
    if is_first:  # nobody was heard of before day 0
        rows = [(key, [shift(x) for x in lines]) for key, lines in rows]
    beside = [] if is_first else [[open_to((OLDEST, OLDEST + 9))]]
    networks, _ = draw([("", (), lines) for _, lines in rows], beside)
    with imported(program, networks) as collector:
        states = by_network(collector.verdicts(LAST))
        enrol_all(collector)
        lines = collector.run("export", "--what", "networks").splitlines()
        published = by_network(map(json.loads, lines))
    return [
        (
            key,
            states.get(network.asn, "insufficient"),
            published.get(network.asn, "insufficient"),
        )
        for (key, _), network in zip(rows, networks)
    ]


def by_network(verdicts):
    return {v["asn"]: v["state"] for v in verdicts if v["port"] == 25}


def enrol_all(collector):
    """As if they had sent their rows to it themselves."""
    path = collector.config.parent / "state" / "collector.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE vantage SET local = 1")
        database.commit()


def shift(lines):
    return lines._replace(days=[max(0, day) for day in lines.days])


def tell(tap, program, is_first):
    when = "a collector's first month" if is_first else "later on"
    attacked = judge_all(program, attacks, is_first)
    wrong = [key for key, state, _ in attacked if state in ACCUSED]
    shown = sum(state in ACCUSED for _, _, state in attacked)
    tap.say(
        f"{when}: {len(wrong)} of {len(attacked)} attacked networks accused "
        f"by rows, {shown} in public"
    )
    for kind, count in sorted(Counter(key[0] for key in wrong).items()):
        older = Counter(key[1] for key in wrong if key[0] == kind)
        tap.say(f"  {kind}: {count}, by honest older lines {dict(older)}")
    found = judge_all(program, filters, is_first)
    true = sum(state in ACCUSED for _, state, _ in found)
    shown = sum(state in ACCUSED for _, _, state in found)
    tap.say(
        f"{when}: {true} of {len(found)} filters found by rows, {shown} "
        "in public before a review"
    )
    return [] if len(attacked) == 324 and len(found) == 312 else ["too few"]


def main():
    tap = Tap()
    for is_first in (False, True):
        tap.row(
            "each network has its verdict, "
            + ("in the first month" if is_first else "later on"),
            tell(tap, sys.argv[1], is_first),
        )
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
