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
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service_world import World, expect, wait_for
from tap import Tap

MOST_EXPOSED = 15  # tenths, as systemd-analyze counts; 100 is wide open
WANTED = {
    "Type": "notify", "DynamicUser": "yes", "CapabilityBoundingSet": "",
    "AmbientCapabilities": "", "NoNewPrivileges": "yes",
    "StateDirectory": "egress25-agent", "ProtectSystem": "strict",
}
NOBODY = "65534"


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
        calls = set().union(*map(calls_of, groups))
        if value.startswith("~"):
            allowed -= calls
        else:
            allowed |= calls
    return allowed


class Rows(World):
    def __init__(self, agent, collector, unit):
        super().__init__(agent, collector)
        self.unit = Path(unit)

    def installed(self, directory):
        """The unit as installed, with the path of this build's agent."""
        path = Path(directory) / "egress25-agent.service"
        path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=" + str(
            Path(self.programs[0]).resolve()), self.unit.read_text(),
            flags=re.M))
        return path

    def analyze(self, *words):
        with tempfile.TemporaryDirectory() as directory:
            done = subprocess.run(
                ["systemd-analyze", *words, str(self.installed(directory))],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode or "egress25" in done.stdout and \
                words[0] == "verify":
            yield done.stdout[-3000:]

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
        called = {match[1] for line in lines
                  if (match := re.match(r"\d+ +(\w+)\(", line))}
        if len(called) < 20:
            yield f"only {sorted(called)} were seen"
        forbidden = called - allowed_calls(self.unit)
        # the loader's, before the filter matters, and systemd's own
        forbidden -= {"arch_prctl", "execve"}
        if forbidden:
            yield f"the filter forbids {sorted(forbidden)}"

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
    tap.run("systemd finds nothing wrong with the unit",
            lambda: rows.analyze("verify", "--man=no"))
    tap.run("systemd rates its exposure as low", lambda: rows.analyze(
        "security", "--offline=yes", f"--threshold={MOST_EXPOSED}"))
    tap.run("its filter allows every system call that run makes", rows.calls)
    tap.run("run needs no capability", rows.unprivileged)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
