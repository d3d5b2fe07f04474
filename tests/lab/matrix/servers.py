# SPDX-License-Identifier: Apache-2.0
"""What a server does by itself: replies, TLS alerts, silence and resets of one
endpoint beside two ordinary ones. The network lets every port through."""

from lab.scripted import USUAL

from .row import (ANY, BROKEN, OPEN, REFUSED, UNKNOWN, Expect, Row, rejected)

# Nothing is wrong with a server that is slow; and when time runs out first,
# nothing is known.
SLOW = (BROKEN, Expect("unknown", ANY, ANY, ANY, signs=("slow",)), UNKNOWN,
        Expect("reachable", "open", signs=("slow",)))
# It offered STARTTLS and does not do it: a refusal of a kind.
UNWILLING = (BROKEN, Expect("reachable", "rejected"))
TLS_FIRST = Expect("reachable", "open", signs=("tls-first",))
BLOCK_LIST = "https://www.blocklist.example/lookup?address"


def refused_with(code):
    return Expect("reachable", "rejected", code=code, text=BLOCK_LIST)


def alert(number):
    return Expect("endpoint", "broken", alert=number)


# port, manner, sentence, what must be said, more of the row
FAULTS = (
    (25, "drip", "greets with a byte a second", SLOW, {"timeout_s": 60}),
    (25, "minutes", "greets after minutes", SLOW, {"timeout_s": 60}),
    (25, "mute", "never greets", SLOW, {"timeout_s": 60}),
    (25, "endless", "never ends its reply to EHLO", SLOW, {"timeout_s": 60}),
    (25, "drip-ehlo", "answers EHLO with a byte a second", SLOW,
     {"timeout_s": 60}),
    (25, "stall-ehlo", "never answers EHLO", SLOW, {"timeout_s": 60}),
    (25, "close-ehlo", "closes on EHLO", BROKEN, {}),
    (25, "reset-ehlo", "resets on EHLO", BROKEN, {}),
    (25, "closes", "closes at once", BROKEN, {}),
    (25, "resets", "resets at once", BROKEN, {}),
    (25, "http", "speaks HTTP", BROKEN, {}),
    (25, "garbage", "sends bytes that are no reply", BROKEN, {}),
    (25, "proxy-header", "wants a PROXY header", BROKEN, {}),
    (25, "ehlo-garbage", "answers EHLO with no reply", BROKEN, {}),
    (25, "554", "greets with 554 and a block list", refused_with(554), {}),
    (25, "554-close", "greets with 554 and closes", refused_with(554), {}),
    (25, "521", "greets with 521 and a reason", refused_with(521), {}),
    (25, "550", "greets with 550 and a reason", refused_with(550), {}),
    (25, "421", "greets with 421 and closes", refused_with(421), {}),
    (25, "450", "answers EHLO with 450", rejected(450), {}),
    (25, "ehlo-550", "answers EHLO with 550 and a block list",
     refused_with(550), {}),
    (25, "helo-502", "knows HELO alone, by 502", OPEN, {"starttls": False}),
    (25, "helo-500", "knows HELO alone, by 500", OPEN, {"starttls": False}),
    (25, "plain", "offers no STARTTLS", OPEN, {"starttls": False}),
    (25, "454", "refuses STARTTLS", rejected(454), {"starttls": False}),
    (25, "starttls-close", "closes on STARTTLS", UNWILLING,
     {"starttls": False}),
    (25, "starttls-reset", "resets on STARTTLS", UNWILLING,
     {"starttls": False}),
    (25, "starttls-mute", "falls silent on STARTTLS", SLOW,
     {"starttls": False, "timeout_s": 60}),
    (25, "client-certificate", "demands a client certificate", alert(116), {}),
    (25, "sni-refused", "refuses the name in TLS", alert(112), {}),
    (25, "old-tls", "has TLS 1.0 alone", OPEN, {}),
    (25, "no-cipher", "shares no cipher", alert(40), {}),
    (465, "client-certificate", "demands a client certificate", alert(116),
     {}),
    (465, "sni-refused", "refuses the name in TLS", alert(112), {}),
    (465, "old-tls", "has TLS 1.0 alone", OPEN, {}),
    (465, "no-cipher", "shares no cipher", alert(40), {}),
    (465, "hello-reset", "resets on ClientHello", BROKEN, {}),
    (465, "hello-close", "closes on ClientHello", BROKEN, {}),
    (465, "hello-mute", "says nothing to ClientHello", SLOW,
     {"timeout_s": 60}),
    (465, "proxy-header", "wants a PROXY header", BROKEN, {}),
    (465, "http", "speaks HTTP", BROKEN, {"tls": ()}),
    (465, "good", "speaks SMTP without TLS", BROKEN, {"tls": ()}),
    (465, "554", "greets with 554 in TLS", refused_with(554), {}),
    (587, "good", "wants TLS first", TLS_FIRST, {"tls": (465, 587)}),
    # No relay asks for TLS first on 25, so nobody is made to wait for it there.
    (25, "good", "wants TLS first", BROKEN,
     {"tls": (25, 465), "seconds": 26}),
    (587, "drip", "greets with a byte a second", SLOW, {"timeout_s": 60}),
    (587, "client-certificate", "demands a client certificate", alert(116),
     {}),
    (587, "closes", "closes at once", BROKEN, {}),
    (587, "554", "greets with 554 and a block list", refused_with(554), {}),
)
# Where several ports say so, it is the machine.
TOGETHER = (
    ("mute", "never greets on 25 and 587", (25, 587), SLOW),
    ("closes", "closes at once on 25 and 587", (25, 587), BROKEN),
    ("resets", "resets at once on 25 and 587", (25, 587), BROKEN),
    ("hello-mute", "takes all connections and says nothing", (25, 465, 587),
     SLOW),
)


def site_of(port, manner, more):
    return f"odd{port}-{manner}{'-bare' if 'tls' in more else ''}"


# What a server does with STARTTLS that is known to offer it: its TLS may be out
# of order since.
NO_LONGER = (
    ("plain", "offers it no longer", (UNKNOWN, OPEN)),
    ("454", "refuses it", (UNKNOWN, rejected(454))),
    ("starttls-close", "closes on it", (UNKNOWN, *UNWILLING)),
    ("starttls-reset", "resets on it", (UNKNOWN, *UNWILLING)),
)


def no_longer():
    for manner, sentence, expect in NO_LONGER:
        site = site_of(25, manner, {})
        for endpoints, beside in ((("mx1", "mx2", site), ""),
                                  ((site,), ", alone")):
            yield Row("an endpoint that is known to offer STARTTLS "
                      f"{sentence}{beside}", endpoints=endpoints,
                      only={site: {25: expect}}, seconds=6)
    own = {25: (UNKNOWN, OPEN)}
    yield Row("two endpoints are known to offer STARTTLS and do no longer, one "
              "of them at one of two addresses",
              pools={"odd25-plain": ("odd25-plain",),
                     "bare-pool": ("bare-too", "mx1")},
              only={"odd25-plain": own, "bare-too": own}, seconds=6)


def faults():
    for port, manner, sentence, expect, more in FAULTS:
        site = site_of(port, manner, more)
        slow = expect is SLOW
        yield Row(f"an endpoint whose port {port} {sentence}",
                  endpoints=("mx1", "mx2", site), only={site: {port: expect}},
                  starttls=more.get("starttls", True),
                  timeout_s=more.get("timeout_s", 40),
                  seconds=more.get("seconds", 26 if slow else 6))
    for manner, sentence, ports, expect in TOGETHER:
        site = f"odd-{manner}"
        yield Row(f"an endpoint that {sentence}",
                  endpoints=("mx1", "mx2", site),
                  only={site: dict.fromkeys(ports, expect)},
                  timeout_s=60, seconds=28 if expect is SLOW else 6)


ROWS = (
    *faults(),
    *no_longer(),
    Row("2465 wants TLS first, asked with a greeting in mind",
        (), {2465: TLS_FIRST}, endpoints=("tls2465", "tls2465-too"),
        asked=("2465/starttls",), starttls=False, seconds=20, timeout_s=60),
    Row("2465 wants TLS first, and is asked so",
        endpoints=("tls2465", "tls2465-too"), asked=("2465/tls",),
        starttls=False, seconds=3),
    Row("an endpoint alone that greets with a byte a second, by name",
        (), {25: SLOW}, endpoints=("odd25-drip",), operands=True,
        timeout_s=60, seconds=40),
    Row("an endpoint alone that demands a client certificate, by name",
        (), {25: alert(116)}, endpoints=("odd25-client-certificate",),
        operands=True, seconds=6),
    Row("an endpoint alone that wants a PROXY header on 465, by name",
        (), {465: BROKEN}, endpoints=("odd465-proxy-header",), operands=True,
        seconds=6),
    Row("an endpoint alone that closes 25 at once, by name",
        (), {25: (BROKEN, REFUSED)}, endpoints=("odd25-closes",),
        operands=True, seconds=6),
)


def add_sites(lab):
    for port, manner, _, _, more in FAULTS:
        lab.scripted(site_of(port, manner, more), {**USUAL, port: manner},
                     tls=more.get("tls", (465,)))
    for manner, _, ports, _ in TOGETHER:
        lab.scripted(f"odd-{manner}",
                     {**USUAL, **dict.fromkeys(ports, manner)})
    lab.scripted("bare-too", {**USUAL, 25: "plain"})
    for name in ("tls2465", "tls2465-too"):
        lab.scripted(name, {2465: "good", 443: "connect"}, tls=(2465,))
