# SPDX-License-Identifier: Apache-2.0
"""What the lab's network looks like.

    client - home - provider - transit -+
    client - home ----'    `- detour ---+
                                     exchange -+- endpoints
    client - home - provider - transit -+      +- dns, collector

Seen from a client: home is hop 1, the provider's router 2, transit 3, the
exchange 4, an endpoint 5. The home router masquerades IPv4 and routes IPv6;
its own LAN addresses are private in both families. All public addresses are
of documentation and benchmarking ranges (RFC 5737, 2544, 3849); a vantage
point has a /24 and a /48 of its own. A detour is a second path beside transit,
of one or two routers, where a provider is to have one.
"""

import ipaddress
import itertools
from dataclasses import dataclass, field

from .netns import Plan

HOP_HOME, HOP_PROVIDER, HOP_TRANSIT, HOP_EXCHANGE, HOP_ENDPOINT = range(1, 6)

SITES4 = ipaddress.ip_network("192.0.2.0/24")      # endpoints, /29 each
CUSTOMERS4 = ipaddress.ip_network("198.18.0.0/16")  # vantage points, /24 each
CARRIERS4 = ipaddress.ip_network("198.19.0.0/16")   # routers' links, /30 each
SITES6, CUSTOMERS6, CARRIERS6 = 0x2500, 0x1000, 0xf000  # 2001:db8:x::/48

HOME_NAT = """
table ip nat {
    chain out {
        type nat hook postrouting priority 100
        oifname "wan" masquerade
    }
}
"""


def at(network, index):
    return str(network[index])


@dataclass(eq=False)
class Site:
    """A host at the exchange: an endpoint, the name server, the collector."""
    name: str
    node: object
    address4: str
    address6: str
    index: int

    def addresses(self, families=(4, 6)):
        both = {4: self.address4, 6: self.address6}
        return [both[family] for family in families]


@dataclass(eq=False)
class Vantage:
    """A household: a client behind its home router."""
    name: str
    provider: object
    client: object
    home: object
    public4: str   # of the home router
    public6: str   # of the client
    prefix4: str
    prefix6: str

    def client_address(self, family):
        return "192.168.1.2" if family == 4 else self.public6

    def node(self, place):
        """The namespace on this household's way out that is called so."""
        return {"host": self.client, "home": self.home,
                "provider": self.provider.router,
                "transit": self.provider.transit,
                "detour": self.provider.detour[0].node
                if self.provider.detour else None}[place]


@dataclass(eq=False)
class Detour:
    """A router of the second path."""
    node: object
    below: tuple  # the addresses of the router towards the client


@dataclass(eq=False)
class Provider:
    name: str
    asn: int
    country: str
    router: object
    transit: object
    index: int
    gateway4: dict = field(default_factory=dict)  # vantage name: address
    gateway6: dict = field(default_factory=dict)
    transit4: str = ""
    transit6: str = ""
    vantages: list = field(default_factory=list)
    detour: list = field(default_factory=list)
    second_path: list = field(default_factory=list)  # its answers from hop 3


class Network:
    """The exchange and everything that is attached to it."""

    def __init__(self, instance):
        self.instance = instance
        self.sites, self.providers = {}, {}
        self._site = itertools.count()
        self._provider = itertools.count()
        self._customer = itertools.count()
        plan = Plan(instance)
        self.exchange = plan.node("exchange", router=True)
        self._pending = plan

    def make(self):
        """Make all that was added since the last time."""
        self._pending.make()
        self._pending = Plan(self.instance)

    def site(self, name):
        index = next(self._site)
        net4 = list(SITES4.subnets(new_prefix=29))[index]
        net6 = f"2001:db8:{SITES6 + index:x}:"
        node = self._pending.node(name)
        device = f"s{index}"
        self._pending.link(self.exchange, device, node, "uplink")
        self.exchange.address(device, f"{net4[1]}/29", f"{net6}:1/64")
        node.address("uplink", f"{net4[2]}/29", f"{net6}:25/64")
        node.route("default", at(net4, 1))
        node.route("default", f"{net6}:1")
        site = Site(name, node, at(net4, 2), f"{net6}:25", index)
        self.sites[name] = site
        return site

    def provider(self, name, asn=0, country=""):
        index = next(self._provider)
        router = self._pending.node(name, router=True)
        transit = self._pending.node(f"{name}-transit", router=True)
        provider = Provider(name, asn, country, router, transit, index)
        lower, upper = self._carrier_links(index)
        self._pending.link(router, "uplink", transit, "downlink")
        router.address("uplink", f"{lower[0][0]}/30", f"{lower[1][0]}/64")
        transit.address("downlink", f"{lower[0][1]}/30", f"{lower[1][1]}/64")
        self._pending.link(transit, "uplink", self.exchange, f"p{index}")
        transit.address("uplink", f"{upper[0][0]}/30", f"{upper[1][0]}/64")
        self.exchange.address(
            f"p{index}", f"{upper[0][1]}/30", f"{upper[1][1]}/64")
        for family in (0, 1):
            router.route("default", lower[family][1])
            transit.route("default", upper[family][1])
            self.exchange.route(self._carrier_net(index)[family],
                                upper[family][0])
        provider.near = (lower[0][0], lower[1][0])
        provider.far = (upper[0][0], upper[1][0])
        provider.transit4, provider.transit6 = lower[0][1], lower[1][1]
        self.providers[name] = provider
        return provider

    @staticmethod
    def _carrier_net(index):
        """The provider's own /27 and /64 below its transit."""
        net4 = list(CARRIERS4.subnets(new_prefix=27))[index]
        return (str(list(net4.subnets(new_prefix=30))[0]),
                f"2001:db8:{CARRIERS6 + index:x}:1::/64")

    @staticmethod
    def _link_of(index, number):
        """A link of a provider: (4, 4), (6, 6) of its ends."""
        net4 = list(CARRIERS4.subnets(new_prefix=27))[index]
        link = list(net4.subnets(new_prefix=30))[number]
        return ((at(link, 1), at(link, 2)),
                (f"2001:db8:{CARRIERS6 + index:x}:{number + 1}::1",
                 f"2001:db8:{CARRIERS6 + index:x}:{number + 1}::2"))

    def _carrier_links(self, index):
        """Both links above a provider."""
        return [self._link_of(index, number) for number in (0, 1)]

    def detour(self, provider, routers):
        """A second path of so many routers; each connection keeps to one."""
        links = [self._link_of(provider.index, 2 + n)
                 for n in range(routers + 1)]
        below, device = provider.router, "detour"
        for n in range(routers):
            (low4, up4), (low6, up6) = links[n]
            node = self._pending.node(f"{provider.name}-detour{n}", router=True)
            self._pending.link(below, device, node, "downlink")
            below.address(device, f"{low4}/30", f"{low6}/64")
            node.address("downlink", f"{up4}/30", f"{up6}/64")
            provider.detour.append(Detour(node, (low4, low6)))
            below, device = node, "uplink"
        (low4, up4), (low6, up6) = links[-1]
        far = f"d{provider.index}"
        self._pending.link(below, device, self.exchange, far)
        below.address(device, f"{low4}/30", f"{low6}/64")
        self.exchange.address(far, f"{up4}/30", f"{up6}/64")
        provider.second_path = [(four[1], six[1]) for four, six in links]
        self._route_detour(provider, links)

    def _route_detour(self, provider, links):
        """A share of what leaves goes there; what comes back never does."""
        near = self._carrier_links(provider.index)
        for family, to in ((0, "0.0.0.0/0"), (1, "::/0")):
            first = (provider.transit4, provider.transit6)[family]
            second = links[0][family][1]
            provider.router.orders += [
                f"route del {to}",
                f"route add {to} nexthop via {first} nexthop via {second}"]
            for n, detour in enumerate(provider.detour):
                detour.node.route("default", links[n + 1][family][1])
            own = f"{links[0][family][0]}/{(32, 128)[family]}"
            provider.transit.route(own, near[0][family][0])
            self.exchange.route(own, near[1][family][0])
        provider.router.late_sysctls = {
            "ipv4/fib_multipath_hash_policy": 1,
            "ipv6/fib_multipath_hash_policy": 1}

    def vantage(self, provider, name):
        """A household of this provider, in prefixes of its own."""
        index = next(self._customer)
        number = len(provider.vantages)
        net4 = list(CUSTOMERS4.subnets(new_prefix=24))[index]
        net6 = f"2001:db8:{CUSTOMERS6 + index:x}"
        client = self._pending.node(name)
        home = self._pending.node(f"{name}-home", router=True)
        self._wire_lan(client, home, net6)
        device = f"c{number}"
        self._pending.link(home, "wan", provider.router, device)
        home.address("wan", f"{net4[2]}/24", f"{net6}::2/64")
        home.route("default", at(net4, 1))
        home.route("default", f"{net6}::1")
        home.rules = HOME_NAT
        provider.router.address(device, f"{net4[1]}/24", f"{net6}::1/64")
        provider.router.route(f"{net6}::/48", f"{net6}::2")
        for prefix, family in ((str(net4), 0), (f"{net6}::/48", 1)):
            provider.transit.route(prefix, provider.near[family])
            for detour in provider.detour:
                detour.node.route(prefix, detour.below[family])
            self.exchange.route(prefix, provider.far[family])
        provider.gateway4[name] = at(net4, 1)
        provider.gateway6[name] = f"{net6}::1"
        vantage = Vantage(name, provider, client, home, at(net4, 2),
                          f"{net6}:1::2", str(net4), f"{net6}::/48")
        provider.vantages.append(vantage)
        return vantage

    def _wire_lan(self, client, home, net6):
        """192.168.1.0/24, and a routed /64 behind a unique local router."""
        self._pending.link(client, "lan", home, "lan")
        client.address("lan", "192.168.1.2/24", f"{net6}:1::2/64",
                       "fd00:1::2/64")
        home.address("lan", "192.168.1.1/24", "fd00:1::1/64")
        home.orders.append(f"route add {net6}:1::/64 dev lan")
        client.route("default", "192.168.1.1")
        client.orders.append(
            f"route add ::/0 via fd00:1::1 dev lan src {net6}:1::2")

    def hop_address(self, vantage, hop, family, target=None):
        """Who answers at this hop, as the client sees it."""
        provider = vantage.provider
        upper = self._link_of(provider.index, 1)
        both = {
            0: (None, None),
            HOP_HOME: ("192.168.1.1", "fd00:1::1"),
            HOP_PROVIDER: (provider.gateway4[vantage.name],
                           provider.gateway6[vantage.name]),
            HOP_TRANSIT: (provider.transit4, provider.transit6),
            HOP_EXCHANGE: (upper[0][1], upper[1][1]),
        }
        if hop == HOP_ENDPOINT:
            return target.addresses((family,))[0]
        return both[hop][0 if family == 4 else 1]

    def hop_addresses(self, vantage, hop, family):
        """All who may answer at this hop."""
        found = [self.hop_address(vantage, hop, family)]
        if hop >= HOP_TRANSIT:
            found += [both[0 if family == 4 else 1] for both in
                      vantage.provider.second_path[
                          hop - HOP_TRANSIT:hop - HOP_TRANSIT + 1]]
        return found
