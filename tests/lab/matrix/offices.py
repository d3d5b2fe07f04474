# SPDX-License-Identifier: Apache-2.0
"""Offices and those who route by policy: site firewalls with public addresses,
tunnels that take port 25 or everything, two uplinks."""

from lab.filters import (Filter, Proxy, drop, drop_replies, few_at_once, icmp,
                         loss, meter, reset, silent_hops)

from .row import (ANY, BROKEN, DROPPED_SOMEWHERE, OPEN, PORTS, SILENT, UNKNOWN,
                  Expect, Row, after, at_link, by_host, every, filtered)

OFFICE = {"line": "office"}
TRACED = {"argv": ("--trace", "always"), "timeout_s": 60, "seconds": 10}
OTHER_PATH = {25: Expect("reachable", "open", signs=("paths-differ",))}
TUNNELS = ("25 by a shorter tunnel", "25 by a longer tunnel",
           "25 by the host's tunnel", "25 by the host's longer tunnel")
UPLINKS = ("two uplinks", "two uplinks, one shorter",
           "two uplinks, one longer")
# Some connections pass, and where the others end may be told only by what one
# of them alone has shown.
BALANCED = (Expect("filtered", "throttle", ANY, None),
            Expect("filtered", "throttle", ANY, "exit"), OPEN, UNKNOWN)
BY_DETOUR = (Expect("filtered", "throttle", ANY, None), OPEN, UNKNOWN,
             filtered("throttle", 2), filtered("throttle", 3))


def redirected(place):
    """By a router that answers itself: after the hop before it."""
    return {25: Expect("intercepted", "redirect", "path", place)}


def by_tunnels():
    for line in TUNNELS:
        yield Row(f"an open network, {line}", line=line, seconds=4)
        yield Row(f"an open network, traced, {line}", (), OTHER_PATH,
                  line=line, **TRACED)
        yield Row(f"the provider drops 25, {line}", (drop("provider", 25),),
                  line=line, seconds=4)
        # Where the ways part at the first hop, nothing tells how far 25 comes.
        yield Row(f"the tunnel's exit drops 25, {line}", (drop("exit", 25),),
                  {25: (after("exit", "drop", ["path", "access"]),
                        DROPPED_SOMEWHERE)}, line=line)
        yield Row(f"587 is dropped, {line}", (drop("provider", 587),),
                  {587: after("provider", "drop")}, line=line)
        yield Row(f"the tunnel loses one packet in ten, {line}",
                  (loss("exit", 10),), {25: (OPEN, UNKNOWN)}, line=line,
                  timeout_s=60, seconds=40)
    for line in ("all by a tunnel", "all by the host's tunnel"):
        yield Row(f"an open network, {line}", line=line, seconds=3)
        yield Row(f"the provider drops 25, {line}", (drop("provider", 25),),
                  line=line, seconds=3)
        yield Row(f"the tunnel's exit drops 25, {line}", (drop("exit", 25),),
                  {25: after("exit", "drop", ["path", "access"])}, line=line)
        yield Row(f"the tunnel's exit resets 25, {line}",
                  (reset("exit", 25),),
                  {25: after("exit", "reset", ["path", "access"])}, line=line,
                  seconds=3)


def by_two_uplinks():
    slow = {"timeout_s": 60, "seconds": 40}
    # Of three endpoints 150 checks took 12 s on average, and 16 at most.
    counted = {"timeout_s": 60, "seconds": 20}
    for line in UPLINKS:
        yield Row(f"an open network, {line}", line=line, seconds=5)
        yield Row(f"25 is dropped behind one of {line}", (drop("exit", 25),),
                  {25: BALANCED}, line=line, **counted)
        yield Row(f"25 is reset behind one of {line}", (reset("exit", 25),),
                  {25: BALANCED}, line=line, **counted)
        yield Row(f"25 is prohibited behind one of {line}",
                  (icmp("exit", "admin-prohibited", 25),), {25: BALANCED},
                  line=line, **counted)
        yield Row(f"25 is dropped behind one of {line}, to two endpoints",
                  (drop("exit", 25),), {25: BALANCED}, line=line,
                  endpoints=("mx1", "mx2"), **counted)
        yield Row(f"25 is dropped behind both of {line}",
                  (drop("home", 25),),
                  {25: after("home", "drop", "access")}, line=line)
        # Half of all connects, whatever their port.
        yield Row(f"one of {line} leads nowhere behind its router",
                  (Filter("exit", "meta l4proto tcp drop"),),
                  every((OPEN, Expect("unknown", ANY, ANY, ANY))), line=line,
                  **slow)
    line = "two default routes"
    yield Row(f"an open network, {line}", line=line, seconds=5)
    yield Row(f"25 is dropped behind one of {line}", (drop("exit", 25),),
              {25: BALANCED}, line=line, **counted)
    yield Row(f"25 is dropped behind both of {line}",
              (drop("exit", 25), drop("home", 25)),
              {25: (Expect("filtered", "drop", ["access", "path", "network"],
                           1), DROPPED_SOMEWHERE)}, line=line, seconds=16)
    for routers, path in ((1, "as long"), (2, "longer")):
        yield Row(f"25 is dropped on one of a provider's two paths, {path}",
                  (drop("detour", 25),), {25: BY_DETOUR}, detour=routers,
                  **slow)
        yield Row(f"25 is reset on one of a provider's two paths, {path}",
                  (reset("detour", 25),), {25: BY_DETOUR}, detour=routers,
                  **slow)
        yield Row("25 is dropped on one of a provider's two paths, "
                  f"{path}, and by an endpoint itself",
                  (drop("detour", 25),), {25: BY_DETOUR}, detour=routers,
                  endpoints=("mx1", "picky"), operands=True,
                  only={"picky": {25: (SILENT, UNKNOWN)}}, **slow)


# A port of which some connects are let through, and then none.
LIMITED = (OPEN, UNKNOWN, DROPPED_SOMEWHERE, Expect("filtered", "throttle"),
           after("firewall", "drop"))
# A server that never greets is silent also where the office lets it be asked
# no third time.
MUTE_SERVER = (*LIMITED, BROKEN)


def by_limits():
    """Each dialogue that falls silent is tried three times."""
    more = {"line": "office", "endpoints": ("mx1", "mx2", "odd25-mute"),
            "only": {"odd25-mute": {25: MUTE_SERVER}}, "timeout_s": 60,
            "seconds": 30, "most_s": 60}
    for most, words in ((1, "one connection"), (2, "two connections")):
        yield Row(f"{words} to port 25 at a time pass a site firewall, and a "
                  "server never greets", (few_at_once("firewall", most, 25),),
                  {25: LIMITED}, **more)
    yield Row("two connections to port 25 of each server pass a site "
              "firewall in an hour, and a server never greets",
              (meter("firewall", "daddr", "1/hour", 2, 25),),
              {25: LIMITED}, **more)


ROWS = (
    Row("an open network behind a site firewall", seconds=3, **OFFICE),
    Row("a site firewall drops 25", (drop("firewall", 25),),
        {25: after("firewall", "drop")}, **OFFICE),
    Row("a site firewall drops 25 and the mail ports",
        (drop("firewall", *PORTS),), every(after("firewall", "drop")),
        **OFFICE),
    Row("a site firewall drops 25 at its entrance",
        (drop("firewall", 25, hook="prerouting"),),
        {25: after("core", "drop")}, **OFFICE),
    Row("a site firewall drops the answers from 25",
        (drop_replies("firewall", 25),),
        {25: Expect("filtered", "drop-reply", "far-end", "exchange")},
        **OFFICE),
    Row("a site firewall resets 25", (reset("firewall", 25),),
        {25: after("firewall", "reset")}, seconds=3, **OFFICE),
    Row("a site firewall prohibits 25",
        (icmp("firewall", "admin-prohibited", 25),),
        {25: Expect("filtered", "icmp", "path", "firewall",
                    icmp={4: (3, 13), 6: (1, 1)}, icmp_hop=2)}, seconds=3,
        **OFFICE),
    Row("the first router of a site drops 25", (drop("core", 25),),
        {25: after("core", "drop")}, **OFFICE),
    Row("25 is dropped before the first router of a site",
        (drop("core", 25, hook="prerouting"),), {25: at_link("drop", 1)},
        **OFFICE),
    Row("a site firewall answers 25 with its own server",
        (Proxy("firewall", "other", (25,), server="proxymx"),),
        redirected("core"), seconds=5, **OFFICE),
    Row("a site firewall passes 25 on as it is",
        (Proxy("firewall", "relay", (25,)),), redirected("core"), seconds=5,
        **OFFICE),
    Row("a site firewall that is silent drops 25",
        (drop("firewall", 25), *silent_hops("firewall")),
        {25: after("core", "drop")}, **OFFICE),
    Row("the provider of a site drops 25", (drop("provider", 25),),
        {25: after("provider", "drop")}, **OFFICE),
    Row("the host itself drops 25 behind a site firewall",
        (drop("host", 25, hook="output"),), {25: by_host("drop")}, **OFFICE),
    *by_tunnels(),
    *by_two_uplinks(),
    *by_limits(),
)
