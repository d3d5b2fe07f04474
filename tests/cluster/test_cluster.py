#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_cluster.py COLLECTOR [UNIT-TESTS]: the store's tests on a ClickHouse
cluster of one server, if the folder of the unit tests is given; then two
collectors whose rows are on a cluster of 2 x 2 servers. Prints TAP."""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from cluster_world import Cluster, ClusterCollector
from serve_world import Agent, Key, expect, run, scratch
from tap import Tap


class World:
    """Two collectors on one cluster, and an agent."""

    def __init__(self, folder):
        self.cluster = Cluster(folder)
        self.first = ClusterCollector(
            self.cluster, folder / "first", more="enrol = token\n")
        self.second = ClusterCollector(
            self.cluster, folder / "second", like=self.first,
            more="enrol = token\n")
        self.agent = Agent(self.first, Key(folder, "agent"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.first.__exit__()
        self.second.__exit__()
        self.cluster.do("stop")

    def through(self, collector):
        """The agent, as it talks to that collector."""
        agent = Agent(collector, self.agent.key)
        agent.id = self.agent.id
        return agent


def stored_and_shown(world):
    """A report through one collector, and all that the other shows of it."""
    yield from expect(world.agent.enrol(
        token=run(world.first, "token"), contact="ops@a.example"), 200)
    report = world.agent.report()
    yield from expect(world.agent.send(report), 200, accepted=2,
                      duplicate=False)
    yield from expect(world.agent.send(report), 200, duplicate=True)
    yield from expect(world.through(world.second).send(report), 200,
                      duplicate=True)
    world.second.recounted()
    networks = world.second.json("/v1/networks")["items"]
    if [(n["asn"], n["name"], n["probes"]) for n in networks] != [
            (64500, "Own", 1)]:
        yield f"networks: {networks}"
    listed = world.second.json("/v1/measurements")["items"]
    ids = [f"{report['report']}:{n}" for n in (1, 0)]
    if [row["id"] for row in listed] != ids:
        yield f"measurements: {listed}"
    status, body, _ = world.second.ask(
        "GET", f"/v1/reports/{report['report']}")
    if status != 200:
        yield f"the report: {status} {body[:200]}"
    summary = world.second.json("/v1/summary")
    if (summary["reports"], summary["measurements"],
            summary["agents"]) != (1, 2, 1):
        yield f"summary: {summary}"


def same_export(world):
    """Both write the same rows."""
    first, second = (run(it, "export") for it in (world.first, world.second))
    if first != second or len(first.splitlines()) != 2:
        yield f"{first} and {second}"


def on_two_servers(world):
    """What was acknowledged is on both copies of its shard."""
    for shard in ((1, 2), (3, 4)):
        counts = {world.cluster.number(
            "SELECT count() FROM egress25.measurement_local", node=node)
            for node in shard}
        if len(counts) != 1:
            yield f"{shard}: {counts}"


def pages(world):
    """A list by pages of one, newest first, has each row once."""
    for _ in range(3):
        yield from expect(world.agent.send(world.agent.report()), 200)
    everything = world.second.json("/v1/measurements?limit=100")["items"]
    found, more = [], ""
    while True:
        page = world.second.json(f"/v1/measurements?limit=1{more}")
        if "items" not in page:
            yield f"after {len(found)} rows: {page}"
            return
        found += page["items"]
        if page["next"] is None:
            break
        more = f"&cursor={page['next']}"
    if found != everything or len(found) != 8:
        yield f"{len(found)} of {len(everything)} rows"


def revoked(world):
    """An agent that is revoked here is refused there, and its rows go."""
    run(world.first, "revoke", world.agent.id)
    world.second.recounted()
    status = world.through(world.second).whoami()[0]
    if status != 401:
        yield f"its request: {status}"
    rows = world.second.json("/v1/measurements")["items"]
    if rows:
        yield f"rows: {len(rows)}"
    listed = run(world.second, "agents", "--format", "json").splitlines()
    first = json.loads(listed[0])
    if first["agent"] != world.agent.id or first["revoked"] is None:
        yield f"listed as {first}"


def by_token(world):
    """A token is good for one agent, whichever collector it goes to."""
    token = run(world.first, "token")
    agents = [Agent(it, Key(it.folder, "tokens"))
              for it in (world.second, world.first)]
    statuses = [agent.enrol(token=token)[0] for agent in agents]
    if statuses != [200, 403]:
        yield f"{statuses}"
    yield from expect(agents[0].enrol(token=token), 200)
    there = Agent(world.first, agents[0].key)
    there.id = agents[0].id
    yield from expect(there.whoami(), 200)


def annotated(world):
    """A remark made with one is listed by the other."""
    run(world.first, "annotate", "64500", "lifted on request")
    said = run(world.second, "export", "--what", "annotations")
    if "lifted on request" not in said:
        yield said


def no_backup(world):
    """What this store has not says so."""
    try:
        run(world.first, "backup", "--output", world.first.folder / "copy")
    except RuntimeError as error:
        if "has backups of its own" not in str(error):
            yield str(error)
    else:
        yield "it made one"


def ends(world):
    for it in (world.first, world.second):
        yield from it.end_problems()


def unit(cluster, test):
    """A test program's rows on the cluster."""
    done = subprocess.run(
        [test, cluster.urls(), cluster.password], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    failed = [line for line in done.stdout.splitlines()
              if not line.startswith("ok ")]
    if done.returncode or "\nok " not in done.stdout:
        yield "\n".join(failed)


UNIT = ("store", "store_past")

ROWS = (
    ("a report through one collector is shown by the other", stored_and_shown),
    ("both collectors export the same", same_export),
    ("a report that was acknowledged is on two servers", on_two_servers),
    ("a list by pages has each row once", pages),
    ("a remark made through one collector is listed by the other", annotated),
    ("a token is good for one agent, at whichever collector", by_token),
    ("an agent that is revoked here is refused there", revoked),
    ("a backup by us is refused with a reason", no_backup),
    ("both collectors end cleanly", ends),
)


def main():
    tap = Tap()
    for folder in sys.argv[2:]:
        with scratch("units") as own, Cluster(own, 1, 1) as cluster:
            for name in UNIT:
                test = Path(folder) / f"test_{name}"
                tap.run(f"the rows of test_{name} hold on a cluster",
                        lambda test=test: unit(cluster, test))
    with scratch("cluster") as folder, World(folder) as world:
        for sentence, check in ROWS:
            tap.run(sentence, lambda check=check: check(world))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
