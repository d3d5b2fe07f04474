# SPDX-License-Identifier: Apache-2.0
"""What the lab's network looks like.

    client - line - provider - transit -+
    client - line ----'    `- detour ---+
                                     exchange -+- endpoints
    client - line - provider - transit -+      +- dns, collector

Seen from a client at home: the home router is hop 1, the provider's 2, transit
3, the exchange 4, an endpoint 5; what other lines there are is in lines.py.
All public addresses are of documentation and benchmarking ranges (RFC 5737,
2544, 3849); a vantage point has a /24 and a /48 of its own. A detour is a
second path beside transit, of one or two routers, where a provider is to have
one.
"""

import ipaddress
import itertools
import threading
from dataclasses import dataclass, field
from string import Template

from .lines import LINES, Hop, Port
from .netns import Plan

HOP_HOME, HOP_PROVIDER, HOP_TRANSIT, HOP_EXCHANGE, HOP_ENDPOINT = range(1, 6)

def subnets(bits, *prefixes):
    """The networks of so many bits, in the order of their addresses."""
    return [net for prefix in prefixes for net in
            ipaddress.ip_network(prefix).subnets(new_prefix=bits)]


# Endpoints, vantage points, and what the routers of a provider need.
SITES4 = subnets(29, "192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24",
                 "198.19.240.0/22", "198.19.247.0/25")
CUSTOMERS4 = subnets(24, "198.18.0.0/16", "198.19.0.0/17", "198.19.128.0/18",
                     "198.19.224.0/21",
                     "240.0.0.0/15")  # when the others are used up
# The first ones are for lines with NAT64, which translates no 240.0.0.0/4.
TRANSLATED_MOST = 128
APART4 = subnets(24, "198.19.232.0/21", "198.19.244.0/23",
                 "198.19.246.0/24", "198.19.248.0/21")
CARRIERS4 = subnets(27, "198.19.192.0/19", "100.64.0.0/17")
SITES6, CUSTOMERS6, CARRIERS6 = 0x2500, 0x1000, 0xf000  # 2001:db8:x::/48


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
    within: object = None  # the site that is the router before it

    behind: list = field(default_factory=list)  # (ports, node, 4, 6)

    def addresses(self, families=(4, 6)):
        both = {4: self.address4, 6: self.address6}
        return [both[family] for family in families]

    def server_of(self, port):
        """Whose port it is: (node, its addresses)."""
        for ports, node, *addresses in self.behind:
            if port in ports:
                return node, addresses
        return self.node, self.addresses()


@dataclass(eq=False)
class Vantage:
    """A host, and its line to a provider (lines.py)."""
    name: str
    provider: object
    net4: object   # its /24
    net6: str      # its /48, without "::"
    gateway: tuple  # the provider's router, as the line sees it
    client: object = None
    public4: str = ""  # what the exchange sees
    public6: str = ""
    own: tuple = ()    # the host's own addresses
    path: list = field(default_factory=list)        # hops, the first first
    other_path: list = field(default_factory=list)  # by a tunnel or uplink
    nodes: dict = field(default_factory=dict)
    late: list = field(default_factory=list)  # to be done when all is up
    busy: object = field(default_factory=threading.Lock)  # with one check
    used: bool = False  # by a check before

    def __post_init__(self):
        self.prefix4, self.prefix6 = str(self.net4), f"{self.net6}::/48"

    def add(self, node, place):
        self.nodes[place] = node
        return node

    def client_address(self, family):
        return self.own[family == 6]

    def node(self, place):
        """The namespace on this host's way out that is called so."""
        provider = self.provider
        return {**self.nodes, "host": self.client,
                "provider": provider.router, "transit": provider.transit,
                "detour": provider.detour[0].node if provider.detour else None
                }[place]

    def hop(self, place):
        """The number of that router's hop."""
        for path in (self.path, self.other_path):
            for number, hop in enumerate(path, 1):
                if hop.place == place:
                    return number
        raise KeyError(f"{self.name}: no hop {place}")


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
    transit4: str = ""
    transit6: str = ""
    vantages: list = field(default_factory=list)
    detour: list = field(default_factory=list)
    second_path: list = field(default_factory=list)  # its answers from hop 3


class Network:
    """The exchange and everything that is attached to it."""

    def __init__(self, instance):
        self.instance = instance
        self.sites, self.providers, self.vantages = {}, {}, []
        self._site, self._apart = itertools.count(), itertools.count()
        self._provider = itertools.count()
        self._customer = itertools.count()
        self._translated = itertools.count()
        plan = Plan(instance)
        self.exchange = plan.node("exchange", router=True)
        self.pending = plan

    def make(self):
        """Make all that was added since the last time."""
        self.pending.make()
        self.pending = Plan(self.instance)
        for vantage in self.vantages:
            while vantage.late:
                vantage.late.pop(0)()

    def site(self, name, apart=False, within=None):
        """`apart`: in a /24 of its own; a /48 of its own has every site.
        `within`: a site that is the router before it."""
        index = next(self._site)
        net4 = APART4[next(self._apart)] if apart else SITES4[index]
        net6 = f"2001:db8:{SITES6 + index:x}:"
        node = self.pending.node(name)
        device = f"s{index}"
        above = within.node if within else self.exchange
        router = within
        while router:
            router.node.router = True
            before = router.within.node if router.within else self.exchange
            before.route(str(net4), router.address4)
            before.route(f"{net6}:/64", router.address6)
            router = router.within
        self.pending.link(above, device, node, "uplink")
        above.address(device, f"{net4[1]}/29", f"{net6}:1/64")
        node.address("uplink", f"{net4[2]}/29", f"{net6}:25/64")
        node.route("default", at(net4, 1))
        node.route("default", f"{net6}:1")
        site = Site(name, node, at(net4, 2), f"{net6}:25", index, within)
        self.sites[name] = site
        return site

    def addressed(self, text):
        """The same with the sites' addresses for $NAME_4 and $NAME_6."""
        return Template(text).substitute({
            f"{name}_{family}": address
            for name, site in self.sites.items()
            for family, address in zip((4, 6), site.addresses())})

    def behind(self, site, hops, *ports):
        """Make a site a balancer that sends these ports one hop on, or two,
        to another machine; the rest is its own."""
        plan, above, number = self.pending, site.node, len(site.behind) + 1
        site.node.router = True
        for hop in range(hops):
            node = plan.node(f"{site.name}-b{number}{hop}", router=True)
            nets = (f"10.9.{number}.{4 * hop}", f"fd09:{number}:{hop}::")
            four = ipaddress.ip_address(nets[0])
            plan.link(above, f"b{number}", node, "wire")
            above.address(f"b{number}", f"{four + 1}/30", f"{nets[1]}1/64")
            node.address("wire", f"{four + 2}/30", f"{nets[1]}2/64")
            node.route("default", str(four + 1))
            node.route("default", f"{nets[1]}1")
            inner = (str(four + 2), f"{nets[1]}2")
            above = node
        if hops == 2:
            site.node.route(f"{inner[0]}/32", f"10.9.{number}.2")
            site.node.route(f"{inner[1]}/128", f"fd09:{number}:0::2")
        site.behind.append((ports, node, *inner))
        dports = ", ".join(map(str, ports))
        site.node.rules += (
            f"table inet balancer{number} {{\nchain in {{\n"
            "type nat hook prerouting priority -100\n"
            f"ip daddr {site.address4} tcp dport {{ {dports} }} "
            f"dnat ip to {inner[0]}\n"
            f"ip6 daddr {site.address6} tcp dport {{ {dports} }} "
            f"dnat ip6 to {inner[1]}\n}}\n}}\n")

    def provider(self, name, asn=0, country=""):
        index = next(self._provider)
        router = self.pending.node(name, router=True)
        transit = self.pending.node(f"{name}-transit", router=True)
        provider = Provider(name, asn, country, router, transit, index)
        lower, upper = self._carrier_links(index)
        self.pending.link(router, "uplink", transit, "downlink")
        router.address("uplink", f"{lower[0][0]}/30", f"{lower[1][0]}/64")
        transit.address("downlink", f"{lower[0][1]}/30", f"{lower[1][1]}/64")
        self.pending.link(transit, "uplink", self.exchange, f"p{index}")
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
        net4 = CARRIERS4[index]
        return (str(list(net4.subnets(new_prefix=30))[0]),
                f"2001:db8:{CARRIERS6 + index:x}:1::/64")

    @staticmethod
    def link_of(index, number):
        """A link of a provider: (4, 4), (6, 6) of its ends."""
        net4 = CARRIERS4[index]
        link = list(net4.subnets(new_prefix=30))[number]
        return ((at(link, 1), at(link, 2)),
                (f"2001:db8:{CARRIERS6 + index:x}:{number + 1}::1",
                 f"2001:db8:{CARRIERS6 + index:x}:{number + 1}::2"))

    def _carrier_links(self, index):
        """Both links above a provider."""
        return [self.link_of(index, number) for number in (0, 1)]

    def detour(self, provider, routers):
        """A second path of so many routers; each connection keeps to one."""
        links = [self.link_of(provider.index, 2 + n)
                 for n in range(routers + 1)]
        below, device = provider.router, "detour"
        for n in range(routers):
            (low4, up4), (low6, up6) = links[n]
            node = self.pending.node(f"{provider.name}-detour{n}", router=True)
            self.pending.link(below, device, node, "downlink")
            below.address(device, f"{low4}/30", f"{low6}/64")
            node.address("downlink", f"{up4}/30", f"{up6}/64")
            provider.detour.append(Detour(node, (low4, low6)))
            below, device = node, "uplink"
        (low4, up4), (low6, up6) = links[-1]
        far = f"d{provider.index}"
        self.pending.link(below, device, self.exchange, far)
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

    def vantage(self, provider, name, line="home"):
        """A host of this provider, in prefixes of its own."""
        index = next(self._customer)
        net4 = self._customer_net(index, line)
        net6 = f"2001:db8:{CUSTOMERS6 + index:x}"
        gateway = (at(net4, 1), f"{net6}::1")
        vantage = Vantage(name, provider, net4, net6, gateway,
                          self.pending.node(name))
        port = self._provider_port(vantage)
        vantage.public4, vantage.public6 = port.own(4), f"{net6}:1::2"
        for segment in LINES[line].segments:
            port = segment(self, vantage, port)
        if port:
            port.plug(self.pending, vantage.client, "lan")
            vantage.own = (port.own(4), port.own(6))
            if not port.own(6).startswith("fd"):
                vantage.public6 = port.own(6)
        for lay in LINES[line].beside:
            lay(self, vantage)
        provider.vantages.append(vantage)
        self.vantages.append(vantage)
        return vantage

    def _customer_net(self, index, line):
        if line in ("464XLAT", "464XLAT at home", "NAT64"):
            return CUSTOMERS4[range(TRANSLATED_MOST)[next(self._translated)]]
        return CUSTOMERS4[index if index >= TRANSLATED_MOST else -1 - index]

    def _provider_port(self, vantage):
        """Where a line begins: a device of the provider's router."""
        provider, net6 = vantage.provider, vantage.net6
        device = f"c{len(provider.vantages)}"
        gateway4, gateway6 = vantage.gateway
        for prefix, family in ((vantage.prefix4, 0), (vantage.prefix6, 1)):
            provider.transit.route(prefix, provider.near[family])
            for detour in provider.detour:
                detour.node.route(prefix, detour.below[family])
            self.exchange.route(prefix, provider.far[family])
        upper = self.link_of(provider.index, 1)
        vantage.path = [
            Hop("provider", gateway4, gateway6),
            Hop("transit", provider.transit4, provider.transit6),
            Hop("exchange", upper[0][1], upper[1][1])]
        return Port(provider.router, device,
                    (f"{vantage.net4[2]}/24", f"{net6}::2/64"),
                    (f"{gateway4}/24", f"{gateway6}/64"),
                    routes=(f"{net6}::/48 via {net6}::2",))

    @staticmethod
    def hop_address(vantage, hop, family, target=None):
        """Who answers at this hop, as the client sees it."""
        if hop == len(vantage.path) + 1:
            return target.addresses((family,))[0]
        return vantage.path[hop - 1].address(family)

    def hop_addresses(self, vantage, hop, family):
        """All who may answer at this hop."""
        found = [path[hop - 1].address(family)
                 for path in (vantage.path, vantage.other_path)
                 if hop <= len(path)]
        second = vantage.provider.second_path
        if second:
            behind = hop - vantage.hop("transit")
            found += [both[family == 6] for both in
                      second[max(behind, 0):behind + 1]]
        return found
