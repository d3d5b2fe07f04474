# SPDX-License-Identifier: Apache-2.0
"""Name servers that answer with addresses of somebody else, or of nobody."""

from .row import DOWN, REFUSED, Expect, Row, every

# Addresses that names can be made to have: nobody's, beside the sites' own.
NOBODY = {"unrouted": ("198.19.247.250", "2001:db8:2fff::25"),
          "private": ("10.77.77.77", "fd77::77"),
          "neighbour": ("192.168.1.77", "fd00:1::77"),
          "loopback": ("127.0.0.1", "::1")}


def among(name, *sites):
    return {"pools": {"mx1": ("mx1",), "mx2": ("mx2",), name: sites}}


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
    Row("a name of which one address is wrong",
        **among("half", "mx3", "unrouted"), only={"unrouted": every(DOWN)}),
)
