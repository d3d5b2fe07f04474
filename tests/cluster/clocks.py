# SPDX-License-Identifier: Apache-2.0
"""Collectors on a cluster whose clocks are apart, and that end between a
report's rows and its entry (faulty.c)."""

import mmap
import os
import struct
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from cluster_world import ClusterCollector

FAULTY = Path(sys.argv[1]).resolve().parents[1] / "tests/programs/libfaulty.so"


class Shifted:
    """The clock of a program, which may be set while it runs."""

    def __init__(self, path):
        self.path, self.ahead_s = path, 0
        path.write_bytes(bytes(48))
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), 48)

    def set(self, ahead_s):
        self.ahead_s = ahead_s
        self.map[:8] = struct.pack("=q", ahead_s)

    def signal_at_entry(self, signal, is_sent=False):
        """It gets the signal when it stores a report's entry, before that is
        sent or after; 0: none."""
        self.map[32:] = struct.pack("=qq", signal, is_sent)

    def environment(self):
        options = os.environ.get("ASAN_OPTIONS", "")
        return {"LD_PRELOAD": str(FAULTY), "FAULTY": str(self.path),
                "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0"}


class ShiftedCollector(ClusterCollector):
    def __init__(self, cluster, folder, ahead_s=0, **more):
        self.clock = Shifted(folder.parent / f"{folder.name}.clock")
        self.clock.set(ahead_s)
        super().__init__(cluster, folder, **more)

    def environment(self):
        return self.clock.environment()

    def now(self):
        return datetime.fromtimestamp(time.time() + self.clock.ahead_s,
                                      timezone.utc)

    def has_stopped(self):
        """It is dead, or does not go on."""
        return self.process.poll() is not None or Path(
            f"/proc/{self.process.pid}/stat").read_text().rpartition(
                ")")[2].split()[0] == "T"
