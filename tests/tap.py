# SPDX-License-Identifier: Apache-2.0
"""Test rows as TAP lines, the form that `./dev test` counts.

A row is a sentence and the list of what is wrong with it; a row with nothing
wrong has passed. Rows may end in any order and on any thread.
"""

import sys
import threading
import time
import traceback


class Tap:
    def __init__(self, out=None):
        self.out = out or sys.stdout
        self.lock = threading.Lock()
        self.count = 0
        self.failed = 0

    def row(self, sentence, problems, seconds=None):
        """Print the result of one row; `problems` is a list of lines."""
        with self.lock:
            self.count += 1
            self.failed += bool(problems)
            took = "" if seconds is None else f" ({seconds:.1f} s)"
            word = "not ok" if problems else "ok"
            name = sentence.replace("#", "No.")
            print(f"{word} {self.count} - {name}{took}", file=self.out)
            for problem in problems:
                for line in str(problem).splitlines():
                    print(f"#   {line}", file=self.out)
            self.out.flush()

    def run(self, sentence, check):
        """Run `check()`, which returns problems; an exception is one too."""
        began = time.monotonic()
        try:
            problems = list(check() or [])
        except Exception:  # a row's failure must not hide the next rows
            problems = traceback.format_exc().splitlines()
        self.row(sentence, problems, time.monotonic() - began)

    def say(self, text):
        with self.lock:
            print(f"# {text}", file=self.out)
            self.out.flush()

    def end(self):
        """Print the plan; returns the exit code."""
        print(f"1..{self.count}", file=self.out)
        self.out.flush()
        return 1 if self.failed or not self.count else 0
