#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_demo.py DEMO COLLECTOR: a small made-up fleet, and what a collector
says of it. Prints TAP."""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import Tap

DEMO, COLLECTOR = sys.argv[1:]
NETWORKS = 12
FIRST = 4200000000
DAYS = 90
DRAW = Path(__file__).with_name("draw.sh")

# By hand in demo_world.c: what is done to port 25 over IPv4, and what has to
# be published of it: state, mechanism.
BUILT = {
    0: ("filtered", "drop"),
    1: ("partial", "drop"),
    2: ("intercepted", "redirect"),
    3: ("filtered", "icmp"),
    6: ("intercepted", "starttls-stripped"),
    7: ("open", "open"),
    8: ("insufficient", None),
    9: ("filtered", "reset"),
}
CHANGED = FIRST  # from open to filtered, by way of parts
DROPPED_DAY = 52


def free_port():
    """One of two that are free: the collector takes both."""
    for port in range(21000, 30000, 2):
        try:
            for each in port, port + 1:
                with socket.socket() as listener:
                    listener.bind(("127.0.0.1", each))
            return port
        except OSError:
            continue
    raise RuntimeError("no port is free")


class Fleet:
    def __init__(self, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        subprocess.run([DRAW, DEMO, folder, str(NETWORKS), str(port)],
                       check=True, stdout=subprocess.DEVNULL, timeout=120)
        self.process = subprocess.Popen(
            [COLLECTOR, "serve", "--config", folder / "collector.conf"],
            stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.summary = self.get("summary")
                return
            except OSError:
                if time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.1)

    def get(self, path):
        with urllib.request.urlopen(f"{self.url}/v1/{path}") as reply:
            return json.load(reply)

    def network(self, index, family=4, port=25):
        for item in self.get(f"networks/{FIRST + index}")["items"]:
            if (item["family"], item["port"]) == (family, port):
                return item
        return None

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def same(tap, sentence, got, wanted):
    tap.row(sentence, [] if got == wanted else
            [f"got {got!r}, wanted {wanted!r}"])


def check(tap, fleet):
    same(tap, "every page says that it is simulated",
         fleet.get("about")["simulated"], True)
    same(tap, "all networks are there",
         fleet.get("summary?port=25&family=4")["networks"], NETWORKS)
    same(tap, "all agents are enrolled and seen",
         fleet.summary["vantage_points"], fleet.summary["agents"])
    for index, (state, mechanism) in BUILT.items():
        item = fleet.network(index)
        same(tap, f"AS{FIRST + index} is judged as it was built",
         (item["state"], item["mechanism"]), (state, mechanism))
    same(tap, "a network that does nothing to IPv6 is open there",
         fleet.network(0, family=6)["state"], "open")
    same(tap, "a network may have no name", fleet.network(3)["name"], None)
    same(tap, "who asks from this machine is in the first network",
         fleet.get("whoami")["asn"], FIRST)
    same(tap, "an operator has replied",
         "closed on consumer lines" in fleet.network(0)["annotation"], True)


def check_past(tap, fleet):
    days = fleet.get(f"networks/{CHANGED}/history?family=4&port=25")["items"]
    same(tap, "the days of the past are there from the start",
         len(days) >= DAYS - 1, True)
    state = {day["day"]: day["state"] for day in days}
    ordered = [state[day] for day in sorted(state)]
    same(tap, "it was open, and then filtered",
         (ordered[DROPPED_DAY - 8], ordered[DROPPED_DAY + 20]),
             ("open", "filtered"))
    told = [(event["from"], event["to"]) for event in
            fleet.get(f"events?asn={CHANGED}&port=25&family=4")["items"]]
    same(tap, "and that is told", ("open", "filtered") in told, True)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(Path(folder) / "demo")
        try:
            check(tap, fleet)
            check_past(tap, fleet)
        finally:
            fleet.stop()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
