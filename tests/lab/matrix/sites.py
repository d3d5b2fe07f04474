# SPDX-License-Identifier: Apache-2.0
"""Sites whose own firewall stands routers before their servers: what it does is
the endpoint's, however much it looks like a network's."""

from dataclasses import replace

from lab.filters import Filter, drop, icmp
from lab.scripted import USUAL

from .row import REFUSED, SILENT, UNKNOWN, Row, after

# The firewall is hop 5 behind a home router, two routers of racks are behind
# it; two owners' servers are hop 8. What each does to what goes to them.
FENCES = {
    "fence": "tcp dport { 465, 587 } drop",
    "gate": "tcp dport 25 drop",
    "sign": "tcp dport 25 reject with icmpx type admin-prohibited",
}
FENCED, GATED = ("fence-a", "fence-b"), ("gate-a", "gate-b")
# A large operator's edge is hop 5, too, and his server hop 10.
OPERATOR, INNER_ROUTERS = "operator", 4
SIGNED = ("sign-a", "sign-b")
# A host of containers rejects what no rule of its lets in, a hop before them.
DOCKED = "docked"
NAMED = {"operands": True}
CLOUD = {"line": "cloud"}
NO_SUBMISSION = {465: UNKNOWN, 587: UNKNOWN}
CLOSED = (REFUSED, UNKNOWN)
NOT_SERVED = {465: SILENT, 587: SILENT}


def edges():
    what = "a site's firewall drops 587 and 465 three hops before its MX host"
    for line, where in (({}, ""), (CLOUD, ", in a cloud")):
        yield Row(f"{what}, by name{where}", (), NO_SUBMISSION,
                  endpoints=FENCED[:1], **NAMED, **line)
        yield Row(f"{what}, and another endpoint, by name{where}",
                  endpoints=("mx1", FENCED[0]), only={FENCED[0]: NOT_SERVED},
                  **NAMED, **line)
    yield Row(f"{what}, which is said to serve them, and another endpoint",
              endpoints=("mx1", FENCED[0]), only={FENCED[0]: NO_SUBMISSION})
    yield Row(f"{what}s of two owners, by name", (), NO_SUBMISSION,
              endpoints=FENCED, **NAMED)
    yield Row(f"{what}s of two owners, and another endpoint, by name",
              endpoints=("mx1", *FENCED),
              only=dict.fromkeys(FENCED, NOT_SERVED), **NAMED)
    what = "an operator's edge drops 587 and 465 five hops before its MX host"
    yield Row(f"{what}, by name", (), NO_SUBMISSION, endpoints=(OPERATOR,),
              **NAMED)
    yield Row(f"{what}, and another endpoint, by name",
              endpoints=("mx1", OPERATOR), only={OPERATOR: NOT_SERVED},
              **NAMED)
    what = "a site's firewall drops 25 three hops before its server"
    for line, where in (({}, ""), (CLOUD, ", in a cloud")):
        yield Row(f"{what}{where}", endpoints=GATED[:1],
                  ports={25: UNKNOWN}, **line)
        yield Row(f"{what}, and another endpoint{where}",
                  endpoints=("mx1", GATED[0]),
                  only={GATED[0]: {25: UNKNOWN}}, **line)
    yield Row(f"{what}, by name", endpoints=GATED[:1], ports={25: UNKNOWN},
              **NAMED)


def words():
    """ICMP in the name of a box before the endpoint, or beside it."""
    for site, what in (
            (SIGNED[0], "a site's firewall prohibits 25 three hops before its "
             "server"),
            (DOCKED, "a host of containers calls port 25 of one unreachable")):
        for line, where in (({}, ""), (CLOUD, ", in a cloud")):
            for more, how in (({}, ""), (NAMED, ", by name")):
                more = {**more, **line, "seconds": 4}
                yield Row(what + how + where, endpoints=(site,),
                          ports={25: CLOSED}, **more)
                yield Row(f"{what}, and another endpoint{how}{where}",
                          endpoints=("mx1", site), only={site: {25: CLOSED}},
                          **more)
    yield Row("a site's firewall prohibits 25 of two owners' servers",
              endpoints=("mx1", *SIGNED),
              only=dict.fromkeys(SIGNED, {25: CLOSED}), seconds=4)
    # What the network says itself.
    yield Row("the provider prohibits 25, and one endpoint is asked by name",
              (icmp("provider", "admin-prohibited", 25),),
              {25: after("provider", "icmp")}, endpoints=("mx1",), seconds=3,
              **NAMED)
    for count, found in ((1, UNKNOWN), (2, UNKNOWN),
                         (3, after("transit", "icmp"))):
        yield Row(f"transit prohibits 25, of {count} asked",
                  (icmp("transit", "admin-prohibited", 25),), {25: found},
                  endpoints=("mx1", "mx2", "mx3")[:count], seconds=3)


def networks():
    """What is in the nearer half of the path one endpoint shows, and what is in
    the farther half two, where they serve the port or it is 25."""
    yield Row("the provider drops 25, and one endpoint is asked by name",
              (drop("provider", 25),), {25: after("provider", "drop")},
              endpoints=("mx1",), **NAMED)
    for count, found in ((1, UNKNOWN), (2, after("transit", "drop")),
                         (3, after("transit", "drop"))):
        yield Row(f"transit drops 25, of {count} asked by name",
                  (drop("transit", 25),), {25: found},
                  endpoints=("mx1", "mx2", "mx3")[:count], **NAMED)
    yield Row("transit drops 25, to two that serve it",
              (drop("transit", 25),), {25: after("transit", "drop")},
              endpoints=("mx1", "mx2"))
    yield Row("transit drops 25, to one that serves it",
              (drop("transit", 25),), {25: UNKNOWN}, endpoints=("mx1",))
    # It is nearer to the host than to a server that is farther.
    yield Row("transit drops 25, to a site that drops 587 itself, by name",
              (drop("transit", 25),),
              {25: replace(after("transit", "drop"), hops=8),
               **NO_SUBMISSION},
              endpoints=FENCED[:1], **NAMED)


def on_the_own_link():
    for more, how in (({}, ""), (NAMED, ", by name")):
        for others in ((), ("mx1",)):
            name = f"vip{len(others)}{len(more)}"
            yield Row("25 is closed on the node of a virtual address in the "
                      "LAN, and all else is sent two hops on" +
                      ", and another endpoint" * len(others) + how,
                      endpoints=(*others, name), only={name: {25: CLOSED}},
                      line="home beside a VIP", seconds=4, **more)


ROWS = (*edges(), *words(), *networks(), *on_the_own_link())


def add_sites(lab):
    for name in FENCES:
        rack = lab.site(f"{name}-rack2", within=lab.site(
            f"{name}-rack", within=lab.site(name)))
        for letter in "ab":
            lab.scripted(f"{name}-{letter}", USUAL, within=rack)
    router = lab.site("operator-edge")
    for number in range(INNER_ROUTERS):
        router = lab.site(f"operator-inner{number}", within=router)
    lab.scripted(OPERATOR, USUAL, within=router)
    lab.scripted(DOCKED, USUAL, within=lab.site("dock"))


def filter_sites(lab):
    rules = {**FENCES, "dock": "tcp dport 25 reject",
             "operator-edge": FENCES["fence"]}
    for name, rule in rules.items():
        lab.network.sites[name].node.nft(Filter(name, rule).rules())
