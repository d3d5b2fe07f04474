# SPDX-License-Identifier: Apache-2.0
"""Where the sources are, shared by the structure tests."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

PARTS = ("lib", "agent", "collector")


def sources(root, pattern, folders=PARTS):
    """The files of these folders that match, sorted, as paths from root."""
    found = []
    for folder in folders:
        found += [p.relative_to(root)
                  for p in sorted((root / folder).rglob(pattern))
                  if "node_modules" not in p.parts]
    return found
