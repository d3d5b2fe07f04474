#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rooms: arrows only downwards, no circles, each .c with its .h.

	rooms.py            the tests
	rooms.py picture    the rooms from the top, and who includes whom
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tree import (PARTS, ROOT, circles, includes, levels, module_graph,
                  module_of, room_graph, room_of, rooms, sources)
from tap import Tap

# What a pure module may take from the system: values, text and memory, and
# struct definitions, and bytes from bytes (compression); no clock, no
# descriptor, no library that does I/O.
PURE_SYSTEM = {
    "assert.h", "ctype.h", "endian.h", "errno.h", "idn2.h", "inttypes.h",
    "limits.h", "math.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h",
    "stdint.h", "stdio.h", "stdlib.h", "stdnoreturn.h", "string.h", "strings.h",
    "arpa/inet.h", "netinet/in.h", "sys/queue.h", "sys/socket.h", "sys/types.h",
    "linux/errqueue.h", "linux/if_addr.h", "linux/rtnetlink.h",
    "netinet/icmp6.h", "netinet/ip_icmp.h",
    "zlib.h", "zstd.h",
}


def is_pure(every, module):
    room = every.get(room_of(module))
    return room is not None and Path(module).name in room.pure


def wrong_own(every, path, header):
    """What is wrong with an include of one of our headers, or None."""
    part, to = path.parts[0], header.split("/")[0]
    if to not in PARTS:
        return "name the header from the top: part/room/module.h"
    if to not in (part, "lib"):
        return f"{part}/ and {to}/ meet only in lib/"
    room = every[room_of(path)]
    if not room.allows(room_of(header)):
        return f"{room.path} does not list {room_of(header)} in May include"
    if is_pure(every, module_of(path)) and not is_pure(
            every, module_of(header)):
        return "a pure module may include pure modules only"
    return None


def wrong_includes(root):
    every = rooms(root)
    found = []
    for path in sources(root, "*.[ch]"):
        for line, kind, header in includes(root, path):
            wrong = None
            if kind == '"':
                wrong = wrong_own(every, path, header)
            elif is_pure(every, module_of(path)) and header not in PURE_SYSTEM:
                wrong = "a pure module may not include this header"
            if wrong:
                found.append(f"{path}:{line}: {header}: {wrong}")
    return found


def wrong_rooms(root):
    """Rooms that say nothing of themselves, or what is not so."""
    every, modules = rooms(root), module_graph(root)
    arrows = room_graph(modules)
    found = []
    for name, room in every.items():
        if not room.purpose:
            found.append(f"{room.path}: begins with no word on its purpose")
        for may in room.may:
            if may not in every and may not in PARTS:
                found.append(f"{room.path}: no room {may}")
            elif may in every and may not in arrows.get(name, ()):
                found.append(f"{room.path}: nothing includes {may} any more")
        for module in room.pure + room.alone:
            if f"{name}/{module}" not in modules:
                found.append(f"{room.path}: no module {module}")
    return found


def without_header(root):
    """Each .c has the .h of its name, but programs."""
    every = rooms(root)
    return [f"{path}: has no {path.stem}.h"
            for path in sources(root, "*.c")
            if not (root / path).with_suffix(".h").exists()
            and path.stem != "main"
            and path.stem not in every[room_of(path)].alone]


def said(found):
    return [" <-> ".join(circle) for circle in found]


def room_circles(root):
    return said(circles(room_graph(module_graph(root))))


def module_circles(root):
    return said(circles(module_graph(root)))


def plant(check, change):
    """Is the fault that `change(copy)` makes seen by `check`?"""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in PARTS:
            shutil.copytree(ROOT / part, copy / part,
                            ignore=shutil.ignore_patterns("node_modules"))
        before = set(check(copy))
        change(copy)
        return [] if set(check(copy)) - before else \
            ["the planted fault was not seen"]


def planted(check, path, include):
    def change(copy):
        file = copy / path
        file.write_text(f"#include {include}\n" + file.read_text())
    return lambda: plant(check, change)


def planted_file(check, path, text):
    return lambda: plant(
        check, lambda copy: (copy / path).write_text(text))


ROWS = (
    ("each room includes only the rooms that it lists",
     lambda: wrong_includes(ROOT)),
    ("each room says what it does, and lists nothing that is gone",
     lambda: wrong_rooms(ROOT)),
    ("no rooms include each other in a circle",
     lambda: room_circles(ROOT)),
    ("no modules include each other in a circle",
     lambda: module_circles(ROOT)),
    ("each .c has the .h of its name", lambda: without_header(ROOT)),
    ("a planted include from lib/ to agent/ is seen",
     planted(wrong_includes, "lib/base/addr.h", '"agent/net/sock.h"')),
    ("a planted include from agent/ to collector/ is seen",
     planted(wrong_includes, "agent/net/sock.h",
             '"collector/record/row.h"')),
    ("a planted include of a room that is not listed is seen",
     planted(wrong_includes, "agent/net/sock.h",
             '"agent/measure/probe.h"')),
    ("a planted include from a pure module to I/O is seen",
     planted(wrong_includes, "lib/base/addr.h", '"lib/base/clock.h"')),
    ("a planted libevent in a pure module is seen",
     planted(wrong_includes, "lib/diagnose/diagnose.h", "<event2/event.h>")),
    ("a planted clock in a pure module is seen",
     planted(wrong_includes, "lib/diagnose/diagnose.h", "<time.h>")),
    ("a planted circle of rooms is seen",
     planted(room_circles, "agent/base/options.h",
             '"agent/check/check.h"')),
    ("a planted circle of modules is seen",
     planted(module_circles, "lib/base/err.h", '"lib/config/conf.h"')),
    ("a planted .c without its .h is seen",
     planted_file(without_header, "lib/base/nobody.c", "int nobody;\n")),
    ("a planted module that a room calls pure and has not is seen",
     planted_file(wrong_rooms, "lib/base/meson.build",
                  "# What all stand on.\n# Pure: nobody\n")),
)


def lines_of(root, room):
    return sum(len((root / path).read_text().splitlines())
               for path in sources(root, "*.[ch]") if room_of(path) == room)


def picture(root):
    """The rooms from the top, with their arrows, as text."""
    every, modules = rooms(root), module_graph(root)
    arrows = room_graph(modules)
    for part in reversed(PARTS):
        own = {name: {to for to in arrows[name] if to.startswith(part)}
               for name in every if name.split("/")[0] == part}
        print(f"{part}/")
        for level in levels(own):
            for name in level:
                count = sum(room_of(module) == name for module in modules)
                print(f"  {name:26} {count:3} modules "
                      f"{lines_of(root, name):6} lines  "
                      f"{every[name].purpose}")
                if arrows[name]:
                    print(f"  {'':26} -> {' '.join(sorted(arrows[name]))}")
        print()
    found = room_circles(root)
    print("circles: " + ("; ".join(found) or "none"))
    return 1 if found else 0


def main():
    if sys.argv[1:] == ["picture"]:
        return picture(ROOT)
    tap = Tap()
    for sentence, run in ROWS:
        tap.run(sentence, run)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
