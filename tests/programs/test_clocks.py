#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's `run` while the wall clock steps and the machine is suspended
(faulty.c).

usage: test_clocks.py AGENT COLLECTOR FAULTY
"""

import mmap
import os
import signal
import socket
import struct
import sys
import threading
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service_world import ERROR, World, expect, greet, refuse, wait_for
from tap import Tap

HOUR_S, DAY_S, YEAR_S = 3600, 86400, 365 * 86400
RESTS = "next round in"


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


class Rows(World):
    def __init__(self, agent, collector, faulty):
        super().__init__(agent, collector)
        self.faulty = faulty

    @contextmanager
    def start(self, agent, hurry):
        """`run`, and move(ahead_s, slept_s), which moves its clocks."""
        path = agent.directory / "faults"
        path.write_bytes(bytes(32))
        with path.open("r+b") as file:
            clocks = mmap.mmap(file.fileno(), 32)

        def move(ahead_s=0, slept_s=0):
            clocks[:] = struct.pack("=qqqq", ahead_s, 0, 0, slept_s)

        options = os.environ.get("ASAN_OPTIONS", "")
        with agent.start(
                hurry=hurry, LD_PRELOAD=self.faulty, FAULTY=str(path),
                ASAN_OPTIONS=f"{options}:verify_asan_link_order=0") as process:
            yield process, move

    @staticmethod
    def listen(agent, server):
        port = server.getsockname()[1]
        agent.endpoints(f"[mx]\nhost = 127.0.0.1\nports = {port}/starttls\n"
                        "control = 3\ninterval = 60\n")
        agent.ports(port)

    @contextmanager
    def running(self, hurry, answers=None, interval="1h"):
        """Its server greets."""
        with self.agent(answers) as (agent, collector), socket.create_server(
                ("127.0.0.1", 0)) as server:
            threading.Thread(target=greet, args=(server, []),
                             daemon=True).start()
            agent.set(collector.url, f"interval = {interval}\nplan = no\n")
            self.listen(agent, server)
            with self.start(agent, hurry) as (process, move):
                yield agent, collector, process, move

    @contextmanager
    def silent(self):
        """`run` in the middle of a round: its server does not greet."""
        with self.agent() as (agent, collector), socket.create_server(
                ("127.0.0.1", 0)) as server:
            agent.set(collector.url, "plan = no\n")
            self.listen(agent, server)
            server.settimeout(20)
            with self.start(agent, 100) as (_, move):
                peer, _ = server.accept()
                yield agent, collector, move, (server, peer)

    @staticmethod
    def reload(agent, process):
        before = agent.said().count("reloaded")
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: agent.said().count("reloaded") > before)

    def stepped(self, ahead_s):
        """The schedule does not move, and there is no extra visit."""
        with self.running(1) as (agent, collector, process, move):
            wait_for(lambda: collector.reports(), 20)
            wait_for(lambda: RESTS in agent.said())
            wait_for(lambda: not agent.spool())  # else a reload sends it again
            move(ahead_s=ahead_s)
            self.reload(agent, process)
            wait_for(lambda: rests_at(agent, ahead_s))
            yield from expect("reports", len(collector.reports()), 1)

    def ordered(self):
        """Spooled reports keep their order when the clock is set back."""
        busy = {"/v1/reports": (503, ERROR, {})}
        with self.running(400, busy, "60s") as (agent, collector, _, move):
            wait_for(lambda: len(agent.spool()) >= 2, 30)
            before = agent.spool()
            move(ahead_s=-DAY_S)
            wait_for(lambda: len(agent.spool()) >= len(before) + 3, 30)
            after = agent.spool()
            yield from expect("the old ones are first",
                              after[:len(before)], before)
            del collector.answers["/v1/reports"]
            wait_for(lambda: set(after) <= {
                each["report"] for each in collector.reports()}, 60)

    def in_round(self, ahead_s):
        """The times in a report stay in order."""
        with self.silent() as (_, collector, move, peers):
            move(ahead_s=ahead_s)
            refuse(*peers)
            report = wait_for(lambda: collector.reports(), 30)[0]
            times = [report["started"], report["targets"][0]["at"],
                     report["ended"]]
            if list(map(seconds, times)) != sorted(map(seconds, times)):
                yield f"started, seen, ended: {times}"
            took = seconds(times[2]) - seconds(times[0])
            if took > 120:
                yield f"it took {took} s: {times}"

    def slept_in_round(self):
        with self.silent() as (agent, collector, move, peers):
            move(slept_s=HOUR_S)
            refuse(*peers)
            wait_for(lambda: "the machine was suspended" in agent.said(), 30)
            yield from expect("reports", collector.reports(), [])
            wait_for(lambda: collector.reports(), 30)

    def slept(self):
        """A day of suspend is followed by one round."""
        with self.running(1) as (agent, collector, process, move):
            wait_for(lambda: collector.reports(), 20)
            wait_for(lambda: not agent.spool())
            move(slept_s=DAY_S)
            self.reload(agent, process)  # as the alarm would ring
            wait_for(lambda: len(collector.reports()) == 2, 20)
            wait_for(lambda: agent.said().count("round complete") == 2)
            self.reload(agent, process)
            yield from expect("rounds", agent.said().count("round complete"), 2)


def rests_at(agent, ahead_s):
    """Whether the next visit is about an hour from now, as the clock is."""
    status = agent.status()[1]
    if not status or not status["next"]:
        return False
    rest = seconds(status["next"]) - seconds(status["written"])
    now = seconds(status["written"]) - ahead_s
    return abs(now - datetime.now().timestamp()) < 60 and \
        HOUR_S - 600 < rest < 1.2 * HOUR_S


def main():
    tap, rows = Tap(), Rows(*sys.argv[1:4])
    for words, ahead_s in (("an hour ahead", HOUR_S),
                           ("a year ahead", YEAR_S),
                           ("a day back", -DAY_S), ("a year back", -YEAR_S)):
        tap.run(f"a clock that is set {words} moves no visit",
                lambda ahead_s=ahead_s: rows.stepped(ahead_s))
    tap.run("reports keep their order when the clock is set back",
            rows.ordered)
    for words, ahead_s in (("ahead", DAY_S), ("back", -DAY_S)):
        tap.run(f"a clock that is set {words} in a round keeps times in order",
                lambda ahead_s=ahead_s: rows.in_round(ahead_s))
    tap.run("a round with a suspend in it is discarded",
            rows.slept_in_round)
    tap.run("a day of suspend is followed by one round", rows.slept)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
