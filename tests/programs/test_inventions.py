#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_inventions.py COLLECTOR: agents that enrolled themselves report what no
one can have probed, or what the collector did not ask for. Three of them, in
three prefixes, would be enough to convict a network; nothing of it may count or
leave. Prints TAP."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from load import ROOT, stamp
from serve_world import (Agent, Collector, Key, Tap, ends_well, run, run_rows,
                         scratch, signature)

ASN = 64500
ENDPOINTS = """
[mx1]
host = mx1.example
control = 443
[mx2]
host = mx2.example.org
control = 443
[laboratory]
host = 10.9.9.9
control = 443
[laboratory-2]
host = 10.8.8.8
control = 443
"""
# Name, address and port of two targets that would do to convict.
GOOD = (("mx1", "192.0.2.25", 25), ("mx2", "198.51.100.26", 25))
LABORATORY = (("laboratory", "10.9.9.9", 25), ("laboratory-2", "10.8.8.8", 25))
NOWHERE = ("0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "10.0.0.1",
           "100.64.0.1", "169.254.169.254", "192.168.1.1", "240.0.0.1")
NOWHERE6 = ("::1", "fe80::1", "fd00::1", "ff02::1", "64:ff9b::10.0.0.1",
            "2002:a00:1::1", "2001:db8::5efe:10.0.0.1", "100::1")
NAMES = ("mx3", "MX1", "mx1 ", "mx1.example", "someone@mail.example",
         "<script>alert(1)</script>", "192.168.7.7", "=cmd()")


def target(name, address, port):
    """The second of six hops forbids the port, and lets a control through."""
    family = 6 if ":" in address else 4
    routers = ("203.0.114." if family == 4 else "2001:db8:a9::")
    hops = [{"ttl": ttl, "address": f"{routers}{ttl}", "ms": ttl}
            for ttl in range(1, 6)]
    kind, code = (3, 13) if family == 4 else (1, 1)
    return {
        "endpoint": name, "host": "mx.example", "address": address,
        "family": family, "at": stamp(time.time()),
        "probes": [{"port": port, "mode": "starttls", "ended": "connect",
                    "failure": "unreachable", "icmp": {
                        "type": kind, "code": code,
                        "from": f"{routers}2"}}] * 3
        + [{"port": 443, "mode": "connect", "ended": "connect",
            "failure": None, "ms": {"connect": 9}}] * 2,
        "paths": [{"port": port, "reached": False, "answer_ttl": None,
                   "hops": hops[:1]},
                  {"port": 443, "reached": True, "answer_ttl": 6,
                   "hops": hops}]}


class Forger(Agent):
    """A trusted proxy says where it comes from."""

    def __init__(self, collector, key, *addresses):
        super().__init__(collector, key)
        self.enrol()
        self.sources = [self.source(address) for address in addresses]

    def source(self, address):
        signed = signature(self.key, self.id, "GET", "/v1/whoami", b"")
        reply = self.collector.ask("GET", "/v1/whoami", None, {
            **signed, "X-Forwarded-For": address})
        return {"family": 6 if ":" in address else 4, "address": address,
                "proof": json.loads(reply[1])["proof"]}

    def claim(self, pair):
        reply = self.send(self.report(sources=self.sources, targets=[
            target(*each) for each in pair]))
        if reply[0] != 200:
            raise RuntimeError(f"{pair}: {reply}")


class World:
    def __init__(self, folder):
        (folder / "endpoints.conf").write_text(ENDPOINTS)
        for what, of in ("asn", f"{ASN},Victim"), ("country", "NL"):
            (folder / f"{what}.csv").write_text(
                f"198.18.0.0,198.18.255.255,{of}\n"
                f"2001:db8:7::,2001:db8:9:ffff::,{of}\n")
            subprocess.run([ROOT / "collector" / "geo" / "mkmmdb.pl", what,
                            folder / f"{what}.mmdb", folder / f"{what}.csv"],
                           check=True, stderr=subprocess.DEVNULL)
        self.folder, self.number = folder, 0
        self.keys = [Key(folder, name)
                     for name in ("first", "second", "third")]

    def tell(self, pairs, lists):
        """All agents tell a new collector of these pairs of targets: the
        states of networks, all that it says in public, and how many reports
        and rollups it has."""
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        listed = f"{self.folder}/endpoints.conf" if lists else ""
        more = (f"endpoints = {listed}\ntrusted-proxies = 127.0.0.0/8\n"
                f"[geo]\nasn = {self.folder}/asn.mmdb\n"
                f"country = {self.folder}/country.mmdb\n")
        with ends_well(Collector(folder, more)) as it:
            for family in "46":  # what they say is not held for a review
                run(it, "review", "release", str(ASN), family, "25",
                    "--reason", "to be seen")
            for number, key in enumerate(self.keys):
                agent = Forger(it, key, f"198.18.{number}.7",
                               f"2001:db8:{number + 7}::7")
                for pair in pairs:
                    agent.claim(pair)
            it.recounted()
            states = {item["state"] for item in
                      it.json("/v1/networks")["items"]}
            said = [it.ask("GET", path)[1].decode() for path in (
                "/v1/networks", "/v1/measurements", f"/v1/networks/{ASN}",
                "/v1/measurements?format=jsonl",
                "/v1/measurements?format=csv", "/v1/networks?format=csv")]
            said += [run(it, "export"), run(it, "verdicts"),
                     run(it, "export", "--what", "networks")]
            path = folder / "state" / "collector.db"
            with closing(sqlite3.connect(path)) as database:
                has = database.execute(
                    "SELECT count(*), (SELECT count(*) FROM rollup)"
                    " FROM report").fetchone()
        return states, "\n".join(said), has


def convict(pair):
    def check(world):
        states, said, has = world.tell([pair], True)
        if states != {"filtered"} or not has[1]:
            yield f"{states}, {has}: {said[:2000]}"
    return check


def go_nowhere(pairs, words, lists=True):
    def check(world):
        states, said, has = world.tell(pairs, lists)
        print(f"# {has[0]} reports were kept, of which {has[1]} rollups came")
        if states or has != (3 * len(pairs), 0):
            yield f"{states}, {has}: {said[:500]}"
        yield from (f"{word!r} leaves" for word in words if word in said)
    return check


ROWS = (
    ("three agents in three prefixes convict a network", convict(GOOD)),
    ("and with addresses that the list itself names", convict(LABORATORY)),
    ("endpoints of their own go nowhere", go_nowhere(
        [((name, "192.0.2.25", 25), (name + "2", "198.51.100.26", 25))
         for name in NAMES], (*NAMES[2:], "mx3", "MX1", "Victim", str(ASN)))),
    ("nor do addresses where nobody can be", go_nowhere(
        [(("mx1", address, 25), ("mx2", address, 25))
         for address in NOWHERE + NOWHERE6],
        (*NOWHERE, *NOWHERE6, "Victim", str(ASN)))),
    ("nor does what is not where the list has it", go_nowhere(
        [(("laboratory", "10.9.9.8", 25), ("laboratory-2", "10.8.8.9", 25)),
         (("laboratory", "192.0.2.1", 25),
          ("laboratory-2", "198.51.100.2", 25))],
        ("10.9.9.8", "192.0.2.1", "Victim"))),
    ("a port that nobody asked for goes nowhere", go_nowhere(
        [(("mx1", "192.0.2.25", port), ("mx2", "198.51.100.26", port))
         for port in (2525, 4444)], ("2525", "4444", "filtered"))),
    ("and where there is no list, nothing does", go_nowhere(
        [GOOD], ("mx1", "Victim"), lists=False)),
)


def main():
    tap = Tap()
    with scratch("inventions") as folder:
        run_rows(tap, ROWS, World(folder))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
