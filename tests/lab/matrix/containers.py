# SPDX-License-Identifier: Apache-2.0
"""Containers: a bridge with NAT, user-mode networks, and sidecars."""

from lab.filters import (NO_ANSWERS, Filter, Proxy, at_switch, drop, icmp,
                         reset, silent_hops)

from .host import AGENT
from .row import (ANY, DROPPED_SOMEWHERE, OFFLINE, PORTS, REFUSED, UNKNOWN,
                  Expect, Row, after, at_link, by_host, every)

BRIDGE = {"line": "container"}
IN_CLOUD = {"line": "container in a cloud"}
DROP25 = at_switch("tcp dport 25 drop")
MUTE = at_switch(NO_ANSWERS)
EVERY_PORT = (25, 80, 443, 465, 587)
# TCP ends on this host, and what ends it treats one port otherwise.
THIS_HOST = Expect("local", ANY, "host", ANY)
# A refusal that was passed on looks like one of the endpoint's; pasta passes
# none on.
PASSED_ON = (REFUSED, UNKNOWN, Expect("filtered", "reset", "network"),
             DROPPED_SOMEWHERE)


def sidecar(mode, *ports):
    return Proxy("host", mode, ports or EVERY_PORT, "output", only=AGENT)


def user_mode(line):
    """What user-mode networks show of the same networks."""
    at = {"line": line}
    cloud = {"line": line + " in a cloud"}
    yield Row(f"an open network, by {line}", seconds=4, **at)
    yield Row(f"an open network, traced, by {line}", {}, {},
              argv=("--trace", "always"), seconds=6, **at)
    yield Row(f"an open network of a cloud, by {line}", seconds=4, **cloud)
    for name, place in (("home router", "home"), ("provider", "provider")):
        yield Row(f"the {name} drops 25, by {line}", (drop(place, 25),),
                  {25: DROPPED_SOMEWHERE}, **at)
    yield Row(f"the provider drops 25, one endpoint, by {line}",
              (drop("provider", 25),), {25: UNKNOWN}, endpoints=("mx1",),
              **at)
    yield Row(f"the provider drops 25, two endpoints, by {line}",
              (drop("provider", 25),), {25: DROPPED_SOMEWHERE},
              endpoints=("mx1", "mx2"), **at)
    yield Row(f"the provider drops 25 and 465, by {line}",
              (drop("provider", 25, 465),),
              {25: DROPPED_SOMEWHERE, 465: DROPPED_SOMEWHERE}, **at)
    yield Row(f"a cloud's virtual switch drops 25, by {line}", (DROP25,),
              {25: DROPPED_SOMEWHERE}, **cloud)
    yield Row(f"the provider resets 25, by {line}", (reset("provider", 25),),
              {25: PASSED_ON}, seconds=4, **at)
    yield Row(f"an endpoint that refuses 25, by {line}",
              endpoints=("mx1", "closed"),
              only={"closed": {25: (REFUSED, UNKNOWN)}}, seconds=4, **at)
    yield Row(f"the container itself drops 25, by {line}",
              (drop("host", 25, hook="output"),), {25: by_host("drop")}, **at)


ROWS = (
    Row("an open network, from a container", seconds=3, **BRIDGE),
    Row("an open cloud, from a container", seconds=3, **IN_CLOUD),
    Row("the container's host drops 25", (drop("engine", 25),),
        {25: after("engine", "drop", "access")}, **BRIDGE),
    Row("the container's host resets 25", (reset("engine", 25),),
        {25: after("engine", "reset", "access")}, seconds=3, **BRIDGE),
    Row("the container's host prohibits 25",
        (icmp("engine", "admin-prohibited", 25),),
        {25: Expect("filtered", "icmp", "access", "engine")}, seconds=3,
        **BRIDGE),
    Row("25 is dropped as it enters the container's host",
        (drop("engine", 25, hook="prerouting"),), {25: at_link("drop", 1)},
        **BRIDGE),
    Row("the home router drops 25, from a container", (drop("home", 25),),
        {25: after("home", "drop")}, **BRIDGE),
    Row("the provider drops 25, from a container", (drop("provider", 25),),
        {25: after("provider", "drop")}, **BRIDGE),
    Row("the provider resets 25, from a container", (reset("provider", 25),),
        {25: after("provider", "reset")}, seconds=3, **BRIDGE),
    Row("the provider drops 25, 465 and 587, from a container",
        (drop("provider", *PORTS),), every(after("provider", "drop")),
        **BRIDGE),
    Row("a cloud's virtual switch drops 25, from a container", (DROP25,),
        {25: after("engine", "drop", "access")}, **IN_CLOUD),
    Row("a cloud's virtual switch drops 25, no hop behind the container's "
        "host answers", (DROP25, MUTE),
        {25: after("engine", "drop", "access")}, **IN_CLOUD),
    Row("a cloud's virtual switch drops 25, no hop behind the container's "
        "host answers, one endpoint", (DROP25, MUTE), {25: UNKNOWN},
        endpoints=("mx1",), **IN_CLOUD),
    Row("a cloud's router drops 25 and is silent, from a container",
        (drop("provider", 25), *silent_hops("provider")),
        {25: after("engine", "drop", "access")}, **IN_CLOUD),
    Row("the container itself drops 25", (drop("host", 25, hook="output"),),
        {25: by_host("drop")}, **BRIDGE),
    Row("the container's host passes nothing on",
        (Filter("engine", "drop"),), every(OFFLINE), by_address=True,
        **BRIDGE),
    *user_mode("slirp4netns"),
    *user_mode("pasta"),
    Row("a sidecar that takes all TCP and passes it on",
        (sidecar("relay"),), seconds=6),
    Row("a sidecar that takes all TCP and passes it on, traced",
        (sidecar("relay"),), argv=("--trace", "always"), seconds=8),
    Row("a sidecar that takes all TCP and waits for the client's first byte",
        (sidecar("wait"),),
        {port: (THIS_HOST, Expect("unknown", ANY, ANY, ANY,
                                  signs=("nearby-translator",)))
         for port in (25, 587)}, timeout_s=60, seconds=45),
    Row("a sidecar that takes all TCP, and the provider drops 25",
        (sidecar("relay"), drop("provider", 25)),
        {25: (THIS_HOST, UNKNOWN, DROPPED_SOMEWHERE,
              Expect("filtered", ANY, "network"))}, timeout_s=60, seconds=45),
)
