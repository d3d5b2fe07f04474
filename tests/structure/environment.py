#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The programs obey no environment variable of their own: whoever sets the
environment of a service must not change how it measures."""

import re
import sys

from tree import ROOT
from tap import Tap

# Others' conventions: systemd, containers, terminals.
KNOWN = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM",
         "container", "KUBERNETES_SERVICE_HOST", "TERM", "NO_COLOR"}
PROGRAMS = ("agent", "collector", "lib")
READS = re.compile(r'\b(?:secure_)?getenv\(\s*"([^"]*)"')


def sources(*endings):
    for program in PROGRAMS:
        for path in sorted((ROOT / program).rglob("*")):
            if path.is_file() and path.name.endswith(endings):
                yield path, path.read_text(errors="replace")


def own_variables():
    return [f"{path.relative_to(ROOT)} reads {name}"
            for path, text in sources(".c", ".h")
            for name in READS.findall(text) if name not in KNOWN]


def hurry():
    """Only a test's main() lets waits be shortened."""
    wrong = [f"{path.relative_to(ROOT)} speaks of it"
             for path, text in sources(".c", ".h", ".1", ".8", ".in")
             if "EGRESS25_HURRY" in text]
    callers = [str(path.relative_to(ROOT)) for path, text in sources(".c")
               if re.search(r"\balarm_hurry\(", text)]
    if callers != ["agent/base/alarm.c"]:
        wrong.append(f"alarm_hurry() is in {callers}")
    return wrong


def main():
    tap = Tap()
    tap.run("no program reads an environment variable of its own",
            own_variables)
    tap.run("no program has a way to shorten its waits", hurry)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
