#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_completion.py AGENT COLLECTOR: what bash completes is what the
programs take, no more and no less. Prints TAP."""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tap import Tap

SCRIPTS = Path(__file__).resolve().parents[2] / "packaging" / "completion"


def help_of(program, *words):
    return subprocess.run([program, *words, "--help"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def options(text):
    return set(re.findall(r"^ .*?(--[a-z0-9-]+)", re.sub(
        r"\nexamples:.*", "", text, flags=re.S), re.M))


def commands(text):
    listed = re.search(r"\ncommands:\n(.*?)\n\n", text, re.S)[1]
    return re.findall(r"^  (\w+)", listed, re.M)


def choices(text):
    """{option: its words}, of options that take one of some words."""
    found = {}
    for entry in re.split(r"\n(?=  \S|      -)", text):
        match = re.search(r"(--[a-z-]+) [A-Z]+ .*:\s+([a-z ]+) \[", entry,
                          re.S)
        if match:
            found[match[1]] = set(match[2].split())
    return found


def completed(script, *words):
    """What bash offers after these words; the last is unfinished."""
    line = " ".join(words)
    done = subprocess.run(
        ["bash", "--norc", "-c", 'source "$1"; shift; name=$1; '
         'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
         '"_${name//-/_}" "$name" "${COMP_WORDS[COMP_CWORD]}" '
         '"${COMP_WORDS[COMP_CWORD - 1]}"; printf "%s\\n" "${COMPREPLY[@]}"',
         "bash", str(script), *words], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    if done.stderr:
        raise RuntimeError(f"{line}: {done.stderr}")
    return set(done.stdout.split())


def offered(program):
    name = Path(program).name
    script = SCRIPTS / name
    top = help_of(program)
    wanted = set(commands(top)) | options(top)
    if completed(script, name, "") != wanted:
        yield f"{name}: {completed(script, name, '') ^ wanted}"
    for command in commands(top):
        text = help_of(program, command)
        got = completed(script, name, command, "--")
        if got != options(text):
            yield f"{name} {command}: {got ^ options(text)}"
        for option, words in choices(text).items():
            got = completed(script, name, command, option, "")
            if got != words:
                yield f"{name} {command} {option}: {got ^ words}"


def main():
    tap = Tap()
    for program in sys.argv[1:]:
        tap.run(f"bash completes {Path(program).name}'s commands and options",
                lambda: offered(program))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
