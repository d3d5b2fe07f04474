# SPDX-License-Identifier: Apache-2.0
"""Beacons: what they signed, against what was done on the way. Every sentence
has the word beacon, by which `run.py beacons` finds them."""

from lab.beacon import Beacon
from lab.filters import Hidden, Proxy, Rewriter, drop, reset
from lab.topology import HOP_PROVIDER

from .offices import BALANCED
from .row import (FOREIGN_KEY, PORTS, REDIRECT, STRIPPED, UNKNOWN, Expect, Row,
                  every, filtered, rejected)

TWO = ("beacon1", "beacon2")
# Nothing but the receipts tells, so nothing tells where.
HIDDEN = Expect("intercepted", "redirect", "network", signs=("no-receipt",))
BARE = Expect("intercepted", "starttls-stripped")
ALONE = Expect("unknown", "no-control", signs=("no-receipt",))
OWN_KEY = Expect("intercepted", "tls-intercepted", "network",
                 signs=("key-differs",))
KEY_ALONE = Expect("unknown", "no-control", signs=("key-differs",))
NEW_KEY = Expect("reachable", "open", signs=("key-differs",))
FULL = {25: rejected(421), 587: rejected(421),
        465: Expect("endpoint", "broken", alert=80)}

ROWS = (
    Row("beacons in an open network", endpoints=TWO, seconds=2),
    Row("beacons behind a provider that drops 25",
        (drop("provider", 25),),
        {25: filtered("drop", HOP_PROVIDER)}, endpoints=TWO),
    Row("beacons behind a provider that resets 25",
        # Two owners may have one hoster, who did it as far as is known.
        (reset("provider", 25),),
        {25: (filtered("reset", HOP_PROVIDER), UNKNOWN)}, endpoints=TWO),
    Row("a proxy answers port 25 in two beacons' place with its own server",
        (Proxy("provider", "other", (25,), server="proxymx"),),
        {25: REDIRECT}, endpoints=TWO, seconds=5),
    Row("a proxy from its own address passes beacons on as they are",
        (Proxy("provider", "relay", (25,)),), {25: REDIRECT}, endpoints=TWO,
        seconds=5),
    Row("a proxy leaves out the STARTTLS of beacons",
        (Proxy("provider", "strip", (25,)),), {25: STRIPPED}, endpoints=TWO,
        seconds=5),
    Row("a router in passing overwrites all keywords of beacons",
        (Rewriter("transit", "asa", (25,)),),
        {25: Expect("intercepted", "starttls-stripped")}, endpoints=TWO,
        seconds=5),
    Row("a router in passing overwrites the beacons' keyword alone",
        (Rewriter("transit", "receipt", (25,)),),
        {25: HIDDEN}, endpoints=TWO, seconds=5),
    Row("a proxy that keeps address and TTL answers in two beacons' place",
        (Hidden("provider", "answer", (25,)),), {25: HIDDEN}, endpoints=TWO,
        seconds=5),
    Row("a proxy that keeps address and TTL says its own EHLO to two beacons",
        (Hidden("provider", "own-ehlo", (25,)),), {25: HIDDEN},
        endpoints=TWO, seconds=5),
    Row("a proxy that keeps address and TTL and passes beacons on unchanged",
        (Hidden("provider", "relay", (25,)),), endpoints=TWO,
        seconds=5),
    Row("a proxy that keeps address and TTL before one beacon alone",
        (Hidden("provider", "answer", (25,)),), {25: ALONE},
        endpoints=("beacon1",), seconds=5),
    Row("a proxy that keeps address and TTL answers all ports of beacons",
        (Hidden("provider", "answer", (25, 587)),),
        {25: HIDDEN, 587: HIDDEN}, endpoints=TWO, seconds=5),
    Row("a proxy that keeps address and TTL leaves out beacons' STARTTLS alone",
        (Hidden("provider", "strip", (25,)),), {25: BARE}, endpoints=TWO,
        seconds=5),
    Row("a proxy that keeps address and TTL answers beacons' EHLO from memory",
        (Hidden("provider", "cache", (25,)),), {25: HIDDEN}, endpoints=TWO,
        seconds=5),
    Row("a proxy that keeps address and TTL passes beacons on byte by byte",
        (Hidden("provider", "pieces", (25,)),), endpoints=TWO,
        seconds=5),
    Row("a proxy that keeps address and TTL ends the TLS of two beacons",
        (Hidden("provider", "tls", (25,)),), {25: OWN_KEY}, endpoints=TWO,
        seconds=5),
    Row("a proxy that keeps address and TTL ends the TLS of one beacon",
        (Hidden("provider", "tls", (25,)),), {25: KEY_ALONE},
        endpoints=("beacon1",), seconds=5),
    Row("a proxy that keeps address and TTL ends all TLS of two beacons",
        (Hidden("provider", "tls", PORTS),), every(OWN_KEY), endpoints=TWO,
        seconds=5),
    Row("a firewall that keeps address and TTL makes two beacons a key each",
        (Hidden("provider", "tls", PORTS, forged=TWO),), every(OWN_KEY),
        endpoints=TWO, seconds=5),
    Row("a firewall that keeps address and TTL makes beacons' 25 a key each",
        (Hidden("provider", "tls", (25,), forged=TWO),), {25: OWN_KEY},
        endpoints=TWO, seconds=5),
    Row("a proxy that keeps address and TTL ends all TLS of one beacon",
        (Hidden("provider", "tls", PORTS),), every(KEY_ALONE),
        endpoints=("beacon1",), seconds=5),
    Row("a proxy from its own address ends the TLS of two beacons",
        (Proxy("provider", "tls", (25,)),), {25: FOREIGN_KEY}, endpoints=TWO,
        seconds=5),
    Row("a proxy from its own address ends the TLS of one beacon",
        (Proxy("provider", "tls", (25,)),), {25: REDIRECT},
        endpoints=("beacon1",), seconds=5),
    Row("a beacon that shows a new key of TLS on 25 already accuses nobody",
        only={"renewed": {25: NEW_KEY}}, endpoints=("renewed", "beacon1"),
        seconds=2),
    Row("beacons that show a new key of TLS on every port",
        only={name: {25: NEW_KEY, 465: NEW_KEY, 587: NEW_KEY}
              for name in ("newtls1", "newtls2")},
        endpoints=("newtls1", "newtls2"), seconds=2),
    Row("a beacon that has no room for TLS accuses nobody",
        only={"notls1": FULL}, endpoints=("notls1", "beacon1"), seconds=5),
    Row("nor do two beacons of two owners that have none", ports=FULL,
        endpoints=("notls1", "notls2"), seconds=5),
    Row("a beacon that signs nothing on 25 accuses nobody",
        only={"liar": {25: ALONE}}, endpoints=("liar", "beacon1"), seconds=2),
    Row("a hoster's middlebox before two beacons of its /24 signs nothing",
        ports={25: ALONE}, endpoints=("hosted1", "hosted2"), families=(4,),
        seconds=2),
    Row("two beacons of other owners in one /24 behind a hidden proxy",
        (Hidden("provider", "answer", (25,)),), {25: ALONE},
        endpoints=("neighbour1", "neighbour2"), families=(4,), seconds=5),
    Row("beacons before two uplinks, of which one drops 25",
        (drop("exit", 25),), {25: BALANCED}, line="two uplinks",
        endpoints=TWO, timeout_s=60, seconds=40, most_s=60),
    Row("beacons before two uplinks, of which one does not reach them",
        (drop("exit", 25, 465, 587, 443),), line="two uplinks", endpoints=TWO,
        sure=False, timeout_s=60, seconds=40, most_s=60),
    Row("beacons whose key is not the listed one any more",
        endpoints=("rekeyed", "rekeyed2"), seconds=2),
)


def add_sites(lab):
    for name in TWO:
        Beacon(name, lab)
    Beacon("liar", lab, without=(25,))
    lab.scripted_at("liar", {25: "good"})
    for name in ("hosted1", "hosted2"):
        Beacon(name, lab, without=(25,), apart=False)
        lab.scripted_at(name, {25: "good"})
    for name in ("neighbour1", "neighbour2"):
        Beacon(name, lab, apart=False)
    Beacon("renewed", lab, renewed=(25,))
    for name in ("notls1", "notls2"):
        Beacon(name, lab, full=True)
    swap_keys(lab, ("rekeyed", "rekeyed2"), (True, True))
    swap_keys(lab, ("newtls1", "newtls2"), (False, True))


def swap_keys(lab, names, which):
    """Of receipts, of TLS: what the one has is listed for the other."""
    keys = [Beacon(name, lab).keys for name in names]
    for name, own, other in zip(names, keys, reversed(keys)):
        lab.beacons[name] = "".join(
            there if swapped else here
            for here, there, swapped in zip(own, other, which))
