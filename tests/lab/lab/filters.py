# SPDX-License-Identifier: Apache-2.0
"""What networks do to a port, as nftables rules, and on which hop."""

from dataclasses import dataclass
from pathlib import Path

from .wait import wait_for_port

PROXY = Path(__file__).resolve().parent / "proxy.py"
PROXY_PORT = 2525

HOOKS = {"forward": 0, "prerouting": -300, "output": 0, "input": 0}


@dataclass(frozen=True)
class Filter:
    place: str  # host, home, provider, transit
    rule: str
    hook: str = "forward"

    def rules(self):
        return (f"table inet filter{abs(hash(self)):x} {{\n"
                f"chain f {{\n"
                f"type filter hook {self.hook} "
                f"priority {HOOKS[self.hook]}\n"
                f"{self.rule}\n}}\n}}\n")

    def apply(self, vantage, lab):
        vantage.node(self.place).nft(self.rules())


@dataclass(frozen=True)
class Ip:
    """Lines of `ip -batch` on a hop."""
    place: str
    lines: tuple
    flags: tuple = ()

    def apply(self, vantage, lab):
        vantage.node(self.place).ip(self.lines, self.flags)


@dataclass(frozen=True)
class Sysctl:
    place: str
    values: tuple  # of (key below /proc/sys/net, value)

    def apply(self, vantage, lab):
        vantage.node(self.place).sysctl(dict(self.values))


@dataclass(frozen=True)
class Proxy:
    """A process of proxy.py on a hop, and what is redirected to it. Only new
    connections pass a nat chain, so that what it opens itself is its own."""
    place: str
    mode: str
    ports: tuple
    hook: str = "prerouting"
    server: str = ""  # of the mode `other`: the site that is asked instead
    only: str = ""    # narrows it, as in "meta skuid 65534"

    def apply(self, vantage, lab):
        node = vantage.node(self.place)
        node.start([str(PROXY), self.mode, str(PROXY_PORT),
                    *map(str, self.more(vantage, lab))])
        wait_for_port(node, "127.0.0.1", PROXY_PORT)
        node.nft(f"table inet proxy {{\nchain p {{\n"
                 f"type nat hook {self.hook} priority -100\n{self.only} "
                 f"{to_ports(self.ports)} redirect to :{PROXY_PORT}\n}}\n}}\n")

    def more(self, vantage, lab):
        if self.mode == "tls":
            return lab.authority.issue(f"proxy-{vantage.name}",
                                       f"proxy.{vantage.name}.example.org")
        if self.mode == "other":
            return lab.network.sites[self.server].addresses()
        return ()


def to_ports(ports):
    return "tcp dport { %s }" % ", ".join(map(str, ports))


def drop(place, *ports, hook="forward", only=""):
    """`only` narrows it, as in "meta nfproto ipv6" or "ct state new"."""
    return Filter(place, f"{only} {to_ports(ports)} drop", hook)


def drop_replies(place, *ports):
    return Filter(place, "tcp sport { %s } drop" % ", ".join(map(str, ports)))


def reset(place, *ports, hook="forward", only=""):
    return Filter(
        place, f"{only} {to_ports(ports)} reject with tcp reset", hook)


def icmp(place, kind, *ports, hook="forward"):
    """`kind`: admin-prohibited, port-unreachable, host-unreachable, ..."""
    return Filter(
        place, f"{to_ports(ports)} reject with icmpx type {kind}", hook)


def drop_all(place, hook="forward"):
    return Filter(place, "drop", hook)


def silent_hop(place):
    """A router that forwards and never says that a TTL ended at it."""
    return Filter(place, "icmp type time-exceeded drop\n"
                  "icmpv6 type time-exceeded drop", "output")


def loss(place, percent):
    """Lose so many of a hundred forwarded packets, any packets."""
    return Filter(place, f"numgen random mod 100 < {percent} drop")


def rate_limited_icmp(place):
    """What a router of this kind does by default: one error a second."""
    return Sysctl(place, (("ipv4/icmp_ratelimit", 1000),
                          ("ipv6/icmp/ratelimit", 1000)))
