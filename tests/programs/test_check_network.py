#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`check` in a network of its own that swallows all packets: the second
opinion, the letter and the name for EHLO. Needs root.

usage: test_check_network.py AGENT
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from small_servers import mail_server
from tap import Tap

AGENT = sys.argv[1]
INSIDE = "EGRESS25_TEST_INSIDE"
REFERENCE = "203.0.113.3"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def make_network():
    """A private address, a way out that swallows everything, and a mail
    server's public address on this host."""
    ip("link", "set", "lo", "up")
    ip("addr", "add", f"{REFERENCE}/32", "dev", "lo")
    ip("link", "add", "out", "type", "veth", "peer", "name", "far")
    ip("addr", "add", "192.168.1.2/24", "dev", "out")
    ip("link", "set", "far", "up")
    ip("link", "set", "out", "up")
    ip("neigh", "add", "192.168.1.1", "lladdr", "02:00:00:00:00:01", "dev",
       "out", "nud", "permanent")
    ip("route", "add", "default", "via", "192.168.1.1")


class World:
    def __init__(self, folder):
        self.config = folder / "agent.conf"
        self.listed = folder / "endpoints.conf"
        self.config.write_text(f"[agent]\nendpoints = {self.listed}\n")

    def check(self, *arguments):
        return subprocess.run(
            [AGENT, "check", "--config", str(self.config), "--timeout", "30",
             *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False)

    def listing(self, port):
        self.listed.write_text(f"[ref]\nhost = {REFERENCE}\n"
                               f"ports = {port}/starttls\n")

    def second_opinion(self):
        with mail_server(REFERENCE) as (port, told):
            self.listing(port)
            never = self.check("--references", "never", "--ports", str(port),
                               "192.0.2.1")
            if told:
                yield f"the reference was asked: {told}"
            done = self.check("--ports", str(port), "192.0.2.1")
            as_json = self.check("--json", "--ports", str(port), "192.0.2.1")
        again = subprocess.run([AGENT, "explain", "--json"], text=True,
                               input=as_json.stdout, stdout=subprocess.PIPE,
                               timeout=60, check=False)
        if never.returncode != 3 or "second opinion" in never.stdout:
            yield never
        if done.returncode != 3 or \
                "for a second opinion: ref." not in done.stdout or \
                "the network lets it through to ref." not in done.stdout:
            yield done
        said = json.loads(as_json.stdout)
        if said["references"] != ["ref"] or \
                said["ports"][str(port)]["state"] != "unknown":
            yield said["ports"]
        # Explained again without the list of what the reference serves.
        if json.loads(again.stdout)["references"] != ["ref"]:
            yield again

    def decided(self):
        with mail_server(REFERENCE) as (port, told):
            self.listing(port)
            done = self.check("--ports", "9", "127.0.0.1")
        if told or done.returncode != 0:
            yield f"{told}: {done}"

    def ehlo(self):
        with mail_server(REFERENCE) as (port, told):
            self.check(f"{REFERENCE}:{port}")
        names = [line[5:] for line in told if line.startswith("EHLO ")]
        if not names or any("192.168." in name or "." not in name
                            for name in names):
            yield told
        with mail_server("127.0.0.1") as (port, told):
            self.check(f"127.0.0.1:{port}")
        if "EHLO [127.0.0.1]" not in told:
            yield told


def main():
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    make_network()
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="egress25-") as name:
        world = World(Path(name))
        tap.run("a second opinion where the named host decides nothing",
                world.second_opinion)
        tap.run("none where it does", world.decided)
        tap.run("EHLO says no private address to a public one", world.ehlo)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
