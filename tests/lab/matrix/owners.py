# SPDX-License-Identifier: Apache-2.0
"""Two owners whose endpoints do alike by their one hoster's network: nobody
between is at fault, and it may look as if somebody were."""

from lab.beacon import Beacon
from lab.filters import SYN, Filter, drop_replies

from .row import OPEN, REFUSED, UNKNOWN, Expect, Row

# Three hops of a hoster's network are behind its balancer.
LONG_FARM = ("longfarm-a", "longfarm-b")
# Behind a balancer of which two servers in three are down.
LAME_FARM = ("lamefarm-a", "lamefarm-b")
# Servers of which each lets a client connect twice at once, and then six times
# a minute: as hashlimit and its like are set up on many.
WARY = {"two": ("wary-a", "wary-b"),
        "three": ("wary-c", "wary-d", "wary-e"),
        "two of three": ("mx1", "wary-f", "wary-g")}
# And behind a router that finds those two by no ARP.
LOST_FARM = ("lostfarm-a", "lostfarm-b")
LONG_HOSTED = ("longhosted-a", "longhosted-b")
# A balancer that prohibits 25 in their names, and its servers one or two hops
# behind it.
FORBIDS = ("bars-a", "bars-b")
DEEP_FORBIDS = ("deepbars-a", "deepbars-b")
# Two beacons in two prefixes of one hoster, whose edge lets no 25 in.
EDGE_BEACONS = ("edgebeacon1", "edgebeacon2")
EARLY = (OPEN, Expect("reachable", "open", signs=("early-handshake",)))
CLOSED = (REFUSED, UNKNOWN)
BALANCERS = {"longfarm": 3, "longhosted": 3, "bars": 1, "deepbars": 2,
             "lamefarm": 3, "lostfarm": 3}


def rows():
    for two, what, expect, more in (
            (LONG_FARM, "a hoster's balancer resets 25 three hops before two "
             "owners' servers", CLOSED, {"seconds": 6}),
            (LAME_FARM, "a hoster's balancer resets two in three connections "
             "to 25, three hops before two owners' servers",
             (OPEN, REFUSED, UNKNOWN), {"seconds": 15}),
            (LOST_FARM, "a hoster's router finds no host for two in three "
             "connections to 25, three hops before two owners' servers",
             (OPEN, REFUSED, UNKNOWN), {"seconds": 15}),
            (LONG_HOSTED, "a hoster's balancer ends port 25 three hops nearer "
             "than two owners' servers", EARLY, {"seconds": 6}),
            (EDGE_BEACONS, "a hoster's edge resets 25 two hops before two "
             "owners' beacons", CLOSED, {"seconds": 6}),
            (FORBIDS, "a hoster's balancer prohibits 25 in two owners' names, "
             "a hop before them", CLOSED, {"seconds": 6}),
            (DEEP_FORBIDS, "a hoster's balancer prohibits 25 in two owners' "
             "names, two hops before them", CLOSED, {"seconds": 6})):
        only = {name: {25: expect} for name in two}
        yield Row(what, endpoints=two, only=only, **more)
        yield Row(f"{what}, and another endpoint", endpoints=("mx1", *two),
                  only=only, **more)
    for words, names in WARY.items():
        yield Row(f"{words} owners' servers let a client connect twice, and "
                  "then once in ten seconds", endpoints=names,
                  only={name: {25: (OPEN, UNKNOWN)} for name in names},
                  seconds=30)
    # And what the path does to two owners.
    yield Row("the answers from 25 of two owners are dropped on the way",
              (drop_replies("provider", 25),),
              {25: Expect("filtered", "drop-reply", "far-end", "exchange")},
              endpoints=("mx1", "mx2"))


ROWS = tuple(rows())


def wary():
    """Of the lab's own, and of no two rows: they count a client's connects."""
    return [name for names in WARY.values() for name in names
            if name != "mx1"]


def add_sites(lab):
    for name, hops in BALANCERS.items():
        router = lab.scripted(name) if name == "longhosted" else lab.site(name)
        for number in range(1, hops):
            router = lab.site(f"{name}-rack{number}", within=router)
        for letter in "ab":
            lab.scripted(f"{name}-{letter}", within=router)
    for name in wary():
        lab.scripted(name)
    rack = lab.site("edge-rack", within=lab.site("edge"))
    for name in EDGE_BEACONS:
        Beacon(name, lab, within=rack)


def filter_sites(lab):
    nodes = {name: site.node for name, site in lab.network.sites.items()}
    prohibit = "tcp dport 9 reject with icmpx type admin-prohibited"
    for name, rule, hook in (
            ("longfarm", "tcp dport 25 reject with tcp reset", "prerouting"),
            ("lamefarm", f"{SYN} tcp dport 25 numgen random mod 3 < 2 "
             "reject with tcp reset", "prerouting"),
            ("lostfarm", f"{SYN} tcp dport 25 numgen random mod 3 < 2 "
             "reject with icmpx type host-unreachable", "prerouting"),
            ("edge", "tcp dport 25 reject with tcp reset", "prerouting"),
            ("bars", prohibit, "input"), ("deepbars", prohibit, "input")):
        nodes[name].nft(Filter(name, rule, hook).rules())
    for name in wary():
        for family, source in (("4", "ip"), ("6", "ip6")):
            nodes[name].nft(Filter(
                name, f"tcp dport 25 {SYN} meter wary{family} "
                f"{{ {source} saddr timeout 20s limit rate over 6/minute "
                "burst 2 packets } drop", "input").rules())
    for name, port in (("longhosted", 25), ("bars", 9), ("deepbars", 9)):
        nodes[name].nft(f"table inet {name} {{\nchain p {{\n"
                        "type nat hook prerouting priority -100\n"
                        f"tcp dport 25 redirect to :{port}\n}}\n}}\n")
