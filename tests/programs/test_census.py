#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_census.py COLLECTOR: what a collector publishes while rows come in parts
and in any order, twice, from agents that are revoked, with reviews and remarks
and after a restart, is what all its rows together give: `export` reads and
judges all of them each time. Prints TAP."""

import json
import random
import time
import uuid

from serve_world import Agent, Collector, Key, ends_well, main_of_rows, run

NETWORKS = 8
LINES = 7
DAYS = 20
PARTS = 4
FILTERING = (0, 3, 5)


def drawn(draw, revoked):
    """Rows of some networks that filter, and some that do not; one line is that
    of an agent that is revoked later."""
    now, rows = time.time() - 60, []
    for line in range(NETWORKS * LINES):
        asn = line % NETWORKS
        agent = revoked if line == 3 else f"{line + 100:016x}"
        for day in range(DAYS):
            report = uuid.UUID(int=draw.getrandbits(128), version=4)
            at = now - day * 86400 - draw.random() * 80000
            for number in range(draw.randrange(1, 4)):
                fails = (asn in FILTERING) != (draw.random() < 0.08)
                rows.append({
                    "schema_version": 2, "id": f"{report}:{number}",
                    "report": str(report), "listed": True,
                    "at": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                        time.gmtime(at)),
                    "agent": agent, "asn": 64500 + asn,
                    "network": f"Network {asn}", "country": "NL",
                    "prefix": f"192.0.{line}.0/24", "family": 4,
                    "endpoint": f"mx{draw.randrange(3)}",
                    "address": "192.0.2.25", "port": 25, "mode": "starttls",
                    "ended": "connect" if fails else "done",
                    "failure": "timeout" if fails else None,
                    "outcome": "filtered" if fails else "reachable",
                    "mechanism": "drop" if fails else "open",
                    "where": "path" if fails else None,
                    "operator": f"{line % 11:016x}" if line % 4 == 0
                    else None, "attributed": True})
    draw.shuffle(rows)
    return rows


def by_network(items):
    return {(item["asn"], item["family"], item["port"]): item
            for item in items}


def published(collector):
    collector.recounted()
    return by_network(collector.json("/v1/networks?limit=1000")["items"])


def judged(collector):
    lines = run(collector, "export", "--what", "networks").splitlines()
    return by_network([json.loads(line) for line in lines])


def compared(shown, all_of):
    if sorted(shown) != sorted(all_of) or not shown:
        yield f"{sorted(shown)} are shown, there are {sorted(all_of)}"
        return
    for key, item in shown.items():
        for name in all_of[key].keys() & item.keys():
            if json.dumps(item[name]) != json.dumps(all_of[key][name]):
                yield (f"{key}, {name}: {item[name]} is shown, all rows give "
                       f"{all_of[key][name]}")


def differences(collector, when):
    """The report that shows best what is found there may be that of older rows,
    which a census reads again from time to time, and the endpoints' health is
    held for as long as 200 times what taking it takes: both are waited for."""
    all_of, ends = judged(collector), time.monotonic() + 120
    found = list(compared(published(collector), all_of))
    while found and time.monotonic() < ends:
        found = list(compared(published(collector), all_of))
    return [f"{when}: {one}" for one in found]


def load(collector, rows):
    run(collector, "import", stdin="".join(
        json.dumps(row) + "\n" for row in rows))


def same(folder):
    draw = random.Random(25)
    with ends_well(Collector(folder)) as collector:
        agent = Agent(collector, Key(folder, "agent"))
        agent.enrol()
        agent.send(agent.report())
        pseudonym = collector.json("/v1/measurements")["items"][0]["agent"]
        rows = drawn(draw, pseudonym)
        size = len(rows) // PARTS + 1
        for part in range(PARTS):
            load(collector, rows[part * size:(part + 1) * size])
            yield from differences(collector, f"part {part}")
        load(collector, draw.sample(rows, 50))
        yield from differences(collector, "rows come twice")
        run(collector, "annotate", "64500", "They know of it.")
        run(collector, "review", "reject", "64503", "4", "25", "--reason",
            "of one owner")
        yield from differences(collector, "a review and a remark")
        run(collector, "revoke", agent.id)
        yield from differences(collector, "after a revocation")
        before = published(collector)
        if collector.end_problems():
            yield "it does not end well"
        collector.start()
        yield from differences(collector, "after a restart")
        after = published(collector)
        if before != after:
            yield "a restart changes what is published"


if __name__ == "__main__":
    main_of_rows("census", [
        ("what is published is what all rows together give", same)])
