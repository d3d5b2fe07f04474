# SPDX-License-Identifier: Apache-2.0
"""Providers of IPv6 alone: IPv4 is reached through their gateway (NAT64), by
the host's own translator or the home router's (464XLAT), or by addresses that
DNS64 makes."""

from lab.filters import Filter, Proxy, drop, drop_replies, icmp, reset
from lab.nat64 import by_dns64

from .row import ENDPOINTS, OPEN, UNKNOWN, Expect, Row, after, by_host

# The name server's answer for a name that has no AAAA.
MADE = tuple(f"{name}-dns64" for name in ENDPOINTS)
LINES = (("by the host's translator", {"line": "464XLAT", "families": (4,)}),
         ("to addresses of DNS64", {"line": "NAT64", "families": (6,),
                                    "endpoints": MADE}))
OUTSIDE, INSIDE = 'oifname "wan"', 'iifname "lan"'
DROP_REPLY = Expect("filtered", "drop-reply", "far-end", "exchange")


def at(place, what, only=""):
    return Filter(place, f"{only} tcp dport 25 {what}")


def before_translator(place, mechanism, clat):
    """The host's own translator is silent of hops that have no IPv4 address, so
    that of a drop it is not known whether this host does it."""
    if not clat:
        return after(place, mechanism)
    return Expect("filtered", mechanism, "host-or-path",
                  place if mechanism == "reset" else "clat")


def behind_translator(mechanism, clat, place="gateway"):
    """Within a prefix that is not known as NAT64's all addresses are beside
    each other, and a gateway beside the endpoint may answer for it."""
    if mechanism == "redirect":
        named = Expect("intercepted", "redirect", "path", place)
        return named if clat else (named, OPEN)
    named = after(place, mechanism)
    return named if clat else (named, UNKNOWN)


def through_gateway(clat):
    """(what is done, the filter, the honest answer)"""
    yield ("the gateway drops 25 behind its translator",
           at("gateway", "drop", OUTSIDE), after("gateway", "drop"))
    yield ("the gateway drops 25 before its translator",
           at("gateway", "drop", INSIDE),
           before_translator("gateway6", "drop", clat))
    yield ("the gateway resets 25 behind its translator",
           at("gateway", "reject with tcp reset", OUTSIDE),
           behind_translator("reset", clat))
    yield ("the gateway resets 25 before its translator",
           at("gateway", "reject with tcp reset", INSIDE),
           before_translator("gateway6", "reset", clat))
    yield ("the gateway prohibits 25 behind its translator",
           icmp("gateway", "admin-prohibited", 25, only=OUTSIDE),
           after("gateway", "icmp"))
    yield ("the router before the gateway drops 25", drop("home", 25),
           before_translator("home", "drop", clat))
    if clat:
        yield ("the host's own firewall drops 25",
               drop("host", 25, hook="output"), by_host("drop"))
        yield ("the host's own firewall drops 25 behind its translator",
               drop("host", 25),
               Expect("filtered", "drop", "host-or-path", "clat"))
    yield ("the provider behind the gateway drops 25", drop("provider", 25),
           after("provider", "drop"))
    yield ("the provider behind the gateway resets 25", reset("provider", 25),
           behind_translator("reset", clat, "provider"))
    yield ("a proxy behind the gateway answers 25",
           Proxy("provider", "other", (25,), server="proxymx"),
           behind_translator("redirect", clat))
    yield ("the answers from 25 are dropped behind the gateway",
           drop_replies("provider", 25), DROP_REPLY)


def at_home(place, mechanism):
    """By the home router, or what is next to its translator: no hop tells
    where it ends, so that the provider is not named."""
    return after(place, mechanism, "access")


def through_home():
    """The home router forwards IPv4 (hop 1), translates (2) and forwards IPv6
    (3); the provider's routers have no address of IPv4."""
    drops = "drop"
    resets = "reject with tcp reset"
    for where, rule, silent, early in (
            ("before its translator", 'iifname "lan"', "home", "home"),
            ("behind its translator", 'oifname "wan"', "clat", "clat6")):
        yield (f"the home router drops 25 {where}", at("home", drops, rule),
               at_home(silent, "drop"))
        yield (f"the home router resets 25 {where}", at("home", resets, rule),
               at_home(early, "reset"))
    yield ("the home router prohibits 25 before its translator",
           icmp("home", "admin-prohibited", 25, only='iifname "lan"'),
           at_home("home", "icmp"))
    yield ("the home router prohibits 25 behind its translator",
           icmp("home", "admin-prohibited", 25, only='oifname "wan"'),
           (at_home("clat", "icmp"), at_home("clat", "drop")))
    yield ("the home router takes 25 for itself before its translator",
           Proxy("home", "other", (25,), server="proxymx"),
           Expect("intercepted", "redirect", "link", 0))
    yield ("the answers from 25 are dropped at the home router",
           drop_replies("home", 25), DROP_REPLY)
    yield ("the host's own firewall drops 25",
           drop("host", 25, hook="output"), by_host("drop"))
    yield ("the gateway drops 25 before its translator",
           at("gateway", drops, INSIDE), at_home("clat", "drop"))
    yield ("the gateway resets 25 before its translator",
           at("gateway", resets, INSIDE), at_home("gateway6", "reset"))
    yield ("the gateway drops 25 behind its translator",
           at("gateway", drops, OUTSIDE), after("gateway", "drop"))
    yield ("the gateway resets 25 behind its translator",
           at("gateway", resets, OUTSIDE), after("gateway", "reset"))
    yield ("the gateway prohibits 25 behind its translator",
           icmp("gateway", "admin-prohibited", 25, only=OUTSIDE),
           after("gateway", "icmp"))
    yield ("the provider behind the gateway drops 25", drop("provider", 25),
           after("provider", "drop"))
    yield ("the provider behind the gateway resets 25", reset("provider", 25),
           after("provider", "reset"))


def home_rows():
    line = {"line": "464XLAT at home", "families": (4,)}
    how = "by a home router"
    yield Row(f"a network of IPv6 alone, open, {how}", seconds=5, **line)
    yield Row(f"a network of IPv6 alone, open, {how}, traced",
              argv=("--trace", "always"), timeout_s=60, seconds=12, **line)
    for what, each, expect in through_home():
        yield Row(f"a network of IPv6 alone: {what}, {how}", (each,),
                  {25: expect}, **line)


def rows():
    for how, line in LINES:
        yield Row(f"a network of IPv6 alone, open, {how}", seconds=5, **line)
        yield Row(f"a network of IPv6 alone, open, {how}, traced",
                  argv=("--trace", "always"), timeout_s=60, seconds=12, **line)
        for what, each, expect in through_gateway(line["line"] == "464XLAT"):
            yield Row(f"a network of IPv6 alone: {what}, {how}", (each,),
                      {25: expect}, **line)


ROWS = (*rows(), *home_rows())


def add_sites(lab):
    for name, made in zip(ENDPOINTS, MADE):
        site = by_dns64(lab.network.sites[name])
        lab.network.sites[made] = site
        lab.dns.host(lab.host(made), site.address6)
