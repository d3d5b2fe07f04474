# SPDX-License-Identifier: Apache-2.0
"""What a row of the matrix is made of.

What is expected follows from the topology alone (lab/topology.py): hop 1 is
the home router, 2 the provider's, 3 transit, 4 the exchange, 5 the endpoint.
A router answers a TTL that ends at it before it filters what it forwards; a
filter at its entrance (prerouting) comes before that.
"""

from dataclasses import dataclass, field

from lab.topology import HOP_EXCHANGE, HOP_HOME

PORTS = (25, 465, 587)
ENDPOINTS = ("mx1", "mx2", "mx3")
ANY = "anything"  # in the place of a value that nothing settles


@dataclass(frozen=True)
class Expect:
    """One honest answer; a port may have several, as a tuple."""
    outcome: str
    mechanism: str
    where: str = None
    after_hop: object = None   # its number, or the router's name
    before_hop: object = ANY   # likewise
    icmp: dict = None  # {family: (type, code)}, of the hop `icmp_hop`
    icmp_hop: int = None
    signs: tuple = ()  # that must be among its signs
    code: int = None   # of the server's last reply
    text: str = ""     # that the reply holds
    alert: int = None  # of TLS
    dns: str = None    # what the name servers said
    hops: object = None  # endpoint_hops; None: the endpoint's distance, or null


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
# The endpoint does it by itself.
SILENT = Expect("endpoint", "silent")
BROKEN = Expect("endpoint", "broken")
# It goes out, and no hop tells where it stops.
DROPPED_SOMEWHERE = Expect("filtered", "drop", "network")


def at_link(mechanism, before_hop=ANY, hops=None):
    """By what is between the host and its first router."""
    return Expect("filtered", mechanism, "link", 0, before_hop, hops=hops)


def after(place, mechanism, where="path", hops=None):
    """By the router of that name: the last that the port passes."""
    return Expect("filtered", mechanism, where, place, hops=hops)


def filtered(mechanism, after_hop):
    where = {0: "host", HOP_HOME: "access"}.get(after_hop, "path")
    return Expect("filtered", mechanism, where, after_hop)


def prohibited(after_hop, icmp4=None, icmp6=None, icmp_hop=None):
    """By ICMP, which the hop `after_hop` sends where `icmp_hop` is not said."""
    where = {0: "host", HOP_HOME: "access"}.get(after_hop, "path")
    seen = {4: icmp4, 6: icmp6} if icmp4 else None
    return Expect("local" if after_hop == 0 else "filtered", "icmp", where,
                  after_hop, icmp=seen,
                  icmp_hop=icmp_hop if icmp_hop is not None else after_hop)


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
    line: str = "home"    # of lab/lines.py
    endpoints: tuple = ENDPOINTS  # sites, each an endpoint of its name
    pools: dict = field(default_factory=dict)  # {name: its sites} instead
    domains: dict = field(default_factory=dict)  # {name: domain}, for `domain`
    only: dict = field(default_factory=dict)  # {site: {port: Expect}}
    asked: tuple = PORTS  # of every endpoint: PORT or PORT/MODE
    control: tuple = (443,)
    operands: bool = False    # endpoints are given as HOST on the command line
    by_address: bool = False  # endpoints are given as addresses
    starttls: bool = True     # known to be offered
    keys: bool = False        # the endpoints' keys are known
    listed: dict = field(default_factory=dict)  # {site: whose key it had}
    argv: tuple = ()          # more of `check`'s command line
    before: str = ""          # what root does in `check`'s mount namespace
    sandbox: bool = False     # sockets as in sandbox.py
    resolver: str = ""        # the only name server, where it is not the lab's
    families: tuple = (4, 6)
    sure: bool = True         # False: chance rules; only accusations are wrong
    detour: int = 0           # routers on a second path, beside transit
    timeout_s: int = 30       # of the whole check
    seconds: int = 12         # that it takes, about; the longest begin first
    most_s: int = 0           # that it may take; 0: what limit_s() says

    def pool(self):
        """{endpoint: the sites that its name stands for}."""
        pools = self.pools or {name: (name,) for name in self.endpoints}
        return {**{name: () for name in self.domains}, **pools}

    def limit_s(self):
        """What a person waits for on an idle machine: 15 s, or 30 where a
        greeting is awaited or connects are counted. Who gives `check` more
        than its default minute asks it to be patient."""
        if self.most_s:
            return self.most_s
        if self.timeout_s > 60:
            return self.timeout_s
        return 15 if self.seconds <= 15 else 30

    def ports_asked(self):
        return [int(str(port).split("/")[0]) for port in self.asked]

    def expected(self, site, port, family):
        """The honest answers."""
        ports = self.ports
        if family == 6 and self.ports6 is not None:
            ports = self.ports6
        found = self.only.get(site, ports).get(port, OPEN)
        return found if isinstance(found, tuple) else (found,)
