#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sizes that read well, and the format that .clang-format asks for."""

import math
import statistics
import subprocess
import sys

from tree import PARTS, ROOT, sources
from tap import Tap

FUNCTION_MOST = 80
FUNCTION_NINE_IN_TEN = 40
FUNCTION_MEDIAN = 15
FILE_MOST = {".c": 600, ".h": 120}
COLUMNS = 80


def functions(path):
    """[(line, length)] of a file in K&R style: the opening and the closing
    brace stand alone in the first column. The length counts the heading."""
    lines = (ROOT / path).read_text().splitlines()
    found, start = [], None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number - 1
            while start > 1 and heading_continues(lines[start - 2]):
                start -= 1
        elif line == "}" and start is not None:
            found.append((start, number - start + 1))
            start = None
    return found


def heading_continues(line):
    return bool(line.strip()) and not line.startswith(("}", "#", "/", " *")) \
        and not line.rstrip().endswith((";", "*/"))


def long_functions(paths):
    return [f"{path}:{line}: a function of {length} lines"
            for path in paths for line, length in functions(path)
            if length > FUNCTION_MOST]


def long_files(paths):
    counted = [(path, len((ROOT / path).read_text().splitlines()))
               for path in paths]
    return [f"{path}: {count} lines" for path, count in counted
            if count > FILE_MOST[path.suffix]]


def wide_lines(paths):
    return [f"{path}:{number}: {len(line.expandtabs(8))} columns"
            for path in paths for number, line in
            enumerate((ROOT / path).read_text().splitlines(), 1)
            if len(line.expandtabs(8)) > COLUMNS]


def typical(lengths, share, most):
    index = max(0, math.ceil(len(lengths) * share) - 1)
    value = sorted(lengths)[index]
    return [f"it is {value} lines"] if value > most else []


def unformatted(paths):
    done = subprocess.run(
        ["clang-format-14", "--dry-run", "-Werror", *map(str, paths)],
        cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        return []
    return [line for line in done.stderr.splitlines() if "error:" in line] \
        or [done.stderr]


def licence(paths):
    return [f"{path}: no SPDX line at the top" for path in paths
            if "SPDX-License-Identifier: Apache-2.0" not in
            "\n".join((ROOT / path).read_text().splitlines()[:2])]


def built_programs():
    """What a build made has no place in the repository."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT,
        check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.open("rb").read(4) == b"\x7fELF":
            yield f"{name}: a built program"


def main():
    tap = Tap()
    ours = sources(ROOT, "*.[ch]")
    every = sources(ROOT, "*.[ch]", PARTS + ("tests",))
    scripts = sources(ROOT, "*.py", PARTS + ("tests",)) \
        + sources(ROOT, "*.pl", PARTS + ("tests",))
    lengths = [length for path in ours for _, length in functions(path)]
    if lengths:
        tap.say("%d functions, median %d lines, nine in ten at most %d, "
                "longest %d" % (
                    len(lengths), statistics.median(lengths),
                    sorted(lengths)[math.ceil(len(lengths) * .9) - 1],
                    max(lengths)))
    tap.run(f"no function is longer than {FUNCTION_MOST} lines",
            lambda: long_functions(every))
    tap.run(f"the median function has at most {FUNCTION_MEDIAN} lines",
            lambda: typical(lengths, .5, FUNCTION_MEDIAN))
    tap.run(f"nine functions in ten have at most {FUNCTION_NINE_IN_TEN} lines",
            lambda: typical(lengths, .9, FUNCTION_NINE_IN_TEN))
    tap.run("no .c is longer than 600 lines and no .h longer than 120",
            lambda: long_files(ours))
    tap.run("no line of C or of a script is wider than 80 columns",
            lambda: wide_lines(every + scripts))
    tap.run("every C file is as clang-format makes it",
            lambda: unformatted(every))
    tap.run("every source file begins with its licence",
            lambda: licence(every + scripts))
    tap.run("the repository holds no built program", built_programs)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
