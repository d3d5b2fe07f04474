#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_rows.py COLLECTOR: what the rows of a report say of its agent's
operator, and of the hops between which a port stops. Prints TAP."""

import json
import subprocess
import sys
import time
from pathlib import Path

from serve_world import (PROGRAM, Agent, Collector, Key, ends_well, expect,
                         main_of_rows, run)

ROOT = Path(__file__).resolve().parents[2]
GEO = ("127.0.0.0,127.255.255.255,64500,Own", "203.0.113.0,203.0.113.255,"
       "64500,Own", "198.51.100.0,198.51.100.255,64501,Upstream")
LAN, OWN, UPSTREAM = "192.168.77.1", "203.0.113.%d", "198.51.100.%d"


def with_geo(folder, name, more=""):
    path = folder / name
    path.mkdir()
    (path / "asn.csv").write_text("\n".join(GEO) + "\n")
    subprocess.run([ROOT / "collector" / "geo" / "mkmmdb.pl", "asn",
                    path / "asn.mmdb", path / "asn.csv"], check=True,
                   stderr=subprocess.DEVNULL)
    return Collector(path, f"{more}[geo]\nasn = {path}/asn.mmdb\n")


def path(port, hops, reached=None):
    """A path of these addresses, the endpoint behind them if it answers."""
    return {"port": port, "reached": reached is not None,
            "answer_ttl": reached, "answer": "syn-ack" if reached else None,
            "hops": [{"ttl": ttl + 1, "address": address, "asked": 8,
                      "answered": 8 if address else 0, "ms": 1.0}
                     for ttl, address in enumerate(hops)]}


def filtered(agent, hops, passed):
    """A report of a port 25 that stops after `passed` of these hops."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    silent = [None] * (len(hops) - passed)
    dropped = {"port": 25, "mode": "starttls", "ended": "connect",
               "failure": "timeout", "ms": {"connect": 3500},
               "host": {"retransmitted": 2, "failed": 0, "looped": 0}}
    return agent.report(targets=[{
        "endpoint": "mx1", "host": "mx1.example", "address": "192.0.2.25",
        "family": 4, "at": now, "own_address": "private",
        "probes": [dropped, dropped, dropped,
                   {"port": 443, "mode": "connect", "ended": "connect",
                    "failure": None, "ms": {"connect": 9.5}}],
        "paths": [path(25, hops[:passed] + silent),
                  path(443, hops, len(hops) + 1)]}])


def rows_of(it):
    lines = run(it, "export").splitlines()
    return [json.loads(line) for line in lines]


def between(folder):
    """The same path of three networks, and where on it port 25 stops."""
    hops = [LAN, OWN % 1, OWN % 2, *(UPSTREAM % n for n in range(1, 6))]
    expected = {1: (None, 64500), 2: (64500, 64500), 3: (64500, 64501),
                4: (64501, 64501)}
    with ends_well(with_geo(folder, "between")) as it:
        agent = Agent(it, Key(it.folder, "agent"))
        agent.enrol(contact="Ops <ops@isp.example>")
        for passed, asns in expected.items():
            report = filtered(agent, hops, passed)
            yield from expect(agent.send(report), 200)
            rows = [row for row in rows_of(it)
                    if row["report"] == report["report"]]
            ports = {row["port"]: row for row in rows}
            if ports[443]["after_asn"] or ports[443]["before_hop"]:
                yield f"a control stops somewhere: {ports[443]}"
            row = ports[25]
            if row["outcome"] != "filtered" or row["after_hop"] != passed:
                yield f"after {passed} hops: {row}"
            if (row["after_asn"], row["before_asn"]) != asns \
                    or row["before_hop"] != passed + 1:
                yield f"after {passed} hops: {row}, not {asns}"
        text = run(it, "export") + it.ask("GET", "/v1/measurements")[1].decode()
        for secret in LAN, OWN % 1, UPSTREAM % 1, "ops@", "isp.example":
            if secret in text:
                yield f"{secret} goes out"


def operators(folder):
    """Contacts, and none: loopback says nothing about who it is."""
    names = {}
    with ends_well(with_geo(folder, "operators")) as it:
        for number, contact in enumerate(
                ("ops@a.example", " OPS@A.example", "ops@b.example", "")):
            agent = Agent(it, Key(it.folder, f"agent{number}"))
            agent.enrol(contact=contact)
            report = agent.report()
            yield from expect(agent.send(report), 200)
            found = {row["operator"] for row in rows_of(it)
                     if row["report"] == report["report"]}
            if len(found) != 1:
                yield f"{contact}: {found}"
            names[number] = found.pop()
    if names[0] is None or names[0] != names[1] or names[2] in (
            names[0], None) or names[3] is not None:
        yield f"operators are {names}"


def by_token(folder):
    """A token counts, whatever the contact."""
    with ends_well(with_geo(folder, "tokens", "enrol = token\n")) as it:
        found = set()
        for number in range(2):
            agent = Agent(it, Key(it.folder, f"agent{number}"))
            yield from expect(agent.enrol(token=run(it, "token"),
                                          contact="ops@a.example"), 200)
            report = agent.report()
            yield from expect(agent.send(report), 200)
            found.update(row["operator"] for row in rows_of(it))
    if len(found) != 2 or None in found:
        yield f"two tokens are {found}"


def told(report):
    """Words of a server that name who asked, and a session that went well."""
    target = report["targets"][0]
    target["probes"].insert(0, {
        "port": 587, "mode": "starttls", "ended": "banner",
        "failure": "rejected",
        "ms": {"connect": 9.5, "banner": 20.25},
        "smtp": {"code": 554, "text": "mx1.example [127.0.0.1] host-127-0-0-1"
                 ".isp.example is listed. John Smith sells pills",
                 "name": "mx1.example",
                 "capabilities": ["SIZE 35882577", "PIPELINING",
                                  "JOHN-SMITH SELLS"]},
        "reply": {"code": 554, "text": "5.7.1 no mail from 127.0.0.1"}})
    return report


def zones_of(path):
    return [(hop["ttl"], hop["answered"], hop["zone"], hop["asn"],
             hop["prefix"]) for hop in path["hops"]]


def shown(folder):
    """The hops of a report as zones, networks and prefixes; the endpoint's
    words without the agent's address and name."""
    hops = [LAN, OWN % 1, None, *(UPSTREAM % n for n in range(1, 3)),
            "10.1.2.3"]
    own, up = "203.0.113.0/24", "198.51.100.0/24"
    full = [(1, True, "home", None, None), (2, True, "provider", 64500, own),
            (3, False, None, None, None),
            (4, True, "transit", 64501, up), (5, True, "transit", 64501, up),
            (6, True, "transit", None, None)]
    with ends_well(with_geo(folder, "shown")) as it:
        agent = Agent(it, Key(it.folder, "agent"))
        agent.enrol()
        report = told(filtered(agent, hops, 2))
        report["software"] = "egress25-agent/9.8.7"
        yield from expect(agent.send(report), 200)
        text = it.ask("GET", f"/v1/reports/{report['report']}")[1].decode()
        answer = json.loads(text)
        if answer["software"] != "egress25-agent/9.8.7":
            yield f"software: {answer['software']}"
        target = answer["targets"][0]
        paths = {path["port"]: path for path in target["paths"]}
        if zones_of(paths[443]) != full or not paths[443]["reached"]:
            yield f"the control's path is {paths[443]}"
        if zones_of(paths[25])[:2] != full[:2] or any(
                hop["answered"] for hop in paths[25]["hops"][2:]):
            yield f"the path of 25 is {paths[25]}"
        probe = next(each for each in target["probes"] if each["port"] == 587)
        if probe["ms"] != {"connect": 9.5, "banner": 20.25, "total": 29.75}:
            yield f"times: {probe['ms']}"
        if probe["smtp"] != {
                "code": 554, "text": "mx1.example [[removed]] [removed] is "
                "listed. [removed] [removed] [removed] [removed]",
                "capabilities": ["SIZE 35882577", "PIPELINING",
                                 "[removed]"]}:
            yield f"words: {probe['smtp']}"
        if probe["reply"] != {"code": 554,
                              "text": "5.7.1 no mail from [removed]"}:
            yield f"words: {probe['reply']}"
        for secret in (LAN, OWN % 1, UPSTREAM % 1, "10.1.2.3", "127.0.0.1",
                       "Smith", "SMITH", "pills"):
            if secret in text:
                yield f"{secret} goes out"


ROWS = (
    ("a report shows its path and the endpoint's words, and nobody's address",
     shown),
    ("a row says between which networks its port stops, and no address",
     between),
    ("agents of one contact have one operator, whose name says nothing",
     operators),
    ("agents of two tokens have two", by_token),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("rows", ROWS))
