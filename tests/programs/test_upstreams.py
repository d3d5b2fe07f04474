#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_upstreams.py COLLECTOR: many networks behind one upstream that filters,
beside networks that filter by themselves and open ones, imported and served.
What is listed is held against what was built. Prints TAP."""

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "verdict"))

import worlds
from serve_world import PROGRAM, Collector
from tap import Tap

SEED, NETWORKS = 4, 24
TRANSIT = worlds.TRANSIT


def draw():
    """The world's last day is yesterday."""
    worlds.DAY0 = int(time.time() // 86400) - worlds.DAYS
    return worlds.World(SEED, NETWORKS, "shared")


def take(collector, world):
    lines = []
    for network in world.networks:
        probes = worlds.known_before(network) + world.probes(network)
        lines += [
            json.dumps(worlds.measurement(network, i, probe, world.operators))
            for i, probe in enumerate(probes)]
    done = subprocess.run(
        [PROGRAM, "import", "--config", collector.config],
        input="\n".join(lines) + "\n", text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    collector.recounted()


class Served:
    """What the lists say."""

    def __init__(self, collector, world):
        self.collector = collector
        # attacked networks may be called anything
        self.built = {n["asn"]: n for n in world.networks if not n["sybil"]}
        self.upstreams = collector.json("/v1/upstreams")
        self.behind = collector.json(
            f"/v1/networks?upstream={TRANSIT}&limit=1000")

    def of(self, policy):
        return {asn for asn, net in self.built.items()
                if net["policy"] == policy}

    def listed(self):
        return {item["asn"] for item in self.behind["items"]}

    def row(self):
        rows = [item for item in self.upstreams["items"]
                if item["asn"] == TRANSIT]
        return rows[0] if len(rows) == 1 else {}

    # --- rows of the test ---

    def finds_them(self):
        built = self.of("transit")
        missing = built - self.listed()
        return ([f"{len(missing)} of {len(built)} are missing: {missing}"]
                if 5 * len(missing) > len(built) else [])

    def spares_others(self):
        wrong = self.listed() & (self.of("open") | self.of("block"))
        return [f"AS{asn} is not behind it" for asn in wrong]

    def counts_them(self):
        row, count = self.row(), len(self.behind["items"])
        found = []
        if row.get("networks") != count or self.behind["total"] != count:
            found.append(f"{count} networks, but {row}")
        if f"Seen by {count} networks behind AS{TRANSIT}," not in \
                row.get("because", ""):
            found.append(row.get("because", "no sentence"))
        witnesses = sum(item["witnesses"][0] for item in self.behind["items"])
        if row.get("witnesses_blocked") != witnesses:
            found.append(f"{witnesses} witnesses, but {row}")
        return found

    def agrees_with_networks(self):
        sentence = (f"seen by {self.row().get('networks')} networks behind "
                    f"AS{TRANSIT}")
        return [f"AS{item['asn']}: {item['because']}"
                for item in self.behind["items"]
                if sentence not in item["because"]
                or item["stopped_in"] != "upstream"
                or item["upstream"] != TRANSIT]

    def has_no_other(self):
        networks = self.collector.json(
            "/v1/networks?stopped_in=upstream&limit=1000")["items"]
        said = {(item["upstream"], item["family"], item["port"])
                for item in networks}
        listed = [(item["asn"], item["family"], item["port"])
                  for item in self.upstreams["items"]]
        return [] if sorted(said) == listed else [f"{said} and {listed}"]

    def goes_page_by_page(self):
        path = f"/v1/networks?upstream={TRANSIT}&limit=3"
        found, cursor = [], ""
        for _ in range(NETWORKS):
            page = self.collector.json(path + cursor)
            found += [item["asn"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        wanted = [item["asn"] for item in self.behind["items"]]
        return [] if found == wanted else [f"{found}, not {wanted}"]

    def has_all_formats(self):
        text = self.collector.ask("GET", "/v1/upstreams?format=csv")[1]
        rows = list(csv.DictReader(io.StringIO(text.decode())))
        lines = self.collector.ask("GET", "/v1/upstreams?format=jsonl")[1]
        items = self.upstreams["items"]
        found = []
        if [json.loads(line) for line in lines.splitlines()] != items:
            found.append(f"lines: {lines!r}")
        if [{k: "" if v is None else str(v) for k, v in item.items()}
                for item in items] != rows:
            found.append(f"CSV: {rows}")
        return found

    def is_filtered(self):
        found = []
        for query, count in ((f"asn={TRANSIT}", 1), ("family=6", 0),
                             (f"asn={TRANSIT}&port=587", 0),
                             (f"cursor={TRANSIT}.4.25&asn={TRANSIT}", 0)):
            items = self.collector.json(f"/v1/upstreams?{query}")["items"]
            if len(items) != count:
                found.append(f"{query}: {items}")
        return found

    def is_asked_once(self):
        tag = self.collector.ask("GET", "/v1/upstreams")[2]["ETag"]
        status = self.collector.ask(
            "GET", "/v1/upstreams", headers={"If-None-Match": tag})[0]
        # it may be published anew in between
        now = self.collector.ask("GET", "/v1/upstreams")[2]["ETag"]
        return [] if status == 304 or now != tag else [f"{status}"]


def main():
    tap, world = Tap(), draw()
    with tempfile.TemporaryDirectory() as name:
        with Collector(Path(name)) as collector:
            take(collector, world)
            served = Served(collector, world)
            for sentence, check in (
                    ("networks behind an upstream that filters are listed",
                     served.finds_them),
                    ("those that are open or filter by themselves are not",
                     served.spares_others),
                    ("the upstream has one row with their number",
                     served.counts_them),
                    ("each of them says the same number",
                     served.agrees_with_networks),
                    ("every upstream that a network names has a row",
                     served.has_no_other),
                    ("the networks come page by page",
                     served.goes_page_by_page),
                    ("lines and CSV are the same rows",
                     served.has_all_formats),
                    ("rows are chosen by AS, family, port and cursor",
                     served.is_filtered),
                    ("who has the list already is told so",
                     served.is_asked_once)):
                tap.run(sentence, check)
            tap.row("it ends as it should", collector.end_problems())
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
