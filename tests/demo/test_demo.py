#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_demo.py DEMO COLLECTOR: a small made-up fleet, and what a collector
says of it. Prints TAP."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from ports import free_port
from tap import Tap

DEMO, COLLECTOR = sys.argv[1:]
NETWORKS = 20
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
    4: ("inconsistent", None),
    9: ("filtered", "reset"),
    10: ("filtered", "drop"),
    11: ("filtered", "drop-reply"),
    16: ("intercepted", "tls-intercepted"),
    17: ("open", "open"),
    18: ("filtered", "drop"),
}

# What has to be said of the measurements there, over IPv4: port, outcome,
# mechanism, where. A line for each part of a path and of a machine.
DIAGNOSED = {
    10: {(25, "filtered", "drop", "link")},
    11: {(25, "filtered", "drop-reply", "far-end")},
    12: {(25, "filtered", "drop", "network")},
    13: {(25, "filtered", "throttle", None)},
    14: {(25, "filtered", "reset-after-connect", None)},
    15: {(25, "filtered", "stall-after-connect", None)},
    16: {(25, "intercepted", "tls-intercepted", None)},
    17: {(25, "local", "drop", "host"), (25, "local", "denied", "host"),
         (25, "filtered", "drop", "host-or-path"),
         (587, "endpoint", "silent", None), (465, "endpoint", "broken", None),
         (25, "endpoint", "refused", None),
         (25, "reachable", "rejected", None), (25, "endpoint", "down", None)},
}
CHANGED = FIRST  # from open to filtered, by way of parts
DROPPED_DAY = 52


class Fleet:
    def __init__(self, folder):
        port = free_port(2)  # the collector takes both
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

    def diagnosed(self, index):
        path = f"measurements?asn={FIRST + index}&family=4&limit=1000"
        return {(item["port"], item["outcome"], item["mechanism"],
                 item["where"]) for item in self.get(path)["items"]}

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
    for index, wanted in DIAGNOSED.items():
        seen = fleet.diagnosed(index)
        same(tap, f"AS{FIRST + index} has each fault that was built",
             wanted - seen, set())
    same(tap, "a network that does nothing to IPv6 is open there",
         fleet.network(0, family=6)["state"], "open")
    same(tap, "a network may have no name", fleet.network(3)["name"], None)
    same(tap, "who asks from this machine is in the first network",
         fleet.get("whoami")["asn"], FIRST)
    beyond = fleet.network(18)
    same(tap, "a filter beyond a network is not charged to it",
         (beyond["stopped_in"], bool(beyond["upstream"])), ("upstream", True))
    same(tap, "each kind of remark is there once, with its day",
         sorted((said["kind"], said["at"] is not None)
                for index in BUILT
                for said in fleet.network(index)["annotations"]),
         [("objection", True), ("remark", True), ("reply", True)])
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
