#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_man.py PROGRAM MAN_PAGE: the man page, --help and the option tables
name the same commands, options and keys."""
import re
import shlex
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
    """All, by their long names and by their letters."""
    found = re.findall(r"^  (?:(-\w), |    )(--[a-z0-9-]+)", help_text, re.M)
    return {name for names in found for name in names if name}


program_help = output_of("--help")
commands = re.findall(r"^  (\w[\w-]*) {2,}",
                      program_help.split("commands:")[1], re.M)
ok(commands, "there are commands")
known = options_of(program_help)
takes = {"": known}
for command in commands:
    ok(re.search(rf"^\.Ss {command}$", page, re.M),
       f"the page describes the command {command}")
    command_help = output_of(command, "--help")
    takes[command] = options_of(command_help)
    known = known | takes[command]
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

# An option that the program takes without a command means the same in each: one
# example will do. Any other has one with each command that takes it.
name = program.rsplit("/", 1)[-1]
shown = {command: set() for command in takes}
has_example = set()
for example in re.findall(rf"^(?:\.Dl |\$ )({name} .*)", page, re.M):
    words = re.split(r"[|>]", example)[0].replace(r"\(dq", '"')
    words = shlex.split(words.split("&&")[0])[1:]
    command = words[0] if words[0] in takes else ""
    used = {word for word in words if re.match(r"--?[a-z0-9]", word)}
    ok(used <= takes[command], f"example: {example}")
    shown[command] |= used
    has_example.add(command)
for command, options in takes.items():
    of = f" of {command}" if command else ""
    ok(command in has_example, f"the page has an example{of}")
    for option in sorted(options):
        where = takes if option in takes[""] else [command]
        ok(any(option in shown[each] for each in where),
           f"the page has an example{of} with {option}")

sample = output_of("--print-config")
for section in re.findall(r"^\[(.+)\]$", sample, re.M):
    ok(f".Sy [{section}]" in page, f"the page names the section {section}")
keys = re.findall(r"^;([a-z-]+) = ?", sample, re.M)
ok(keys, "there are keys")
for key in keys:
    ok(re.search(rf"^\.It Ic {key}$", page, re.M), f"the page names {key}")
print(f"1..{count}")
sys.exit(failed > 0)
