# SPDX-License-Identifier: Apache-2.0
"""The sources, their rooms and their includes, for the structure tests.

A room is a folder of lib/, agent/, collector/ or beacon/ with a meson.build
that begins with comment lines:

	# What the room does, in a sentence or two.
	# May include: agent/net agent/base lib
	# Pure: dialog trace_plan

"May include" names rooms; a part's name ("lib") stands for all its rooms.
"Pure" names the room's modules that take values and return values.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

PARTS = ("lib", "agent", "collector", "beacon")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
KEYS = {"May include": "may", "Pure": "pure", "Alone": "alone"}


def sources(root, pattern, folders=PARTS):
    """The files of these folders that match, sorted, as paths from root."""
    found = []
    for folder in folders:
        found += [p.relative_to(root)
                  for p in sorted((root / folder).rglob(pattern))
                  if "node_modules" not in p.parts]
    return found


def module_of(path):
    """"lib/base/addr" of lib/base/addr.c."""
    return str(pathlib.PurePath(path).with_suffix(""))


def room_of(path):
    return str(pathlib.PurePath(path).parent)


def includes(root, path):
    """[(line, '"' or '<', header)] of a source file."""
    text = (root / path).read_text()
    return [(text.count("\n", 0, match.start(2)) + 1, *match.groups())
            for match in INCLUDE.finditer(text)]


class Room:
    """What a room's meson.build says of it in its first comment."""

    def __init__(self, root, name):
        self.name = name
        self.purpose, self.may, self.pure, self.alone = "", [], [], []
        self.path = f"{name}/meson.build"
        key = None
        for line in self.comment(root / self.path):
            word, colon, rest = line.partition(":")
            if colon and word in KEYS:
                key = KEYS[word]
                line = rest
            if key is None:
                self.purpose = f"{self.purpose} {line}".strip()
            else:
                getattr(self, key).extend(line.split())

    @staticmethod
    def comment(path):
        if not path.exists():
            return
        for line in path.read_text().splitlines():
            if line.startswith("# SPDX"):
                continue
            if not line.startswith("#"):
                return
            yield line[1:].strip()

    def allows(self, other):
        return other == self.name or any(
            other == may or may in PARTS and other.startswith(may + "/")
            for may in self.may)


def rooms(root):
    """{name: Room} of every folder that holds C."""
    names = sorted({room_of(path) for path in sources(root, "*.[ch]")})
    return {name: Room(root, name) for name in names}


def module_graph(root):
    """{module: set of the modules that it includes}, ours alone."""
    graph = {}
    for path in sources(root, "*.[ch]"):
        own = module_of(path)
        graph.setdefault(own, set()).update(
            module_of(header) for _, kind, header in includes(root, path)
            if kind == '"' and header.split("/")[0] in PARTS)
    return {name: found - {name} for name, found in graph.items()}


def room_graph(modules):
    """The same for rooms."""
    graph = {}
    for module, found in modules.items():
        own = graph.setdefault(room_of(module), set())
        own.update(room_of(other) for other in found)
    return {name: found - {name} for name, found in graph.items()}


def circles(graph):
    """Strongly connected parts of more than one node (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def levels(graph):
    """Rooms from the top: none includes one of its own level or above.
    Around a circle there is no such order; an arrow that closes one is left
    out."""
    depth = {}

    def below(node):
        if node not in depth:
            depth[node] = 0
            depth[node] = max((below(other) + 1
                               for other in graph.get(node, ())), default=0)
        return depth[node]

    for node in graph:
        below(node)
    return [[node for node in sorted(graph) if depth[node] == level]
            for level in sorted(set(depth.values()), reverse=True)]
