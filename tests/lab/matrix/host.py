# SPDX-License-Identifier: Apache-2.0
"""What the host itself does before a packet leaves."""

from pathlib import Path

import lab
from lab.filters import (AtDevice, Filter, Flap, Ip, Nat, Noise, Proxy, drop,
                         icmp, reset, silent_hops)

from .filtering import ICMP_CODES
from .row import (ANY, DROP_REPLY, DROPPED_SOMEWHERE, NO_ROUTE, OFFLINE,
                  REFUSED, UNKNOWN, Expect, Row, after, at_link, by_host, every,
                  prohibited)

CGROUP = Path(lab.__file__).with_name("cgroup.py")
AGENT = "meta skuid 65534"


def rule(action):
    """A routing rule of the host that keeps port 25 from leaving."""
    line = (f"rule add ipproto 6 dport 25 {action}",)
    return Ip("host", line), Ip("host", line, ("-6",))

NOWHERE = (NO_ROUTE, OFFLINE)


def untraced():
    """Less evidence makes no stronger claim: the host's own witness knows."""
    never = {"argv": ("--trace", "never")}
    unsure = Expect("filtered", ANY, ["host-or-path", "network"], ANY)
    yield Row("an open network, untraced", seconds=2, **never)
    yield Row("port 25 is dropped by the host's own firewall, untraced",
              (drop("host", 25, hook="output"),), {25: by_host("drop")},
              **never)
    yield Row("port 25 is reset by the host's own firewall, untraced",
              (reset("host", 25, hook="output"),), {25: by_host("reset")},
              seconds=2, **never)
    yield Row("port 25 is prohibited by a rule of the host, untraced",
              rule("prohibit"), {25: by_host("denied")}, seconds=2, **never)
    yield Row("port 25 is dropped for one user of the host, untraced",
              (drop("host", 25, hook="output", only=AGENT),),
              {25: by_host("drop")}, **never)
    yield Row("port 25 is dropped by the provider, untraced",
              (drop("provider", 25),),
              {25: (unsure, UNKNOWN)}, **never)
    yield Row("port 25 is reset by the provider, untraced",
              (reset("provider", 25),),
              {25: (unsure, UNKNOWN, Expect("endpoint", "refused"))},
              seconds=2, **never)
    yield Row("an endpoint that refuses port 25 is no filter, untraced",
              endpoints=("mx1", "closed"),
              only={"closed": {25: (Expect("endpoint", "refused"), UNKNOWN)}},
              seconds=2, **never)


def unwitnessed():
    """Where the kernel's counters cannot be read, as in some sandboxes."""
    hidden = {"before": "mount --bind /dev/null /proc/$$/net/netstat && "}
    either = Expect("filtered", "drop", "host-or-path", 0)
    yield Row("port 25 is dropped by the host's own firewall, no counters",
              (drop("host", 25, hook="output"),),
              {25: (either, by_host("drop"))}, **hidden)
    yield Row("port 25 is dropped by a virtual switch, no counters",
              (Filter("switch", "tcp dport 25 drop", family="bridge"),),
              {25: (either, Expect("filtered", "drop", "link", 0))},
              line="cloud", **hidden)
    yield Row("port 25 is dropped by the provider, no counters",
              (drop("provider", 25),), {25: after("provider", "drop")},
              **hidden)
    yield Row("port 25 is dropped where no hop answers, no counters",
              (drop("home", 25),
               *silent_hops("home", "provider", "transit", "exchange")),
              {25: (DROPPED_SOMEWHERE, UNKNOWN,
                    Expect("filtered", "drop", "host-or-path", ANY))},
              **hidden)


def beside_others():
    """The host's counters count other programs' packets too."""
    loopback = Noise(300)
    passing = Noise(4, port=2599)
    held = drop("host", 2599, hook="output"), passing
    switch = Filter("switch", "tcp dport 25 drop", family="bridge")
    yield Row("an antivirus on the host, and others use the loopback",
              (Proxy("host", "relay", (25,), hook="output", only=AGENT),
               loopback), {25: by_host("redirect")}, seconds=6)
    yield Row("25 is reset by the host's firewall, others use the loopback",
              (reset("host", 25, hook="output"), loopback),
              {25: by_host("reset")}, seconds=6)
    yield Row("25 is reset by a cloud's router, others use the loopback",
              (reset("provider", 25, hook="prerouting"), loopback),
              {25: at_link("reset")}, line="cloud", seconds=6)
    yield Row("25 is dropped by the host's firewall, others' SYNs pass",
              (drop("host", 25, hook="output"), passing),
              {25: by_host("drop")}, seconds=16)
    yield Row("25 is dropped by the host's firewall, others' SYNs too",
              (drop("host", 25, hook="output"), *held),
              {25: by_host("drop")}, seconds=16)
    yield Row("25 is dropped by a cloud's switch, others' SYNs by the host",
              (switch, *held), {25: at_link("drop", 1)}, line="cloud",
              seconds=16)
    yield Row("25 is dropped by a cloud's switch, others' SYNs pass",
              (switch, passing), {25: at_link("drop", 1)}, line="cloud",
              seconds=16)
    yield Row("25 is dropped for one user of the host, others' SYNs pass",
              (drop("host", 25, hook="output", only=AGENT), passing),
              {25: by_host("drop")}, seconds=16)


def in_the_endpoints_name():
    """The host answers itself, with the address that was asked."""
    taken = Nat("host", f"{AGENT} tcp dport 25 redirect to :2599", "output")
    shut = drop("host", 2599, hook="input")
    yield Row("the host takes port 25 and prohibits it in the endpoint's name",
              (taken, icmp("host", "admin-prohibited", 2599, hook="input")),
              {25: by_host("icmp")}, seconds=3)
    yield Row("the host takes port 25 and calls it unreachable in the "
              "endpoint's name",
              (taken, icmp("host", "port-unreachable", 2599, hook="input")),
              {25: by_host("icmp")}, seconds=3)
    yield Row("the host takes port 25, and nobody listens there", (taken,),
              {25: by_host("reset")}, seconds=3)
    yield Row("the host takes port 25 and drops it", (taken, shut),
              {25: (by_host("drop"), Expect("filtered", "drop",
                                            "host-or-path", ANY), UNKNOWN)})


def of_its_own_address():
    """An address of the host's own is asked: it is the endpoint, and what is
    in the way. A reset is what comes of a port that nobody listens on, too."""
    at = {"line": "cloud", "by_address": True}
    own = "tcp dport 25 iif lo"
    for name, rule, expect in (
            ("prohibited", "reject with icmpx type admin-prohibited",
             by_host("icmp")),
            ("refused", "reject with tcp reset", REFUSED)):
        yield Row(f"25 of an address of the host's own is {name} by itself",
                  (Filter("host", f"{own} {rule}", "input"),),
                  endpoints=("mx1", f"self-{name}"),
                  only={f"self-{name}": {25: expect}}, seconds=4, **at)
    yield Row("25 of an address of the host's own, where nobody listens",
              endpoints=("mx1", "self-without"),
              only={"self-without": {25: REFUSED}}, seconds=4, **at)


def of_a_group():
    """Programs of the host that some group of them is kept from."""
    for what, mechanism, words in (
            ("connect", "denied", "connecting to port 25 is forbidden"),
            ("egress", "drop", "packets to port 25 are dropped")):
        yield Row(f"{words} to a group of the host's programs", (),
                  {25: by_host(mechanism)}, before=f"{CGROUP} {what} 25 $$ && ",
                  seconds=8)


def sandboxed():
    """Sockets without an error queue and without a limit of hops."""
    at = {"sandbox": True}
    yield Row("an open network, from a sandbox", seconds=3, **at)
    yield Row("port 25 is dropped by the provider, from a sandbox",
              (drop("provider", 25),), {25: (DROPPED_SOMEWHERE, UNKNOWN)},
              **at)
    yield Row("port 25 is dropped by the host itself, from a sandbox",
              (drop("host", 25, hook="output"),), {25: by_host("drop")}, **at)
    yield Row("an endpoint that refuses port 25, from a sandbox",
              endpoints=("mx1", "closed"),
              only={"closed": {25: (Expect("endpoint", "refused"), UNKNOWN)}},
              seconds=3, **at)


ROWS = (
    Row("port 25 is dropped by the host's own firewall",
        (drop("host", 25, hook="output"),), {25: by_host("drop")}),
    Row("every mail port is dropped by the host's own firewall",
        (drop("host", 25, 465, 587, hook="output"),),
        every(by_host("drop"))),
    Row("port 25 is reset by the host's own firewall",
        (reset("host", 25, hook="output"),), {25: by_host("reset")},
        seconds=2),
    *(Row(f"the host's own firewall answers ICMP {v4[0]}, {v6[0]}",
          (icmp("host", (v4[0], v6[0]), 25, hook="output"),),
          {25: prohibited(0, v4[1], v6[1])}, seconds=2)
      for v4, v6 in ICMP_CODES),
    # Nothing that a socket sees tells them from answers that never came.
    Row("the answers from port 25 are dropped by the host's own firewall",
        (Filter("host", "tcp sport 25 drop", "input"),), {25: DROP_REPLY}),
    Row("port 25 is prohibited by a rule of the host", rule("prohibit"),
        {25: by_host("denied")}, seconds=2),
    Row("port 25 is unreachable by a rule of the host", rule("unreachable"),
        {25: by_host("no-route")}, seconds=2),
    Row("port 25 goes into a black hole by a rule of the host",
        rule("blackhole"), {25: by_host("no-route")}, seconds=2),
    Row("port 25 is dropped for one user of the host",
        (drop("host", 25, hook="output", only=AGENT),),
        {25: by_host("drop")}),
    Row("port 25 is reset for one user of the host",
        (reset("host", 25, hook="output", only=AGENT),),
        {25: by_host("reset")}, seconds=2),
    Row("the mail ports are redirected for one user of the host",
        (Proxy("host", "other", (25, 465, 587), "output", "proxymx", AGENT),),
        every(by_host("redirect")), seconds=5),
    Row("port 25 is dropped for another user of the host",
        (drop("host", 25, hook="output", only="meta skuid 12345"),),
        seconds=2),
    Row("an antivirus on the host answers itself",
        (Proxy("host", "relay", (25,), hook="output", only=AGENT),),
        {25: by_host("redirect")}, seconds=5),
    Row("port 25 is dropped as it leaves the host's routing",
        (drop("host", 25, hook="postrouting"),), {25: by_host("drop")}),
    Row("port 25 is dropped as it leaves the host's device",
        (AtDevice("host", "lan", "tcp dport 25 drop", "egress"),),
        {25: by_host("drop")}),
    *untraced(),
    *unwitnessed(),
    *beside_others(),
    *of_a_group(),
    *sandboxed(),
    *in_the_endpoints_name(),
    *of_its_own_address(),
    Row("for a moment, the host has no route to port 25", (Flap(25),),
        families=(4,), seconds=4),
    Row("for a moment, the host has no route to port 25, over IPv6",
        (Flap(25),), families=(6,), seconds=4),
    # A router that has no route speaks of a route, not of a port.
    Row("the home router says of everything that there is no route",
        (Filter("home", "meta nfproto ipv4 reject with icmp type "
                "net-unreachable\nmeta nfproto ipv6 reject with icmpv6 type "
                "no-route"),), every(NOWHERE), by_address=True, seconds=6),
    Row("the provider says of everything that there is no route",
        (Filter("provider", "meta nfproto ipv4 reject with icmp type "
                "net-unreachable\nmeta nfproto ipv6 reject with icmpv6 type "
                "no-route"),), every(NOWHERE), by_address=True, seconds=6),
    Row("an IPv6 default route leads nowhere",
        (Filter("home", "meta nfproto ipv6 drop"),), {}, every(OFFLINE),
        by_address=True),
)
