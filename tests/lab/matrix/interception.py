# SPDX-License-Identifier: Apache-2.0
"""Networks that answer in the endpoint's place, or change what it says."""

from lab.filters import Diverted, Hidden, Proxy, Rewriter, on_starttls

from .row import (ENDPOINTS, FOREIGN_KEY, OPEN, PORTS, REDIRECT, STRIPPED,
                  UNKNOWN, Expect, Row, every)

# Who rewrites in passing is at no hop of his own.
IN_PASSING = Expect("intercepted", "starttls-stripped")
# Servers of three owners in three networks; and such as have other keys than
# those that are listed: each a new one, a balancer's before both, or that of
# the vendor whose image both have put up.
APART = ("apart1", "apart2", "apart3")
RENEWED = {"renewed1": "apart1", "renewed2": "apart2"}
BALANCED = {"ended1": "apart1", "ended2": "apart2"}
OF_ONE_VENDOR = {"vendor1": "apart1", "vendor2": "apart2"}
# An open port is not traced, and the host not asked for its witness.
ONE_KEY = Expect("intercepted", "tls-intercepted", "host-or-path",
                 signs=("key-differs",))
KEY_DIFFERS = Expect("reachable", "open", signs=("key-differs",))
OTHER_KEY = Expect("intercepted", "tls-intercepted", signs=("key-differs",))
ONE_VENDOR = Expect("unknown", "no-control", signs=("key-differs",))

# Transit sends what it takes to a host beside it, or ends it itself: one hop
# before the endpoint, or two. Behind it the exchange goes on with other ports.
BESIDE = Expect("intercepted", "redirect", "path", "transit")
BEFORE = Expect("intercepted", "redirect", "path", "provider")
AS_SERVED = (OPEN, Expect("reachable", "open", signs=("early-handshake",)))
OTHER_PORT = 2526  # beside that of filters.PROXY_PORT


def taken_to_a_host():
    """Two ports are taken, and a third goes on by routers; 587 is closed, and
    25 answered by another server. Whoever asks so few that a balancer of the
    endpoints' may do it, too, knows nothing."""
    beside = (Diverted("transit", "box", (25, 587)),
              Proxy("box", "other", (25,), server="proxymx"),
              Proxy("box", "close", (587,), at=OTHER_PORT))
    itself = (Diverted("transit", "box", (25,)),
              Proxy("box", "other", (25,), server="proxymx"),
              Proxy("transit", "close", (587,)))
    for how, filters, closed in (
            ("sends 25 and 587 to a host of its own", beside, BESIDE),
            ("sends 25 to a host of its own and ends 587 itself", itself,
             BEFORE)):
        for count in (1, 2, 3):
            yield Row(f"transit {how}, one hop before the "
                      f"router where 443 goes on, of {count} "
                      f"{'endpoint' if count == 1 else 'endpoints'}", filters,
                      {25: (BESIDE, UNKNOWN, *AS_SERVED),
                       587: (closed, UNKNOWN)},
                      line="home of a provider with a host of its own",
                      endpoints=ENDPOINTS[:count], seconds=10)


ROWS = (
    *taken_to_a_host(),
    Row("a proxy of the provider answers port 25 with its own server",
        (Proxy("provider", "other", (25,), server="proxymx"),),
        {25: REDIRECT}, seconds=5),
    Row("a proxy of the provider answers 25 and 587 with its own server",
        (Proxy("provider", "other", (25, 587), server="proxymx"),),
        {25: REDIRECT, 587: REDIRECT}, seconds=5),
    Row("a proxy of the provider passes port 25 on as it is",
        (Proxy("provider", "relay", (25,)),), {25: REDIRECT}, seconds=5),
    Row("a proxy of the provider leaves out STARTTLS",
        (Proxy("provider", "strip", (25,)),), {25: STRIPPED}, seconds=5),
    Row("a proxy of the provider overwrites STARTTLS in place",
        (Proxy("provider", "mask", (25,)),), {25: STRIPPED}, seconds=5),
    Row("a proxy of the provider refuses STARTTLS",
        (Proxy("provider", "refuse", (25,)),), {25: STRIPPED}, seconds=5),
    Row("a proxy of the provider cuts the connection on STARTTLS",
        (Proxy("provider", "cut", (25,)),), {25: STRIPPED}, seconds=5),
    Row("a proxy of the provider ends TLS with its own certificate",
        (Proxy("provider", "tls", (25,)),), {25: REDIRECT}, seconds=5),
    Row("a proxy of the provider ends TLS where the endpoint's key is known",
        (Proxy("provider", "tls", (25,)),), {25: FOREIGN_KEY}, keys=True,
        seconds=5),
    Row("an open network where the endpoints' keys are known",
        keys=True, seconds=2),
    Row("a proxy of the provider takes connections and says nothing",
        (Proxy("provider", "silent", (25,)),), {25: REDIRECT},
        timeout_s=100, seconds=55),
    Row("a proxy of the provider takes connections and resets them",
        (Proxy("provider", "reset", (25,)),), {25: REDIRECT}, seconds=5),
    Row("a proxy of the provider takes connections and closes them",
        (Proxy("provider", "close", (25,)),), {25: REDIRECT}, seconds=5),
    Row("a portal takes 25 and 443 alike, and says nothing",
        (Proxy("provider", "silent", (25, 443)),), {25: REDIRECT},
        timeout_s=100, seconds=55),
    Row("a portal takes 25 and 443 alike, with its own server",
        (Proxy("provider", "other", (25, 443), server="proxymx"),),
        {25: REDIRECT}, seconds=5),
    Row("a router in passing overwrites the offer of STARTTLS",
        (Rewriter("transit", "mask", (25,)),), {25: IN_PASSING}, seconds=5),
    Row("a router in passing overwrites greeting and EHLO's keywords",
        (Rewriter("transit", "asa", (25,)),), {25: IN_PASSING}, seconds=5),
    Row("a router in passing renames STARTTLS, where it is known",
        (Rewriter("transit", "rename", (25,)),), {25: IN_PASSING}, seconds=5),
    Row("a router in passing that changes nothing",
        (Rewriter("transit", "nothing", (25,)),), seconds=5),
    Row("STARTTLS is reset in passing, after it was offered",
        (on_starttls("provider", "reject with tcp reset", 25),),
        {25: IN_PASSING}, seconds=5),
    Row("a proxy that keeps address and TTL ends TLS on every mail port",
        (Hidden("provider", "tls", PORTS),), every(ONE_KEY),
        endpoints=APART, keys=True, seconds=5),
    Row("a proxy that keeps address and TTL ends TLS on every port of two",
        (Hidden("provider", "tls", PORTS),), every(ONE_VENDOR),
        endpoints=APART[:2], keys=True, seconds=5),
    Row("a firewall that keeps address and TTL makes each host a key",
        (Hidden("provider", "tls", PORTS, forged=APART),), every(KEY_DIFFERS),
        endpoints=APART, keys=True, seconds=5),
    Row("a firewall that keeps address and TTL makes each host a key on 25",
        (Hidden("provider", "tls", (25,), forged=APART),), {25: OTHER_KEY},
        endpoints=APART, keys=True, seconds=5),
    Row("a proxy that keeps address and TTL ends TLS on every port of one",
        (Hidden("provider", "tls", PORTS),), every(KEY_DIFFERS),
        endpoints=APART[:1], keys=True, seconds=5),
    Row("a proxy that keeps address and TTL ends TLS where no key is known",
        (Hidden("provider", "tls", PORTS),), endpoints=APART, seconds=5),
    Row("a proxy from its own address ends TLS on every mail port",
        (Proxy("provider", "tls", PORTS),), every(REDIRECT),
        endpoints=APART, keys=True, seconds=5),
    Row("two owners' endpoints have renewed their keys",
        ports=every(KEY_DIFFERS), endpoints=tuple(RENEWED), keys=True,
        listed=RENEWED, seconds=2),
    Row("two owners have put up one vendor's image, with its key",
        ports=every(ONE_VENDOR), endpoints=tuple(OF_ONE_VENDOR), keys=True,
        listed=OF_ONE_VENDOR, seconds=2),
    Row("two owners have put up one vendor's image, and a third has not",
        only={name: every(ONE_VENDOR) for name in OF_ONE_VENDOR},
        endpoints=("apart3", *OF_ONE_VENDOR), keys=True,
        listed=OF_ONE_VENDOR, seconds=2),
    Row("one balancer ends the TLS of two owners' servers in one network",
        ports=every(KEY_DIFFERS), endpoints=tuple(BALANCED), keys=True,
        listed=BALANCED, families=(4,), seconds=2),
)


def add_sites(lab):
    for name in (*APART, *RENEWED):
        lab.scripted(name, apart=True)
    certificate = lab.authority.issue("balancer", "balancer.example.org")
    for name in BALANCED:
        lab.scripted(name, certificate=certificate)
    certificate = lab.authority.issue("vendor", "appliance.example.org")
    for name in OF_ONE_VENDOR:
        lab.scripted(name, apart=True, certificate=certificate)
