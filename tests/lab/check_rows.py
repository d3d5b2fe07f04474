# SPDX-License-Identifier: Apache-2.0
"""What `check` must say of every filter: a table, a row a network.

What is expected follows from the topology alone (lab/topology.py): hop 1 is
the home router, 2 the provider's, 3 transit, 4 the exchange, 5 the endpoint.
A router answers a TTL that ends at it before it filters what it forwards; a
filter at its entrance (prerouting) comes before that.
"""

from dataclasses import dataclass, field

from lab.exim import Exim
from lab.filters import (Filter, Ip, Proxy, drop, drop_replies, icmp, loss,
                         rate_limited_icmp, reset, silent_hop)
from lab.opensmtpd import Opensmtpd
from lab.topology import HOP_EXCHANGE, HOP_HOME, HOP_PROVIDER, HOP_TRANSIT

PORTS = (25, 465, 587)
ENDPOINTS = ("mx1", "mx2", "mx3")


@dataclass(frozen=True)
class Expect:
    outcome: str
    mechanism: str
    where: str = None
    after_hop: int = None


OPEN = Expect("reachable", "open")
REJECTED = Expect("reachable", "rejected")
DOWN = Expect("endpoint", "down")
REFUSED = Expect("endpoint", "refused")
OFFLINE = Expect("unknown", "offline")
NO_ROUTE = Expect("unknown", "no-route")
UNRESOLVED = Expect("unknown", "resolve")
# A router that answers itself does so at the TTL that ends at it: after the hop
# before.
REDIRECT = Expect("intercepted", "redirect", "access", HOP_HOME)
STRIPPED = Expect("intercepted", "starttls-stripped", "access", HOP_HOME)
DROP_REPLY = Expect("filtered", "drop-reply", "far-end", HOP_EXCHANGE)


def filtered(mechanism, after_hop):
    where = {0: "host", HOP_HOME: "access"}.get(after_hop, "path")
    return Expect("filtered", mechanism, where, after_hop)


def every(expect):
    return {port: expect for port in PORTS}


@dataclass(frozen=True)
class Row:
    sentence: str
    filters: tuple
    ports: dict           # port: Expect; other ports are open
    ports6: dict = None   # over IPv6, where that differs
    endpoints: tuple = ENDPOINTS
    only: dict = field(default_factory=dict)  # {endpoint: {port: Expect}}
    by_address: bool = False  # endpoints are given as addresses
    timeout_s: int = 30       # of the whole check

    def expected(self, endpoint, port, family):
        ports = self.ports
        if family == 6 and self.ports6 is not None:
            ports = self.ports6
        return self.only.get(endpoint, ports).get(port, OPEN)

    def exit(self, family):
        """1 where a network or host is to blame, 0 where mail can leave on
        every port, 3 where nothing can be said (contract, section 2)."""
        seen = {port: {self.expected(name, port, family).outcome
                       for name in self.endpoints} for port in PORTS}
        if set.union(*seen.values()) & {"filtered", "intercepted", "local"}:
            return 1
        return 0 if all("reachable" in each for each in seen.values()) else 3


PROVIDER_DROP = {25: filtered("drop", HOP_PROVIDER)}

ROWS = (
    Row("an open network is open", (), {}),
    Row("port 25 is dropped by the provider's router",
        (drop("provider", 25),), PROVIDER_DROP),
    Row("port 25 is dropped at the entrance of the provider's router",
        (drop("provider", 25, hook="prerouting"),),
        {25: filtered("drop", HOP_HOME)}),
    Row("port 25 is reset by the provider's router",
        (reset("provider", 25),), {25: filtered("reset", HOP_PROVIDER)}),
    Row("port 25 is prohibited by ICMP of the provider's router",
        (icmp("provider", "admin-prohibited", 25),),
        {25: filtered("icmp", HOP_PROVIDER)}),
    Row("port 25 is unreachable by ICMP of the provider's router",
        (icmp("provider", "port-unreachable", 25),),
        {25: filtered("icmp", HOP_PROVIDER)}),
    Row("every host is unreachable on port 25 by the provider's router",
        (icmp("provider", "host-unreachable", 25),),
        {25: filtered("icmp", HOP_PROVIDER)}),
    Row("port 25 has no route by the provider's router",
        (icmp("provider", "no-route", 25),),
        {25: filtered("icmp", HOP_PROVIDER)}),
    Row("port 25 is dropped by the home router",
        (drop("home", 25),), {25: filtered("drop", HOP_HOME)}),
    Row("port 25 is reset by the home router",
        (reset("home", 25),), {25: filtered("reset", HOP_HOME)}),
    Row("port 25 is prohibited by ICMP of the home router",
        (icmp("home", "admin-prohibited", 25),),
        {25: filtered("icmp", HOP_HOME)}),
    Row("port 25 is dropped in transit",
        (drop("transit", 25),), {25: filtered("drop", HOP_TRANSIT)}),
    Row("port 25 is reset in transit",
        (reset("transit", 25),), {25: filtered("reset", HOP_TRANSIT)}),
    Row("port 25 is prohibited by ICMP in transit",
        (icmp("transit", "admin-prohibited", 25),),
        {25: filtered("icmp", HOP_TRANSIT)}),
    Row("the answers from port 25 are dropped by the provider's router",
        (drop_replies("provider", 25),), {25: DROP_REPLY}),
    Row("ports 25 and 587 are dropped by the provider's router",
        (drop("provider", 25, 587),),
        {25: filtered("drop", HOP_PROVIDER),
         587: filtered("drop", HOP_PROVIDER)}),
    Row("25, 465 and 587 are dropped, and 443 goes on",
        (drop("provider", *PORTS),), every(filtered("drop", HOP_PROVIDER))),
    Row("only IPv6 is filtered",
        (drop("provider", 25, only="meta nfproto ipv6"),), {}, PROVIDER_DROP),
    Row("only IPv4 is filtered",
        (drop("provider", 25, only="meta nfproto ipv4"),), PROVIDER_DROP, {}),
    Row("the provider lets its own relay pass",
        (drop("provider", 25, only="ip daddr != 192.0.2.10"),
         drop("provider", 25, only="ip6 daddr != 2001:db8:2501::25")),
        PROVIDER_DROP, only={"mx1": {}}),
    Row("a provider's router that answers no trace drops port 25",
        (silent_hop("provider"), drop("provider", 25)),
        {25: filtered("drop", HOP_HOME)}),
    Row("port 25 is dropped in transit behind a silent router",
        (silent_hop("provider"), drop("transit", 25)),
        {25: filtered("drop", HOP_TRANSIT)}),
    Row("a router with rate-limited ICMP drops port 25",
        (rate_limited_icmp("provider"), rate_limited_icmp("transit"),
         drop("provider", 25)), PROVIDER_DROP),
    Row("an open network that loses one packet in ten",
        (loss("provider", 10),), {}),
    Row("port 25 is reset after the handshake",
        (reset("provider", 25, only="ct state established"),),
        {25: Expect("filtered", "reset-after-connect")}),
    Row("port 25 falls silent after the handshake",
        (drop("provider", 25, only="ct state established"),),
        {25: Expect("filtered", "stall-after-connect")}, timeout_s=100),
    Row("port 25 falls silent after EHLO",
        (drop("provider", 25, only="ct original packets > 4"),),
        {25: Expect("filtered", "stall-after-connect")}, timeout_s=100),
    Row("the home router lets port 25 pass to one provider alone",
        (drop("home", 25, 587, only="ip daddr != 192.0.2.10"),
         drop("home", 25, 587, only="ip6 daddr != 2001:db8:2501::25")),
        {25: filtered("drop", HOP_HOME), 587: filtered("drop", HOP_HOME)},
        only={"mx1": {}}),
    Row("port 25 is dropped by the host's own firewall",
        (drop("host", 25, hook="output"),),
        {25: Expect("local", "drop", "host", 0)}),
    Row("port 25 is prohibited by a rule of the host",
        (Ip("host", ("rule add ipproto 6 dport 25 prohibit",)),
         Ip("host", ("rule add ipproto 6 dport 25 prohibit",), ("-6",))),
        {25: Expect("local", "denied", "host", 0)}),
    Row("port 25 is dropped for one user of the host",
        (drop("host", 25, hook="output", only="meta skuid 65534"),),
        {25: Expect("local", "drop", "host", 0)}),
    Row("a proxy of the provider answers port 25 with its own server",
        (Proxy("provider", "other", (25,), server="proxymx"),),
        {25: REDIRECT}),
    Row("a proxy of the provider answers 25 and 587 with its own server",
        (Proxy("provider", "other", (25, 587), server="proxymx"),),
        {25: REDIRECT, 587: REDIRECT}),
    Row("a proxy of the provider passes port 25 on as it is",
        (Proxy("provider", "relay", (25,)),), {25: REDIRECT}),
    Row("a proxy of the provider leaves out STARTTLS",
        (Proxy("provider", "strip", (25,)),), {25: STRIPPED}),
    Row("a proxy of the provider overwrites STARTTLS in place",
        (Proxy("provider", "mask", (25,)),), {25: STRIPPED}),
    Row("a proxy of the provider refuses STARTTLS",
        (Proxy("provider", "refuse", (25,)),), {25: STRIPPED}),
    Row("a proxy of the provider ends TLS with its own certificate",
        (Proxy("provider", "tls", (25,)),), {25: REDIRECT}),
    Row("a proxy of the provider takes connections and says nothing",
        (Proxy("provider", "silent", (25,)),), {25: REDIRECT},
        timeout_s=100),
    Row("a proxy of the provider takes connections and resets them",
        (Proxy("provider", "reset", (25,)),), {25: REDIRECT}),
    Row("a portal takes 25 and 443 alike, and says nothing",
        (Proxy("provider", "silent", (25, 443)),), {25: REDIRECT},
        timeout_s=100),
    Row("an antivirus on the host answers itself",
        (Proxy("host", "relay", (25,), hook="output",
               only="meta skuid 65534"),),
        {25: Expect("local", "redirect", "host", 0)}),
    Row("an endpoint that refuses port 25 is no filter",
        (), {}, endpoints=("mx1", "mx2", "closed"),
        only={"closed": {25: REFUSED}}),
    Row("an endpoint that is off is no filter",
        (), {}, endpoints=("mx1", "mx2", "off"),
        only={"off": every(DOWN)}),
    Row("an endpoint that greets with 554 is reachable",
        (), {}, endpoints=("mx1", "mx2", "rejecting"),
        only={"rejecting": every(REJECTED)}),
    Row("an endpoint that greets after 6 seconds is open",
        (), {}, endpoints=("mx1", "slow6")),
    Row("an endpoint that greets after 20 seconds is open",
        (), {}, endpoints=("mx1", "slow20"), timeout_s=100),
    Row("an endpoint that drops this prefix is where the path ends well",
        (), {}, endpoints=("mx1", "mx2", "picky"),
        only={"picky": {25: DROP_REPLY}}),
    Row("Exim is open", (), {}, endpoints=("mx1", "exim")),
    Row("a home without its line is offline",
        (Filter("home", "drop"),), every(OFFLINE), by_address=True),
    Row("a network without TCP is offline",
        (Filter("provider", "meta l4proto tcp drop"),), every(OFFLINE)),
    Row("a host without a default route has no route",
        (Ip("host", ("route del 0.0.0.0/0", "route del ::/0")),),
        every(NO_ROUTE), by_address=True),
    Row("a network without DNS cannot resolve",
        (Filter("home", "udp dport 53 drop\ntcp dport 53 drop"),),
        every(UNRESOLVED)),
)

# Servers whose answers come from their own configuration.
REJECT = "smtpd_delay_reject = no\nsmtpd_client_restrictions = reject\n"
SLEEP = ("smtpd_delay_reject = no\n"
         "smtpd_client_restrictions = sleep {}, permit\n")


def add_sites(lab):
    """The endpoints that the rows name."""
    for name in ENDPOINTS:
        lab.endpoint(name)
    lab.endpoint("closed", ports=("587", "465", "443"))
    lab.endpoint("rejecting", more=REJECT)
    lab.endpoint("slow6", more=SLEEP.format(6))
    lab.endpoint("slow20", more=SLEEP.format(20))
    lab.endpoint("picky")
    lab.endpoint("proxymx")
    lab.endpoint("exim", Exim)
    lab.endpoint("plain", Opensmtpd)
    lab.site("off")


def filter_sites(lab):
    """What the endpoints do to their visitors, once they are up."""
    for name, rule in (("off", "meta l4proto { tcp, udp } drop"),
                       ("picky", "tcp dport 25 drop")):
        lab.network.sites[name].node.nft(
            Filter(name, rule, "input").rules())
