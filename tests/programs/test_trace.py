#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Path traces through real routers and filters, in network namespaces:

    client - r1 - r2 - r3 - server

usage: test_trace.py DRIVER    (as root; the traces themselves run as nobody)
"""

import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "lab")]

from lab.instance import Instance
from lab.netns import Plan, inside
from tap import Tap

NAMES = ("client", "r1", "r2", "r3", "server")
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
             "--bounding-set=-all")
SYN_ACK, RST, ICMP, NONE = "syn-ack", "rst", "icmp", ""


def near(link, family):
    """The address of a link's near end, as seen from the client."""
    return f"198.51.100.{4 * link + 1}" if family == 4 \
        else f"2001:db8:{link + 1}::1"


def far(link, family):
    return f"198.51.100.{4 * link + 2}" if family == 4 \
        else f"2001:db8:{link + 1}::2"


def length(family):
    return 30 if family == 4 else 64


class Line:
    """A network for the traces of one family."""

    def __init__(self, instance, driver, family):
        self.driver = driver
        self.accepted = 0
        plan = Plan(instance)
        self.nodes = [plan.node(f"{name}-{family}", name.startswith("r"))
                      for name in NAMES]
        for link in range(len(NAMES) - 1):
            left, right = self.nodes[link:link + 2]
            plan.link(left, "east", right, "west")
            left.address("east", f"{near(link, family)}/{length(family)}")
            right.address("west", f"{far(link, family)}/{length(family)}")
        self.add_routes(family)
        plan.make()
        for name, port in (("server", 25), ("server", 443), ("r2", 2525)):
            self.listen(name, family, port)

    def add_routes(self, family):
        last = len(NAMES) - 2
        for at, node in enumerate(self.nodes):
            if at < last:
                node.route("default", far(at, family))
            for link in range(at - 1):
                net = (f"198.51.100.{4 * link}/30" if family == 4
                       else f"2001:db8:{link + 1}::/64")
                node.route(net, near(at - 1, family))

    def node(self, name):
        return self.nodes[NAMES.index(name)]

    def listen(self, name, family, port):
        kind = socket.AF_INET if family == 4 else socket.AF_INET6
        with inside(self.node(name).ns):
            sock = socket.socket(kind, socket.SOCK_STREAM)
        if family == 6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(("0.0.0.0" if family == 4 else "::", port))
        sock.listen()
        threading.Thread(target=self.accept, args=(sock,), daemon=True).start()

    def accept(self, sock):
        while True:
            connection, _ = sock.accept()
            self.accepted += 1
            connection.settimeout(5)
            try:
                connection.recv(1)
            except OSError:
                pass
            connection.close()

    def server(self, family):
        return far(len(NAMES) - 2, family)

    def hop(self, ttl, family):
        """Router `ttl` as the client sees it."""
        return far(ttl - 1, family)

    def trace(self, family, port=25, *limits, to=None):
        done = self.node("client").run(
            [*AS_NOBODY, self.driver, to or self.server(family), str(port),
             *map(str, limits)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
        if done.returncode:
            raise RuntimeError(f"driver: {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    @contextmanager
    def filtered(self, name, text):
        node = self.node(name)
        node.nft(f"table inet t {{\n{text}\n}}\n")
        try:
            yield
        finally:
            node.nft("delete table inet t\n")


def chain(hook, rule, kind="filter", priority=0):
    return (f"chain f {{\ntype {kind} hook {hook} priority {priority}\n"
            f"{rule}\n}}")


def judge(line, family, path, hops, answer, ttl, sender=""):
    """Yields what is wrong with a path; the TTLs in `hops` must answer, the
    others that were asked be listed as silent."""
    got = {hop["ttl"]: hop["address"] for hop in path["hops"]}
    last = max([*hops, *got], default=0)
    first = min(got, default=1)
    expected = {at: line.hop(at, family) if at in hops else ""
                for at in range(first, last + 1)}
    wanted = {"answer": answer, "answer_ttl": ttl, "from": sender,
              "reached": answer in (SYN_ACK, RST)}
    problems = [f"{key}: {path[key]!r}, not {value!r}"
                for key, value in wanted.items() if path[key] != value]
    if got != expected:
        problems.append(f"hops: {got}, not {expected}")
    return problems


FILTERS = (
    # sentence, router, table's text, hops, answer, TTL, ICMP sender's router
    ("a drop on the second router ends the path there", "r2",
     chain("forward", "tcp dport 25 drop"), {1, 2}, NONE, -1, None),
    ("a drop at its entrance ends the path before it", "r2",
     chain("prerouting", "tcp dport 25 drop", priority=-300), {1}, NONE, -1,
     None),
    ("a reset by the second router arrives at TTL 3", "r2",
     chain("forward", "tcp dport 25 reject with tcp reset"), {1, 2}, RST, 3,
     None),
    ("an ICMP prohibition names its sender", "r2",
     chain("forward", "tcp dport 25 reject with icmpx type admin-prohibited"),
     {1, 2}, ICMP, 3, 2),
    ("an ICMP port-unreachable is not a reset", "r2",
     chain("forward", "tcp dport 25 reject with icmpx type port-unreachable"),
     {1, 2}, ICMP, 3, 2),
    ("dropped replies show every hop and no answer", "r2",
     chain("forward", "tcp sport 25 drop"), {1, 2, 3}, NONE, -1, None),
    ("a router that never answers is a gap in the path", "r2",
     chain("output", "icmp type time-exceeded drop\n"
                     "icmpv6 type time-exceeded drop"), {1, 3}, SYN_ACK, 4,
     None),
    ("a router that answers every second time is not a gap", "r2",
     chain("output", "icmp type time-exceeded numgen inc mod 2 == 0 drop\n"
                     "icmpv6 type time-exceeded numgen inc mod 2 == 0 drop"),
     {1, 2, 3}, SYN_ACK, 4, None),
    ("a proxy on the second router answers at TTL 2", "r2",
     chain("prerouting", "tcp dport 25 redirect to :2525", "nat", -100), {1},
     SYN_ACK, 2, None),
    ("one SYN in two lost still shows the whole path", "r2",
     chain("forward", "tcp dport 25 numgen inc mod 2 == 0 drop"), {1, 2, 3},
     SYN_ACK, 4, None),
)


def run_filter(line, family, row):
    _, router, text, hops, answer, ttl, sender = row
    with line.filtered(router, text):
        path = line.trace(family)
    problems = judge(line, family, path, hops, answer, ttl,
                     line.hop(sender, family) if sender else "")
    if path["ms"] > 3300:
        problems.append(f"it took {path['ms']} ms")
    return problems


def open_path(line, family):
    line.accepted = 0
    path = line.trace(family)
    problems = judge(line, family, path, {1, 2, 3}, SYN_ACK, 4)
    if line.accepted > 1:
        problems.append(f"the server accepted {line.accepted} connections")
    if path["ms"] > 500:
        problems.append(f"it took {path['ms']} ms")
    return problems


def refused(line, family):
    return judge(line, family, line.trace(family, 26), {1, 2, 3}, RST, 4)


def one_ttl(line, family):
    return judge(line, family, line.trace(family, 25, 3, 3), {3}, NONE, -1) + \
        judge(line, family, line.trace(family, 25, 4, 4), set(), SYN_ACK, 4)


def rate_limited(line, family):
    """One ICMP error a second to a peer, after a burst of six."""
    keys = ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit")
    routers = [line.node(name) for name in ("r1", "r2", "r3")]
    problems = []
    for router in routers:
        router.sysctl(dict.fromkeys(keys, 1000))
    for port in (25, 443) * 4:
        problems += judge(line, family, line.trace(family, port), {1, 2, 3},
                          SYN_ACK, 4)
    for router in routers:
        router.sysctl(dict.fromkeys(keys, 0))
    return problems


def no_route(line, family):
    to = "203.0.113.1" if family == 4 else "2001:db8:99::1"
    client = line.node("client")
    flag = ("-6",) if family == 6 else ()
    client.ip([f"route add unreachable {to}"], flag)
    path = line.trace(family, to=to)
    problems = judge(line, family, path, set(), NONE, -1)
    if path["ms"] > 200:
        problems.append(f"it took {path['ms']} ms")
    return problems


def own_firewall(line, family):
    """What the host itself drops or rejects never reaches hop 1."""
    with line.filtered("client", chain("output", "tcp dport 25 drop")):
        return judge(line, family, line.trace(family), set(), NONE, -1)


CHECKS = (
    ("an open path shows every hop and one connection", open_path),
    ("a closed port refuses from its own distance", refused),
    ("a single TTL can be probed", one_ttl),
    ("eight traces in a row through routers that limit ICMP", rate_limited),
    ("without a route there is nothing to wait for", no_route),
    ("the host's own filter shows no hop", own_firewall),
)


def run_family(tap, line, family):
    line.trace(family, 443)  # neighbours get to know each other
    for sentence, check in CHECKS:
        tap.run(f"IPv{family}: {sentence}",
                lambda check=check: check(line, family))
    for row in FILTERS:
        tap.run(f"IPv{family}: {row[0]}",
                lambda row=row: run_filter(line, family, row))


def main():
    tap = Tap()
    driver = str(Path(sys.argv[1]).resolve())
    with Instance() as instance:
        lines = [(Line(instance, driver, family), family)
                 for family in (4, 6)]
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(run_family, tap, *line) for line in lines]
        for run in runs:
            run.result()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
