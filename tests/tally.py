#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Count individual test rows: tally.py RESULTS_DIRECTORY [MESON_LOG.junit.xml]

Every *.tap in the directory is one program's output, followed by a line
"# exit N". A program that ran no row, broke off before its plan or failed
without a failed row counts as one failure. Ends with the closing line of
`./dev test`, and with 1 unless all that ran has passed.
"""

import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

RESULT = re.compile(r"^(\s*)(not )?ok\b\s*\d*\s*-?\s*(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)")
SKIP = re.compile(r"#\s*(skip|todo)\b", re.I)


class Count:
    def __init__(self):
        self.passed, self.skipped, self.failed = 0, 0, []

    def add(self, name, failed, skipped=False):
        if failed:
            self.failed.append(name)
        elif skipped:
            self.skipped += 1
        else:
            self.passed += 1

    def rows(self):
        return self.passed + self.skipped + len(self.failed)


def tap_rows(lines):
    """Leaves of nested TAP as (indent, name, failed, skipped): a result that
    closes deeper ones is their sum, and counts only where it says more."""
    rows, deeper = [], []
    for line in lines:
        match = RESULT.match(line)
        if not match:
            continue
        indent = len(match[1])
        children = [row for row in deeper if row[0] > indent]
        deeper = [row for row in deeper if row[0] <= indent]
        row = (indent, match[3], bool(match[2]), bool(SKIP.search(match[3])))
        deeper.append(row)
        if not children or (row[2] and not any(c[2] for c in children)):
            rows.append(row)
    return rows


def count_tap(path, count):
    lines = path.read_text(errors="replace").splitlines()
    rows = tap_rows(lines)
    for _, name, failed, skipped in rows:
        count.add(f"{path.stem}: {name}", failed, skipped)
    plan = [int(m[1]) for m in map(PLAN.match, lines) if m]
    top = sum(1 for line in lines if re.match(r"^(not )?ok\b", line))
    if not rows or plan[-1:] != [top]:
        count.add(f"{path.stem}: broke off after {len(rows)} rows", True)
    elif lines[-1] != "# exit 0" and not any(row[2] for row in rows):
        count.add(f"{path.stem}: ended with {lines[-1][2:]}", True)


def count_junit(path, count):
    """Meson's log: a suite a program, a case a TAP row."""
    if not path.exists():
        count.add("unit: no test program ran", True)
        return
    for suite in xml.parse(path).getroot().iter("testsuite"):
        name, before = suite.get("name"), count.rows()
        failures = len(count.failed)
        for case in suite.iter("testcase"):
            failed = case.find("failure") is not None \
                or case.find("error") is not None
            count.add(f"{name}: {case.get('name')}", failed,
                      case.find("skipped") is not None)
        broken = int(suite.get("errors") or 0) + int(suite.get("failures") or 0)
        if count.rows() == before or \
                (broken and len(count.failed) == failures):
            count.add(f"{name}: the program did not end well", True)


def main():
    count = Count()
    for junit in sys.argv[2:]:
        count_junit(Path(junit), count)
    for path in sorted(Path(sys.argv[1]).glob("*.tap")):
        count_tap(path, count)
    for name in count.failed:
        print(f"failed: {name}")
    print(f"{count.passed} passed, {len(count.failed)} failed, "
          f"{count.skipped} skipped")
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
