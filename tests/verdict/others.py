#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Networks of another make than worlds.py's, imported as measurements: whole
companies behind one firewall, hosters that lift on request, carriers with one
prefix for all, IPv6 alone, laptops that commute, clocks that are wrong, lists
of whole prefixes, incidents, hosts with a bridge, and liars who came lately.

    others.py COLLECTOR [--seed N] [--nets N]

Each network is one of the kinds below, with what is true of it at the end and
what it may be called. The verdicts are the reference's, and accuse nobody whose
port gets out.
"""
import argparse
import json
import random
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import compare
import reference
import worlds
from fleet import LAST, Collector, percent
from tap import Tap

ENDPOINTS = 9
TRANSIT = 65000  # whose routers have an incident
GOOD = "reachable", "open", ""
LOST = "unknown", "no-control", ""
SEED = 6
FOUND = 0.8  # of the filters that enough lines see


class Line:
    """An agent in a network: where it is, since when, and what it asks."""

    def __init__(self, world, network, **more):
        R = world.R
        self.agent = more.pop("agent", None) or world.new_agent()
        self.operator = self.agent
        self.prefix = R.randrange(40)
        self.endpoints = R.sample(range(ENDPOINTS), R.randint(2, 5))
        self.since = R.choice((-90, -60, -30, -20, R.uniform(-15, 20)))
        self.daily = R.choice((4, 8, 12))
        self.chance = R.choice((0.5, 0.9, 1.0))  # to be on, each day
        self.skew = R.gauss(0, 0.001)  # of its clock, in days
        self.traces = R.random() < 0.8
        self.away = lambda day: False
        self.moves = False  # to another prefix each day
        self.sees = None  # (t, endpoint) -> what; None: what the network does
        self.own = R.random()  # what a customer asked for
        self.__dict__.update(more)
        network.lines.append(self)


class Network:
    def __init__(self, asn, kind, family):
        self.asn, self.kind, self.family = asn, kind, family
        self.lines = []
        self.truth = "open"
        self.does = lambda line, t, endpoint: GOOD
        self.attacked = False

    def prefix(self, number):
        if self.family == 6:
            return "2001:db8:%x::/48" % (self.asn % 256 * 256 + number)
        return "10.%d.%d.0/24" % (self.asn % 256, number)


def dropped(where="path", after=None, before=None):
    return "filtered", "drop", where, after, before


class World:
    def __init__(self, seed, count):
        self.R = random.Random("others %d" % seed)
        self.agents = 0
        self.seed = seed
        self.roving = []  # laptops: (agent, operator)
        self.incident = self.R.uniform(4, 26)
        self.networks = []
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            network = Network(
                64512 + number, kind.__name__, self.R.choice((4, 4, 6))
            )
            kind(self, network)
            self.networks.append(network)

    def new_agent(self):
        self.agents += 1
        return "%08x%08x" % (self.seed + 0x0707, self.agents)

    def lines(self, network, low, high, **more):
        return [
            Line(self, network, **more)
            for _ in range(self.R.randint(low, high))
        ]

    # --- what is seen ---

    def see(self, network, line, t, endpoint):
        R = self.R
        if line.sees:
            seen = line.sees(t, endpoint)
        else:
            seen = network.does(line, t, endpoint)
        outcome, mechanism, where, after, before = (*seen, None, None)[:5]
        if R.random() < 0.02:
            return (*LOST, None, None)
        if outcome == "reachable" and R.random() < 0.015:
            outcome, mechanism = "filtered", "drop"
            where, after = R.choice((("path", TRANSIT), ("", None)))
        if outcome != "filtered" and where:
            after = before = None
        if outcome == "filtered" and not line.traces:
            where, after, before = "", None, None
        return outcome, mechanism, where, after, before

    def probes(self, network):
        R = self.R
        for line in network.lines:
            if line.since < 0:
                yield (line.since, line, network.prefix(line.prefix), 0,
                       *LOST, None, None)
            for day in range(worlds.DAYS):
                if day < line.since or line.away(day):
                    continue
                if R.random() > line.chance:
                    continue
                if line.moves:
                    line.prefix = R.randrange(40)
                prefix = network.prefix(line.prefix)
                for _ in range(line.daily):
                    t = day + R.random()
                    endpoint = R.choice(line.endpoints)
                    seen = self.see(network, line, t, endpoint)
                    # what is seen is so; when, its clock says
                    at = min(max(t + line.skew, 0), worlds.DAYS - 1e-3)
                    yield (at, line, prefix, endpoint, *seen)


# --- kinds: networks that are open ---


def plain(world, network):
    world.lines(network, 1, 15)


def carrier_nat(world, network):
    """Everybody in one prefix; some have a router at home that filters."""
    for line in world.lines(network, 4, 30, prefix=1):
        if line.own < 0.3:
            line.sees = lambda t, endpoint: dropped("access", None, None)


def company(world, network):
    """A firewall before two prefixes, whose people enrol by themselves."""
    world.lines(network, 0, 4)
    for line in world.lines(network, 3, 9):
        line.prefix = 20 + line.prefix % 2
        line.sees = lambda t, endpoint: dropped(
            "access", None, network.asn
        )


def campus(world, network):
    """One operator with machines in many prefixes behind his own router."""
    world.lines(network, 0, 3)
    own = world.new_agent()
    for line in world.lines(network, 5, 20, operator=own):
        line.sees = lambda t, endpoint: dropped(
            "path", network.asn, network.asn
        )


def bridges(world, network):
    """Servers whose containers are kept from sending by their host."""
    for line in world.lines(network, 3, 12):
        if line.own < 0.6:
            line.sees = lambda t, endpoint: (
                ("local", "drop", "host")
                if endpoint % 2
                else dropped("host-or-path")
            )


def listed(world, network):
    """Some endpoints refuse whole prefixes, or everybody here."""
    lists = world.R.sample(range(ENDPOINTS), world.R.randint(1, 3))
    wide = world.R.random() < 0.5
    world.lines(network, 3, 15)
    network.does = lambda line, t, endpoint: (
        ("filtered", "drop-reply", "far-end")
        if endpoint in lists and (wide or line.prefix % 3 == 0)
        else GOOD
    )


def incident(world, network):
    """A router of the transit's drops port 25 to some endpoints for days."""
    begin = world.incident
    world.lines(network, 3, 12)
    network.does = lambda line, t, endpoint: (
        dropped("path", TRANSIT, TRANSIT)
        if endpoint < 4 and begin < t < begin + 3
        else GOOD
    )


def blackhole(world, network):
    """Towards more than half of all endpoints, since yesterday."""
    world.lines(network, 4, 12, chance=1.0)
    network.does = lambda line, t, endpoint: (
        dropped("path", TRANSIT, TRANSIT)
        if endpoint < 5 and t > worlds.DAYS - 1.5
        else GOOD
    )


def two_endpoints(world, network):
    """Lines that ask two endpoints each, of which many refuse everybody here.
    """
    lists = world.R.sample(range(ENDPOINTS), world.R.randint(3, 5))
    for line in world.lines(network, 3, 15, chance=1.0):
        line.endpoints = world.R.sample(range(ENDPOINTS), 2)
    network.does = lambda line, t, endpoint: (
        ("filtered", "drop-reply", "far-end") if endpoint in lists else GOOD
    )


def nobody_before(world, network):
    """Liars alone, who came at any pace in the last four weeks."""
    network.attacked = True
    start = world.R.uniform(1, 20)
    pace = world.R.choice((0.2, 1, 3))
    for number in range(world.R.randint(4, 12)):
        Line(
            world,
            network,
            prefix=100 + number,
            since=min(start + number * pace, worlds.DAYS - 2),
            chance=1.0,
            traces=True,
            sees=lambda t, endpoint: dropped("path", network.asn, None),
        )


def mistake(world, network):
    """An access list that was wrong for a day, a week before the end."""
    world.lines(network, 4, 12, chance=1.0)
    network.does = lambda line, t, endpoint: (
        dropped("path", network.asn, network.asn)
        if worlds.DAYS - 9 < t < worlds.DAYS - 8
        else GOOD
    )


def lossy(world, network):
    """Radio: bursts in which nothing gets through, and much noise."""
    R = world.R
    world.lines(network, 3, 10)
    network.does = lambda line, t, endpoint: (
        LOST
        if (t * 7 + line.own * 10) % 1 < 0.3
        else dropped(R.choice(("path", "", "far-end")), None, None)
        if R.random() < 0.1
        else GOOD
    )


def wrong_clocks(world, network):
    """It was filtered until a week ago, and clocks are up to a day wrong."""
    world.lines(network, 5, 12, chance=1.0)
    for line in network.lines:
        line.skew = world.R.uniform(-1, 1)
    network.does = lambda line, t, endpoint: (
        GOOD if t > worlds.DAYS - 8 else dropped("path", network.asn, None)
    )


def churn(world, network):
    """Each line is in another prefix each day."""
    world.lines(network, 2, 10, moves=True)
    network.lines[0].sees = lambda t, endpoint: dropped("access", None, None)


def commuters(world, network):
    """Laptops that are on weekdays in a network that filters."""
    world.lines(network, 1, 6)
    for line in world.lines(network, 2, 6):
        line.away = lambda day: day % 7 < 5
        world.roving.append((line.agent, line.operator))


def liars(world, network):
    """Many identities that came in the last three weeks, at any pace."""
    network.attacked = True
    world.lines(network, 2, 6, since=-60, chance=1.0)
    pace = world.R.choice((0.1, 0.5, 1, 2))
    start = world.R.uniform(9, 22)
    for number in range(world.R.randint(5, 15)):
        Line(
            world,
            network,
            prefix=100 + number,
            since=min(start + number * pace, worlds.DAYS - 2),
            chance=1.0,
            traces=True,
            sees=lambda t, endpoint: dropped("path", network.asn, None),
        )


# --- kinds: networks that are not ---


def blocks(world, network):
    network.truth = "filtered"
    world.lines(network, 2, 15)
    network.does = lambda line, t, endpoint: (
        GOOD if line.own < 0.03 else dropped("path", network.asn, None)
    )


def resets(world, network):
    network.truth = "filtered"
    world.lines(network, 2, 15)
    network.does = lambda line, t, endpoint: (
        "filtered", "reset", "link", None, network.asn
    )


def proxies(world, network):
    network.truth = "intercepted"
    world.lines(network, 2, 12)
    network.does = lambda line, t, endpoint: (
        "intercepted", "redirect", "path", network.asn, None
    )


def office_hours(world, network):
    """Where the commuters are on weekdays: it filters."""
    network.truth = "filtered"
    network.family = 4
    world.lines(network, 3, 8)
    for agent, operator in world.roving[-4:]:
        Line(world, network, agent=agent, operator=operator,
             away=lambda day: day % 7 >= 5)
    network.does = lambda line, t, endpoint: dropped(
        "path", network.asn, network.asn
    )


def hoster(world, network):
    """Closed to new customers, lifted for who asks."""
    share = world.R.uniform(0.15, 0.7)
    network.truth = "partial"
    world.lines(network, 5, 20)
    network.does = lambda line, t, endpoint: (
        GOOD if line.own < share else dropped("link", None, network.asn)
    )


def by_region(world, network):
    network.truth = "partial"
    world.lines(network, 6, 25)
    network.does = lambda line, t, endpoint: (
        dropped("path", network.asn, network.asn)
        if line.prefix % 2
        else GOOD
    )


KINDS = (
    plain, carrier_nat, company, campus, bridges, listed, incident, mistake,
    lossy, wrong_clocks, churn, commuters, office_hours, liars, blocks, resets,
    proxies, hoster, by_region, blackhole, two_endpoints, nobody_before,
)
MAY_BE = {
    "open": ("open", "insufficient", "inconsistent"),
    # few lines may all be of one sort
    "partial": ("partial", "filtered", "open", "insufficient", "inconsistent"),
    "filtered": ("filtered", "insufficient", "inconsistent", "partial"),
    "intercepted": ("intercepted", "insufficient", "inconsistent"),
}


# --- rows ---


def milliseconds(t):
    return int((worlds.DAY0 + t) * reference.DAY_MS)


def measurement(network, number, probe):
    t, line, prefix, endpoint, outcome, mechanism, where, after, before = probe
    at = datetime.fromtimestamp(milliseconds(t) / 1000, timezone.utc)
    report = "00000000-0000-7000-9000-%012x" % network.asn
    ok = outcome == "reachable"
    return dict(
        schema_version=2,
        id="%s:%d" % (report, number),
        report=report,
        at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        agent=line.agent,
        operator=line.operator if line.operator != line.agent else None,
        asn=network.asn,
        network=network.kind,
        country="ZZ",
        prefix=prefix,
        family=network.family,
        endpoint="mx%d" % endpoint,
        address="192.0.2.9" if network.family == 4 else "2001:db8::9",
        port=25,
        mode="starttls",
        ended="done" if ok else "connect",
        failure=None if ok else "timeout",
        outcome=outcome,
        mechanism=mechanism,
        where=where or None,
        after_asn=after,
        before_asn=before,
        attributed=True,
        listed=True,
    )


def rollup(network, probes):
    cells = {}
    for t, line, prefix, endpoint, *words, after, before in probes:
        ms = milliseconds(t)
        key = (
            ms // reference.DAY_MS, network.asn, prefix, network.family, 25,
            line.agent, "mx%d" % endpoint, *words, after or 0, before or 0,
        )
        cells.setdefault(key, []).append(ms)
    return [
        reference.Row(*key[:-2], len(x), min(x), max(x), *key[-2:])
        for key, x in cells.items()
    ]


def write(world, path):
    rows, operators = [], {}
    with open(path, "w") as file:
        for network in world.networks:
            probes = list(world.probes(network))
            rows += rollup(network, probes)
            for number, probe in enumerate(probes):
                operators[probe[1].agent] = probe[1].operator
                file.write(
                    json.dumps(measurement(network, number, probe)) + "\n"
                )
    return rows, operators


# --- what is found ---


def judge(program, world):
    """(verdicts, what differs from the reference's)"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, operators = write(world, folder / "rows.jsonl")
        collector = Collector(program, folder)
        collector.run("import", folder / "rows.jsonl")
        items = collector.verdicts(LAST)
    want = reference.judge(rows, compare.NOW, operators)
    return items, compare.wrong_verdicts(want, items)


def wrong(world, items):
    networks = {network.asn: network for network in world.networks}
    return [
        f"AS{v['asn']} {networks[v['asn']].kind}, which is "
        f"{networks[v['asn']].truth}, is called {v['state']}: {v['because']}"
        for v in items
        if v["state"] not in MAY_BE[networks[v["asn"]].truth]
    ]


def can_be_seen(network):
    """Five steady lines that trace, old enough, each alone in its prefix."""
    prefixes = {
        line.prefix
        for line in network.lines
        if line.since < worlds.DAYS - 12
        and line.traces
        and not line.sees
        and line.chance > 0.8
    }
    return len(prefixes) >= 5


def found(tap, world, items):
    states = {v["asn"]: v["state"] for v in items}
    seen = [
        network
        for network in world.networks
        if network.truth in ("filtered", "intercepted")
        and can_be_seen(network)
    ]
    right = [n for n in seen if states.get(n.asn) == n.truth]
    tap.say("filters that five old lines see: " + percent(
        len(right), len(seen)))
    return [
        f"AS{n.asn} {n.kind} is called {states.get(n.asn)}"
        for n in seen
        if n not in right and len(right) < FOUND * len(seen)
    ]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--nets", type=int, default=3 * len(KINDS))
    args = parser.parse_args()
    world, tap = World(args.seed, args.nets), Tap()
    items, differ = judge(args.program, world)
    tap.row(f"all {len(items)} verdicts are the reference's", differ)
    tap.row(
        "nobody whose port gets out is accused, and none that filters is open",
        wrong(world, items),
    )
    tap.row("filters that enough lines see are found",
            found(tap, world, items))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
