#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's systemd unit: is it valid, and can the agent work within its
restrictions?

usage: test_unit.py AGENT COLLECTOR UNIT
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service_world import World, expect, wait_for
from tap import Tap
from unit_files import analyze_rows, forbidden_calls, settings

WANTED = {
    "Type": "notify", "DynamicUser": "yes", "CapabilityBoundingSet": "",
    "AmbientCapabilities": "", "NoNewPrivileges": "yes",
    "StateDirectory": "egress25-agent", "ProtectSystem": "strict",
}
NOBODY = "65534"


class Rows(World):
    def __init__(self, agent, collector, unit):
        super().__init__(agent, collector)
        self.unit = Path(unit)

    def says(self):
        found = settings(self.unit)
        for key, value in WANTED.items():
            yield from expect(key, found.get(key), [value])
        if not re.fullmatch(r"/\S+/egress25-agent run",
                            found["ExecStart"][0]):
            yield f"ExecStart={found['ExecStart']}"
        families = found["RestrictAddressFamilies"][0].split()
        yield from expect("families", sorted(families), [
            "AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"])

    def calls(self):
        """The calls strace sees in a round, a reload and exit are allowed."""
        with self.agent() as (agent, collector):
            trace = agent.directory / "trace"
            log = open(agent.directory / "log", "w", encoding="utf-8")
            process = subprocess.Popen(
                ["strace", "-f", "-qq", "-o", str(trace), *agent.argv("run")],
                stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
            wait_for(lambda: collector.reports(), 60)
            pid = int(trace.read_text().split()[0])
            os.kill(pid, signal.SIGHUP)
            wait_for(lambda: "configuration reloaded" in agent.said(), 60)
            os.kill(pid, signal.SIGTERM)
            yield from expect("exit code", process.wait(60), 0)
            log.close()
            lines = trace.read_text().splitlines()
        yield from forbidden_calls(self.unit, lines)

    def unprivileged(self):
        """A round with no capability and no way to gain one."""
        with self.agent() as (agent, collector):
            os.chmod(agent.directory, 0o777)
            done = subprocess.run(
                ["setpriv", "--reuid", NOBODY, "--regid", NOBODY,
                 "--clear-groups", "--bounding-set=-all", "--inh-caps=-all",
                 "--no-new-privs", *agent.argv("run", "--once")],
                stderr=subprocess.PIPE, text=True, timeout=60)
            yield from expect("exit code", done.returncode, 0)
            yield from expect("reports", len(collector.reports()), 1)
            if done.returncode:
                yield done.stderr


def main():
    tap, rows = Tap(), Rows(*sys.argv[1:4])
    tap.run("the unit has the required settings", rows.says)
    analyze_rows(tap, rows.unit, rows.programs[0])
    tap.run("its filter allows every system call that run makes", rows.calls)
    tap.run("run needs no capability", rows.unprivileged)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
