# SPDX-License-Identifier: Apache-2.0
"""Networks that keep SYNs or their answers away: silence, resets, ICMP."""

from lab.filters import (AtExchange, Filter, Ip, Sysctl, after_packets, drop,
                         drop_replies, icmp, on_after, on_starttls,
                         rate_limited_icmp, reset, silent_hop,
                         silent_hops, switched_on)
from lab.topology import HOP_HOME, HOP_PROVIDER, HOP_TRANSIT

from .row import (ANY, DROP_REPLY, NO_ROUTE, OFFLINE, PORTS, UNKNOWN,
                  UNRESOLVED, Expect, Row, every, filtered, prohibited)

PLACES = {"home": ("the home router", HOP_HOME),
          "provider": ("the provider's router", HOP_PROVIDER),
          "transit": ("a router in transit", HOP_TRANSIT)}
# As often as a router does by default that has one customer.
RARE_EXCHANGE = AtExchange("meta l4proto { icmp, icmpv6 } limit rate over "
                           "1/second burst 6 packets drop", "output", "daddr")
PROVIDER_DROP = {25: filtered("drop", HOP_PROVIDER)}
# Where an endpoint met the filter (check.met_by), some connects may have passed
# before; their order counts for nothing.
SWITCHED_ON = {25: (PROVIDER_DROP[25], Expect("filtered", "throttle"))}

# nft's names, and the type and code, of each family.
ICMP_CODES = (
    (("net-unreachable", (3, 0)), ("no-route", (1, 0))),
    (("host-unreachable", (3, 1)), ("addr-unreachable", (1, 3))),
    (("prot-unreachable", (3, 2)), ("port-unreachable", (1, 4))),
    (("port-unreachable", (3, 3)), ("port-unreachable", (1, 4))),
    (("net-prohibited", (3, 9)), ("policy-fail", (1, 5))),
    (("host-prohibited", (3, 10)), ("reject-route", (1, 6))),
    (("admin-prohibited", (3, 13)), ("admin-prohibited", (1, 1))),
)


def at_every_place():
    for place, (name, hop) in PLACES.items():
        yield Row(f"port 25 is dropped by {name}",
                  (drop(place, 25),), {25: filtered("drop", hop)})
        yield Row(f"port 25 is reset by {name}",
                  (reset(place, 25),), {25: filtered("reset", hop)}, seconds=2)
        yield Row(f"the answers from port 25 are dropped by {name}",
                  (drop_replies(place, 25),), {25: DROP_REPLY})
        for v4, v6 in ICMP_CODES:
            yield Row(f"port 25 gets ICMP {v4[0]}, {v6[0]} by {name}",
                      (icmp(place, (v4[0], v6[0]), 25),),
                      {25: prohibited(hop, v4[1], v6[1])}, seconds=2)
        yield Row(f"port 25 is reset after the handshake by {name}",
                  (reset(place, 25, only="ct state established"),),
                  {25: Expect("filtered", "reset-after-connect")}, seconds=5)
        yield Row(f"port 25 is reset after EHLO by {name}",
                  (after_packets(place, 3, "reject with tcp reset", 25),),
                  {25: Expect("filtered", "reset-after-connect")}, seconds=5)
        yield Row(f"port 25 falls silent after the handshake by {name}",
                  (drop(place, 25, only="ct state established"),),
                  {25: Expect("filtered", "stall-after-connect")},
                  timeout_s=100, seconds=55)
        yield Row(f"port 25 falls silent after EHLO by {name}",
                  (after_packets(place, 3, "drop", 25),),
                  {25: Expect("filtered", "stall-after-connect")},
                  timeout_s=100, seconds=35)
        yield Row(f"port 25 falls silent on STARTTLS by {name}",
                  (on_starttls(place, "drop", 25),),
                  {25: Expect("filtered", "stall-after-connect")},
                  timeout_s=100, seconds=40)


def of_sites(place, port, sites, unless=""):
    for ip, family in (("ip", 4), ("ip6", 6)):
        addresses = ", ".join(f"${site}_{family}" for site in sites)
        yield drop(place, *port,
                   only=f"{ip} daddr {unless}{{ {addresses} }}")


def to_some(place, port, *sites):
    """A list of what may pass: every other site is dropped."""
    return tuple(of_sites(place, port, sites, "!= "))


def only_to(place, port, *sites):
    return tuple(of_sites(place, port, sites))


ROWS = (
    Row("an open network is open", seconds=2),
    *at_every_place(),
    Row("port 25 is dropped at the entrance of the provider's router",
        (drop("provider", 25, hook="prerouting"),),
        {25: filtered("drop", HOP_HOME)}),
    Row("port 25 is prohibited at the entrance of the provider's router",
        (icmp("provider", "admin-prohibited", 25, hook="prerouting"),),
        {25: prohibited(HOP_HOME, (3, 13), (1, 1), HOP_PROVIDER)}, seconds=2),
    Row("ports 25 and 587 are dropped by the provider's router",
        (drop("provider", 25, 587),),
        {25: filtered("drop", HOP_PROVIDER),
         587: filtered("drop", HOP_PROVIDER)}),
    Row("25 and 465 are dropped, and 587 is left open, as clouds do",
        (drop("provider", 25, 465),),
        {25: filtered("drop", HOP_PROVIDER),
         465: filtered("drop", HOP_PROVIDER)}),
    Row("25, 465 and 587 are dropped, and 443 goes on",
        (drop("provider", *PORTS),), every(filtered("drop", HOP_PROVIDER))),
    Row("all ports but 443 are dropped",
        (Filter("provider", "ct state new tcp dport != 443 drop"),),
        every(filtered("drop", HOP_PROVIDER))),
    Row("all ports but 443 are reset",
        (Filter("provider", "ct state new tcp dport != 443 "
                "reject with tcp reset"),),
        every(filtered("reset", HOP_PROVIDER)), seconds=3),
    Row("only IPv6 is filtered",
        (drop("provider", 25, only="meta nfproto ipv6"),), {}, PROVIDER_DROP),
    Row("only IPv4 is filtered",
        (drop("provider", 25, only="meta nfproto ipv4"),), PROVIDER_DROP, {}),
    Row("no mail leaves over IPv6, as at clouds whose customers share a /64",
        (drop("provider", *PORTS, only="meta nfproto ipv6"),), {},
        every(filtered("drop", HOP_PROVIDER))),
    Row("the provider lets its own relay pass",
        to_some("provider", (25,), "mx1"), PROVIDER_DROP, only={"mx1": {}}),
    Row("the provider drops port 25 to one big provider alone",
        only_to("provider", (25,), "mx2"), only={"mx2": PROVIDER_DROP}),
    # As far as that its own site's firewall may be.
    Row("a router in transit drops port 25 to one endpoint's network",
        only_to("transit", (25,), "mx3"), only={"mx3": {25: UNKNOWN}}),
    Row("the home router lets 25 and 587 pass to one provider alone",
        to_some("home", (25, 587), "mx1"),
        {25: filtered("drop", HOP_HOME), 587: filtered("drop", HOP_HOME)},
        only={"mx1": {}}),
    Row("the home router lets 25 and 587 pass to the big providers alone",
        to_some("home", (25, 587), "mx1", "mx2"),
        {25: filtered("drop", HOP_HOME), 587: filtered("drop", HOP_HOME)},
        only={"mx1": {}, "mx2": {}}),
    Row("a provider's router that answers no trace drops port 25",
        (silent_hop("provider"), drop("provider", 25)),
        {25: filtered("drop", HOP_HOME)}),
    Row("port 25 is dropped in transit behind a silent router",
        (silent_hop("provider"), drop("transit", 25)),
        {25: filtered("drop", HOP_TRANSIT)}),
    Row("a router with rate-limited ICMP drops port 25",
        (rate_limited_icmp("provider"), rate_limited_icmp("transit"),
         drop("provider", 25)), PROVIDER_DROP),
    Row("port 25 is dropped in transit between routers with rate-limited ICMP",
        (rate_limited_icmp("home"), rate_limited_icmp("provider"),
         rate_limited_icmp("transit"), drop("transit", 25)),
        {25: filtered("drop", HOP_TRANSIT)}),
    Row("port 25 is dropped in transit behind silent routers, which answers "
        "a trace now and then",
        (*silent_hops("home", "provider"), rate_limited_icmp("transit"),
         drop("transit", 25)),
        {25: (filtered("drop", HOP_TRANSIT),
              Expect("filtered", "drop", "network", ANY))}),
    Row("the provider prohibits port 25, but says so to short-lived SYNs alone",
        (Filter("provider", "tcp dport 25 ip ttl < 9 "
                "reject with icmpx type admin-prohibited\n"
                "tcp dport 25 ip6 hoplimit < 9 "
                "reject with icmpx type admin-prohibited\n"
                "tcp dport 25 drop"),), {25: filtered("icmp", HOP_PROVIDER)}),
    Row("port 25 is reset after EHLO between routers with rate-limited ICMP",
        (rate_limited_icmp("home"), rate_limited_icmp("provider"),
         rate_limited_icmp("transit"), RARE_EXCHANGE,
         after_packets("provider", 3, "reject with tcp reset", 25)),
        # So few hops may answer that nothing tells how far the endpoint is.
        {25: (Expect("filtered", "reset-after-connect"), UNKNOWN)},
        seconds=10),
    Row("an open network of routers with rate-limited ICMP",
        (rate_limited_icmp("home"), rate_limited_icmp("provider"),
         rate_limited_icmp("transit")), seconds=5),
    *(Row(f"a filter of port 25 is switched on {when}", (each,), SWITCHED_ON,
          timeout_s=60, seconds=35, most_s=60)
      for when, each in (
          ("while greetings are awaited", switched_on("provider", 330, 25)),
          ("in the middle of dialogues", switched_on("provider", 1500, 25)),
          ("after three dialogues", on_after("provider", 3, 25)))),
    Row("a home without its line is offline",
        (Filter("home", "drop"),), every(OFFLINE), by_address=True),
    Row("a network without TCP is offline",
        (Filter("provider", "meta l4proto tcp drop"),),
        every((OFFLINE, UNKNOWN))),
    Row("a host without a default route has no route",
        (Ip("host", ("route del 0.0.0.0/0", "route del ::/0")),),
        every(NO_ROUTE), by_address=True, seconds=1),
    Row("a host without an IPv6 address has no route there",
        (Sysctl("host", (("ipv6/conf/all/disable_ipv6", 1),)),), {},
        every(NO_ROUTE),
        by_address=True, seconds=2),
    Row("a network without DNS cannot resolve",
        (Filter("home", "udp dport 53 drop\ntcp dport 53 drop"),),
        every(UNRESOLVED)),
)
