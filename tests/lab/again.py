# SPDX-License-Identifier: Apache-2.0
"""What becomes of a network whose answer differed: how often does it?

A row that is wrong in one run of twenty is a defect. One that differed is run
twenty times more, alone, and is a failure if any of these differs too. A run
that accused the innocent is a failure at once, and so is each network where
more than a few differed: those are no chance.
"""

import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from matrix.row import ANY

RUNS = 20
MOST_NETWORKS = 3
SIDE_BY_SIDE = 3
ACCUSING = {"filtered", "intercepted", "local", "endpoint"}


class Accusation(str):
    """A problem: somebody is said to be at fault who is not."""


def is_accusation(seen, answers):
    """Whether a diagnosis charges somebody whom none of the true answers,
    (outcome, after_hop or ANY), charges: by its outcome, or by the hop
    that it names."""
    if seen["outcome"] not in ACCUSING or seen["where"] == "host-or-path":
        return False
    return all(outcome != seen["outcome"] or
               hop not in (ANY, seen["after_hop"])
               for outcome, hop in answers)


def run_once(check):
    """(problems, seconds); an exception is a problem too."""
    began = time.monotonic()
    try:
        problems = list(check() or [])
    except Exception:  # a row's failure must not hide the next rows
        problems = traceback.format_exc().splitlines()
    return problems, time.monotonic() - began


def measure(tap, sentence, check, first):
    """Twenty runs of one network; reports its row."""
    problems = []
    runs = 0
    began = time.monotonic()
    while runs < RUNS and not problems:
        problems, _ = run_once(check)
        runs += 1
    took_s = time.monotonic() - began
    if problems:
        tap.row(sentence, [*first, f"and in run {runs + 1}:", *problems],
                took_s)
        return
    tap.say(f"differed in 1 of {runs + 1} runs: {sentence}: "
            f"{'; '.join(first)}")
    tap.row(sentence, [], took_s)


def run(tap, jobs, side_by_side):
    """Run `jobs`, (sentence, function that returns problems); a row each."""
    differed = []

    def run_job(sentence, check):
        problems, took_s = run_once(check)
        if problems:
            differed.append((sentence, check, problems, took_s))
        else:
            tap.row(sentence, [], took_s)

    with ThreadPoolExecutor(side_by_side) as pool:
        for job in jobs:
            pool.submit(run_job, *job)
    settle(tap, differed)


def settle(tap, differed):
    """A row for each that differed: (sentence, function, problems, seconds)."""
    chance = [each for each in differed
              if not any(isinstance(line, Accusation) for line in each[2])]
    if len(chance) > MOST_NETWORKS:
        chance = []
    for sentence, _, problems, took_s in differed:
        if all(each[0] != sentence for each in chance):
            tap.row(sentence, problems, took_s)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for sentence, check, problems, _ in chance:
            pool.submit(measure, tap, sentence, check, problems)
