# SPDX-License-Identifier: Apache-2.0
"""What is between a host and its provider's first router: home routers,
clouds' virtual switches, containers, offices, tunnels.

A line is made of segments, from the provider's end to the host. A segment gets
the port that the one before it left, and leaves one; the host is plugged into
the last, and then what is laid beside: tunnels, second uplinks. `path` are the
hops as the host sees them, hop 1 first.
"""

import subprocess
from dataclasses import dataclass

from .hop import Hop
from .nat64 import translated, translating_home
from .wait import wait_until

HOME_NAT = """
table ip nat {
    chain out {
        type nat hook postrouting priority 100
        oifname { "wan", "wan2" } masquerade
    }
}
"""
NAT = """
table inet nat {{
    chain out {{
        type nat hook postrouting priority 100
        oifname "{device}" masquerade
    }}
}}
"""
# A cloud's gateway: the guest's private address is a public one outside, and
# a guest that asks for its own public address comes back to itself.
ONE_TO_ONE = """
table ip nat {{
    chain in {{
        type nat hook prerouting priority -100
        ip daddr {public} dnat to {private}
    }}
    chain out {{
        type nat hook postrouting priority 100
        oifname "wan" ip saddr {private} snat to {public}
        oifname "lan" ip saddr {private} snat to {public}
    }}
}}
"""


@dataclass
class Port:
    """Where something can be plugged in, and the addresses that it gets."""
    router: object
    device: str
    addresses: tuple    # with their prefixes' lengths
    near: tuple         # the router's own addresses there
    source6: str = ""   # of several addresses, the one to send from
    routes: tuple = ()  # of the router, once there is a link
    switch: object = None

    def plug(self, plan, node, device):
        if self.switch:
            plan.link(node, device, self.switch, "guest")
            plan.link(self.switch, "wire", self.router, self.device)
            plan.across(node, device, self.router, self.device)
        else:
            plan.link(node, device, self.router, self.device)
        self.router.address(self.device, *self.near)
        self.router.orders += [f"route add {route}" for route in self.routes]
        node.address(device, *self.addresses)
        node.route("default", self.gateway(4))
        source = f" src {self.source6}" if self.source6 else ""
        node.orders.append(
            f"route add ::/0 via {self.gateway(6)} dev {device}{source}")

    def gateway(self, family):
        return self.near[family == 6].split("/")[0]

    def own(self, family):
        """The address of whoever is plugged in."""
        if family == 6 and self.source6:
            return self.source6
        return next(each.split("/")[0] for each in self.addresses
                    if (":" in each) == (family == 6))


def home(network, vantage, port):
    """A home router: it masquerades IPv4 and routes IPv6, and its own LAN
    addresses are private in both."""
    plan, net6 = network.pending, vantage.net6
    node = vantage.add(plan.node(f"{vantage.name}-home", router=True), "home")
    port.plug(plan, node, "wan")
    node.rules = HOME_NAT
    vantage.path.insert(0, Hop("home", "192.168.1.1", "fd00:1::1"))
    return Port(node, "lan", ("192.168.1.2/24", f"{net6}:1::2/64",
                              "fd00:1::2/64"),
                ("192.168.1.1/24", "fd00:1::1/64"), f"{net6}:1::2",
                (f"{net6}:1::/64 dev lan",))


def home_of_ipv6(network, vantage, port):
    """A home router at a provider of IPv6 alone, which translates IPv4."""
    net6 = vantage.net6
    return Port(translating_home(network, vantage, port), "lan",
                ("192.168.1.2/24", f"{net6}:1::2/64"),
                ("192.168.1.1/24", f"{net6}:1::1/64"))


def switch(network, vantage, port):
    """A virtual switch under the guest: no hop, and it sees every frame."""
    node = vantage.add(network.pending.node(f"{vantage.name}-switch"),
                       "switch")
    node.orders += ["link add fabric type bridge mcast_snooping 0",
                    "link set fabric up", "link set guest master fabric",
                    "link set wire master fabric"]
    port.switch = node
    return port


def gateway(network, vantage, port):
    """A cloud's gateway with 1:1 NAT; IPv6 is routed."""
    plan, net6 = network.pending, vantage.net6
    node = vantage.add(plan.node(f"{vantage.name}-gw", router=True), "gateway")
    port.plug(plan, node, "wan")
    node.rules = ONE_TO_ONE.format(public=port.own(4), private="10.0.0.2")
    vantage.path.insert(0, Hop("gateway", "10.0.0.1", f"{net6}:1::1"))
    return Port(node, "lan", ("10.0.0.2/24", f"{net6}:1::2/64"),
                ("10.0.0.1/24", f"{net6}:1::1/64"))


def office(network, vantage, port):
    """A site firewall and a router behind it, all with public addresses."""
    plan, net4, net6 = network.pending, vantage.net4, vantage.net6
    firewall = vantage.add(plan.node(f"{vantage.name}-fw", router=True),
                           "firewall")
    port.routes += (f"{net4[128]}/25 via {port.own(4)}",)
    port.plug(plan, firewall, "wan")
    core = vantage.add(plan.node(f"{vantage.name}-core", router=True), "core")
    inner = Port(firewall, "in", (f"{net4[130]}/30", f"{net6}:a::2/64"),
                 (f"{net4[129]}/30", f"{net6}:a::1/64"),
                 routes=(f"{net4[192]}/26 via {net4[130]}",
                         f"{net6}:1::/64 via {net6}:a::2"))
    inner.plug(plan, core, "out")
    vantage.path[:0] = [Hop("core", str(net4[193]), f"{net6}:1::1"),
                        Hop("firewall", str(net4[129]), f"{net6}:a::1")]
    return Port(core, "lan", (f"{net4[194]}/26", f"{net6}:1::2/64"),
                (f"{net4[193]}/26", f"{net6}:1::1/64"))


def engine(network, vantage, port):
    """The host of containers; what is plugged in is a container behind its
    bridge's NAT."""
    plan = network.pending
    node = vantage.add(plan.node(f"{vantage.name}-engine", router=True),
                       "engine")
    port.plug(plan, node, "eth0")
    node.rules = NAT.format(device="eth0")
    vantage.path.insert(0, Hop("engine", "172.17.0.1", "fd00:d::1"))
    return Port(node, "docker0", ("172.17.0.2/16", "fd00:d::2/64"),
                ("172.17.0.1/16", "fd00:d::1/64"))


# --- rootless containers: user-mode networks, which end TCP themselves ---

USER_MODE = {
    "slirp4netns": ("slirp4netns --configure --enable-ipv6 --mtu=65520 "
                    "--disable-host-loopback --netns-type=path {} tap0"),
    "pasta": ("pasta --config-net --foreground --quiet --no-map-gw "
              "--runas 0:0 --netns {}")}


def rootless(program):
    """The host of a container whose network is a process of that host."""
    def segment(network, vantage, port):
        node = vantage.add(network.pending.node(f"{vantage.name}-engine"),
                           "engine")
        port.plug(network.pending, node, "eth0")
        vantage.path.clear()  # a TTL says nothing there
        vantage.late.append(
            lambda: start_user_mode(program, vantage.client, node))
        return None
    return segment


def start_user_mode(program, container, node):
    """On the host `node`; returns when the container has its routes."""
    container.sysctl({"ipv6/conf/default/accept_ra": 1})
    argv = USER_MODE[program].format(f"/run/netns/{container.ns}").split()
    log = open(node.instance.directory / f"{container.name}.log", "wb")
    node.start(argv, stdout=log, stderr=log)
    wait_until(lambda: has_route(container, 4) and has_route(container, 6),
               f"{program} of {container.name}")


def has_route(node, family):
    done = node.run(["ip", f"-{family}", "route", "show", "default"],
                    stdout=subprocess.PIPE)
    return bool(done.stdout.strip())


# --- beside a line: tunnels, second uplinks, a provider's own host ---

LEFT, RIGHT = ("10.25.0.1", "fd25::1"), ("10.25.0.2", "fd25::2")
VXLAN = ("link add tunnel type vxlan id 25 local {} remote {} "
         "dstport 4789 srcport 4789 4790")
EVERYWHERE = ("0.0.0.0/0", "::/0")
HALVES = (("0.0.0.0/1", "128.0.0.0/1"), ("::/1", "8000::/1"))


def beyond(network, vantage, routers, below=()):
    """A way of its own to the exchange: the router `exit`, and so many behind
    it; `below` are links at its other side. Returns its node, its own address,
    and the hops behind it."""
    plan, index = network.pending, vantage.provider.index
    links = [network.link_of(index, number)
             for number in (5, 6, 7)[:routers + 1]]
    nodes = [vantage.add(plan.node(f"{vantage.name}-x{n}", router=True),
                         f"exit{n or ''}") for n in range(routers + 1)]
    for n, (node, link) in enumerate(zip(nodes, links)):
        above, device = (nodes[n + 1], "below") if n < routers else \
            (network.exchange, f"x{index}")
        plan.link(node, "out", above, device)
        for family, bits in ((0, 30), (1, 64)):
            near, far = link[family]
            node.address("out", f"{near}/{bits}")
            above.address(device, f"{far}/{bits}")
            node.route("default", far)
            for lower in (*below, *links[:n]):
                above.route(f"{lower[family][0]}/{(32, 128)[family]}", near)
    hops = [Hop(f"exit{n}" if n <= routers else "exchange",
                link[0][1], link[1][1]) for n, link in enumerate(links, 1)]
    return nodes[0], links[0], hops


def tunnel(at, ports=(), routers=0):
    """A tunnel from the node `at` to an exit elsewhere, which masquerades: it
    takes what goes to these ports, or all there is, as a VPN does."""
    def lay(network, vantage):
        node, link, hops = beyond(network, vantage, routers)
        node.rules = NAT.format(device="out")
        before = [] if at == "host" else vantage.path[:1]
        vantage.other_path = before + [Hop("exit", *RIGHT)] + hops
        if not ports:
            vantage.path = vantage.other_path
        vantage.late.append(
            lambda: lay_tunnel(vantage, vantage.node(at), node, link[0][0]))
        vantage.late.append(
            lambda: route_into(vantage, vantage.node(at), link[0][0], ports))
    return lay


def lay_tunnel(vantage, near, far, remote):
    local = vantage.client_address(4) if near is vantage.client \
        else vantage.public4
    for node, ends, own in ((near, (local, remote), LEFT),
                            (far, (remote, vantage.public4), RIGHT)):
        node.ip([VXLAN.format(*ends), "link set tunnel up",
                 f"addr add {own[0]}/30 dev tunnel",
                 f"addr add {own[1]}/64 dev tunnel nodad"])
    far.ip([f"route add 192.168.1.0/24 via {LEFT[0]}",
            f"route add {vantage.net6}:1::/64 via {LEFT[1]}"])


def route_into(vantage, near, remote, ports):
    if not ports:
        via = "192.168.1.1" if near is vantage.client else vantage.gateway[0]
        near.ip([f"route add {remote}/32 via {via}"] + [
            f"route add {to} via {gateway} dev tunnel"
            for gateway, halves in zip(RIGHT, HALVES) for to in halves])
        return
    near.ip([f"route add {to} via {gateway} dev tunnel table 25"
             for gateway, to in zip(RIGHT, EVERYWHERE)])
    iif = "" if near is vantage.client else "iif lan "
    for flag in ("-4", "-6"):
        near.ip([f"rule add {iif}ipproto tcp dport {port} lookup 25"
                 for port in ports], (flag,))


def second_uplink(routers, at="home"):
    """A second line of the home router, a flow by one of both; or a second
    gateway of the host itself, which masquerades."""
    def lay(network, vantage):
        router = vantage.node(at)
        near, far = network.link_of(vantage.provider.index, 2), "in"
        node, _, hops = beyond(network, vantage, routers, (near,))
        network.pending.link(router, "wan2", node, far)
        for family, bits in ((0, 30), (1, 64)):
            router.address("wan2", f"{near[family][0]}/{bits}")
            node.address(far, f"{near[family][1]}/{bits}")
        before = [] if at == "host" else vantage.path[:1]
        vantage.other_path = before + [
            Hop("exit", near[0][1], near[1][1])] + hops
        if at != "host":
            vantage.late.append(
                lambda: balance(router, vantage.gateway, near))
            return
        node.rules = NAT.format(device="out")
        vantage.late.append(lambda: both_gateways(vantage, node, near))
    return lay


# On the host's own link, of which a node has it beside an address of its own.
VIP = ("192.168.9.50", "fd25:9::50")


def vip(network, vantage):
    """A node that has a virtual address there, and sends ports on."""
    plan = network.pending
    node = vantage.add(plan.node(f"{vantage.name}-vip", router=True), "vip")
    plan.link(vantage.client, "vlan", node, "lan")
    vantage.client.address("vlan", "192.168.9.2/24", "fd25:9::2/64")
    node.address("lan", "192.168.9.10/24", "fd25:9::10/64")
    node.orders += [f"addr add {VIP[0]}/32 dev lan",
                    f"addr add {VIP[1]}/128 dev lan nodad preferred_lft 0"]


def both_gateways(vantage, node, link):
    """Whatever address of the host's a flow has, either gateway returns its
    answers to it."""
    node.ip([f"route add {own} via {link[family][0]}" for family, own in
             ((0, "192.168.1.0/24"), (1, f"{vantage.net6}:1::/64"))])
    vantage.node("home").ip([
        f"route add {link[0][0]}/32 via {vantage.client_address(4)}",
        f"route add {link[1][0]}/128 via {vantage.client_address(6)}"])
    balance(vantage.client, [hop.address(family) for hop in vantage.path[:1]
                             for family in (4, 6)], link)


def balance(router, gateways, link):
    """Each flow by one of two ways."""
    router.sysctl({"ipv4/fib_multipath_hash_policy": 1,
                   "ipv6/fib_multipath_hash_policy": 1})
    router.ip([order for family, to in enumerate(EVERYWHERE) for order in (
        f"route del {to}", f"route add {to} nexthop via "
        f"{gateways[family]} nexthop via {link[family][1]}")])


def provider_host(network, vantage):
    """A host of the provider's own beside its router `transit`."""
    provider, plan = vantage.provider, network.pending
    node = vantage.add(plan.node(f"{vantage.name}-box"), "box")
    link = network.link_of(provider.index, 4)
    plan.link(provider.transit, "box", node, "uplink")
    for (near, far), bits, own, up in zip(link, (30, 64), (32, 128),
                                          provider.far):
        provider.transit.address("box", f"{near}/{bits}")
        node.address("uplink", f"{far}/{bits}")
        node.route("default", near)
        network.exchange.route(f"{far}/{own}", up)


@dataclass(frozen=True)
class Line:
    segments: tuple
    beside: tuple = ()
    families: tuple = (4, 6)  # that its hops are those of


LINES = {
    "home": Line((home,)),
    "cloud": Line((switch,)),
    "home beside a VIP": Line((home,), (vip,)),
    "private cloud": Line((gateway, switch)),
    "home of a provider with a host of its own":
        Line((home,), (provider_host,)),
    "office": Line((office,)),
    "container": Line((home, engine)),
    "container in a cloud": Line((switch, engine)),
    "slirp4netns": Line((home, rootless("slirp4netns"))),
    "pasta": Line((home, rootless("pasta"))),
    "slirp4netns in a cloud": Line((switch, rootless("slirp4netns"))),
    "pasta in a cloud": Line((switch, rootless("pasta"))),
    "25 by a shorter tunnel": Line((home,), (tunnel("home", (25,)),)),
    "25 by a longer tunnel": Line((home,), (tunnel("home", (25,), 2),)),
    "25 by the host's tunnel": Line((home,), (tunnel("host", (25,)),)),
    "25 by the host's longer tunnel":
        Line((home,), (tunnel("host", (25,), 2),)),
    "all by a tunnel": Line((home,), (tunnel("home"),)),
    "all by the host's tunnel": Line((home,), (tunnel("host"),)),
    "two uplinks": Line((home,), (second_uplink(1),)),
    "two uplinks, one shorter": Line((home,), (second_uplink(0),)),
    "two uplinks, one longer": Line((home,), (second_uplink(2),)),
    "464XLAT": Line((translated(by_host=True),), families=(4,)),
    "464XLAT at home": Line((home_of_ipv6,), families=(4,)),
    "NAT64": Line((translated(by_host=False),), families=(6,)),
    "two default routes": Line((home,), (second_uplink(1, "host"),)),
}
