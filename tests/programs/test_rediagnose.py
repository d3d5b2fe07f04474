#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_rediagnose.py COLLECTOR: reports that were kept as they were signed go
through the diagnosis of today. Prints TAP."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from serve_world import (PROGRAM, Agent, Collector, Key, ends_well,
                         main_of_rows)

AGENTS = 4
ASN = 64500
KEPT = "keep-signed = yes\n"
ENDPOINTS = ("mx1", "mx2", "mx3")


def wrong_rows(report, agent):
    """What an older diagnosis made of the report: all is filtered. It comes by
    import, before the report itself."""
    for number, target in enumerate(report["targets"]):
        for probe in (0, 1):
            row = {
                "schema_version": 2,
                "id": f"{report['report']}:{2 * number + probe}",
                "at": target["at"], "agent": f"{agent:016x}", "asn": ASN,
                "prefix": f"198.51.{agent}.0/24", "family": 4,
                "endpoint": target["endpoint"], "address": target["address"],
                "port": 443 if probe else 25,
                "mode": "connect" if probe else "starttls",
                "ended": "connect" if probe else "done", "attributed": True}
            if not probe:
                row.update(outcome="filtered", mechanism="drop", where="path")
            yield row


class World:
    """A network that an older diagnosis called filtered, for `AGENTS` agents in
    as many prefixes; their signed reports say that it is open. `keeps`: the
    reports are there as they were signed. The collector has ended."""

    def __init__(self, folder, keeps=True, encode=None):
        folder.mkdir(parents=True)
        with ends_well(Collector(folder, KEPT if keeps else "")) as it:
            self.config, self.folder = it.config, folder
            self.reports = []
            for number in range(1, AGENTS + 1):
                agent = Agent(it, Key(folder, f"agent{number}"))
                agent.enrol(contact=f"somebody{number}@example.org")
                report = agent.report()
                [target] = report["targets"]
                report["targets"] = [dict(target, endpoint=name,
                                          address=f"192.0.2.{25 + i}")
                                     for i, name in enumerate(ENDPOINTS)]
                rows = list(wrong_rows(report, number))
                self.run("import", stdin="".join(
                    json.dumps(row) + "\n" for row in rows))
                headers = {"Content-Encoding": "gzip"} if encode else None
                status, said, _ = agent.send(report, headers, encode)
                if status != 200:
                    raise RuntimeError(said)
                self.reports.append(report["report"])

    def run(self, *command, stdin=None, code=0, both=False):
        done = subprocess.run(
            [PROGRAM, command[0], "--config", self.config, *command[1:]],
            input=stdin, capture_output=True, text=True)
        if done.returncode != code:
            raise RuntimeError(f"{command}: {done.returncode} {done.stderr}")
        return done.stdout + done.stderr if both else done.stdout

    def state(self):
        [network] = json.loads(self.run(
            "verdicts", "--format", "json"))["items"]
        return network["state"]

    def outcomes(self):
        rows = [json.loads(line) for line in self.run(
            "export", "--what", "measurements").splitlines()]
        return sorted(((row["endpoint"], row["port"], row["outcome"],
                        row["mechanism"], row["where"], row["asn"],
                        row["prefix"], row["agent"]) for row in rows),
                      key=str)

    def ask(self, text):
        path = self.folder / "state" / "collector.db"
        with closing(sqlite3.connect(path)) as database:
            return database.execute(text).fetchall()

    def left(self):
        return [name for name in os.listdir(self.folder / "state")
                if "rediagnose" in name]


def expected():
    for agent in range(1, AGENTS + 1):
        for endpoint in ENDPOINTS:
            about = ASN, f"198.51.{agent}.0/24", f"{agent:016x}"
            yield (endpoint, 25, "reachable", "open", None, *about)
            yield (endpoint, 443, None, None, None, *about)


def shown(folder):
    it = World(folder / "shown")
    before = it.outcomes(), it.ask("SELECT * FROM rollup")
    said = it.run("rediagnose", both=True)
    if f"AS{ASN} " not in said or "filtered     -> open" not in said or \
            "1 of 1 verdicts change" not in said or "--yes" not in said:
        yield said
    if before != (it.outcomes(), it.ask("SELECT * FROM rollup")):
        yield "the database is another one"
    if it.state() != "filtered":
        yield it.state()
    if it.left():
        yield f"{it.left()}"


def published(folder):
    it = World(folder / "published")
    said = it.run("rediagnose", "--yes", both=True)
    if "filtered     -> open" not in said or "published" not in said:
        yield said
    if it.state() != "open":
        yield it.state()
    if it.outcomes() != sorted(expected(), key=str):
        yield f"{it.outcomes()[:4]}"
    if it.ask("SELECT sum(count), count(*) FROM rollup") != [
            (AGENTS * len(ENDPOINTS), AGENTS * len(ENDPOINTS))]:
        yield f"{it.ask('SELECT * FROM rollup')}"
    said = it.run("rediagnose", "--yes", both=True)
    if "0 of 1 verdicts change" not in said or "nothing to" not in said:
        yield said


def compressed(folder):
    it = World(folder / "compressed", encode=gzip.compress)
    it.run("rediagnose", "--yes")
    if it.state() != "open":
        yield it.state()


def not_kept(folder):
    it = World(folder / "not-kept", keeps=False)
    said = it.run("rediagnose", "--yes", both=True)
    if "0 reports are kept" not in said or it.state() != "filtered":
        yield f"{said} {it.state()}"


def others_stay(folder):
    """Rows that came by import alone are counted as before."""
    it = World(folder / "others")
    line = json.dumps({
        "schema_version": 2,
        "id": "01930000-0000-7000-8000-000000000001:0",
        "at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "agent": "00000000000000ff", "asn": 64501, "prefix": "203.0.113.0/24",
        "family": 4, "endpoint": "mx1", "address": "192.0.2.25", "port": 25,
        "mode": "starttls", "ended": "connect", "outcome": "filtered",
        "mechanism": "drop", "where": "path", "attributed": True})
    it.run("import", stdin=line + "\n")
    before = it.ask("SELECT * FROM rollup WHERE asn = 64501")
    it.run("rediagnose", "--yes")
    if it.ask("SELECT * FROM rollup WHERE asn = 64501") != before:
        yield f"{before}, then {it.ask('SELECT * FROM rollup')}"


def unreadable(folder):
    """One report's evidence is damaged: it stays, and the others do not."""
    it = World(folder / "unreadable")
    path = it.folder / "state" / "collector.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE evidence SET body = x'0d0a0d0a7b' WHERE"
                         " report = (SELECT min(report) FROM evidence)")
        database.commit()
    said = it.run("rediagnose", "--yes", both=True)
    if "1 cannot be read" not in said or "3 are diagnosed otherwise" \
            not in said:
        yield said
    failed = sum(row[2] == "filtered" for row in it.outcomes())
    if failed != len(ENDPOINTS):
        yield f"{failed} rows are filtered"


ROWS = (
    ("what would change is shown, and nothing is changed", shown),
    ("with --yes it is published: rows, rollups and verdicts", published),
    ("so it is of reports that came compressed", compressed),
    ("reports that are not kept as signed stay as they are", not_kept),
    ("rows that came by import alone are counted as before", others_stay),
    ("a report that cannot be read stays as it is, and is said", unreadable),
)

if __name__ == "__main__":
    sys.exit(main_of_rows("rediagnose", ROWS))
