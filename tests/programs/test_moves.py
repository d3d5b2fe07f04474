#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's `run` on a host whose network changes, in its own network
namespace: needs root, and nothing leaves the namespace.

usage: test_moves.py AGENT COLLECTOR
"""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service_world import ERROR, World, expect, refuse, wait_for
from tap import Tap

HURRY = 40        # settles in an eighth of a second
PATIENT_HURRY = 8  # in more than half of one
INSIDE = "EGRESS25_TEST_INSIDE"


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Rows(World):
    @contextmanager
    def in_round(self, hurry=HURRY):
        """An agent in the middle of a round: its server does not greet."""
        ip("link", "add", "out", "type", "veth", "peer", "name", "far")
        ip("link", "set", "far", "up")
        ip("link", "set", "out", "up")
        ip("addr", "add", "198.51.100.7/24", "dev", "out")
        ip("route", "add", "default", "via", "198.51.100.1")
        try:
            with self.agent() as (agent, collector), socket.create_server(
                    ("127.0.0.1", 0)) as server:
                port = server.getsockname()[1]
                agent.set(collector.url, "interval = 600\nplan = no\n")
                agent.endpoints(f"[mx]\nhost = 127.0.0.1\n"
                                f"ports = {port}/starttls\ncontrol = 3\n")
                agent.ports(port)
                server.settimeout(20)
                with agent.start(hurry=hurry):
                    yield agent, collector, server
        finally:
            ip("link", "del", "out")
            subprocess.run(["ip", "link", "del", "docker0"],
                           stderr=subprocess.DEVNULL)

    def moves(self, change, what):
        """The round under way is not reported; a new proof and round follow."""
        with self.in_round() as (agent, collector, server):
            first, _ = server.accept()
            proofs = collector.count("/v1/whoami")
            change()
            wait_for(lambda: "the round under way is discarded" in agent.said())
            moved_at = time.time()
            if what not in agent.said():
                yield f"does not say {what!r}: {agent.said()}"
            second, _ = server.accept()
            yield from expect("new proofs",
                              collector.count("/v1/whoami") - proofs, 1)
            yield from expect("reports of the broken round",
                              len(collector.reports()), 0)
            refuse(server, first, second)
            report = wait_for(lambda: collector.reports(), 20)[0]
            began = report["started"]
            if not after(began, moved_at):
                yield f"the report began at {began}, before {moved_at}"

    def stays(self, change):
        with self.in_round() as (agent, collector, server):
            peer, _ = server.accept()
            change()
            time.sleep(1)  # more than the news take
            refuse(server, peer)
            wait_for(lambda: collector.reports(), 20)
            if "the network changed" in agent.said():
                yield f"took it for a change: {agent.said()}"
            yield from expect("proofs", collector.count("/v1/whoami"), 1)

    def settles(self):
        """A burst of changes is followed by one round."""
        with self.in_round(PATIENT_HURRY) as (agent, collector, server):
            peers = [server.accept()[0]]
            for last in range(1, 6):
                ip("route", "replace", "default", "via",
                   f"198.51.100.{100 + last}")
                wait_for(lambda n=last:
                         agent.said().count("the network changed (") >= n)
            peers.append(server.accept()[0])
            refuse(server, *peers)
            wait_for(lambda: collector.reports(), 20)
            proofs = collector.count("/v1/whoami")
            changes = agent.said().count("the network changed (")
            if proofs >= 1 + changes:
                yield f"{proofs} proofs for {changes} changes"

    def at_the_end(self):
        """A round that ends just when the network changes is discarded: the
        kernel is asked once more before its report is spooled."""
        with self.in_round() as (agent, collector, server):
            peer, _ = server.accept()
            ip("route", "replace", "default", "via", "198.51.100.99")
            changed_at = time.time()
            refuse(server, peer)
            report = wait_for(lambda: collector.reports(), 20)[0]
            if "the round under way is discarded" not in agent.said():
                yield f"it counts: {agent.said()}"
            if not after(report["started"], changed_at):
                yield f"the report began at {report['started']}"


    def behind_nat(self):
        """The collector does not tell the public address: the private one
        is not for a stranger's ears."""
        ip("link", "add", "out", "type", "veth", "peer", "name", "far")
        server = subprocess.Popen(
            ["unshare", "--net", sys.executable, "-c", STRANGER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            server.stdout.readline()
            ip("link", "set", "far", "netns", str(server.pid))
            ip("link", "set", "out", "up")
            ip("addr", "add", "192.168.1.7/24", "dev", "out")
            ip("route", "add", "default", "via", "192.168.1.1")
            server.stdin.write("\n")
            server.stdin.flush()
            server.stdout.readline()
            with self.agent({"/v1/whoami": (503, ERROR, {})}) as (
                    agent, collector):
                agent.endpoints("[mx]\nhost = 203.0.113.9\nports = 25\n")
                agent.set(collector.url, "trace = never\n")
                agent.ports(25)
                agent.run()
            heard = server.stdout.readline()
            yield from expect("said", heard.split()[:1], ["EHLO"])
            if "192.168" in heard or "[" in heard:
                yield f"it says {heard}"
        finally:
            ip("link", "del", "out")
            server.kill()
            server.wait()


STRANGER = """
import socket, subprocess
print("made", flush=True)
input()
for words in ("link set lo up", "link set far up",
              "addr add 192.168.1.1/24 dev far",
              "addr add 203.0.113.9/32 dev lo"):
    subprocess.run(["ip", *words.split()], check=True)
listener = socket.create_server(("203.0.113.9", 25))
print("ready", flush=True)
peer, _ = listener.accept()
peer.settimeout(10)
peer.sendall(b"220 mx.example.net ESMTP\\r\\n")
print(peer.recv(512).decode().strip(), flush=True)
peer.sendall(b"554 no\\r\\n")
peer.close()
input()
"""


def after(text, seconds):
    return datetime.fromisoformat(text).timestamp() >= seconds - 0.1


CHANGES = (
    ("another address", lambda: (
        ip("addr", "del", "198.51.100.7/24", "dev", "out"),
        ip("addr", "add", "198.51.100.8/24", "dev", "out"),
        ip("route", "replace", "default", "via", "198.51.100.1")),
     "IPv4 route changed"),
    ("an address removed", lambda: ip("addr", "del", "198.51.100.7/24",
                                           "dev", "out"),
     "IPv4 route changed"),
    ("IPv6", lambda: (
        ip("addr", "add", "2001:db8:1::7/64", "dev", "out", "nodad"),
        ip("-6", "route", "add", "default", "via", "2001:db8:1::1", "dev",
           "out")),
     "IPv6 route changed"),
    ("another default route", lambda: ip("route", "replace", "default", "via",
                                         "198.51.100.2"),
     "IPv4 route changed"),
    ("no default route", lambda: ip("route", "del", "default"),
     "IPv4 route changed"),
    ("an interface that goes down", lambda: ip("link", "set", "out", "down"),
     "IPv4 route changed"),
)

NO_CHANGES = (
    ("an address whose lifetime is renewed",
     lambda: ip("addr", "change", "198.51.100.7/24", "dev", "out",
                "valid_lft", "3600", "preferred_lft", "1800")),
    ("a container bridge with an address", lambda: (
        ip("link", "add", "docker0", "type", "veth", "peer", "name", "c0"),
        ip("addr", "add", "172.17.0.1/16", "dev", "docker0"),
        ip("addr", "add", "2001:db8:d::1/64", "dev", "docker0", "nodad"),
        ip("link", "set", "c0", "up"), ip("link", "set", "docker0", "up"))),
    ("a second address that the route does not use",
     lambda: ip("addr", "add", "203.0.113.9/24", "dev", "out")),
    ("a route that is not the default",
     lambda: ip("route", "add", "203.0.113.0/24", "via", "198.51.100.3")),
    ("an interface without addresses", lambda: (
        ip("link", "add", "more", "type", "veth"),
        ip("link", "set", "more", "up"), ip("link", "del", "more"))),
    ("a default route that is not preferred",
     lambda: ip("route", "add", "default", "via", "198.51.100.9", "metric",
                "500")),
)


def main():
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    ip("link", "set", "lo", "up")
    tap, rows = Tap(), Rows(*sys.argv[1:3])
    for name, change, what in CHANGES:
        tap.run(f"{name} discards the round and begins another",
                lambda change=change, what=what: rows.moves(change, what))
    for name, change in NO_CHANGES:
        tap.run(f"{name} is not a network change",
                lambda change=change: rows.stays(change))
    tap.run("behind a NAT no private address is said to strangers",
            rows.behind_nat)
    tap.run("a burst of changes is waited out", rows.settles)
    tap.run("a change at the very end of a round is seen", rows.at_the_end)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
