# SPDX-License-Identifier: Apache-2.0
"""Boxes that keep tables of connections, or look into the options of a SYN."""

from lab.filters import (Filter, Sysctl, drop, few_at_once, loss, new_flows,
                         repeated_syns, syn_loss)
from lab.scripted import USUAL
from lab.topology import HOP_HOME, HOP_PROVIDER

from .row import (ANY, BROKEN, DROPPED_SOMEWHERE, OPEN, UNKNOWN, Expect, Row,
                  every, filtered)

THROTTLED = Expect("filtered", "throttle")
NOTHING = (OPEN, Expect("unknown", ANY, ANY, ANY))
LONG = {"timeout_s": 60, "seconds": 40, "most_s": 60}
ECN = Sysctl("host", (("ipv4/tcp_ecn", 1),))
WITH_ECN = "tcp flags & (syn | ack | ecn | cwr) == syn | ecn | cwr"


STALL = Expect("filtered", "stall-after-connect")
RESET = Expect("filtered", "reset-after-connect")
EHLO = f"@ih,0,32 0x{b'EHLO'.hex()}"
REPLY = f"@ih,0,32 0x{b'250-'.hex()}"
GREETING = f"@ih,0,32 0x{b'220 '.hex()}"
CLIENT_HELLO = "@ih,0,8 0x16 @ih,40,8 0x01"


def of_words():
    """What lets the handshake pass, and looks at what is said behind it."""
    to, fro = "tcp dport 25", "tcp sport 25"
    for what, match in (("EHLO", f"{to} {EHLO}"),
                        ("the ClientHello to port 25", f"{to} {CLIENT_HELLO}")):
        yield Row(f"a box drops {what}",
                  (Filter("provider", f"{match} drop"),), {25: STALL},
                  timeout_s=60, seconds=26)
        # Both servers may do so by themselves, on a word.
        yield Row(f"a box resets {what}",
                  (Filter("provider", f"{match} reject with tcp reset"),),
                  {25: (RESET, UNKNOWN)}, timeout_s=60, seconds=10)
    for what, match in (("greetings from port 25", f"{fro} {GREETING}"),
                        ("answers to EHLO from port 25", f"{fro} {REPLY}")):
        # Silence before a word may be a SYN proxy's at the endpoints.
        yield Row(f"a box drops {what}",
                  (Filter("provider", f"{match} drop"),),
                  {25: (STALL, UNKNOWN)}, timeout_s=60, seconds=30)
    mail = f"tcp dport {{ 25, 465, 587 }} {CLIENT_HELLO}"
    yield Row("a box drops the ClientHello to all mail ports",
              (Filter("provider", f"{mail} drop"),), every((STALL, UNKNOWN)),
              timeout_s=60, seconds=30)
    yield Row("a box resets the ClientHello to all mail ports",
              (Filter("provider", f"{mail} reject with tcp reset"),),
              every((RESET, UNKNOWN)), timeout_s=60, seconds=10)


def full_tables():
    """No port is treated otherwise than others."""
    yield Row("the home router's table of connections is all but full",
              (new_flows("home", "30/minute", 6),), every(NOTHING),
              by_address=True, families=(4,), **LONG)
    yield Row("the provider's table of connections is all but full",
              (new_flows("provider", "30/minute", 6),), every(NOTHING),
              by_address=True, families=(6,), **LONG)


def of_repeats():
    box = repeated_syns("provider", 25, 443, 465, 587)
    yield Row("a box drops the repeats of SYNs", (box,), seconds=4)
    yield Row("a box drops the repeats of SYNs to port 25",
              (repeated_syns("provider", 25),), seconds=4)
    yield Row("a box drops the repeats of SYNs, and one packet in ten is lost",
              (box, loss("transit", 10)), sure=False, **LONG)
    yield Row("a box drops the repeats of SYNs, and one SYN in five is lost",
              (box, syn_loss("transit", 20)), sure=False, **LONG)


def of_options():
    yield Row("a box strips the options of SYNs to port 25",
              (Filter("provider", "tcp dport 25 reset tcp option sack-perm\n"
                      "tcp dport 25 reset tcp option timestamp\n"
                      "tcp dport 25 reset tcp option window"),), seconds=4)
    yield Row("a box drops SYNs to port 25 that offer ECN",
              (ECN, Filter("provider", f"tcp dport 25 {WITH_ECN} drop")),
              {25: (OPEN,)}, **LONG)
    yield Row("a box drops SYNs that offer ECN",
              (ECN, Filter("provider", f"{WITH_ECN} drop")), **LONG)


# What answers SYNs to 25 in the server's place, and shakes hands with the
# server once the client has (nft's own, on the server's machine).
SYN_PROXY = """table inet shield {{
chain r {{
type filter hook prerouting priority -300
iif != lo tcp dport 25 tcp flags syn notrack
}}
chain i {{
type filter hook input priority 0
iif != lo tcp dport 25 ct state {{ invalid, untracked }} synproxy mss 1460 \
wscale 7 timestamp sack-perm
tcp dport 25 ct state invalid drop
}}
chain o {{
type filter hook output priority 0
{more}
}}
}}
"""
MUTE = "oif lo tcp dport 25 drop"  # what is sent on to the server
SYN_PROXIES = {"syn-a": "", "syn-b": "", "syn-shut": "", "syn-mute": MUTE,
               "syn-mute2": MUTE}
OWN_FAULT = (BROKEN, UNKNOWN)


def of_syn_proxies():
    yield Row("two endpoints behind SYN proxies",
              endpoints=("syn-a", "syn-b", "mx1"), seconds=4)
    yield Row("two endpoints behind SYN proxies, traced",
              endpoints=("syn-a", "syn-b", "mx1"),
              argv=("--trace", "always"), seconds=8)
    yield Row("an endpoint whose SYN proxy has no server behind it",
              endpoints=("mx1", "syn-shut"),
              only={"syn-shut": {25: OWN_FAULT}}, seconds=6)
    yield Row("an endpoint whose SYN proxy does not reach the server",
              endpoints=("mx1", "syn-mute"),
              only={"syn-mute": {25: OWN_FAULT}}, timeout_s=60, seconds=30,
              most_s=60)
    yield Row("the provider drops 25, and endpoints behind SYN proxies",
              (drop("provider", 25),), {25: filtered("drop", HOP_PROVIDER)},
              endpoints=("syn-a", "syn-b"))


ROWS = (
    *of_syn_proxies(),
    *full_tables(),
    # Half-open connections count as well, and those of a trace stay for two
    # minutes: the box may then drop all there is, and nobody else does.
    *(Row(f"{words} to port 25 at a time of a source pass the home router",
          (few_at_once("home", most, 25),),
          {25: (OPEN, THROTTLED, UNKNOWN, filtered("drop", HOP_HOME),
                DROPPED_SOMEWHERE)}, **LONG)
      for most, words in ((1, "one connection"), (3, "three connections"))),
    *of_repeats(),
    *of_options(),
    *of_words(),
)


def add_sites(lab):
    for name in SYN_PROXIES:
        shut = (25,) if name == "syn-shut" else ()
        lab.scripted(name, {port: manner for port, manner in USUAL.items()
                            if port not in shut})


def filter_sites(lab):
    for name, more in SYN_PROXIES.items():
        node = lab.network.sites[name].node
        node.nft(SYN_PROXY.format(more=more))
        node.sysctl({"netfilter/nf_conntrack_tcp_loose": 0})
