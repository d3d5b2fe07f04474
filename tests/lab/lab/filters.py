# SPDX-License-Identifier: Apache-2.0
"""What networks do to a port, as nftables rules, and on which hop."""

from dataclasses import dataclass

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

    def apply(self, vantage):
        node = {"host": vantage.client, "home": vantage.home,
                "provider": vantage.provider.router,
                "transit": vantage.provider.transit}[self.place]
        node.nft(self.rules())


def to_ports(ports):
    return "tcp dport { %s }" % ", ".join(map(str, ports))


def drop(place, *ports, hook="forward"):
    return Filter(place, f"{to_ports(ports)} drop", hook)


def drop_replies(place, *ports):
    return Filter(place, "tcp sport { %s } drop" % ", ".join(map(str, ports)))


def reset(place, *ports, hook="forward"):
    return Filter(place, f"{to_ports(ports)} reject with tcp reset", hook)


def icmp(place, kind, *ports, hook="forward"):
    """`kind`: admin-prohibited, port-unreachable, host-unreachable, ..."""
    return Filter(
        place, f"{to_ports(ports)} reject with icmpx type {kind}", hook)


def drop_all(place, hook="forward"):
    return Filter(place, "drop", hook)
