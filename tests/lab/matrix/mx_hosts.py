# SPDX-License-Identifier: Apache-2.0
"""Plain MX hosts: those that serve 25 alone, drop the rest, or are balancers of
unequal depth."""

from lab.filters import (AtExchange, Filter, Proxy, ProxyAtExchange, drop,
                         drop_replies, icmp, reset, silent_hops)
from lab.scripted import USUAL

from .row import (BROKEN, DOWN, ENDPOINTS, OFFLINE, OPEN, REFUSED, SILENT,
                  UNKNOWN, Expect, Row, after)

ALONE = {"endpoints": ("mxa", "mxb"), "asked": (25,)}
ONE = {"endpoints": ("mxa",), "asked": (25,)}
NAMED = {"endpoints": ("mxa", "mxb"), "operands": True}
HIDDEN = silent_hops("provider", "transit", "exchange")
HOME = after("home", "drop", "access")
EARLY = (OPEN, Expect("reachable", "open", signs=("early-handshake",)))
CLOSED = (REFUSED, UNKNOWN)
PROXIED = (BROKEN, UNKNOWN)
DEPTHS = [5, 6, None]  # of its ports
NO_SUBMISSION = {465: SILENT, 587: SILENT}
# The same, where nothing else of the endpoint answers.
NOTHING = (SILENT, UNKNOWN, DOWN)

# Where each port of a balancer is served: {name: (its own ports, sent on)};
# it is a hop of its own, or with "quiet" one that answers no trace.
ALL = tuple(USUAL)
BALANCERS = {
    "lb-web": (((1, 443),), ()),              # 443 sent on one hop
    "lb-web2": (((2, 443),), ()),
    "lb-all": (((1, 443, 465, 587),), ()),    # a gateway that has 25 itself
    "lb-all2": (((2, 443, 465, 587),), ()),
    "lb-mail": (((1, 25, 465, 587),), ()),
    "lb-mail2": (((2, 25, 465, 587),), ()),
    "lb-shut": (((1, 443),), (25,)),          # 25 is closed
    "lb-shut2": (((2, 443, 465, 587),), (25,)),
    "quiet-web": (((1, 443),), ()),
    "quiet-all": (((1, 443, 465, 587),), ()),
    "quiet-twin": (((1, 443, 465, 587),), ()),
    "quiet-shut": (((1, 443, 465, 587),), (25,)),
    "quiet-deep": (((2, 443, 465, 587),), ()),
    "quiet-deep2": (((2, 443, 465, 587),), ()),
    "quiet-deep-shut": (((2, 443, 465, 587),), (25,)),
    "quiet-deep-shut2": (((2, 443, 465, 587),), (25,)),
}
# Two customers behind their hoster's balancer, which resets 25 in their names,
# and two behind another one's, which has a mail server for them.
FARM = ("farm-a", "farm-b")
HOSTED = ("hosted-a", "hosted-b")
# The same, and a router between the balancer and its servers.
DEEP_FARM = ("deepfarm-a", "deepfarm-b")
DEEP_HOSTED = ("deephosted-a", "deephosted-b")
# What takes 25 there, where nobody serves it.
GONE = {"gone-closes": "closes", "gone-closes2": "closes",
        "gone-resets": "resets"}


def filters_of_25():
    """What is done to 25 where no other port answers."""
    yield "the home router drops 25", drop("home", 25), HOME
    yield ("the provider drops 25", drop("provider", 25),
           after("provider", "drop"))
    yield ("25 is dropped at the provider's entrance",
           drop("provider", 25, hook="prerouting"), HOME)
    yield "transit drops 25", drop("transit", 25), after("transit", "drop")
    yield ("the provider prohibits 25",
           icmp("provider", "admin-prohibited", 25),
           after("provider", "icmp"))


def alone():
    for sentence, each, expect in filters_of_25():
        sentence += ", to MX hosts of 25 alone"
        yield Row(sentence, (each,), {25: expect}, **ALONE)
        # As far off as transit the firewall of one's site may be.
        one = UNKNOWN if expect.after_hop == "transit" else expect
        yield Row(sentence + ", one of them", (each,), {25: one}, **ONE)
        yield Row(sentence + ", by name", (each,),
                  {25: expect, 465: NOTHING, 587: NOTHING}, **NAMED)
    yield Row("the provider resets 25, to MX hosts of 25 alone",
              (reset("provider", 25),),
              {25: (after("provider", "reset"), UNKNOWN)}, seconds=6, **ALONE)
    # Everything passes as far as everything else.
    yield Row("the last router drops 25, to MX hosts of 25 alone",
              (AtExchange("tcp dport 25 drop"),), {25: (UNKNOWN, DOWN)},
              **ALONE)
    yield Row("the answers from 25 are dropped, to MX hosts of 25 alone",
              (drop_replies("provider", 25),), {25: (UNKNOWN, DOWN)}, **ALONE)
    yield Row("25 is dropped, no hop answers, to MX hosts of 25 alone",
              (drop("home", 25), *silent_hops("home"), *HIDDEN),
              {25: (UNKNOWN, OFFLINE)}, **ALONE)
    yield Row("25 is dropped at home, no hop behind it answers, to MX hosts "
              "of 25 alone", (drop("home", 25), *HIDDEN),
              {25: (UNKNOWN, OFFLINE)}, **ALONE)


def behind_silence():
    """A home router, and silence behind it for every port."""
    yield Row("a home router drops 25, no hop behind it answers",
              (drop("home", 25), *HIDDEN), {25: HOME})
    yield Row("a home router drops 25 and 587, no hop behind it answers",
              (drop("home", 25, 587), *HIDDEN), {25: HOME, 587: HOME})
    yield Row("a home router drops 25, no hop behind it answers, one endpoint",
              (drop("home", 25), *HIDDEN), {25: UNKNOWN}, endpoints=("mx1",))
    yield Row("the provider drops 25, only the home router answers",
              (drop("provider", 25), *HIDDEN), {25: HOME})
    yield Row("a home router resets 25, no hop behind it answers",
              (reset("home", 25), *HIDDEN),
              {25: after("home", "reset", "access")}, seconds=4)
    yield Row("an endpoint drops 25 itself, no hop but the first answers",
              HIDDEN, endpoints=("mx1", "mx2", "picky"),
              only={"picky": {25: UNKNOWN}})
    yield Row("an open network, only the home router answers", HIDDEN,
              seconds=4)


def with_balancer(name, expect, *others, **more):
    return {"endpoints": ("mx1", name, *others), "only": {name: expect},
            **more}


def balancers():
    for name, what in (("lb-web", "443"), ("lb-all", "all but 25"),
                       ("lb-mail", "the mail ports"), ("quiet-web", "443"),
                       ("quiet-all", "all but 25")):
        quiet = ", without a trace of it" if name.startswith("quiet") else ""
        yield Row(f"a balancer sends {what} one hop on{quiet}",
                  **with_balancer(name, {}), seconds=6)
        yield Row(f"a balancer sends {what} one hop on{quiet}, traced",
                  **with_balancer(name, {25: EARLY}),
                  argv=("--trace", "always"), timeout_s=60, seconds=10)
    for name, what in (("lb-web2", "443"), ("lb-all2", "all but 25"),
                       ("lb-mail2", "the mail ports")):
        yield Row(f"a balancer sends {what} two hops on",
                  **with_balancer(name, {}), seconds=6)
    yield Row("a balancer sends all but 25 two hops on, by name",
              operands=True, **with_balancer("lb-all2", {}), seconds=6)
    yield Row("a balancer sends all but 25 two hops on, its key is known, "
              "without a trace of it", keys=True,
              **with_balancer("quiet-deep", {}), seconds=6)
    for name, expect, what in (("quiet-deep", EARLY, "all but 25"),
                               ("quiet-deep-shut", CLOSED,
                                "all but 25, which is closed,")):
        sentence = f"balancer sends {what} two hops on, without a trace of it"
        both = {name: {25: expect}, name + "2": {25: expect}}
        yield Row(f"a {sentence}", **with_balancer(name, {25: expect}),
                  argv=("--trace", "always"), timeout_s=60, seconds=10)
        yield Row(f"each {sentence}", endpoints=tuple(both), only=both,
                  argv=("--trace", "always"), timeout_s=60, seconds=10)
    yield Row("25 is closed where 443 is sent one hop on",
              **with_balancer("lb-shut", {25: CLOSED}), seconds=6)
    yield Row("25 is closed where 443 is sent one hop on, by name",
              operands=True, **with_balancer("lb-shut", {25: CLOSED}),
              seconds=6)
    yield Row("25 is closed where all else is sent two hops on",
              **with_balancer("lb-shut2", {25: CLOSED}), seconds=6)
    yield Row("25 is closed where all else is sent one hop on, without a "
              "trace of it", **with_balancer("quiet-shut", {25: CLOSED}),
              seconds=6)
    # What Docker's userland proxy does: it takes the connection itself. Two
    # that reset it are as good as a path that does.
    for manner in ("closes", "resets"):
        yield Row(f"a proxy on an endpoint's host takes 25 and {manner} it, "
                  "443 is sent on",
                  **with_balancer(f"gone-{manner}", {25: PROXIED}), seconds=8)
    yield Row("two endpoints' own proxies take 25 and close it, 443 is sent "
              "on", (), {25: PROXIED},
              endpoints=("gone-closes", "gone-closes2"), seconds=8)
    yield from balancers_of_two()
    yield Row("one endpoint alone, of which 25 is closed and 443 sent on",
              endpoints=("lb-shut",), ports={25: CLOSED}, seconds=6)
    yield Row("two addresses of one endpoint behind a balancer",
              pools={"twins": ("lb-web", "lb-all")}, seconds=6)
    yield Row("two addresses of one endpoint behind a balancer, without a "
              "trace of it", pools={"quiet-twins": ("quiet-all", "quiet-twin")},
              seconds=6)
    yield Row("two addresses of one endpoint behind a balancer, by name",
              pools={"quiet-twins": ("quiet-all", "quiet-twin")}, operands=True,
              seconds=6)
    yield Row("two addresses of one endpoint behind a balancer, and another",
              pools={"quiet-twins": ("quiet-all", "quiet-twin"),
                     "mx1": ("mx1",)}, seconds=6)
    yield Row("the provider drops 25, to a balancer of unequal depth",
              (drop("provider", 25),),
              {25: after("provider", "drop", hops=DEPTHS)},
              endpoints=("lb-web", "lb-all"))
    yield Row("the answers from 25 are dropped, to balancers that send all "
              "else on", (drop_replies("provider", 25),),
              {25: Expect("filtered", "drop-reply", "far-end", "exchange",
                          hops=DEPTHS + [7])},
              endpoints=("lb-all", "lb-all2"))
    yield Row("the provider resets 25, to a balancer of unequal depth",
              (reset("provider", 25),),
              {25: after("provider", "reset", hops=DEPTHS)},
              endpoints=("lb-web", "lb-all", "mx1"), seconds=6)


def ways_to_ask(two):
    yield two, ""
    yield ("mx1", *two), ", and another endpoint"
    if two in (DEEP_FARM, DEEP_HOSTED):
        yield two[:1], ", one of them"
        yield ("mx1", two[0]), ", one of them and another endpoint"


def balancers_of_two():
    """Two owners' servers are no two witnesses of what is done before both."""
    for two, what, expect in (
            (FARM, "two servers behind one balancer, which resets 25 a hop "
             "before them", CLOSED),
            (HOSTED, "a hoster's balancer that ends port 25 one hop nearer "
             "than two owners' servers", EARLY),
            (DEEP_FARM, "two servers behind one balancer, which resets 25 two "
             "hops before them", CLOSED),
            (DEEP_HOSTED, "a hoster's balancer that ends port 25 two hops "
             "nearer than two owners' servers", EARLY)):
        for endpoints, beside in ways_to_ask(two):
            more = {"endpoints": endpoints, "seconds": 6,
                    "only": {name: {25: expect} for name in two}}
            sentence = f"{what}{beside}"
            yield Row(sentence, **more)
            yield Row(f"{sentence}, by name", operands=True, **more)
            yield Row(f"{sentence}, traced",
                      **{**more, "argv": ("--trace", "always"),
                         "timeout_s": 60, "seconds": 10})
    # Two hops before the endpoints, as such a balancer would be.
    for what, each, named, cleared in (
            ("resets 25", reset("transit", 25, hook="prerouting"),
             after("provider", "reset"), UNKNOWN),
            ("takes 25 to its own server",
             Proxy("transit", "other", (25,), server="proxymx"),
             Expect("intercepted", "redirect", "path", "provider"), EARLY)):
        for count in (1, 2, 3):
            yield Row(f"transit {what}, two hops before {count} "
                      f"{'endpoint' if count == 1 else 'endpoints'}", (each,),
                      {25: named if count == 3 else cleared},
                      endpoints=ENDPOINTS[:count], seconds=6)
    # The exchange is on the way to every endpoint, and no hoster's.
    for mode, what in (("relay", "passes 25 on"),
                       ("other", "answers 25 with its own server")):
        yield Row("a proxy of the network, one hop nearer than three owners' "
                  f"servers, {what}",
                  (ProxyAtExchange("exchange", mode, (25,), server="proxymx"),),
                  {25: Expect("intercepted", "redirect", "path", "transit")},
                  seconds=6)
        yield Row("a proxy of the network, one hop nearer than two owners' "
                  f"servers, {what}",
                  (ProxyAtExchange("exchange", mode, (25,), server="proxymx"),),
                  {25: EARLY}, endpoints=("mx1", "mx2"), seconds=6)


ROWS = (
    Row("an open network, MX hosts of 25 alone", seconds=5, **ALONE),
    Row("an open network, one MX host of 25 alone", seconds=5, **ONE),
    Row("an open network, MX hosts of 25 alone, by name", (), NO_SUBMISSION,
        **NAMED),
    Row("an open network, one MX host of 25 alone, by name", (),
        NO_SUBMISSION, endpoints=("mxa",), operands=True, most_s=20),
    Row("an open network, an MX host that drops 587 and 465 itself", (),
        NO_SUBMISSION, endpoints=("mxc",), operands=True),
    Row("an open network, an MX host that has no 587 and 465, by name", (),
        {465: REFUSED, 587: REFUSED}, endpoints=("mxd",), operands=True,
        seconds=4),
    Row("25 is dropped by the provider, an MX host that drops 587 and 465",
        (drop("provider", 25),), {25: after("provider", "drop"),
                                  **NO_SUBMISSION},
        endpoints=("mxc", "mxa"), operands=True,
        only={"mxa": {25: after("provider", "drop"), 465: NOTHING,
                      587: NOTHING}}),
    Row("an MX host that drops 25 itself, by name", (), {25: SILENT},
        endpoints=("picky",), operands=True),
    Row("an open network, by name", operands=True, seconds=3),
    *alone(),
    *behind_silence(),
    *balancers(),
)


def add_sites(lab):
    for name in ("mxa", "mxb"):
        lab.scripted(name, {25: "good"})
    lab.scripted("mxc", {25: "good", 443: "connect"})
    lab.scripted("mxd", {25: "good", 443: "connect"})
    for name, (behind, closed) in BALANCERS.items():
        lab.scripted(name, {port: manner for port, manner in USUAL.items()
                            if port not in closed}, behind=behind)
    router = lab.site("farm")
    for name in FARM:
        lab.scripted(name, within=router)
    router = lab.scripted("hosted")
    for name in HOSTED:
        lab.scripted(name, within=router)
    for name in DEEP_FARM[0], DEEP_HOSTED[0]:
        name = name.removesuffix("-a")
        balancer = lab.site(name) if name == "deepfarm" else \
            lab.scripted(name)
        rack = lab.site(f"{name}-rack", within=balancer)
        for letter in "ab":
            lab.scripted(f"{name}-{letter}", within=rack)
    for name, manner in GONE.items():
        lab.scripted(name, {**USUAL, 25: manner}, behind=((1, 443),))


def filter_sites(lab):
    rules = {"mxa": ("tcp dport != 25 drop", "input"),
             "mxb": ("tcp dport != 25 drop", "input"),
             "mxc": ("tcp dport { 465, 587 } drop", "input"),
             "farm": ("tcp dport 25 reject with tcp reset", "prerouting"),
             "deepfarm": ("tcp dport 25 reject with tcp reset",
                          "prerouting")}
    for name in BALANCERS:
        if name.startswith("quiet"):
            rules[name] = (
                "icmp type time-exceeded drop\nicmpv6 type time-exceeded drop",
                "output")
    for name, (rule, hook) in rules.items():
        lab.network.sites[name].node.nft(Filter(name, rule, hook).rules())
    for name in ("hosted", "deephosted"):
        lab.network.sites[name].node.nft(
            f"table inet {name} {{\nchain p {{\n"
            "type nat hook prerouting priority -100\n"
            "tcp dport 25 redirect to :25\n}\n}\n")
