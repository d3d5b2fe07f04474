#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_same.py COLLECTOR: a drawn world's rows in a SQLite file and on a
cluster of 2 x 2 servers. What a collector makes of them is the same, byte for
byte: verdicts, exports, and what it serves. Prints TAP."""

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "verdict"))
import worlds
from cluster_world import Cluster, ClusterCollector, make_geo
from serve_world import Collector, all_recounted, run, scratch
from tap import Tap

SEED, NETWORKS = 4711, 24
STAMP = "%Y-%m-%dT%H:%M:%S.%f"
DIFFERENT = ("generated", "generation", "until", "duration_ms")


def rows_until_now(seed, networks):
    """Measurements of a world whose last day is yesterday."""
    world = worlds.World(seed, networks)
    today = int(time.time() // 86400)
    later = timedelta(days=today - worlds.DAY0 - worlds.DAYS)
    for network in world.networks:
        for agent in network["agents"]:
            agent["age"] = agent["age"] % 15 + 1
        probes = worlds.known_before(network) + world.probes(network)
        for number, probe in enumerate(probes):
            row = worlds.measurement(network, number, probe, world.operators)
            at = datetime.strptime(row["at"], STAMP + "Z") + later
            row["at"] = at.strftime(STAMP)[:-3] + "Z"
            # Most come as reports of an agent, some in long imports.
            if network["id"] % 4:
                report = (f"{row['agent'][:8]}-{network['id']:04x}-7000-8000-"
                          f"{int(at.timestamp()) // 86400:012x}")
                row["report"] = report
                row["id"] = f"{report}:{number}"
            yield row


def write_rows(path):
    """Reports stand together, as an export has them."""
    rows = sorted(rows_until_now(SEED, NETWORKS),
                  key=lambda row: (row["report"][-12:], row["report"],
                                   row["at"]))
    with open(path, "w") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")
    return rows


# With its own time: what is said by command is said now.
SAID = ('{"asn":64515,"annotation":"said on request","by":"noc@example.net",'
        '"at":"2026-11-01T12:00:00.000Z","kind":"reply"}\n')


def fill(it):
    """Rows and a reply, before the first count."""
    run(it, "import", "--what", "annotations", stdin=SAID)
    run(it, "import", it.folder.parent / "rows.jsonl")


class OnOne(Collector):
    def start(self):
        fill(self)
        super().start()


class OnMany(ClusterCollector):
    def begin(self):
        fill(self)


class World:
    def __init__(self, folder, cluster):
        began = time.monotonic()
        self.rows = write_rows(folder / "rows.jsonl")
        (folder / "one" / "state").mkdir(mode=0o700, parents=True)
        self.cluster = cluster
        self.one = OnOne(folder / "one", make_geo(folder / "one"))
        self.many = OnMany(cluster, folder / "many")
        all_recounted(self.one, self.many)
        print(f"# {len(self.rows)} rows, ready in "
              f"{time.monotonic() - began:.0f} s", flush=True)
        self.asns = sorted({row["asn"] for row in self.rows})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.one.__exit__()
        self.many.__exit__()

    def both(self, *command):
        """What is wrong where both must print the same."""
        one, many = (run(it, *command) for it in (self.one, self.many))
        if not one.strip():
            yield f"{command}: nothing"
        yield from differences(command, one, many)

    def served(self, path):
        """What both answer, without the moment at which it was counted."""
        one, many = (it.json(path) for it in (self.one, self.many))
        yield from differences(path, lines(one), lines(many))


def lines(answer):
    """A line a value, in the order of the answer."""
    def strip(value):
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items()
                    if key not in DIFFERENT}
        return [strip(x) for x in value] if isinstance(value, list) else value
    return json.dumps(strip(answer), indent=1)


def differences(what, one, many):
    if one == many:
        return
    for left, right in zip(one.splitlines(), many.splitlines()):
        if left != right:
            yield f"{what}: {left[:400]} and on the cluster {right[:400]}"
            return
    yield f"{what}: {len(one)} and {len(many)} bytes"


def verdicts(world):
    """As of now, and of a day in the middle."""
    now = datetime.now(timezone.utc)
    for days in (0, 1, 12):
        at = (now - timedelta(days=days)).strftime(STAMP)[:-3] + "Z"
        yield from world.both("verdicts", "--format", "json", "--at", at)
        yield from world.both("verdicts", "--at", at)


def exports(world):
    for what in ("events", "history", "annotations"):
        yield from world.both("export", "--what", what)
    since = (datetime.now(timezone.utc) - timedelta(days=4)).strftime(STAMP)
    for how in ((), ("--since", since[:-3] + "Z"),
                ("--asn", str(world.asns[5]))):
        one, many = (run(it, "export", *how).splitlines()
                     for it in (world.one, world.many))
        yield from differences(("export", *how), "\n".join(sorted(one)),
                               "\n".join(sorted(many)))


def networks(world):
    yield from world.served("/v1/networks?limit=1000")
    for asn in world.asns:
        yield from world.served(f"/v1/networks/{asn}")


def history(world):
    for asn in world.asns:
        yield from world.served(f"/v1/networks/{asn}/history")
    yield from world.served("/v1/history")


def events(world):
    yield from world.served("/v1/events?limit=1000")
    for asn in world.asns[:10]:
        yield from world.served(f"/v1/events?asn={asn}")


def the_rest(world):
    for path in ("/v1/summary", "/v1/countries", "/v1/endpoints",
                 "/v1/upstreams",
                 "/v1/countries/ZZ", "/v1/countries/ZZ/history",
                 f"/v1/reports/{world.rows[-1]['report']}"):
        yield from world.served(path)


def ends(world):
    for it in (world.one, world.many):
        yield from it.end_problems()
        said = (it.folder / "said").read_text()
        if "error" in said or "counting new rows" in said:
            yield said


ROWS = (
    ("verdicts are the same", verdicts),
    ("exports are the same", exports),
    ("networks are served the same", networks),
    ("their history is served the same", history),
    ("events are served the same", events),
    ("counts, countries, endpoints and a report are served the same",
     the_rest),
)


def main():
    tap = Tap()
    with scratch("same") as folder, Cluster(folder) as cluster, \
            World(folder, cluster) as world:
        for sentence, check in ROWS:
            tap.run(sentence, lambda check=check: check(world))
        tap.run("both collectors end cleanly", lambda: ends(world))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
