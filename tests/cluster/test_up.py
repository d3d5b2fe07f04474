#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_up.py COLLECTOR AGENT: what `./dev up --cluster` starts comes up, takes
a report, answers when a collector dies, and goes down as a whole. Prints
TAP."""

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "programs"))
from serve_world import (ENDPOINTS, PROGRAM, Agent, Collector, Key, expect,
                         scratch, until)
from ports import free_port
from tap import Tap


class Entrance(Collector):
    """The proxy, as agents and readers see it."""

    def __init__(self, port):
        self.port = self.admin = port

    def check_described(self, *_):
        """The proxy's own answers are not described."""


class World:
    def __init__(self, folder):
        self.folder = folder
        (folder / "list.conf").write_text(ENDPOINTS)
        self.entrance = Entrance(free_port())
        self.process = subprocess.Popen(
            [HERE / "up.py", PROGRAM, sys.argv[2], folder / "up",
             str(self.entrance.port), folder / "list.conf"],
            stdin=subprocess.DEVNULL, stdout=open(folder / "out", "wb"),
            stderr=subprocess.STDOUT)

    def out(self):
        return (self.folder / "out").read_text()

    def processes(self):
        """Whose command line names the folder."""
        listed = subprocess.run(["ps", "-eo", "pid=,args="], text=True,
                                capture_output=True, check=True).stdout
        return [line for line in listed.splitlines()
                if str(self.folder / "up") in line and "up.py" not in line]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


def comes_up(world):
    until(lambda: "\nready" in world.out()
          or world.process.poll() is not None, 120)
    if "\nready" not in world.out():
        yield world.out()
    if len(world.processes()) < 9:
        yield f"{world.processes()}"


def shown(world):
    """{report: its rows}, and the numbers of reports that are counted."""
    rows = world.entrance.json("/v1/measurements?limit=1000")["items"]
    return Counter(row["report"] for row in rows), {
        world.entrance.json("/v1/summary")["reports"] for _ in range(6)}


def takes_reports(world):
    """Both collectors take some; each shows all: these, and those of the agent
    that came up, if its time has come."""
    agent = Agent(world.entrance, Key(world.folder, "key"))
    yield from expect(agent.enrol(), 200)
    sent = []
    for _ in range(4):
        report = agent.report()
        sent.append(report["report"])
        yield from expect(agent.send(report), 200, accepted=2)
        yield from expect(agent.send(report), 200, duplicate=True)
    for _ in range(90):  # each collector counts at times of its own
        listed, counts = shown(world)
        if counts == {len(listed)} and listed.keys() >= set(sent):
            break
        time.sleep(1)
    else:
        yield f"{counts} reports are counted, {listed} listed, {sent} sent"
    for report in sent:
        if listed[report] != 2:
            yield f"{listed[report]} rows of {report}, not 2"
    world.agent = agent


def one_dies(world):
    """The other one answers."""
    config = re.search("config (.*)", world.out()).group(1)
    for line in world.processes():
        if config in line and " serve " in line:
            subprocess.run(["kill", "-KILL", line.split()[0]], check=True)
    time.sleep(2)
    for _ in range(4):
        yield from expect(world.agent.send(world.agent.report()), 200)


def goes_down(world):
    world.process.send_signal(signal.SIGTERM)
    world.process.wait(60)
    until(lambda: not world.processes(), 20)
    if world.processes() or world.process.returncode:
        yield f"{world.process.returncode}: {world.processes()}"


ROWS = (
    ("a cluster, two collectors, a proxy and an agent come up", comes_up),
    ("reports are taken through the proxy, and shown", takes_reports),
    ("a collector that is killed is not missed", one_dies),
    ("all of it goes down", goes_down),
)


def main():
    tap = Tap()
    with scratch("up") as folder, World(folder) as world:
        for sentence, check in ROWS:
            tap.run(sentence, lambda check=check: check(world))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
