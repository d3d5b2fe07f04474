#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_man.py PROGRAM MAN_PAGE: the man page, --help and the option tables
name the same commands, options and keys."""
import re
import subprocess
import sys

program, page_path = sys.argv[1:3]
with open(page_path, encoding="utf-8") as file:
    page = file.read()
count = failed = 0


def ok(holds, sentence):
    global count, failed
    count += 1
    failed += not holds
    print(f"{'ok' if holds else 'not ok'} {count} - {sentence}")


def output_of(*arguments):
    done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=30, check=False)
    ok(done.returncode == 0 and not done.stderr,
       f"{' '.join(arguments)} ends well and says nothing on stderr")
    return done.stdout


def options_of(help_text):
    return re.findall(r"^  (?:-\w, |    )(--[a-z0-9-]+)", help_text, re.M)


program_help = output_of("--help")
commands = re.findall(r"^  (\w[\w-]*) {2,}",
                      program_help.split("commands:")[1], re.M)
ok(commands, "there are commands")
known = set(options_of(program_help))
for command in commands:
    ok(re.search(rf"^\.Ss {command}$", page, re.M),
       f"the page describes the command {command}")
    command_help = output_of(command, "--help")
    known |= set(options_of(command_help))
    examples = command_help.split("examples:\n")[1].splitlines()
    ok(examples, f"{command} has examples")
    for example in examples:
        ok(command in example.split(), f"an example of {command}: {example}")
ok(len(known) > 4, "there are options")
for option in sorted(known):
    ok(re.search(rf"\bFl {option[1:]}\b(?!-)", page),
       f"the page names {option}")
for option in sorted(set(re.findall(r"Fl -([a-z0-9-]+)", page))):
    ok(f"--{option}" in known, f"--{option} of the page exists")

sample = output_of("--print-config")
for section in re.findall(r"^\[(.+)\]$", sample, re.M):
    ok(f".Sy [{section}]" in page, f"the page names the section {section}")
keys = re.findall(r"^;([a-z-]+) = ?", sample, re.M)
ok(keys, "there are keys")
for key in keys:
    ok(re.search(rf"^\.It Ic {key}$", page, re.M), f"the page names {key}")
print(f"1..{count}")
sys.exit(failed > 0)
