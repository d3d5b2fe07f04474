#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The collector's systemd unit: is it valid, can the collector work within its
restrictions, and does it tell systemd how it is?

usage: test_collector_unit.py COLLECTOR UNIT
"""

import os
import signal
import socket
import sys
from pathlib import Path

from serve_world import Agent, Collector, Key, expect, scratch, until
from tap import Tap
from unit_files import analyze_rows, forbidden_calls, settings

WANTED = {
    "Type": "notify", "User": "egress25-collector",
    "CapabilityBoundingSet": "", "AmbientCapabilities": "",
    "NoNewPrivileges": "yes", "StateDirectory": "egress25-collector",
    "StateDirectoryMode": "0700", "ProtectSystem": "strict",
}


NOBODY = "65534"


class Traced(Collector):
    """Under strace, as a user without privileges."""

    def __init__(self, folder):
        folder.chmod(0o777)
        super().__init__(folder)

    def command(self):
        return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY,
                "--clear-groups", "strace", "-f", "-qq", "-o",
                str(self.folder / "trace"), *super().command()]

    def environment(self):
        return {"ASAN_OPTIONS": "detect_leaks=0"}

    def tell(self, number):
        """A signal to the collector, which strace does not pass on."""
        os.kill(int((self.folder / "trace").read_text().split()[0]), number)


class Notifying(Collector):
    def __init__(self, folder):
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(str(folder / "manager"))
        self.manager.settimeout(20)
        super().__init__(folder)

    def environment(self):
        return {"NOTIFY_SOCKET": str(self.folder / "manager")}

    def said(self):
        return self.manager.recv(512).decode().split("=")[0]


def says(unit):
    found = settings(unit)
    for key, value in WANTED.items():
        if found.get(key) != [value]:
            yield f"{key}={found.get(key)}"


def calls(unit, folder):
    """The calls that strace sees from start to end are allowed."""
    with Traced(folder) as collector:
        agent = Agent(collector, Key(folder, "agent"))
        yield from expect(agent.enrol(), 200)
        yield from expect(agent.send(agent.report()), 200)
        yield from expect(collector.ask(
            "GET", "/v1/measurements"), 200)
        collector.tell(signal.SIGHUP)
        if not until(lambda: "reloaded" in (folder / "said").read_text()):
            yield "it was not reloaded"
        collector.tell(signal.SIGTERM)
        if collector.process.wait(30):
            yield (folder / "said").read_text()
    yield from forbidden_calls(
        unit, (folder / "trace").read_text().splitlines())


def notifies(folder):
    with Notifying(folder) as collector:
        heard = [collector.said()]
        collector.process.send_signal(signal.SIGHUP)
        heard += [collector.said(), collector.said()]
        yield from collector.end_problems()
        heard.append(collector.said())
    if heard != ["READY", "RELOADING", "READY", "STOPPING"]:
        yield f"{heard}"


def main():
    tap, unit = Tap(), Path(sys.argv[2])
    tap.run("the unit has the required settings", lambda: says(unit))
    analyze_rows(tap, unit, sys.argv[1])
    with scratch("unit") as folder:
        tap.run("its filter allows every system call that serve makes",
                lambda: calls(unit, folder))
    with scratch("unit") as folder:
        tap.run("serve tells systemd when it is ready, reloads and ends",
                lambda: notifies(folder))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
