# SPDX-License-Identifier: Apache-2.0
"""Virtual machines: the guest has its public address itself, or a private one
and 1:1 NAT, and a virtual switch is before the first router."""

from lab.filters import (NO_ANSWERS, AtDevice, Filter, at_switch, drop,
                         drop_replies, rate_limited_icmp, reset, silent_hops,
                         throttle, to_ports)

from .row import (DROPPED_SOMEWHERE, OFFLINE, PORTS, UNKNOWN, Expect,
                  Row, after, at_link, by_host, every)

CLOUD, PRIVATE = {"line": "cloud"}, {"line": "private cloud"}
LINK = {25: at_link("drop", 1)}
DROP25 = at_switch("tcp dport 25 drop")
DROP_MAIL = at_switch(to_ports(PORTS) + " drop")
# A security group keeps state; these rules do what it does by TCP's flags.
GROUP = ("tcp flags & (syn | ack) == syn tcp dport != { %s } drop\n"
         "meta l4proto { icmp, icmpv6 } %s")
MUTE = at_switch(NO_ANSWERS)
FAR_END = Expect("filtered", "drop-reply", "far-end", "exchange")
NOBODY_ELSE = (UNKNOWN, OFFLINE)


def unplaced(before_hop, where="path"):
    """Between the host and the first router that answers anything; where that
    is the last one, it may be too few to go by."""
    found = Expect("filtered", "drop", where, 0, before_hop)
    return {25: (found, DROPPED_SOMEWHERE) if before_hop == "exchange"
            else found}


def of_both(sentence, filters, ports, **more):
    """For a guest with a public address, and for one behind 1:1 NAT."""
    yield Row(sentence + ", public addresses", filters, ports, **CLOUD, **more)
    yield Row(sentence + ", 1:1 NAT", filters, ports, **PRIVATE, **more)


ROWS = (
    *of_both("a cloud that filters nothing", (), {}, seconds=3),
    *of_both("a cloud's virtual switch drops 25", (DROP25,), LINK),
    *of_both("a cloud's virtual switch drops 25 and 465",
             (at_switch("tcp dport { 25, 465 } drop"),),
             {port: at_link("drop", 1) for port in (25, 465)}),
    *of_both("a cloud's virtual switch drops all mail ports", (DROP_MAIL,),
             every(at_link("drop", 1))),
    *of_both("a cloud's virtual switch drops 25, asked without a trace",
             (DROP25,), {25: (DROPPED_SOMEWHERE, at_link("drop"), UNKNOWN)},
             argv=("--trace", "never")),
    Row("25 is reset as it enters a cloud's first router",
        (reset("provider", 25, hook="prerouting"),), {25: at_link("reset")},
        seconds=3, **CLOUD),
    Row("25 is reset as it enters a cloud's gateway, 1:1 NAT",
        (reset("gateway", 25, hook="prerouting"),), {25: at_link("reset")},
        seconds=3, **PRIVATE),
    *of_both("a cloud's virtual switch drops the answers from 25",
             (at_switch("tcp sport 25 drop"),), {25: FAR_END}),
    *of_both("a cloud's virtual switch drops 25 over IPv6 alone",
             (at_switch("meta protocol ip6 tcp dport 25 drop"),), {},
             ports6=LINK),
    *of_both("a cloud's virtual switch drops 25 over IPv4 alone",
             (at_switch("meta protocol ip tcp dport 25 drop"),), LINK,
             ports6={}),
    *of_both("a cloud's virtual switch lets 25 pass to its own relay",
             (at_switch("ip daddr != $mx1_4 tcp dport 25 drop"),
              at_switch("ip6 daddr != $mx1_6 tcp dport 25 drop")),
             LINK, only={"mx1": {}}),
    *of_both("a security group that allows all but 25",
             (at_switch(GROUP % ("443, 465, 587", "accept")),), LINK),
    *of_both("a security group that allows all but 25, and no ICMP in",
             (at_switch(GROUP % ("443, 465, 587", "drop")),),
             {25: DROPPED_SOMEWHERE}),
    Row("25 is dropped as it enters a cloud's first router",
        (AtDevice("provider", "c0", "tcp dport 25 drop"),), LINK, **CLOUD),
    Row("25 is dropped as it enters a cloud's gateway, 1:1 NAT",
        (AtDevice("gateway", "lan", "tcp dport 25 drop"),), LINK, **PRIVATE),
    Row("a cloud's gateway drops 25, 1:1 NAT", (drop("gateway", 25),),
        {25: after("gateway", "drop", "access")},
        {25: after("gateway", "drop")}, **PRIVATE),
    Row("a cloud's first router drops 25", (drop("provider", 25),),
        {25: after("provider", "drop")}, **CLOUD),
    Row("a cloud's first router resets 25", (reset("provider", 25),),
        {25: after("provider", "reset")}, seconds=3, **CLOUD),
    *of_both("a cloud's transit drops 25", (drop("transit", 25),),
             {25: after("transit", "drop")}),
    *of_both("answers from 25 are dropped in a cloud's transit",
             (drop_replies("transit", 25),), {25: FAR_END}),
    # The first hops say nothing, as at AWS, Azure and GCP.
    Row("a cloud's virtual switch drops 25, and hop 1 is silent",
        (DROP25, *silent_hops("provider")), unplaced("transit"), **CLOUD),
    Row("a cloud's virtual switch drops 25, and hops 1 and 2 are silent",
        (DROP25, *silent_hops("provider", "transit")), unplaced("exchange"),
        **CLOUD),
    Row("a cloud's virtual switch drops 25, hops 1 and 2 silent, 1:1 NAT",
        (DROP25, *silent_hops("gateway", "provider")),
        unplaced("transit", "access"), unplaced("transit"), **PRIVATE),
    Row("a cloud's virtual switch drops 25, hops 1 to 3 silent, 1:1 NAT",
        (DROP25, *silent_hops("gateway", "provider", "transit")),
        unplaced("exchange", "access"), unplaced("exchange"), **PRIVATE),
    Row("a cloud's first router drops 25 and is silent",
        (drop("provider", 25), *silent_hops("provider")), unplaced("transit"),
        **CLOUD),
    *of_both("a cloud that filters nothing, its first hops silent",
             silent_hops("provider"), {}, seconds=5),
    *of_both("a cloud that filters nothing, no hop answers", (MUTE,), {},
             seconds=5),
    *of_both("a cloud's virtual switch drops 25, no hop answers",
             (DROP25, MUTE), {25: DROPPED_SOMEWHERE}),
    *of_both("a cloud's virtual switch drops all mail ports, no hop answers",
             (DROP_MAIL, MUTE), every(DROPPED_SOMEWHERE)),
    *of_both("25 is dropped in a cloud where no hop answers, one endpoint",
             (DROP25, MUTE), {25: UNKNOWN}, endpoints=("mx1",)),
    Row("25 is dropped in a cloud where no hop answers, two of one owner",
        (DROP25, MUTE), {25: UNKNOWN}, pools={"two": ("mx1", "mx2")},
        **CLOUD),
    # A guest's own public address leads out to the gateway and back.
    Row("a cloud that filters nothing, asked for the guest's own address",
        endpoints=("mx1", "mx2", "self-open"), by_address=True,
        families=(4,), seconds=4, **PRIVATE),
    Row("a cloud's virtual switch drops 25, also to the guest's own address",
        (DROP25,), LINK,
        endpoints=("mx1", "mx2", "self-shut"), by_address=True,
        only={"self-shut": {25: (at_link("drop", 1, hops=[2, None]), UNKNOWN,
                                 Expect("filtered", "drop", "network",
                                        hops=[2, None]))}},
        families=(4,), **PRIVATE),
    Row("the host itself drops 25 in a cloud",
        (drop("host", 25, hook="output"),), {25: by_host("drop")}, **CLOUD),
    *of_both("the host itself drops 25 in a cloud where no hop answers",
             (drop("host", 25, hook="output"), MUTE), {25: by_host("drop")}),
    Row("the host itself resets 25 in a cloud where no hop answers",
        (reset("host", 25, hook="output"), MUTE), {25: by_host("reset")},
        seconds=3, **CLOUD),
    Row("a cloud's virtual switch drops all there is",
        (at_switch("meta l4proto { tcp, icmp, icmpv6 } drop"),),
        every(OFFLINE), **CLOUD),
    Row("a cloud's first router answers one trace a second, 25 is dropped",
        (DROP25, rate_limited_icmp("provider")),
        # A hop that answered too seldom tells nothing: the gap is wider, and
        # hop 1 is no silent one.
        {25: (LINK[25], Expect("filtered", "drop", ["path", "network"], 0,
                               2))}, **CLOUD),
    Row("a cloud's virtual switch lets one SYN to 25 in five pass",
        (Filter("switch", "tcp dport 25 tcp flags & (syn | ack) == syn "
                "numgen inc mod 5 != 0 drop", family="bridge"),),
        {25: Expect("filtered", "throttle")}, timeout_s=60, seconds=40,
        most_s=60,
        **CLOUD),
    Row("a cloud's first router lets one SYN to 25 in five pass",
        (throttle("provider", 5, 25),), {25: Expect("filtered", "throttle")},
        timeout_s=60, seconds=40, most_s=60, **CLOUD),
)
