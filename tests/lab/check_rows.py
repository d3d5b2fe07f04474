# SPDX-License-Identifier: Apache-2.0
"""What `check` must say of every filter: a table, a row a network.

What is expected follows from the topology alone (lab/topology.py): hop 1 is
the home router, 2 the provider's, 3 transit, 4 the exchange, 5 the endpoint.
A router answers a TTL that ends at it before it filters what it forwards; a
filter at its entrance (prerouting) comes before that.
"""

import json
from dataclasses import dataclass, field

from lab.filters import (drop, drop_all, drop_replies, icmp, reset)
from lab.topology import (HOP_ENDPOINT, HOP_EXCHANGE, HOP_HOME, HOP_PROVIDER,
                          HOP_TRANSIT)

PORTS = (25, 465, 587)
ENDPOINTS = ("mx1", "mx2", "mx3")


@dataclass(frozen=True)
class Expect:
    outcome: str
    mechanism: str
    where: str = None
    after_hop: int = None


OPEN = Expect("reachable", "open")
OFFLINE = Expect("unknown", "offline")
DOWN = Expect("endpoint", "down")
REFUSED = Expect("endpoint", "refused")


def filtered(mechanism, after_hop):
    where = {0: "host", HOP_HOME: "access"}.get(after_hop, "path")
    return Expect("filtered", mechanism, where, after_hop)


DROP_REPLY = Expect("filtered", "drop-reply", "far-end", HOP_EXCHANGE)


@dataclass(frozen=True)
class Row:
    sentence: str
    filters: tuple
    ports: dict              # port: Expect; other ports are open
    exit_code: int = 1
    endpoints: tuple = ENDPOINTS
    only: dict = field(default_factory=dict)  # {endpoint: {port: Expect}}
    by_address: bool = False  # endpoints are given as addresses

    def expected(self, endpoint, port):
        ports = self.only.get(endpoint, self.ports)
        return ports.get(port, OPEN)


ROWS = (
    Row("an open network is open", (), {}, 0),
    Row("port 25 is dropped by the provider's router",
        (drop("provider", 25),), {25: filtered("drop", HOP_PROVIDER)}),
    Row("port 25 is dropped at the entrance of the provider's router",
        (drop("provider", 25, hook="prerouting"),),
        {25: filtered("drop", HOP_HOME)}),
    Row("port 25 is reset by the provider's router",
        (reset("provider", 25),), {25: filtered("reset", HOP_PROVIDER)}),
    Row("port 25 is prohibited by ICMP of the provider's router",
        (icmp("provider", "admin-prohibited", 25),),
        {25: filtered("icmp", HOP_PROVIDER)}),
    Row("port 25 is dropped by the home router",
        (drop("home", 25),), {25: filtered("drop", HOP_HOME)}),
    Row("port 25 is reset by the home router",
        (reset("home", 25),), {25: filtered("reset", HOP_HOME)}),
    Row("port 25 is dropped in transit",
        (drop("transit", 25),), {25: filtered("drop", HOP_TRANSIT)}),
    Row("the answers from port 25 are dropped by the provider's router",
        (drop_replies("provider", 25),), {25: DROP_REPLY}),
    Row("ports 25 and 587 are dropped by the provider's router",
        (drop("provider", 25, 587),),
        {25: filtered("drop", HOP_PROVIDER),
         587: filtered("drop", HOP_PROVIDER)}),
    Row("port 25 is dropped by the host's own firewall",
        (drop("host", 25, hook="output"),),
        {25: Expect("local", "drop", "host", 0)}),
    Row("an endpoint that refuses port 25 is no filter",
        (), {}, 3, ("mx1", "mx2", "closed"), {"closed": {25: REFUSED}}),
    Row("an endpoint that is off is no filter",
        (), {}, 3, ("mx1", "mx2", "off"),
        {"off": {25: DOWN, 465: DOWN, 587: DOWN}}),
    Row("a home without its line is offline",
        (drop_all("home"),), {25: OFFLINE, 465: OFFLINE, 587: OFFLINE}, 3,
        by_address=True),
)


def add_sites(lab):
    """The endpoints that the rows name."""
    for name in ENDPOINTS:
        lab.endpoint(name)
    lab.endpoint("closed", ports=("587", "465", "443"))
    lab.site("off")


def prepare(lab):
    """Every row's own network; returns [(row, vantage)]."""
    places = []
    for number, row in enumerate(ROWS):
        provider = lab.network.provider(f"p{number}")
        places.append((row, lab.vantage(provider, f"v{number}")))
    return places


def filter_all(lab, places):
    lab.network.sites["off"].node.nft(
        "table inet off {\nchain f {\ntype filter hook input priority 0\n"
        "meta l4proto { tcp, udp } drop\n}\n}\n")
    for row, vantage in places:
        for each in row.filters:
            each.apply(vantage)


def endpoints_of(lab, row, family):
    if not row.by_address:
        return lab.endpoints_file(row.endpoints)
    path = lab.instance.directory / f"address{family}.endpoints"
    path.write_text("".join(
        f"[{name}]\nhost = "
        f"{lab.network.sites[name].addresses((family,))[0]}\n"
        "ports = 25 587 465\ncontrol = 443\n" for name in row.endpoints))
    return path


def compare(lab, row, vantage, family, found):
    """What is wrong with the diagnoses of one `check --json`."""
    wanted = {(name, port): row.expected(name, port)
              for name in row.endpoints for port in PORTS}
    for seen in found["diagnoses"]:
        place = (seen["endpoint"], seen["port"])
        expect = wanted.pop(place, None)
        if expect is None:
            yield f"{place}: diagnosed, but not asked for"
            continue
        hop = expect.after_hop
        site = lab.network.sites[seen["endpoint"]]
        want = {
            "family": family,
            "address": site.addresses((family,))[0],
            "outcome": expect.outcome,
            "mechanism": expect.mechanism,
            "where": expect.where,
            "after_hop": hop,
            "after_address": lab.network.hop_address(vantage, hop, family)
            if hop else None,
        }
        if expect.outcome == "filtered":
            want["endpoint_hops"] = HOP_ENDPOINT
        got = {key: seen.get(key) for key in want}
        if got != want:
            differing = [f"{key} is {got[key]}, not {want[key]}"
                         for key in want if got[key] != want[key]]
            yield (f"{seen['endpoint']} port {seen['port']}: "
                   f"{', '.join(differing)} ({seen.get('because')})")
    for name, port in wanted:
        yield f"{name} port {port}: no diagnosis"


def run(lab, row, vantage, family):
    """Run one row over one family; returns its problems."""
    done = lab.run_agent(vantage, "check", "--json", f"-{family}",
                         "--readiness", "never", "--endpoints",
                         str(endpoints_of(lab, row, family)))
    problems = []
    if done.returncode != row.exit_code:
        problems.append(f"exit code {done.returncode}, not {row.exit_code}")
    if done.stderr:
        problems.append(f"on stderr: {done.stderr[-2000:]}")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return problems + [f"no JSON: {done.stdout[-300:]!r}"]
    return problems + list(compare(lab, row, vantage, family, found))
