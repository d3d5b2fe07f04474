#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_receipts.py COLLECTOR AGENT BEACON: what a beacon signed, on its way
through an agent's report into a collector, and what becomes of reports with
receipts that no honest agent has. Prints TAP."""

import hashlib
import json
import os
import subprocess
import sys
import time

from beacon_world import Beacon, Talk, nonce_of, read, url64
from load import ROOT
from serve_world import (Agent, Collector, Key, Tap, count, gauge, run,
                         run_rows, scratch)

AGENT, Beacon.program = sys.argv[2:4]
EHLO = "EHLO liar.example"
FALSE = "reports_false_receipts_total"


class World:
    """A beacon, and a collector that has it on its list."""

    def __init__(self, folder, beacon, second):
        self.folder, self.beacon, self.second = folder, beacon, second
        self.list = folder / "list.conf"
        self.list.write_text(
            "[beacon-1]\nhost = 127.0.0.1\nkind = beacon\n"
            f"ports = {self.beacon.clear}/starttls\n"
            f"control = {self.beacon.tls}\n"
            f"receipt-key = {url64(self.beacon.key())}\n")
        self.both = self.list.read_text() + (
            f"[beacon-2]\nhost = {second.address}\nkind = beacon\n"
            f"ports = {second.clear}/starttls\n"
            f"receipt-key = {url64(second.key())}\n")
        (folder / "both.conf").write_text(self.both)
        (folder / "asn.csv").write_text(
            "127.0.0.0,127.8.255.255,64500,Own\n"
            "127.9.0.0,127.9.255.255,64501,Other\n")
        subprocess.run([ROOT / "collector" / "geo" / "mkmmdb.pl", "asn",
                        folder / "asn.mmdb", folder / "asn.csv"], check=True,
                       stderr=subprocess.DEVNULL)
        self.collector = Collector(
            folder, f"endpoints = {folder}/both.conf\nkeep-signed = yes\n"
            f"[geo]\nasn = {folder}/asn.mmdb\n")
        self.agents = 0

    def agent(self):
        self.agents += 1
        agent = Agent(self.collector, Key(self.folder, f"a{self.agents}"))
        agent.enrol()
        return agent

    def dialogue(self, agent, beacon=None):
        """A probe of the beacon's port, as an honest agent tells of it."""
        nonce = nonce_of(agent.id, os.urandom(8))
        beacon = beacon or self.beacon
        talk = Talk(beacon)
        talk.say(f"NOOP {url64(nonce)}")
        reply = talk.say(EHLO)
        talk.say("QUIT")
        return {
            "port": beacon.clear, "mode": "starttls", "ended": "done",
            "failure": None, "ms": {"connect": 1.5}, "receipt": {
                "nonce": nonce.hex(), "said": url64(read(reply)[1]),
                "ehlo_sha256": hashlib.sha256(
                    f"{EHLO}\r\n".encode()).hexdigest()}}

    def report(self, agent, *probes, second=()):
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        return agent.report(targets=[{
            "endpoint": name, "host": beacon.address,
            "address": beacon.address, "family": 4, "at": now,
            "probes": list(found), "paths": []} for name, beacon, found in (
                ("beacon-1", self.beacon, probes),
                ("beacon-2", self.second, second)) if found])

    def send(self, agent, *probes, second=()):
        """The report's id, by how much the counter of false ones grew, and by
        how many measurements the public counts did."""
        report = self.report(agent, *probes, second=second)
        before = gauge(self.collector, FALSE), self.counted()
        reply = agent.send(report)
        if reply[0] != 200:
            raise RuntimeError(f"{reply}")
        return (report["report"], gauge(self.collector, FALSE) - before[0],
                self.counted() - before[1])

    def counted(self):
        self.collector.recounted()
        return count(self.collector)

    def shown(self, report):
        """The receipts of the report's asked probes, in public."""
        return [probe["receipt"]
                for target in self.collector.json(
                    f"/v1/reports/{report}")["targets"]
                for probe in target["probes"]
                if probe["port"] == self.beacon.clear]


def from_agent(world):
    conf, state = world.folder / "agent.conf", world.folder / "agent-state"
    conf.write_text(
        f"[agent]\ncollector = http://127.0.0.1:{world.collector.port}\n"
        f"state = {state}\nendpoints = {world.list}\n"
        f"ports = {world.beacon.clear}\nplan = no\ndns = 127.0.0.1:9\n")
    for words in (("enrol",), ("run", "--once")):
        done = subprocess.run(
            [AGENT, *words, "--config", conf], stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, timeout=60)
        if done.returncode:
            yield f"{words}: {done.stderr}"
            return
    world.collector.recounted()
    rows = [json.loads(line)
            for line in run(world.collector, "export").splitlines()]
    asked = [row for row in rows if row["port"] == world.beacon.clear]
    if not asked or any(row["outcome"] != "reachable" for row in asked):
        yield f"{rows}"
        return
    found = world.shown(asked[0]["id"].split(":")[0])
    if not found or set(found) != {"right"}:
        yield f"receipts: {found}"
    if gauge(world.collector, FALSE) != 0:
        yield "it is called false"
    if count(world.collector) != len(rows):
        yield f"{count(world.collector)} are counted of {len(rows)}"


def honest(world):
    agent = world.agent()
    report, false, counted = world.send(agent, world.dialogue(agent))
    if (false, counted) != (0, 1) or world.shown(report) != ["right"]:
        yield f"{false}, {counted}, {world.shown(report)}"


def claims(**lie):
    """The beacon answered EHLO, and the agent tells another story: that is
    kept, and neither counted nor shown."""
    def check(world):
        agent = world.agent()
        probe = {**world.dialogue(agent), **lie}
        report, false, counted = world.send(agent, probe)
        if (false, counted) != (1, 0):
            yield f"false: {false}, counted: {counted}"
        shown = world.collector.ask("GET", f"/v1/reports/{report}")[0]
        if shown != 404:
            yield f"the report is shown: {shown}"
    return check


def of_another(world):
    """One agent has the dialogue, another one reports it."""
    probe = world.dialogue(world.agent())
    _, false, counted = world.send(world.agent(), probe)
    if (false, counted) != (1, 0):
        yield f"false: {false}, counted: {counted}"


def twice(world):
    agent = world.agent()
    probe = world.dialogue(agent)
    _, false, counted = world.send(agent, probe, probe)
    if (false, counted) != (1, 0):
        yield f"false: {false}, counted: {counted}"


def honest_failure(world):
    """Silence without a receipt is what an honest agent saw."""
    agent = world.agent()
    probe = {**world.dialogue(agent), "ended": "connect",
             "failure": "timeout"}
    probe["receipt"]["said"] = None
    report, false, counted = world.send(agent, probe)
    if (false, counted) != (0, 1) or world.shown(report) != [None]:
        yield f"{false}, {counted}, {world.shown(report)}"


def forged(**receipt):
    """An "open" that no beacon signed is kept, and does not count."""
    def check(world):
        agent = world.agent()
        probe = world.dialogue(agent)
        probe["receipt"].update(receipt)
        _, false, counted = world.send(agent, probe)
        if (false, counted) != (0, 0):
            yield f"false: {false}, counted: {counted}"
    return check


def denied(agent, world, beacon):
    return {**world.dialogue(agent, beacon), "ended": "connect",
            "failure": "timeout"}


def at_two(world):
    """All that the agent ever reported goes with it."""
    agent = world.agent()
    honest, _, counted = world.send(
        agent, world.dialogue(agent),
        second=[world.dialogue(agent, world.second)])
    if counted != 2:
        yield f"{counted} measurements are counted, not 2"
    later = world.report(agent, world.dialogue(agent))
    denials, false, _ = world.send(
        agent, denied(agent, world, world.beacon),
        second=[denied(agent, world, world.second)])
    if false != 1:
        yield f"false: {false}"
    for report in (honest, denials):
        shown = world.collector.ask("GET", f"/v1/reports/{report}")[0]
        if shown != 404:
            yield f"{report} is shown: {shown}"
    reply = agent.send(later)
    if reply[0] not in (401, 403):
        yield f"it is heard again: {reply}"


def at_one(world):
    """The report is lost, the agent is not."""
    agent = world.agent()
    world.send(agent, denied(agent, world, world.beacon),
               second=[world.dialogue(agent, world.second)])
    _, false, counted = world.send(agent, world.dialogue(agent))
    if (false, counted) != (0, 1):
        yield f"false: {false}, counted: {counted}"


ROWS = (
    ("what the beacon signed for the agent is right in the public report",
     from_agent),
    ("a dialogue by hand is as good", honest),
    ("silence for a dialogue that the beacon completed brands the report",
     claims(ended="connect", failure="timeout")),
    ("so does a refusal", claims(ended="connect", failure="refused")),
    ("and a reset before the greeting",
     claims(ended="banner", failure="reset")),
    ("another agent's dialogue brands who reports it", of_another),
    ("one dialogue told twice brands the report", twice),
    ("silence alone brands nobody", honest_failure),
    ("an open port without the beacon's word does not count",
     forged(said=None)),
    ("nor with a word of the agent's own", forged(said="A" * 215)),
    ("denied dialogues of two owners' beacons brand the agent", at_two),
    ("of one beacon they brand the report alone", at_one),
)


def main():
    tap = Tap()
    with scratch("receipts") as folder, scratch("second") as other, \
            Beacon(folder) as beacon, \
            Beacon(other, address="127.9.0.1") as second:
        world = World(folder, beacon, second)
        with world.collector:
            run_rows(tap, ROWS, world)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
