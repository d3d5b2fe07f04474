#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Arrows only downwards: reads .layers and every #include line."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from tree import PARTS, ROOT, sources
from tap import Tap

LAYERS = ("main", "io", "pure")  # from the top
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)

# What a pure module may take from the system: values, text and memory, and
# struct definitions; no clock, no descriptor, no library that does I/O.
PURE_SYSTEM = {
    "assert.h", "cjson/cJSON.h", "ctype.h", "endian.h", "errno.h", "idn2.h",
    "inttypes.h",
    "limits.h", "math.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h",
    "stdint.h", "stdio.h", "stdlib.h", "stdnoreturn.h", "string.h", "strings.h",
    "arpa/inet.h", "netinet/in.h", "sys/queue.h", "sys/socket.h",
    "sys/types.h",
    "linux/errqueue.h", "linux/if_addr.h", "linux/rtnetlink.h",
    "netinet/icmp6.h", "netinet/ip_icmp.h",
}


def read_layers(root):
    """{(part, module): layer}; a module in two layers is a problem."""
    layers, problems = {}, []
    for part in PARTS:
        path = root / part / ".layers"
        for number, line in enumerate(path.read_text().splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            layer, _, modules = line.partition(":")
            if layer not in LAYERS:
                problems.append(f"{part}/.layers:{number}: no layer {layer!r}")
                continue
            for module in modules.split():
                if (part, module) in layers:
                    problems.append(
                        f"{part}/.layers:{number}: {module} is named twice")
                layers[part, module] = layer
    return layers, problems


def module_of(path):
    """("lib", "addr") of lib/base/addr.c; subfolders count as their part."""
    path = Path(path)
    return path.parts[0], path.stem


def wrong_own(name, layer, include, target):
    """What is wrong with a module's include of one of ours, or None."""
    part = name[0]
    if include.split("/")[0] not in PARTS:
        return "is not a header of lib/, agent/ or collector/"
    if target is None:
        return "is in no layer"
    to = module_of(include)[0]
    if to not in (part, "lib"):
        return f"{part}/ and {to}/ meet only in lib/"
    rank = LAYERS.index
    if to == part and rank(target) < rank(layer):
        return f"the {layer} layer may not include the {target} layer"
    if to != part and layer == "pure" and target != "pure":
        return f"a pure module may not include the {target} layer of {to}/"
    return None


def check(root):
    """Every problem of the tree at `root`, as "file:line: sentence"."""
    layers, problems = read_layers(root)
    seen = set()
    for path in sources(root, "*.[ch]"):
        name = module_of(path)
        seen.add(name)
        layer = layers.get(name)
        if layer is None:
            problems.append(f"{path}: no layer names this module")
            continue
        text = (root / path).read_text()
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            kind, include = match.groups()
            wrong = None
            if kind == '"':
                target = layers.get(module_of(include))
                wrong = wrong_own(name, layer, include, target)
            elif layer == "pure" and include not in PURE_SYSTEM:
                wrong = "a pure module may not include this header"
            if wrong:
                problems.append(f"{path}:{line}: {include}: {wrong}")
    for part, module in sorted(set(layers) - seen):
        problems.append(f"{part}/.layers: {module} has no file")
    return problems


def plant(change):
    """The problems of a copy of the tree that `change(copy)` has spoilt."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in PARTS:
            shutil.copytree(ROOT / part, copy / part,
                            ignore=shutil.ignore_patterns("node_modules"))
        before = set(check(copy))
        change(copy)
        found = set(check(copy)) - before
        return [] if found else ["the planted fault was not seen"]


def planted_include(path, include):
    def change(copy):
        file = copy / path
        file.write_text(f"#include {include}\n" + file.read_text())
    return lambda: plant(change)


def planted_module(copy):
    (copy / "lib" / "nobody.c").write_text("int nobody;\n")


ROWS = (
    ("arrows between modules go only downwards", lambda: check(ROOT)),
    ("a planted include from lib/ to agent/ is seen",
     planted_include("lib/base/addr.h", '"agent/net/sock.h"')),
    ("a planted include from agent/ to collector/ is seen",
     planted_include("agent/net/sock.h", '"collector/record/row.h"')),
    ("a planted include from a pure module to I/O is seen",
     planted_include("lib/base/addr.h", '"lib/base/clock.h"')),
    ("a planted include from a pure module of agent/ to lib's I/O is seen",
     planted_include("agent/measure/dialog.h", '"lib/base/clock.h"')),
    ("a planted libevent in a pure module is seen",
     planted_include("lib/diagnose/diagnose.h", "<event2/event.h>")),
    ("a planted clock in a pure module is seen",
     planted_include("lib/diagnose/diagnose.h", "<time.h>")),
    ("a planted module that no layer names is seen",
     lambda: plant(planted_module)),
)

if __name__ == "__main__":
    tap = Tap()
    for sentence, run in ROWS:
        tap.run(sentence, run)
    sys.exit(tap.end())
