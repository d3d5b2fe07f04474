# SPDX-License-Identifier: Apache-2.0
"""systemd units as values: their settings, what system calls they allow, and
what systemd-analyze says of them."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

MOST_EXPOSED = 15  # tenths, as systemd-analyze counts; 100 is wide open


def settings(unit):
    """The unit as {key: [values]}."""
    found = {}
    for line in unit.read_text().splitlines():
        match = re.fullmatch(r"(\w+)=(.*)", line)
        if match:
            found.setdefault(match[1], []).append(match[2])
    return found


def calls_of(group):
    """The system calls in a group, nested groups included."""
    done = subprocess.run(["systemd-analyze", "syscall-filter", group],
                          stdout=subprocess.PIPE, check=True, text=True,
                          env={**os.environ, "SYSTEMD_COLORS": "0"})
    calls = set()
    for word in re.findall(r"^    (@?[a-z0-9_-]+)$", done.stdout, re.M):
        calls |= calls_of(word) if word.startswith("@") else {word}
    return calls


def allowed_calls(unit):
    allowed = set()
    for value in settings(unit)["SystemCallFilter"]:
        groups = value.lstrip("~").split()
        calls = set().union(*(calls_of(group) if group.startswith("@")
                              else {group} for group in groups))
        if value.startswith("~"):
            allowed -= calls
        else:
            allowed |= calls
    return allowed


def installed(unit, program, directory):
    """The unit as installed, with the path of this build's program."""
    path = Path(directory) / unit.name
    path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=" + str(
        Path(program).resolve()), unit.read_text(), flags=re.M))
    return path


def analyze(unit, program, *words):
    """What systemd-analyze finds wrong."""
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(
            ["systemd-analyze", *words,
             str(installed(unit, program, directory))],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode or "egress25" in done.stdout and \
            words[0] == "verify":
        yield done.stdout[-3000:]


def analyze_rows(tap, unit, program):
    tap.run("systemd finds nothing wrong with the unit",
            lambda: analyze(unit, program, "verify", "--man=no"))
    tap.run("systemd rates its exposure as low", lambda: analyze(
        unit, program, "security", "--offline=yes",
        f"--threshold={MOST_EXPOSED}"))


def forbidden_calls(unit, trace):
    """What the unit's filter forbids of the calls in strace's lines."""
    called = {match[1] for line in trace
              if (match := re.match(r"\d+ +(\w+)\(", line))}
    if len(called) < 20:
        yield f"only {sorted(called)} were seen"
    # the loader's, before the filter matters, and systemd's own
    forbidden = called - allowed_calls(unit) - {"arch_prctl", "execve"}
    if forbidden:
        yield f"the filter forbids {sorted(forbidden)}"
