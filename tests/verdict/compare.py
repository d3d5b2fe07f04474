#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The collector's verdict beside the reference, on the same rows.

    compare.py JUDGE_ROWS                    the rows of `./dev test`
    compare.py JUDGE_ROWS --seed N [--nets N] [--stress KIND]
                                             one of worlds.py's worlds

The state of every network on every day is the same, the numbers differ by at
most 1e-9, and what is published is the same but for the last of six digits.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import examples
import reference
import worlds
from tap import Tap

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NEAR = 1e-9
ROUNDED = 1.01e-6
NOW = (worlds.DAY0 + worlds.DAYS) * reference.DAY_MS - 1


class Judge:
    """The C program."""

    def __init__(self, program):
        self.program = program

    def run(self, what, rows, now, operators=None):
        text = "".join(
            "\t".join(str(x) if x != "" else "-" for x in row) + "\n"
            for row in rows
        )
        command = [self.program, str(now), what]
        with tempfile.NamedTemporaryFile("w") as file:
            for agent, operator in (operators or {}).items():
                file.write(f"{agent}\t{operator}\n")
            file.flush()
            done = subprocess.run(
                command + [file.name],
                input=text.encode(),
                capture_output=True,
                check=True,
            )
        return done.stdout.decode()


def expected_days(rows, now, operators):
    """[(key, day, words, numbers)] of the reference."""
    rows = [r for r in rows if r.first <= now]
    for key, days in reference.judge_history(rows, now, operators).items():
        for day, raw, state in days:
            words = [raw.state, state, raw.where or "-", raw.note or "-"]
            counts = [
                raw.wf,
                raw.wo,
                len(raw.blocked),
                len(raw.opened),
                raw.unsteady,
            ]
            yield key, day, words + counts, [raw.po, raw.pf, raw.pp]


def judged_days(text):
    """The same of the C program."""
    for line in text.splitlines():
        x = line.split()
        po, pf, pa, pl = map(float, x[6:10])
        words = [x[4], x[5], x[12], x[13]]
        counts = [int(n) for n in x[10:12] + x[14:]]
        key = tuple(int(n) for n in x[:3])
        yield key, int(x[3]), words + counts, [po, pf, pa + pl]


def wrong_days(judge, rows, now, operators=None):
    """What differs, at most a few lines of it."""
    want = list(expected_days(rows, now, operators))
    got = list(judged_days(judge.run("days", rows, now, operators)))
    found = []
    if len(want) != len(got):
        found.append(f"{len(want)} days are expected, {len(got)} came")
    for a, b in zip(want, got):
        far = max(abs(x - y) for x, y in zip(a[3], b[3]))
        if a[:3] != b[:3] or far > NEAR:
            found.append(f"expected {a}, got {b}")
    return found[:8]


def milliseconds(time):
    """A time of the API as the reference has it."""
    if time is None:
        return None
    at = datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%f%z")
    return int((at - EPOCH) / timedelta(milliseconds=1))


def is_near(want, got):
    if isinstance(want, dict):
        return want.keys() == got.keys() and all(
            is_near(want[k], got[k]) for k in want
        )
    if isinstance(want, float) and got is not None:
        return abs(want - got) <= ROUNDED
    return (want or None) == (got or None)


def wrong_verdicts(want, got):
    """What differs between verdicts of the reference and of the API."""
    found = []
    for each in got:
        each.update((k, milliseconds(each[k])) for k in ("since", "last"))
    if len(want) != len(got):
        found.append(f"{len(want)} networks are expected, {len(got)} came")
    for a, b in zip(want, got):
        for field, value in a.items():
            if not is_near(value, b[field]):
                found.append(
                    f"AS{a['asn']} {field}: expected {value}, got {b[field]}"
                )
    return found[:8]


def wrong_published(judge, want, rows, now, operators=None):
    text = judge.run("published", rows, now, operators)
    return wrong_verdicts(want, [json.loads(x) for x in text.splitlines()])


def examples_are_right(judge):
    rows, _ = examples.rows()
    text = (HERE / "examples.expected.jsonl").read_text()
    want = [json.loads(line) for line in text.splitlines()]
    return wrong_days(judge, rows, examples.NOW) + wrong_published(
        judge, want, rows, examples.NOW
    )


def world_rows(seed, nets, stress=""):
    world = worlds.World(seed, nets, stress)
    rows = []
    for network in world.networks:
        rows += worlds.rollup(network, world.probes(network))
    return rows, world.operators


def world_is_right(judge, seed, nets, stress=""):
    rows, operators = world_rows(seed, nets, stress)
    want = reference.judge(rows, NOW, operators)
    return wrong_days(judge, rows, NOW, operators) + wrong_published(
        judge, want, rows, NOW, operators
    )


WORDS = [
    ("reachable", "open", ""),
    ("reachable", "open", ""),
    ("reachable", "rejected", ""),
    ("filtered", "drop", "path"),
    ("filtered", "drop", "access"),
    ("filtered", "drop", ""),
    ("filtered", "icmp", "network"),
    ("filtered", "reset", "link"),
    ("filtered", "drop-reply", "far-end"),
    ("filtered", "drop", "host-or-path"),
    ("filtered", "drop", "host"),
    ("intercepted", "redirect", "path"),
    ("intercepted", "starttls-stripped", ""),
    ("local", "denied", "host"),
    ("endpoint", "down", ""),
    ("unknown", "no-control", ""),
]


# ASes of the hops between which it stops, by where
HOPS = [
    {},
    {"path": (64505, 64505), "link": (0, 64505), "access": (0, 64506)},
    {"path": (64505, 64600)},
    {"path": (64600, 64505), "access": (64601, 0)},
    {"path": (64601, 64602)},
]


def any_rows(seed):
    """Rows of every word, family and port, of lines that mostly hold on to
    one of them; before the window, on its edges and after now, too."""
    R = random.Random(seed)
    rows = []
    for asn in range(64500, 64520):
        family, port = R.choice((4, 6)), R.choice((25, 465, 587))
        kinds = R.sample(WORDS, R.randint(1, 3))
        for line in range(R.randint(1, 12)):
            agent = "%016x" % R.choice((asn * 256 + line, R.randrange(9)))
            usual = R.choice(kinds)
            joined = (
                worlds.DAY0
                - R.choice((0, 0, 1, 40, 200))
                + R.choice((0, 0, 0, R.randrange(30)))
            )
            for day in range(joined, worlds.DAY0 + 32, R.choice((1, 1, 3))):
                for _ in range(R.randint(0, 5)):
                    word = usual if R.random() < 0.9 else R.choice(WORDS)
                    first = day * reference.DAY_MS + R.randrange(80000000)
                    rows.append(
                        reference.Row(
                            day,
                            asn,
                            "192.0.%d.0/24" % R.choice((line, 0)),
                            family,
                            port,
                            agent,
                            "mx%d" % R.randrange(4),
                            *word,
                            R.randint(1, 9),
                            first,
                            first + R.randrange(6000000),
                            *R.choice(HOPS).get(word[2], (0, 0)),
                        )
                    )
    return rows


def any_rows_are_right(judge):
    found = []
    for seed in range(3):
        now = NOW - seed * reference.DAY_MS // 2
        rows = any_rows(seed)
        found += wrong_days(judge, rows, now)
        want = reference.judge(rows, now)
        found += wrong_published(judge, want, rows, now)
    return found


def shuffled(rows, seed):
    """The same rows, some of them in two parts, in another order."""
    R = random.Random(seed)
    out = []
    for row in rows:
        if row.count > 1 and R.random() < 0.5:
            out.append(row._replace(count=1))
            row = row._replace(count=row.count - 1)
        out.append(row)
    R.shuffle(out)
    return out


def order_does_not_matter(judge):
    rows, operators = world_rows(33, 40)
    found = []
    for what in ("days", "published"):
        want = judge.run(what, rows, NOW, operators)
        for seed in range(4):
            again = shuffled(rows, seed)
            if judge.run(what, again, NOW, operators) != want:
                found.append(f"{what}: order {seed} gives other bytes")
    return found


ROWS = (
    (
        "the examples have the verdicts that are written down",
        examples_are_right,
    ),
    (
        "each day of a drawn world is as the reference has it",
        lambda judge: world_is_right(judge, 31, 60),
    ),
    (
        "so are worlds that look worse than they are",
        lambda judge: world_is_right(judge, 32, 30, "innocent"),
    ),
    (
        "so are worlds in which policies change",
        lambda judge: world_is_right(judge, 34, 20, "changes"),
    ),
    (
        "so are worlds that are blocked by the hour",
        lambda judge: world_is_right(judge, 36, 16, "hours"),
    ),
    (
        "so are networks of one or two prefixes",
        lambda judge: world_is_right(judge, 42, 14, "few"),
    ),
    (
        "so are rows of every word, family and port, at any hour",
        any_rows_are_right,
    ),
    ("order and splitting of rows change no byte", order_does_not_matter),
)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("program")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--nets", type=int, default=1000)
    parser.add_argument("--stress", default="")
    args = parser.parse_args()
    judge, tap = Judge(args.program), Tap()
    if args.seed is not None:
        tap.run(
            f"{args.nets} networks of seed {args.seed} {args.stress}".strip(),
            lambda: world_is_right(judge, args.seed, args.nets, args.stress),
        )
        return tap.end()
    for sentence, check in ROWS:
        tap.run(sentence, lambda: check(judge))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
