#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A collector that wants its agents to scan: the agent's `run` with hostile
plans, in its own network namespace, where every SYN is seen. Needs root, and
nothing leaves the namespace.

usage: test_hostile_plan.py AGENT COLLECTOR
"""

import ipaddress
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service_world import World, expect, wait_for
from small_servers import name_server
from tap import Tap

INSIDE = "EGRESS25_TEST_INSIDE"
VICTIM, VICTIM6 = "203.0.113.66", "2001:db8:66::25"
MAIL = {25, 465, 587, 2525, 2465, 2587}
CONTROLS = {80, 443, 993, 995}
SCAN = [22, 23, 80, 110, 135, 139, 443, 445, 993, 995, 1433, 3306, 3389, 5432,
        5900, 6379]
RATE, ALL = 20, 200
# A repeat by the kernel may come a little later than it was counted.
LATE = 2
SECONDS, HURRY = 12, 20
SO_TIMESTAMPNS = 35
FOREVER = "9999-12-31T23:59:59.999Z"

DOMAINS = 512
OWN_PREFIX = "2001:db8:64:ff9b::"
TRANSLATED = OWN_PREFIX + "c000:2c9"  # 192.0.2.201
RECORDS = {("lan.example", "A"): ["192.168.1.1"],
           ("lan.example", "AAAA"): ["fd00::1"],
           ("loop.example", "A"): ["127.0.0.1"],
           ("nat64.example", "AAAA"): ["64:ff9b::a00:1"],
           ("6to4.example", "AAAA"): ["2002:c0a8:101::1"],
           # This network translates with a prefix of its own.
           ("ipv4only.arpa", "A"): ["192.0.0.170", "192.0.0.171"],
           ("ipv4only.arpa", "AAAA"): [OWN_PREFIX + "c000:aa",
                                       OWN_PREFIX + "c000:ab"],
           ("dns64.example", "AAAA"): [OWN_PREFIX + "a01:203"],
           ("dns64-public.example", "AAAA"): [TRANSLATED],
           ("rebound.example", "A"): ["192.0.2.200", "169.254.169.254"],
           ("many.example", "A"): [f"192.0.2.{n}" for n in range(100, 116)]}
RECORDS.update({(f"v{n}.example", "A"): [VICTIM] for n in range(50)})
RECORDS.update({(f"d{n}.example", "MX"): [f"10 m{k}.d{n}.example"
                                          for k in range(16)]
                for n in range(DOMAINS)})


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def at(ms):
    moment = datetime.now(timezone.utc) + timedelta(milliseconds=ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def entry(name, host, ports=("25/starttls",), control=(443,), **more):
    return {"name": name, "host": host, "ports": list(ports),
            "control": list(control), "next": at(5000), "interval_s": 1,
            "extra": 1000, "addresses": 16, **more}


def plan(entries, span_ms=2, **more):
    return (200, {"format": "egress25-plan/1", "at": at(0),
                  "until": at(span_ms), "endpoints": entries, **more}, {})


def private_hosts():
    return [entry(f"p{n}", f"10.{n % 4}.0.{n // 4}", control=SCAN)
            for n in range(512)]


def victim():
    """One address under many names, as named and as resolved."""
    return ([entry(f"a{n}", VICTIM, ["25/starttls", "587/starttls", "465/tls"],
                   SCAN) for n in range(200)] +
            [entry(f"v{n}", f"v{n}.example", control=SCAN)
             for n in range(50)] +
            [entry(f"b{n}", VICTIM6, control=SCAN) for n in range(100)])


def public_hosts():
    return [entry(f"h{n}", f"192.0.2.{n}",
                  ["25/starttls", "22/connect", "8080/starttls"], SCAN)
            for n in range(1, 90)]


def hidden():
    return [entry(name.split(".")[0], name, control=SCAN) for name in
            ("lan.example", "loop.example", "nat64.example", "6to4.example",
             "dns64.example", "dns64-public.example", "rebound.example",
             "many.example", OWN_PREFIX + "c0a8:101")]


def domains():
    """17,000 questions."""
    entries = [entry(f"d{n}", None, control=SCAN, domain=f"d{n}.example")
               for n in range(DOMAINS)]
    for each in entries:
        del each["host"]
    return entries


class Sniffer:
    """Every SYN that leaves through an interface: (time, to, port)."""

    def __init__(self, interface):
        self.syns = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                    socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self.socket.bind((interface, 3))
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                packet, extra, _, where = self.socket.recvmsg(256, 256)
            except OSError:
                return
            seconds, ns = struct.unpack("qq", extra[0][2][:16])
            if where[2] == 4:  # outgoing
                self.take(packet, seconds + ns / 1e9)

    def take(self, packet, when):
        if packet[0] >> 4 == 4 and packet[9] == 6:
            to, tcp = packet[16:20], packet[(packet[0] & 15) * 4:]
        elif packet[0] >> 4 == 6 and packet[6] == 6:
            to, tcp = packet[24:40], packet[40:]
        else:
            return
        if tcp[13] & 0x12 == 2:
            self.syns.append((when, ipaddress.ip_address(to),
                              struct.unpack(">H", tcp[2:4])[0]))


def most_in_a_second(times):
    times, first, most = sorted(times), 0, 0
    for last, when in enumerate(times):
        while when - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def is_allowed(address):
    nobodys = [ipaddress.ip_network(each) for each in
               ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
                "2001:db8::/32")]
    return address.is_global or any(
        address in each for each in nobodys
        if each.version == address.version)


class Rows(World):
    @contextmanager
    def under(self, entries, more="", hurry=HURRY, **head):
        """An agent that has followed this plan for a while, in a network in
        which nobody answers: its collector, status, and SYNs."""
        ip("link", "add", "out", "type", "veth", "peer", "name", "far")
        ip("link", "set", "far", "up")
        ip("link", "set", "out", "arp", "off", "up")
        ip("addr", "add", "198.51.100.7/24", "dev", "out")
        ip("addr", "add", "2001:db8:1::7/64", "dev", "out", "nodad")
        ip("route", "add", "default", "dev", "out")
        ip("-6", "route", "add", "default", "dev", "out")
        sniffer, self.heard = Sniffer("out"), []
        try:
            with self.agent() as (agent, collector), \
                    name_server(RECORDS, self.heard) as dns:
                collector.answers["/v1/plan"] = plan(entries, **head)
                agent.config.write_text(
                    f"[agent]\ncollector = {collector.url}\n"
                    f"state = {agent.state}\ndns = {dns}\n"
                    f"endpoints = {agent.directory}/endpoints\n{more}")
                with agent.start(hurry=hurry):
                    time.sleep(SECONDS)
                    status = agent.status()[1]
                yield agent, collector, status, sniffer.syns
        finally:
            ip("link", "del", "out")
            sniffer.socket.close()

    def within_bounds(self, syns, allowed=is_allowed):
        strangers = Counter(str(to) for _, to, _ in syns if not allowed(to))
        ports = {port for _, _, port in syns} - MAIL - CONTROLS
        yield from expect("addresses that are not public",
                          strangers.most_common(3), [])
        yield from expect("other ports", ports, set())
        by_address = defaultdict(list)
        for when, to, _ in syns:
            by_address[to].append(when)
        for to, times in by_address.items():
            if most_in_a_second(times) > RATE + LATE:
                yield f"{most_in_a_second(times)} SYNs in a second to {to}"
        most = most_in_a_second([when for when, _, _ in syns])
        print(f"# {len(syns)} SYNs to {len(by_address)} addresses, at most "
              f"{most} in a second")
        if most > ALL + 10 * LATE:
            yield f"{most} SYNs in a second to all"

    def private(self):
        with self.under(private_hosts()) as (agent, _, _, syns):
            yield from expect("SYNs", len(syns), 0)
            if "is not visited: its address is not public" not in agent.said():
                yield f"does not say so: {agent.said()}"

    def resolved(self):
        with self.under(hidden()) as (agent, _, _, syns):
            yield from self.within_bounds(syns)
            reached = {str(to) for _, to, _ in syns}
            if "192.0.2.200" not in reached:
                yield f"the public one of two is not visited: {reached}"
            own = {each for each in reached if each.startswith(OWN_PREFIX)}
            yield from expect("translated here", own, {TRANSLATED})

    def many_names(self):
        with self.under(victim()) as (agent, collector, status, syns):
            yield from self.within_bounds(syns)
            reached = {str(to) for _, to, _ in syns}
            yield from expect("visited", reached, {VICTIM, VICTIM6})
            for report in collector.reports():
                addresses = Counter(each["address"]
                                    for each in report["targets"])
                if max(addresses.values()) > 1:
                    yield f"one round visits it twice: {addresses}"

    def mixture(self):
        entries = (public_hosts() + hidden() + victim()[:300] +
                   private_hosts()[:100])
        with self.under(entries) as (agent, _, status, syns):
            yield from self.within_bounds(syns)
            if len({to for _, to, _ in syns}) < 30:
                yield "nothing is shown by so few addresses"
            told = status["plan_day"]["syns"]
            if not 0 < told <= len(syns) * 1.5 + 200:
                yield f"status says {told} of {len(syns)} SYNs"

    def plans(self):
        """A span of 2 ms: still a plan a minute."""
        with self.under([entry("h", VICTIM)], hurry=HURRY) as (
                _, collector, _, _):
            asked = collector.count("/v1/plan")
            if not 2 <= asked <= SECONDS * HURRY / 60 + 2:
                yield f"{asked} plans in {SECONDS * HURRY} s"

    def huge(self):
        """Each is borne or refused as a whole; no endpoint gets more."""
        entries = [entry(f"h{n}", f"192.0.2.{n}", interval_s=315360000,
                         least_s=315360000, next=when)
                   for n, when in enumerate(
                       (FOREVER, "1970-01-01T00:00:00.000Z", at(5000)))]
        with self.under(entries, until=FOREVER) as (agent, _, _, syns):
            yield from self.within_bounds(syns)
            yield from expect("visited", {str(to) for _, to, _ in syns},
                              {"192.0.2.2"})
            if "runtime error" in agent.said() or "Sanitizer" in agent.said():
                yield agent.said()

    def spent(self):
        with self.under(public_hosts(), "plan-daily = 300\n") as (
                agent, _, status, syns):
            if not 100 < len(syns) <= 300:
                yield f"{len(syns)} SYNs of 300"
            yield from expect("most", status["plan_day"]["most"], 300)
            if status["plan_day"]["syns"] > 300:
                yield f"status says {status['plan_day']}"
            if "SYNs of today (plan-daily) are spent" not in agent.said():
                yield f"does not say so: {agent.said()}"
            text = subprocess.run(agent.argv("status"), text=True,
                                  stdout=subprocess.PIPE).stdout
            if "of at most 300 SYNs and 0 of at most 100000 DNS questions " \
                    "sent today" not in text:
                yield text

    def questions(self):
        """When each was asked first: repeats are the resolver's."""
        first = {}
        for when, query in list(self.heard):
            end = query.index(0, 12) + 5
            first.setdefault(query[12:end].lower(), when)
        most = most_in_a_second(first.values())
        print(f"# {len(first)} questions, at most {most} in a second")
        return len(first), most

    def names(self):
        with self.under(domains()) as (_, _, _, syns):
            yield from expect("SYNs", len(syns), 0)
            count, most = self.questions()
            if most > ALL + 10 * LATE:
                yield f"{most} questions in a second"
            if count < 2 * ALL:
                yield f"nothing is shown by {count} questions"

    def spent_on_names(self):
        with self.under(domains(), "plan-questions-daily = 300\n") as (
                agent, collector, status, syns):
            yield from expect("SYNs", len(syns), 0)
            yield from expect("questions", self.questions()[0], 300)
            day = status["plan_day"]
            yield from expect("status", day, {
                **day, "syns": 0, "most": 200000, "questions": 300,
                "questions_most": 300})
            if "DNS questions of today (plan-questions-daily) are spent" \
                    not in agent.said():
                yield f"does not say so: {agent.said()}"
            found = [each for report in collector.reports()
                     for each in report["targets"]]
            yield from expect("what it claims to have seen", found, [])

    def own(self):
        """What the agent's own configuration allows, and no more."""
        own = ipaddress.ip_network("10.1.0.0/24")
        with self.under(private_hosts(), "plan-networks = 10.1.0.0/24\n"
                        "plan-ports = 445\n") as (_, _, _, syns):
            strangers = {str(to) for _, to, _ in syns if to not in own}
            yield from expect("others", strangers, set())
            ports = {port for _, _, port in syns}
            yield from expect("ports", ports - MAIL - CONTROLS, {445})


def main():
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    ip("link", "set", "lo", "up")
    tap, rows = Tap(), Rows(*sys.argv[1:3])
    tap.run("512 private hosts with 16 control ports each get no SYN",
            rows.private)
    tap.run("names that resolve to private addresses get none either",
            rows.resolved)
    tap.run("one victim under 350 names is visited as one", rows.many_names)
    tap.run("of a mixture only what is allowed is visited, slowly",
            rows.mixture)
    tap.run("a plan that ends in 2 ms is asked for once a minute", rows.plans)
    tap.run("huge numbers and wild times are borne", rows.huge)
    tap.run("after a day's SYNs it rests, and says so", rows.spent)
    tap.run("512 domains of 16 hosts each are asked for slowly", rows.names)
    tap.run("after a day's questions it rests, and claims nothing of names",
            rows.spent_on_names)
    tap.run("its own configuration can allow more", rows.own)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
