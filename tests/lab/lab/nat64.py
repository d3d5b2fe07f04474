# SPDX-License-Identifier: Apache-2.0
"""A provider of IPv6 alone: its gateway translates to IPv4 (NAT64, RFC 6146),
and what asks for IPv4 addresses is translated before, on the host or in the
home router (464XLAT, RFC 6877). Both translators are Debian's tayga, unpacked
and not installed.

A translator counts as a hop, and so does the kernel on either side of it. Hops
of IPv6 alone have no IPv4 address, and by the host's translator are silent.
"""

import ipaddress
import subprocess
from dataclasses import replace

from .hop import Hop
from .mta import unpacked_root
from .wait import wait_until

# /96, the network's own: tayga keeps the well-known one (RFC 6052) from
# addresses of documentation.
PREFIX = "2001:db8:64::"
POOL = "192.168.64.0/24"  # of the gateway, before its NAT
HOST4, CLAT4 = "192.0.0.1", "192.0.0.2"  # RFC 7335
GATEWAY_NAT = """
table ip nat {
    chain out {
        type nat hook postrouting priority 100
        oifname "wan" ip saddr 192.168.64.0/24 masquerade
    }
}
"""
HOME_NAT = """
table ip nat {
    chain out {
        type nat hook postrouting priority 100
        oifname "clat" masquerade
    }
}
"""
CONFIG = """tun-device {device}
ipv4-addr {own4}
ipv6-addr {own6}
prefix {prefix}/96
{more}
"""


def embed(address4):
    """As DNS64 (RFC 6147) gives it."""
    return str(ipaddress.ip_address(int(ipaddress.ip_address(PREFIX)) |
                                    int(ipaddress.ip_address(address4))))


def by_dns64(site):
    """The site as a name server with DNS64 shows it to who asks for AAAA."""
    return replace(site, address6=embed(site.address4))


def translated(by_host):
    """A host behind such a gateway; `by_host`: its path is that of IPv4, by its
    own translator, else that to addresses of DNS64."""
    def segment(network, vantage, port):
        net6, host = vantage.net6, vantage.client
        home = behind_gateway(network, vantage, port)
        network.pending.link(host, "lan", home, "lan")
        home.address("lan", f"{net6}:1::1/64")
        host.address("lan", f"{net6}:1::2/64")
        home.orders.append(f"route add {net6}:1::c0/124 via {net6}:1::2")
        host.route("default", f"{net6}:1::1")
        host.router = True
        vantage.public4, vantage.public6 = port.own(4), f"{net6}:1::2"
        vantage.own = (HOST4, vantage.public6)
        vantage.path[:0] = hops_of(vantage, port.own(4), by_host)
        vantage.late.append(lambda: translate_to6(
            vantage, host, f"{net6}:1::c"))
    return segment


def translating_home(network, vantage, port):
    """A home router that translates for its hosts, which know nothing of it;
    returns it."""
    net6 = vantage.net6
    home = behind_gateway(network, vantage, port)
    home.rules = HOME_NAT
    outside = hops_of(vantage, port.own(4), by_host=True)[3:]
    vantage.path[:0] = [Hop("home", "192.168.1.1", f"{net6}:1::1"),
                        Hop("clat", CLAT4, None), Hop("clat6", None, None),
                        *outside]
    vantage.late.append(
        lambda: translate_to6(vantage, home, f"{net6}:1::c"))
    return home


def behind_gateway(network, vantage, port):
    """The gateway, and the home router behind it, which has IPv6 alone; returns
    that."""
    plan, net6 = network.pending, vantage.net6
    gateway = vantage.add(plan.node(f"{vantage.name}-nat64", router=True),
                          "gateway")
    home = vantage.add(plan.node(f"{vantage.name}-home", router=True), "home")
    port.plug(plan, gateway, "wan")
    gateway.rules = GATEWAY_NAT
    plan.link(home, "wan", gateway, "lan")
    gateway.address("lan", f"{net6}:2::1/64")
    home.address("wan", f"{net6}:2::2/64")
    gateway.orders.append(f"route add {net6}:1::/64 via {net6}:2::2")
    home.route("default", f"{net6}:2::1")
    vantage.late.append(lambda: translate_at_gateway(vantage))
    return home


def hops_of(vantage, public4, by_host):
    """Up to the gateway's IPv4 side; of those behind DNS64 shows the embedded
    addresses."""
    net6, outside = vantage.net6, Hop("gateway", public4, embed(public4))
    inside = [Hop("home", None, f"{net6}:1::1"),
              Hop("gateway6", None, f"{net6}:2::1"),
              Hop("translator", None, f"{net6}:2::64"), outside]
    if not by_host:
        vantage.path[:] = [replace(hop, address6=embed(hop.address4))
                           for hop in vantage.path]
        return inside
    return [Hop("clat", CLAT4, None), Hop("clat6", None, None), *inside]


def translate_at_gateway(vantage):
    node = vantage.node("gateway")
    start(node, CONFIG.format(device="nat64", own4="192.168.64.1",
                              own6=f"{vantage.net6}:2::64", prefix=PREFIX,
                              more=f"dynamic-pool {POOL}"), "nat64")
    node.ip(["link set nat64 up", f"route add {POOL} dev nat64",
             f"route add {PREFIX}/96 dev nat64"])


def translate_to6(vantage, node, own):
    """At `node`, whose translator has the addresses `own`."""
    node.sysctl({"ipv6/conf/all/forwarding": 1})
    start(node, CONFIG.format(device="clat", own4=CLAT4, own6=f"{own}2",
                              prefix=PREFIX, more=f"map {HOST4} {own}1"),
          "clat")
    node.ip(["link set clat mtu 1460 up", f"addr add {HOST4}/32 dev clat",
             "route add 0.0.0.0/0 dev clat",
             *(f"route add {own}{end}/128 dev clat" for end in (1, 2))])


def start(node, config, device):
    directory = node.instance.directory / node.name
    directory.mkdir(exist_ok=True)
    path = directory / f"{device}.conf"
    path.write_text(config)
    log = open(directory / f"{device}.log", "wb")
    program = unpacked_root("tayga", ("tayga",)) / "usr/sbin/tayga"
    node.start([str(program), "--nodetach", "--config", str(path)],
               stdout=log, stderr=log)
    wait_until(lambda: node.run(
        ["ip", "link", "show", device], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 0, f"{device} of {node.name}")
