#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lab's tests, as TAP.

usage: run.py [--build DIRECTORY] [--rows TEXT] [--runs N] [--seed N]
              [--count N] [--keep DIRECTORY] [--times N] [WHAT ...]

WHAT is network, check, losses, readiness, strangers or job (all of them
without), or beacons: the rows of `check` that have one. --rows runs only rows
of `check` whose sentence holds the text, or one of the texts, --times runs
each of them so often and says how many runs were wrong and what else they
answered; --runs says how often `losses` looks at an open network (200 times;
24 where all is run). --seed and --count say which drawn networks `strangers`
makes, --keep where it leaves what `check` said of each. `run.py clean` removes
what labs have left that were killed.
"""

import argparse
import functools
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import again
import check
import job
import losses
import network_rows
import readiness
import repeats
from lab.instance import ROOT, Instance, clean
from lab.lab import Lab
from strangers import run as strangers
from tap import Tap

SIDE_BY_SIDE = 20
COPIES_MAX = 4  # of a row's network, where it is run several times


def run_network(tap, build):
    with Instance() as instance:
        network_rows.run(tap, Lab(instance, build))


def run_check(tap, build, texts, times):
    """The rows that take longest begin first: most of them only wait."""
    began = time.monotonic()
    with Instance() as instance:
        lab = Lab(instance, build)
        places = check.prepare(lab, texts, min(times, COPIES_MAX))
        lab.start()
        check.filter_all(lab, places)
        tap.say(f"{len(places)} networks and their servers made in "
                f"{time.monotonic() - began:.1f} s")
        # A host looks at its own counters: one check at a time on each.
        jobs = [(row, vantage, family) for row, vantage in places
                for family in row.families]
        jobs.sort(key=lambda job: (job[2] != job[0].families[0],
                                   -job[0].seconds))
        if times > 1:
            repeats.run(tap, lab, jobs, times, SIDE_BY_SIDE)
        else:
            again.run(tap, [(f"check, IPv{place[2]}: {place[0].sentence}",
                             functools.partial(check.run, lab, *place))
                            for place in jobs], SIDE_BY_SIDE)
        tap.say(f"the matrix took {time.monotonic() - began:.1f} s")


def run_losses(tap, build, runs):
    with Instance() as instance:
        losses.run(tap, Lab(instance, build), runs)


def run_readiness(tap, build):
    with Instance() as instance:
        readiness.run(tap, Lab(instance, build))


def run_job(tap, build):
    with Instance() as instance:
        job.run(tap, Lab(instance, build))


def strange_seeds(asked):
    if asked.seed is None:
        return strangers.SEEDS[:asked.count]
    return range(asked.seed, asked.seed + (asked.count or 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build" / "test", type=Path)
    parser.add_argument("--rows", action="append")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--count", type=int)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("what", nargs="*")
    asked = parser.parse_args()
    what = asked.what or ["network", "check", "losses", "readiness",
                          "strangers", "job"]
    tap = Tap()
    clean(tap.say)
    if what == ["clean"]:
        return 0
    if "network" in what:
        run_network(tap, asked.build)
    if "beacons" in what:
        run_check(tap, asked.build, ["beacon"], asked.times)
    if "check" in what:
        run_check(tap, asked.build, asked.rows or [""], asked.times)
    if "readiness" in what:
        run_readiness(tap, asked.build)
    if "strangers" in what:
        strangers.run(tap, asked.build, strange_seeds(asked), keep=asked.keep,
                      strict=asked.seed is not None)
    if "losses" in what:
        run_losses(tap, asked.build,
                   asked.runs or (200 if asked.what else 24))
    if "job" in what:
        run_job(tap, asked.build)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
