#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_identity.py COLLECTOR: authentication at real collectors on loopback:
enrolment limits, key rotation, revoked agents, replays, borrowed proofs. Prints
TAP."""

import base64
import json
import shutil
import subprocess
import sys
import time
import uuid

from serve_world import (PROGRAM, Agent, Collector, Key, count, expect,
                         main_of_rows, revoke, signature)

LIMITS = "[limits]\nenrol-address = 3\nenrol-prefix = 5\n"


class Rows:
    def __init__(self, folder):
        self.folder = folder
        self.collector = Collector(folder)
        self.number = 0
        self.agent = self.enrolled(self.collector)
        self.logs = ""

    def key(self):
        self.number += 1
        return Key(self.folder, f"key{self.number}")

    def enrolled(self, collector, key=None):
        agent = Agent(collector, key or self.key())
        for problem in expect(agent.enrol(), 200):
            raise RuntimeError(problem)
        return agent

    def second(self, name, more="", secret=True):
        """A second collector, with or without the secret of the first."""
        folder = self.folder / name
        (folder / "state").mkdir(parents=True)
        if secret:
            shutil.copy(self.folder / "state/secret", folder / "state/secret")
        return Collector(folder, more)

    def run(self, *arguments):
        return subprocess.run(
            [PROGRAM, *arguments, "--config", self.collector.config],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True,
            text=True).stdout

    # --- limits ---

    def limited(self):
        collector = self.second(
            "limited", f"trusted-proxies = 127.0.0.0/8\n{LIMITS}")

        def enrol(address):
            key = self.key()
            body = json.dumps({"public_key": base64.b64encode(
                key.public).decode()}).encode()
            signed = signature(key, "enrol", "POST", "/v1/agents", body)
            return collector.ask("POST", "/v1/agents", body, {
                **signed, "X-Forwarded-For": address})

        try:
            said = [enrol(f"203.0.113.{host}")[0]
                    for host in (1, 1, 1, 1, 2, 2, 2, 3)]
            if said != [200, 200, 200, 429, 200, 200, 429, 429]:
                yield f"one prefix: {said}"
            said = [enrol(address)[0] for address in (
                "2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:2::1")]
            if said != [200, 200, 200]:
                yield f"others: {said}"
            reply = enrol("203.0.113.1")
            if not 0 < int(reply[2].get("Retry-After", 0)) <= 1200:
                yield f"Retry-After: {reply[2].get('Retry-After')}"
            text = collector.ask("GET", "/metrics",
                                 port=collector.admin)[1].decode()
            if "egress25_enrolments_refused_total 4" not in text:
                yield "the metrics do not say 4"
        finally:
            collector.end(15)

    # --- other keys ---

    def change(self, agent, new, by=None, possession=None):
        return agent.change_key(new, by, possession)

    def other_key(self):
        agent = self.enrolled(self.collector)
        old, new = agent.key, self.key()
        yield from expect(self.change(agent, new), 200, agent=agent.id)
        yield from expect(agent.whoami(), 401)
        agent.key = new
        report = agent.report()
        yield from expect(agent.send(report), 200, duplicate=False)
        yield from expect(agent.send(agent.report(), key=old), 401)
        yield from expect(self.change(agent, new), 200, agent=agent.id)
        yield from expect(self.change(agent, self.key(), by=old), 401)
        stale = Agent(self.collector, old)
        yield from expect(stale.enrol(), 403, field="public_key")

    def not_possessed(self):
        agent = self.enrolled(self.collector)
        yield from expect(
            self.change(agent, self.key(), possession=self.key()), 400,
            field="possession")
        other = self.enrolled(self.collector)
        yield from expect(self.change(agent, other.key), 403,
                          field="public_key")
        yield from expect(self.change(agent, self.key(), by=other.key), 401)
        yield from expect(agent.whoami(), 200)

    def killed(self):
        for _ in range(5):
            new = self.key()
            yield from expect(self.change(self.agent, new), 200)
            self.logs += self.collector.end(9)[1]
            self.collector.start()
            yield from expect(self.agent.whoami(), 401)
            self.agent.key = new
            yield from expect(self.agent.whoami(), 200)

    def logged(self):
        lines = [line for line in self.logs.splitlines()
                 if f"agent {self.agent.id}: from now on the key " in line
                 and line.endswith("asked for from 127.0.0.1")]
        if len(lines) != 5:
            yield f"{len(lines)} lines, not 5: {self.logs}"

    # --- revoked agents ---

    def revoked(self):
        bad = self.enrolled(self.collector)
        before = self.collector.json("/v1/measurements?limit=1000")["items"]
        report = bad.report()
        yield from expect(bad.send(report), 200)
        revoke(self.collector, bad)
        for _ in range(8):
            yield from expect(bad.whoami(), 401)
            yield from expect(bad.send(report), 401)
        yield from expect(bad.enrol(), 403, field="public_key")
        after = self.collector.json("/v1/measurements?limit=1000")["items"]
        if after != before:
            yield f"{len(after) - len(before)} rows more are listed"
        exported = self.run("export", "--what", "measurements")
        if report["report"] in exported:
            yield "its rows are exported"
        if len(exported.splitlines()) != len(before):
            yield f"{len(exported.splitlines())} rows exported"

    def verdict(self):
        """An agent's rows, as of a network that only it is in."""
        bad = self.enrolled(self.collector)
        yield from expect(bad.send(bad.report()), 200)
        name = self.collector.json("/v1/measurements?limit=1")["items"][0][
            "agent"]
        text = ""
        for line in self.run("export", "--what",
                             "measurements").splitlines():
            row = json.loads(line)
            if row["agent"] == name:
                row.update(asn=64500, network="Example", country="DE",
                           id=f"01930000-0000-7000-8000-{1:012}:"
                              + row["id"].split(":")[1])
                text += json.dumps(row) + "\n"
        subprocess.run([PROGRAM, "import", "--config",
                        self.collector.config], input=text, text=True,
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.collector.recounted()
        if len(self.collector.json("/v1/networks")["items"]) != 1:
            yield "no network"
        self.run("revoke", bad.id)
        self.collector.recounted()
        if self.collector.json("/v1/networks")["items"]:
            yield "its word still counts"
        if self.run("export", "--what", "networks"):
            yield "its network is exported"
        if "64500" in self.run("verdicts"):
            yield "its network has a verdict"

    # --- replays ---

    def replayed(self):
        before = count(self.collector)
        body = json.dumps(self.agent.report()).encode()
        signed = signature(self.agent.key, self.agent.id, "POST",
                           "/v1/reports", body)
        for duplicate in (False, True, True):
            yield from expect(self.collector.ask(
                "POST", "/v1/reports", body, signed), 200,
                duplicate=duplicate)
        if count(self.collector) != before + 2:
            yield f"{count(self.collector) - before} rows more, not 2"
        yield from expect(self.collector.ask(
            "POST", "/v1/agents/key", body, signed), 401)
        for created in (-400, 400):
            yield from expect(self.agent.send(
                self.agent.report(), created=int(time.time()) + created),
                401, field="Signature-Input")

    def other_agents_id(self):
        other = self.enrolled(self.collector)
        report = self.agent.report()
        claimed = other.report(report=report["report"])
        yield from expect(other.send(claimed), 200)
        yield from expect(self.agent.send(report), 409, field="report")
        report["report"] = str(uuid.uuid4())
        yield from expect(self.agent.send(report), 200, duplicate=False)
        yield from expect(other.send(
            other.report(report=report["report"])), 409, field="report")

    def elsewhere(self):
        """A report signed for one collector, replayed to another that also
        knows the agent."""
        collector = self.second("elsewhere", secret=False)
        try:
            body = json.dumps(self.fresh().report()).encode()
            yield from self.attributed(collector, body, False)
        finally:
            collector.end(15)

    def fresh(self):
        """An agent at the first collector, whose key is its name's."""
        agent = self.enrolled(self.collector)
        self.last = agent
        return agent

    def attributed(self, collector, body, want):
        there = self.enrolled(collector, self.last.key)
        if there.id != self.last.id:
            yield "another name there"
        reply = collector.ask(
            "POST", "/v1/reports", body,
            signature(self.last.key, self.last.id, "POST", "/v1/reports",
                      body))
        yield from expect(reply, 200, accepted=2)
        for row in collector.json("/v1/measurements")["items"]:
            if row["attributed"] != want:
                yield f"attributed: {row['attributed']}"

    # --- proofs ---

    def shared(self):
        collector = self.second("shared")
        try:
            body = json.dumps(self.fresh().report()).encode()
            yield from self.attributed(collector, body, True)
        finally:
            collector.end(15)

    def borrowed(self):
        """Proofs of another agent, of another address, and an old one."""
        lender = self.enrolled(self.collector)
        good = self.agent.report()
        sources = [
            lender.report()["sources"],
            [{**good["sources"][0], "address": "127.0.0.2"}],
            [{**good["sources"][0],
              "proof": "2" + good["sources"][0]["proof"][1:]}],
            [{**good["sources"][0], "proof": str(int(time.time()) + 9999)
              + "." + good["sources"][0]["proof"].split(".")[1]}]]
        for source in sources:
            report = self.agent.report(sources=source)
            yield from expect(self.agent.send(report), 200)
            rows = self.collector.json(
                "/v1/measurements?limit=1000")["items"]
            rows = [row for row in rows
                    if row["id"].startswith(report["report"])]
            if [row["attributed"] for row in rows] != [False, False]:
                yield f"{source}: {rows}"

    def ends(self):
        code, complaints = self.collector.end(15)
        if code != 0 or "Sanitizer" in complaints:
            yield f"exit code {code}: {complaints}"


SENTENCES = (
    ("enrolments per address and prefix are limited per hour",
     Rows.limited),
    ("a rotated key is valid at once, the old one no longer", Rows.other_key),
    ("no agent rotates to a key it does not own, or for another",
     Rows.not_possessed),
    ("kill -9 after the answer keeps the new key", Rows.killed),
    ("each key rotation is logged", Rows.logged),
    ("a revoked agent is unknown, and its reports are gone",
     Rows.revoked),
    ("a network seen by it alone is gone", Rows.verdict),
    ("a report replayed counts once, and nowhere else", Rows.replayed),
    ("another agent's report id is refused, both ways",
     Rows.other_agents_id),
    ("replayed to another collector, it is not attributed",
     Rows.elsewhere),
    ("a proof is valid at every collector with the same secret", Rows.shared),
    ("a proof of another agent, address or time is not accepted",
     Rows.borrowed),
    ("the collector exits cleanly", Rows.ends),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("identity", SENTENCES, Rows))
