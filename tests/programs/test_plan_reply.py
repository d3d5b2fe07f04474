#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_plan_reply.py COLLECTOR: the plans that a real collector on loopback
hands its agents. Prints TAP."""

import json
import re
import subprocess
import sys
import time
from datetime import datetime, timezone

from serve_world import (PROGRAM, Agent, Collector, Key, expect, main_of_rows,
                         signature)

ENDPOINTS = """
[example-mx]
host = mx.example.net
ports = 25
control = 443 587
starttls = yes
spki = {spki}
interval = 600
rate = 1

[example-submission]
domain = example.org
ports = 587 465
kind = submission
interval = 1h
rate = 0.2
"""
SPKI = "ab" * 32
LEFT_LEAST_S = 900  # a plan with less left is given with its next end


def seconds(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(
        tzinfo=timezone.utc).timestamp()


def moved(before, after):
    """What differs in the later of two plans of one agent. A time that has come
    meanwhile gives way to the next of the same row of times."""
    asked = seconds(after["at"])
    if before["until"] != after["until"] and \
            seconds(before["until"]) - asked > LEFT_LEAST_S:
        yield f"until {before['until']}, then {after['until']}"
    for old, new in zip(before["endpoints"], after["endpoints"]):
        steps, rest = divmod(
            round(seconds(new["next"]) - seconds(old["next"]), 3),
            old["interval_s"])
        if rest or steps not in (0, 1) or \
                steps == 1 and seconds(old["next"]) > asked:
            yield f"{old['name']}: next {old['next']}, then {new['next']}"
    fixed = [[{**entry, "next": None} for entry in plan["endpoints"]]
             for plan in (before, after)]
    if fixed[0] != fixed[1]:
        yield f"{fixed[0]}, then {fixed[1]}"


class Rows:
    def __init__(self, folder):
        self.folder = folder
        self.endpoints = folder / "endpoints.conf"
        self.endpoints.write_text(ENDPOINTS.format(spki=SPKI))
        self.collector = Collector(folder, f"endpoints = {self.endpoints}\n")
        self.agent = Agent(self.collector, Key(folder, "agent"))
        self.stranger = Key(folder, "stranger")

    def ask(self, agent=None, key=None, path="/v1/plan"):
        agent = agent or self.agent
        signed = signature(key or agent.key, agent.id, "GET", path, b"")
        for _ in range(50):
            reply = self.collector.ask("GET", "/v1/plan", None, signed)
            if reply[0] != 503:  # the fleet is being counted
                break
            time.sleep(0.1)
        return reply

    def form(self):
        yield from expect(self.agent.enrol(), 200)
        reply = self.ask()
        yield from expect(reply, 200, format="egress25-plan/1")
        plan = json.loads(reply[1])
        if reply[2].get("Cache-Control") != "no-store":
            yield f"Cache-Control: {reply[2].get('Cache-Control')}"
        fixed = {"example-mx": {
            "host": "mx.example.net", "ports": ["25/starttls"],
            "control": [443, 587], "kind": "mx", "addresses": 8,
            "starttls": True, "spki": [SPKI], "interval_s": 600},
                 "example-submission": {
            "domain": "example.org", "ports": ["587/starttls", "465/tls"],
            "control": [], "kind": "submission", "addresses": 8,
            "starttls": None, "spki": [], "interval_s": 3600}}
        for entry in plan["endpoints"]:
            for name, value in fixed.pop(entry["name"]).items():
                if entry.get(name) != value:
                    yield f"{entry['name']}.{name}: {entry.get(name)!r}"
        if fixed:
            yield f"not there: {fixed.keys()}"

    def times(self):
        plan = json.loads(self.ask()[1])
        now, until = time.time(), seconds(plan["until"])
        if abs(seconds(plan["at"]) - now) > 5:
            yield f"at {plan['at']}"
        if not now + 600 < until < now + 2 * 3600:
            yield f"until {plan['until']}"
        for entry in plan["endpoints"]:
            # The first agent of all goes at once.
            if not now - 5 < seconds(entry["next"]) < now + 30:
                yield f"next {entry['next']}"
            if not entry["least_s"] <= entry["interval_s"]:
                yield f"interval_s {entry['interval_s']}"
            if entry["extra"] < 1:
                yield f"extra {entry['extra']}"

    def steady(self):
        yield from expect(self.agent.send(self.agent.report()), 200)
        self.collector.recounted()  # the fleet has the agent from now on
        plans = []
        for _ in range(3):
            plans.append(json.loads(self.ask()[1]))
            time.sleep(1)
        for before, after in zip(plans, plans[1:]):
            yield from moved(before, after)

    def strangers(self):
        yield from expect(self.collector.ask("GET", "/v1/plan"), 401)
        yield from expect(self.ask(key=self.stranger), 401)
        yield from expect(self.ask(path="/v1/whoami"), 401)

    def learned(self):
        """Three networks see STARTTLS at a server: the plan says so."""
        row = {"schema_version": 1, "at": time.strftime(
            "%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), "network": "Example",
            "country": "DE", "family": 4, "endpoint": "example-submission",
            "address": "192.0.2.25", "port": 587, "mode": "starttls",
            "ended": "done", "failure": None, "outcome": "reachable",
            "mechanism": "open", "tls_version": "TLSv1.3",
            "tls_verify": "ok", "connect_ms": 1.5, "total_ms": 2.5,
            "attributed": True}
        lines = ""
        for number in range(3):
            row.update(asn=64500 + number, agent=f"{number:016x}",
                       prefix=f"203.0.{number}.0/24",
                       id=f"01930000-0000-7000-8000-{number:012}:0")
            lines += json.dumps(row) + "\n"
        subprocess.run([PROGRAM, "import", "--config",
                        self.collector.config], input=lines, text=True,
                       check=True, stderr=subprocess.DEVNULL)
        before = self.starttls()
        self.collector.end(15)
        self.collector.start()  # it counts anew
        after = self.starttls()
        if (before, after) != (None, True):
            yield f"{before}, then {after}"
        text = self.collector.ask("GET", "/metrics",
                                  port=self.collector.admin)[1].decode()
        for line in ('egress25_fleet_agents{need="settled"} 1',
                     "egress25_plans_given_total 1"):
            if line not in text:
                yield f"no {line}"
        if re.search(r"^egress25_census_seconds_count [1-9]", text,
                     re.M) is None:
            yield text

    def starttls(self):
        for entry in json.loads(self.ask()[1])["endpoints"]:
            if entry["name"] == "example-submission":
                return entry["starttls"]

    def reload(self):
        self.endpoints.write_text(
            "[other]\nhost = 192.0.2.25\nports = 25\ninterval = 60\n")
        self.collector.process.send_signal(1)
        for _ in range(50):
            plan = json.loads(self.ask()[1])
            if [entry["name"] for entry in plan["endpoints"]] == ["other"]:
                return
            time.sleep(0.1)
        yield f"{plan}"

    def without(self):
        folder = self.folder / "without"
        folder.mkdir()
        collector = Collector(folder, "endpoints =\n")
        try:
            agent = Agent(collector, self.agent.key)
            yield from expect(agent.enrol(), 200)
            yield from expect(collector.ask(
                "GET", "/v1/plan", None,
                signature(agent.key, agent.id, "GET", "/v1/plan", b"")), 404)
        finally:
            collector.end(15)

    def ends(self):
        code, complaints = self.collector.end(15)
        if code != 0 or "Sanitizer" in complaints or "error" in complaints:
            yield f"exit code {code}: {complaints}"


SENTENCES = (
    ("a plan names endpoints, ports, controls and what is known", Rows.form),
    ("the first agent starts at once, and may confirm", Rows.times),
    ("an agent that asks again gets the same times", Rows.steady),
    ("a plan is for agents only, each for its own",
     Rows.strangers),
    ("STARTTLS seen from three networks is in the plan", Rows.learned),
    ("SIGHUP loads other endpoints", Rows.reload),
    ("without endpoints there is no plan", Rows.without),
    ("the collector exits cleanly", Rows.ends),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("plan", SENTENCES, Rows))
