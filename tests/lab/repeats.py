# SPDX-License-Identifier: Apache-2.0
"""Rows of the matrix, each as often as is asked, as one row of TAP: the same
network must give the same answer in every run."""

import threading
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import check


def answer(found):
    """What a run said, as text."""
    return " ".join(
        f"{each['endpoint']}:{each['port']}={each['outcome']}/"
        f"{each['mechanism']}" + (f"@{each['where']},{each['after_hop']}"
                                  if each.get("where") else "")
        for each in found["diagnoses"])


def what_differs(answers):
    """Of several answers, the words that are not in all of them."""
    words = [set(each.split()) for each in answers]
    common = set.intersection(*words) if words else set()
    return [" ".join(word for word in each.split() if word not in common)
            for each in answers]


class Repeated:
    """A row over one family."""

    def __init__(self, sentence, times):
        self.sentence, self.times, self.runs = sentence, times, 0
        self.lock = threading.Lock()
        self.wrong, self.answers, self.longest_s = [], Counter(), 0

    def run(self, tap, place):
        """Run it; the last run prints the row."""
        try:
            problems, found, took_s = check.observe(*place)
        except Exception:  # a row's failure must not hide the next rows
            problems = traceback.format_exc().splitlines()
            found, took_s = None, 0
        with self.lock:
            self.runs += 1
            self.longest_s = max(self.longest_s, took_s)
            if problems:
                self.wrong.append(problems)
            if found:
                self.answers[answer(found)] += 1
            if self.runs == self.times:
                self.say(tap)

    def say(self, tap):
        lines = [f"{len(self.wrong)} of {self.times} runs were wrong"
                 ] * bool(self.wrong)
        for problems in self.wrong:
            lines += problems
        tap.row(self.sentence, lines, self.longest_s)
        if len(self.answers) > 1:
            tap.say(f"  {len(self.answers)} answers in {self.times} runs:")
            counts = self.answers.values()
            for count, words in zip(counts, what_differs(self.answers)):
                tap.say(f"    {count} times {words or 'nothing else'}")


def run(tap, lab, places, times, side_by_side):
    """Run (row, vantage, family) `times` times; a row may have several
    vantages, each of which is a network like the others."""
    rows = {}
    for row, vantage, family in places:
        sentence = f"check, IPv{family}: {row.sentence}"
        rows.setdefault(sentence, []).append((lab, row, vantage, family))
    repeated = {sentence: Repeated(sentence, times) for sentence in rows}
    with ThreadPoolExecutor(side_by_side) as pool:
        for number in range(times):
            for sentence, same in rows.items():
                pool.submit(repeated[sentence].run, tap,
                            same[number % len(same)])
