#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone, with gcc and with clang."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tree import PARTS, ROOT, sources
from tap import Tap

LIBRARIES = ("libcares", "libevent", "libssl",
             "libmaxminddb", "sqlite3", "zlib", "cmocka")
FLAGS = ("-std=c11", "-D_GNU_SOURCE", '-DEGRESS25_VERSION="0"', "-I.", "-Wall",
         "-Wextra", "-Werror", "-Wno-unused-function", "-fsyntax-only")


def library_flags():
    out = subprocess.run(("pkg-config", "--cflags") + LIBRARIES, cwd=ROOT,
                         check=True, capture_output=True, text=True)
    return out.stdout.split()


def compile_alone(compiler, flags, header):
    """What the compiler says of a file that holds one include."""
    done = subprocess.run(
        [compiler, *FLAGS, *flags, "-x", "c", "-"], cwd=ROOT, text=True,
        input=f'#include "{header}"\n', capture_output=True)
    if done.returncode == 0:
        return []
    return done.stderr.splitlines() or ["the compiler failed silently"]


def main():
    tap = Tap()
    flags = library_flags()
    headers = sources(ROOT, "*.h", PARTS + ("tests",))
    jobs = [(compiler, header) for header in headers
            for compiler in ("gcc", "clang")]
    with ThreadPoolExecutor(2) as pool:
        for job, problems in zip(jobs, pool.map(
                lambda job: compile_alone(job[0], flags, job[1]), jobs)):
            tap.row(f"{job[1]} compiles alone with {job[0]}", problems)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
