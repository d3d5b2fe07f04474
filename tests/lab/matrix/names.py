# SPDX-License-Identifier: Apache-2.0
"""Name servers that answer with addresses of somebody else, or of nobody."""

from lab.filters import LinkLocalDns, drop
from lab.topology import HOP_PROVIDER

from .row import DOWN, REFUSED, Expect, Row, every, filtered

MX = 15  # the record's type

# Addresses that names can be made to have: nobody's, beside the sites' own.
NOBODY = {"unrouted": ("198.19.247.250", "2001:db8:2fff::25"),
          "private": ("10.77.77.77", "fd77::77"),
          "neighbour": ("192.168.1.77", "fd00:1::77"),
          "loopback": ("127.0.0.1", "::1"),
          "sinkhole": ("0.0.0.0", "::")}


def among(name, *sites):
    return {"pools": {"mx1": ("mx1",), "mx2": ("mx2",), name: sites}}


def without(name, dns, **more):
    """A domain beside two ordinary hosts that leads to no address."""
    return {"endpoints": ("mx1", "mx2"), "domains": {name: f"{name}.test"},
            "only": {name: every(Expect("unknown", "resolve", dns=dns))},
            **more}


ROWS = (
    Row("a name that leads to another server is open, with a key that differs",
        **among("elsewhere", "proxymx"), keys=True, seconds=2,
        only={"proxymx": every(Expect("reachable", "open",
                                      signs=("key-differs",)))}),
    Row("a name that leads to an address without a route is down",
        **among("lost", "unrouted"), only={"unrouted": every(DOWN)}),
    Row("a name that leads to a private address out of reach is down",
        **among("hidden", "private"), only={"private": every(DOWN)}),
    Row("a name that leads to nobody in the own network is down",
        **among("lan", "neighbour"), only={"neighbour": every(DOWN)}),
    Row("a name that leads to this host is refused by it",
        **among("self", "loopback"), only={"loopback": every(REFUSED)}),
    Row("a name server hides a name behind 0.0.0.0 and ::",
        **among("blocked", "sinkhole"), only={"sinkhole": every(REFUSED)}),
    Row("a name of which one address is wrong",
        **among("half", "mx3", "unrouted"), only={"unrouted": every(DOWN)}),
    Row("a domain that takes no mail says so by a null MX",
        **without("nullmx", "null-mx"), seconds=4),
    Row("a domain whose MX is an address has no mail server",
        **without("mxaddress", "mx-is-address"), seconds=4),
    Row("a domain that does not exist has no mail server",
        **without("nowhere", "no-such-domain"), seconds=4),
    Row("a domain whose MX has no address has no mail server",
        **without("nohost", "no-address"), seconds=4),
    Row("a domain of which there is text alone has no mail server",
        **without("textonly", "no-address"), seconds=4),
    Row("a domain whose name servers fail has no mail server known",
        **without("servfail", "servfail"), seconds=6),
    Row("a domain with a mail server is open", seconds=4,
        **among("ordinary", "mx3"), domains={"ordinary": "ordinary.test"}),
    Row("the only name server has a link-local address", (LinkLocalDns(),),
        resolver="fe80::53%lan", seconds=5),
    Row("the only name server has a link-local address, 25 is dropped",
        (LinkLocalDns(), drop("provider", 25)),
        {25: filtered("drop", HOP_PROVIDER)}, resolver="fe80::53%lan"),
)


def add_sites(lab):
    lab.dns.raw("nullmx.test", MX, "000000")
    lab.dns.mx("mxaddress.test", 10, "192.0.2.10")
    lab.dns.mx("nohost.test", 10, "mail.nohost.test")
    lab.dns.txt("mail.nohost.test", "no address")
    lab.dns.txt("textonly.test", "no mail")
    lab.dns.failing("servfail.test")
    lab.dns.mx("ordinary.test", 10, lab.host("mx3"))
