# SPDX-License-Identifier: Apache-2.0
"""What the host itself does before a packet leaves."""

from lab.filters import Filter, Ip, Proxy, drop, icmp, reset

from .filtering import ICMP_CODES
from .row import DROP_REPLY, Row, by_host, every, prohibited

AGENT = "meta skuid 65534"


def rule(action):
    """A routing rule of the host that keeps port 25 from leaving."""
    line = (f"rule add ipproto 6 dport 25 {action}",)
    return Ip("host", line), Ip("host", line, ("-6",))


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
)
