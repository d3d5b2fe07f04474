# SPDX-License-Identifier: Apache-2.0
"""What a row of the matrix is made of.

What is expected follows from the topology alone (lab/topology.py): hop 1 is
the home router, 2 the provider's, 3 transit, 4 the exchange, 5 the endpoint.
A router answers a TTL that ends at it before it filters what it forwards; a
filter at its entrance (prerouting) comes before that.
"""

from dataclasses import dataclass, field

from lab.topology import HOP_ENDPOINT, HOP_EXCHANGE, HOP_HOME

PORTS = (25, 465, 587)
ENDPOINTS = ("mx1", "mx2", "mx3")


@dataclass(frozen=True)
class Expect:
    outcome: str
    mechanism: str
    where: str = None
    after_hop: int = None
    icmp: dict = None  # {family: (type, code)}, of the hop `icmp_hop`
    icmp_hop: int = None
    signs: tuple = ()  # that must be among its signs
    code: int = None   # of the server's last reply


OPEN = Expect("reachable", "open")
DOWN = Expect("endpoint", "down")
REFUSED = Expect("endpoint", "refused")
OFFLINE = Expect("unknown", "offline")
NO_ROUTE = Expect("unknown", "no-route")
UNRESOLVED = Expect("unknown", "resolve")
UNKNOWN = Expect("unknown", "no-control")
# A router that answers itself does so at the TTL that ends at it: after the hop
# before.
REDIRECT = Expect("intercepted", "redirect", "access", HOP_HOME)
STRIPPED = Expect("intercepted", "starttls-stripped", "access", HOP_HOME)
FOREIGN_KEY = Expect("intercepted", "tls-intercepted", "access", HOP_HOME)
DROP_REPLY = Expect("filtered", "drop-reply", "far-end", HOP_EXCHANGE)


def filtered(mechanism, after_hop):
    where = {0: "host", HOP_HOME: "access"}.get(after_hop, "path")
    return Expect("filtered", mechanism, where, after_hop)


def prohibited(after_hop, icmp4=None, icmp6=None, icmp_hop=None):
    """By ICMP, which the hop `after_hop` sends where `icmp_hop` is not said."""
    where = {0: "host", HOP_HOME: "access"}.get(after_hop, "path")
    seen = {4: icmp4, 6: icmp6} if icmp4 else None
    return Expect("local" if after_hop == 0 else "filtered", "icmp", where,
                  after_hop, seen,
                  icmp_hop if icmp_hop is not None else after_hop)


def rejected(code):
    return Expect("reachable", "rejected", code=code)


def by_host(mechanism):
    return Expect("local", mechanism, "host", 0)


def every(expect):
    return {port: expect for port in PORTS}


@dataclass(frozen=True)
class Row:
    sentence: str
    filters: tuple = ()
    ports: dict = field(default_factory=dict)  # port: Expect; others are open
    ports6: dict = None   # over IPv6, where that differs
    endpoints: tuple = ENDPOINTS  # sites, each an endpoint of its name
    pools: dict = field(default_factory=dict)  # {name: its sites} instead
    only: dict = field(default_factory=dict)  # {site: {port: Expect}}
    by_address: bool = False  # endpoints are given as addresses
    starttls: bool = True     # known to be offered
    keys: bool = False        # the endpoints' keys are known
    sure: bool = True         # False: chance rules; only accusations are wrong
    detour: int = 0           # routers on a second path, beside transit
    timeout_s: int = 30       # of the whole check
    seconds: int = 12         # that it takes, about; the longest begin first

    def pool(self):
        """{endpoint: the sites that its name stands for}."""
        return self.pools or {name: (name,) for name in self.endpoints}

    def expected(self, site, port, family):
        ports = self.ports
        if family == 6 and self.ports6 is not None:
            ports = self.ports6
        return self.only.get(site, ports).get(port, OPEN)

    def exit(self, family):
        """1 where a network or host is to blame, 0 where mail can leave on
        every port, 3 where nothing can be said (contract, section 2)."""
        sites = [site for pool in self.pool().values() for site in pool]
        seen = {port: {self.expected(site, port, family).outcome
                       for site in sites} for port in PORTS}
        if set.union(*seen.values()) & {"filtered", "intercepted", "local"}:
            return 1
        return 0 if all("reachable" in each for each in seen.values()) else 3
