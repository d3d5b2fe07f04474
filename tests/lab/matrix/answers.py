# SPDX-License-Identifier: Apache-2.0
"""Resets and ICMP errors: the endpoints' own, and those that somebody nearer
sends in their name."""

from lab.filters import AtDevice, Filter, Nat
from lab.scripted import USUAL
from lab.topology import HOP_HOME, HOP_PROVIDER

from .row import (BROKEN, DOWN, REFUSED, SILENT, UNKNOWN, Expect, Row, at_link,
                  filtered)

# What a server does by itself with a connection that it has taken.
OWN_ENDS = (BROKEN, UNKNOWN)
OWN_REFUSALS = (REFUSED, UNKNOWN)
NOT_SERVED = (REFUSED, SILENT, UNKNOWN, DOWN)

# {name: (the manner of 25, what all else gets there, hops behind a balancer)}
HOSTS = {
    "full": ("resets", "drop", 0),
    "full2": ("resets", "drop", 0),
    "full-deep": ("resets", "drop", 1),
    "wrapped": ("resets", "", 0),
    "wrapped2": ("resets", "", 0),
    "wrapped-deep": ("resets", "", 2),
    "choosy": ("reset-ehlo", "", 0),
    "choosy2": ("reset-ehlo", "", 0),
    "closing25": ("closes", "", 0),
    "closing25-2": ("closes", "", 0),
    "shut": ("", "drop", 0),
    "shut2": ("", "drop", 0),
    "forbids": ("", "drop", 0),
    "forbids2": ("", "drop", 0),
}
# Ordinary but for 25: {name: (its manner, what is sent one hop on)}
OTHERS = {
    "wrapped-web": ("resets", ()),
    "wrapped-web2": ("resets", ()),
    "forbids-web": ("", (443,)),
    "forbids-web2": ("", (443, 465, 587)),
}
PROHIBIT = "tcp dport 25 reject with icmpx type admin-prohibited"


def own_ends():
    """Two endpoints of different owners that end all connections to 25."""
    for sentence, names, expect in (
            ("two MX hosts of 25 alone reset what they take",
             ("full", "full2"), OWN_ENDS),
            ("two MX hosts of 25 alone reset what they take, one farther",
             ("full", "full-deep"), OWN_ENDS),
            ("two MX hosts reset what they take on 25, all else is closed",
             ("wrapped", "wrapped2"), OWN_ENDS),
            ("two MX hosts reset what they take on 25, one farther",
             ("wrapped", "wrapped-deep"), OWN_ENDS),
            ("two MX hosts reset EHLO on 25, all else is closed",
             ("choosy", "choosy2"), OWN_ENDS),
            ("two MX hosts close what they take on 25, all else is closed",
             ("closing25", "closing25-2"), OWN_ENDS),
            ("two MX hosts reset what they take on 25, 443 is served",
             ("wrapped-web", "wrapped-web2"), OWN_ENDS),
            ("two MX hosts reset 25 themselves, and drop all else",
             ("shut", "shut2"), OWN_REFUSALS)):
        yield Row(sentence, (), {25: expect}, endpoints=names, asked=(25,),
                  seconds=6)
        yield Row(f"{sentence}, by name", (),
                  {25: expect} if names[0].endswith("-web") else
                  {25: expect, 465: NOT_SERVED, 587: NOT_SERVED},
                  endpoints=names, operands=True, most_s=20)


def prohibits_in_its_name(place):
    """The place is where connections to 25 are led, and it takes none: the
    error has the address that was asked as its sender."""
    return (Nat(place, "tcp dport 25 redirect to :9"),
            Filter(place, "tcp dport 9 reject with icmpx type "
                   "admin-prohibited", "input"))


def in_its_name():
    """An ICMP error whose sender is the address that was asked."""
    for name, place, hop in (("the provider", "provider", HOP_HOME),
                             ("transit", "transit", HOP_PROVIDER)):
        sentence = f"25 is prohibited in the endpoint's name by {name}"
        filters = prohibits_in_its_name(place)
        expect = filtered("icmp", hop)
        yield Row(sentence, filters, {25: expect}, seconds=4)
        # In the endpoint's half of the path its balancer may do so.
        yield Row(f"{sentence}, to one endpoint", filters,
                  {25: (expect, UNKNOWN) if place == "transit" else expect},
                  endpoints=("mx1",), seconds=4)
        yield Row(f"{sentence}, to MX hosts of 25 alone", filters,
                  {25: (expect, UNKNOWN)}, endpoints=("mxa", "mxb"),
                  asked=(25,), seconds=4)
    yield Row("25 is prohibited in the endpoint's name by the home router",
              prohibits_in_its_name("home"),
              {25: (at_link("icmp"), Expect("filtered", "icmp",
                                            "host-or-path", 0))}, seconds=4)
    yield Row("a cloud's first router prohibits 25 in the endpoint's name",
              prohibits_in_its_name("provider"),
              {25: (at_link("icmp"), Expect("filtered", "icmp",
                                            "host-or-path", 0))},
              line="cloud", seconds=4)
    yield Row("a cloud's virtual switch prohibits 25 in the endpoint's name",
              (AtDevice("provider", "c0", PROHIBIT),), {25: at_link("icmp")},
              line="cloud", seconds=4)
    yield Row("a link in transit prohibits 25 in the endpoint's name",
              (AtDevice("transit", "downlink", PROHIBIT),),
              {25: filtered("icmp", HOP_PROVIDER)}, seconds=4)
    yield Row("two MX hosts of 25 alone prohibit it themselves", (),
              {25: OWN_REFUSALS}, endpoints=("forbids", "forbids2"),
              asked=(25,), seconds=4)
    yield Row("a balancer prohibits 25 itself, and sends 443 on", (),
              {25: OWN_REFUSALS}, endpoints=("forbids-web", "forbids-web2"),
              seconds=4)


ROWS = (*own_ends(), *in_its_name())


def add_sites(lab):
    for name, (manner, _, hops) in HOSTS.items():
        lab.scripted(name, {25: manner} if manner else {},
                     behind=((hops, 25),) if hops else ())
    for name, (manner, sent_on) in OTHERS.items():
        ports = {**USUAL, 25: manner} if manner else \
            {port: USUAL[port] for port in USUAL if port != 25}
        lab.scripted(name, ports, behind=((1, *sent_on),) if sent_on else ())


def filter_sites(lab):
    rules = {name: f"tcp dport != 25 {rest}"
             for name, (_, rest, _) in HOSTS.items() if rest}
    for name in (*HOSTS, *OTHERS):
        if name.startswith("forbids"):
            rules[name] = f"{PROHIBIT}\n{rules.get(name, '')}"
    for name, rule in rules.items():
        lab.network.sites[name].node.nft(Filter(name, rule, "input").rules())
