# SPDX-License-Identifier: Apache-2.0
"""A drawn network, made from namespaces."""

import ipaddress
import random
from dataclasses import dataclass, field
from pathlib import Path

from lab import lines
from lab.dns import NameServer
from lab.exim import Exim
from lab.netns import ROUTER_SYSCTLS, SYSCTLS, Node, feed
from lab.opensmtpd import Opensmtpd
from lab.pki import Authority
from lab.postfix import Postfix
from lab.scripted import Servers, start_program

from . import beside, draw, treat

HERE = Path(__file__).resolve().parent
KINDS = {"postfix": Postfix, "exim": Exim, "opensmtpd": Opensmtpd}
DOMAIN = "example.net"
DNS_DELAY_MS = 700


@dataclass
class Link:
    near: Node               # the end towards the host
    far: Node
    near_device: str
    far_device: str
    prefixes: dict           # family: network
    delay_ms: int = 0
    mask: dict = None

    def address(self, node, family):
        return str(self.prefixes[family][1 if node is self.near else 2])


@dataclass
class Site:
    """What lab.mta and lab.dns ask of a place for a server."""
    name: str
    node: Node
    link: Link
    families: tuple
    address4: str = "127.0.0.1"
    address6: str = "::1"

    def addresses(self):
        return [self.link.address(self.node, family)
                for family in self.families]


class Numbers:
    """Address space, as strange as the seed wants it."""

    def __init__(self, network):
        self.rng = random.Random(network.seed * 7919)
        self.network, self.count, self.sites = network, 0, 0

    def lan4(self):
        a, b = self.rng.randint(0, 255), self.rng.randint(0, 254)
        return {"private": self.rng.choice((
                    f"192.168.{a}.0/24", f"10.{a}.{b}.0/24",
                    f"172.{16 + a % 16}.{b}.0/24")),
                "cgnat": f"100.{64 + a % 64}.{b}.0/30",
                "public": f"203.0.113.{b & ~3}/30"}[self.network.first]

    def lan6(self):
        a = self.rng.randint(1, 0xFFFF)
        return f"fd{a % 256:02x}:{a:x}::/64" if self.network.ula \
            else f"2001:db8:{a:x}::/64"

    def lan(self):
        prefixes = {4: self.lan4(), 6: self.lan6()}
        return {family: ipaddress.ip_network(prefix)
                for family, prefix in prefixes.items()}

    def transfer(self):
        self.count += 1
        number = self.count
        kind = self.rng.choice(("10.255", "100.127", "198.19"))
        return {4: ipaddress.ip_network(f"{kind}.{number}.0/30"),
                6: ipaddress.ip_network(f"2001:db8:ffff:{number:x}::/64")}

    def site(self):
        self.sites += 1
        base = ipaddress.ip_address(
            f"198.18.{self.sites}.{self.rng.randrange(0, 248, 8)}")
        return {4: ipaddress.ip_network(f"{base}/29"),
                6: ipaddress.ip_network(
                    f"2001:db8:e{self.rng.randint(0, 255):02x}:"
                    f"{self.sites:x}::/64")}


@dataclass
class World:
    network: object
    instance: object
    keys: object             # of keys.py, for what is no real server
    authority: Authority = None
    nodes: list = field(default_factory=list)
    links: list = field(default_factory=list)
    sites: dict = field(default_factory=dict)
    mtas: list = field(default_factory=list)

    def __post_init__(self):
        self.rules_of_policy = []  # of (node, flag of ip, order)
        self.numbers = Numbers(self.network)
        self.servers = Servers(self.instance)
        self.families = self.network.families
        self.plan()

    # --- the plan ---

    def node(self, name, router=False):
        node = Node(self.instance, name, router)
        self.nodes.append(node)
        return node

    def link(self, near, far, prefixes, delay_ms=0, device="u0"):
        own = f"d{sum(each.near is near for each in self.links)}"
        link = Link(near, far, own, device, prefixes, delay_ms)
        self.links.append(link)
        for node, name in ((near, own), (far, device)):
            node.orders.append(f"link set {name} up")
            for family in self.families:
                bits = link.prefixes[family].prefixlen
                node.address(name, f"{link.address(node, family)}/{bits}")
        return link

    def router(self, name, near, prefixes, hop):
        node = self.node(name, router=True)
        node.uplink = self.link(near, node, prefixes, hop.delay_ms)
        node.hop = hop
        node.answers = {family: node.uplink.address(node, family)
                        for family in self.families}
        if hop.other:
            number = len(self.nodes)
            node.answers = {4: f"198.19.255.{number}",
                            6: f"2001:db8:aaaa::{number:x}"}
            node.address("lo", *(f"{node.answers[family]}/"
                                 f"{32 if family == 4 else 128}"
                                 for family in self.families))
        return node

    def plan(self):
        self.client = self.node("client")
        self.host = self.node("engine") if self.network.user_mode \
            else self.client
        self.switch = self.node("switch") if self.network.switch else None
        self.routers, near = [], self.host
        for number, hop in enumerate(self.network.hops, 1):
            prefixes = self.numbers.lan() if number == 1 \
                else self.numbers.transfer()
            near = self.router(f"r{number}", near, prefixes, hop)
            self.routers.append(near)
        self.branches, self.inner = {}, {}
        for endpoint in self.network.endpoints:
            self.plan_endpoint(endpoint)
        self.plan_detour()
        self.vpn = beside.plan_vpn(self, draw.Hop(nat=True)) \
            if self.network.vpn else None
        at = self.routers[self.network.seed % len(self.routers)]
        node = self.node("dns")
        slow = DNS_DELAY_MS if self.network.dns == "slow" else 0
        link = self.link(at, node, self.numbers.site(), slow)
        self.dns_site = Site("dns", node, link, self.families)
        self.boxes = {}
        for number, each in enumerate(self.network.treatments):
            if each.kind.startswith("box-"):
                box = self.node(f"box{number}")
                link = self.link(self.place(each), box, self.numbers.site())
                self.boxes[number] = Site(f"box{number}", box, link,
                                          self.families)
        for each in self.network.treatments:
            if each.kind == "mask-in-path":
                self.place(each).uplink.mask = {
                    "ports": each.ports, "addresses": self.targets(each)}

    def plan_detour(self):
        """A router beside the trunk's one: for the way back, or as its
        twin."""
        number = self.network.back or self.network.twin or \
            self.network.policy
        self.detour, self.beside = None, []
        if number == 0:
            return
        before, at, behind = self.routers[number - 2:number + 1]
        near = before
        for extra in range(1 + self.network.longer):
            near = self.router(f"beside{extra}", near,
                               self.numbers.transfer(),
                               draw.Hop(silent=at.hop.silent))
            self.beside.append(near)
        self.detour = self.beside[0]
        self.rejoined = self.link(near, behind, self.numbers.transfer(),
                                  device="u1")

    def plan_endpoint(self, endpoint):
        near = ([self.host] + self.routers)[endpoint.attach]
        branch = []
        for number, hop in enumerate(endpoint.branch, 1):
            near = self.router(f"{endpoint.name}b{number}", near,
                               self.numbers.transfer(), hop)
            branch.append(near)
        self.branches[endpoint.name] = branch
        node = self.node(endpoint.name)
        link = self.link(near, node, self.numbers.site())
        self.sites[endpoint.name] = Site(
            endpoint.name, node, link,
            tuple(f for f in endpoint.families if f in self.families))
        if endpoint.deep:
            self.deepen(endpoint, node, link)

    def deepen(self, endpoint, node, link):
        """The machines behind a balancer, and what leads to the last."""
        node.router, chain = True, [node]
        node.uplink, node.hop = link, draw.Hop(silent=endpoint.quiet)
        node.answers = {family: link.address(node, family)
                        for family in self.families}
        for number in range(max(endpoint.deep.values())):
            chain.append(self.router(f"{endpoint.name}d{number}", chain[-1],
                                     self.numbers.transfer(), draw.Hop()))
        inner = chain[-1]
        self.inner[endpoint.name] = inner
        ports = ", ".join(map(str, sorted(endpoint.deep)))
        node.rules += "table inet balancer {\nchain in {\ntype nat hook " \
            "prerouting priority -100\n" + "".join(
                f"{treat.PROTOCOL[family]} daddr {node.answers[family]} tcp "
                f"dport {{ {ports} }} dnat {treat.PROTOCOL[family]} to "
                f"{inner.answers[family]}\n" for family in self.families) + \
            "}\n}\n"

    def place(self, treatment):
        """The node where it is done."""
        if treatment.branch:
            return self.branches[treatment.branch][treatment.hop - 1]
        if treatment.hook == "switch":
            return self.switch
        return ([self.client] + self.routers)[treatment.hop]

    def targets(self, treatment):
        """The addresses of the endpoints that it is for."""
        return [self.sites[each.name].link.address(
                    self.sites[each.name].node, family)
                for each in self.network.endpoints
                for family in treatment.families
                if family in each.families and
                (not treatment.only or each.name in treatment.only)]

    def hop_addresses(self, endpoint, hop, family):
        """From which addresses hop number `hop` on the path answers."""
        path = self.routers[:endpoint.attach] + self.branches[endpoint.name]
        found = {path[hop - 1].answers[family]}
        if self.vpn:
            found |= self.vpn_addresses(path, hop, family)
        if self.network.twin and self.network.longer:
            found |= self.longer_addresses(path, hop, family)
        if self.detour and hop <= endpoint.attach:
            if hop == self.network.twin:
                found.add(self.detour.answers[family])
            if hop == 1 + (self.network.twin or self.network.back):
                found.add(self.rejoined.address(path[hop - 1], family))
                # IPv6 takes that of the link by which the packet came.
                found.add(path[hop - 1].uplink.address(path[hop - 1], family))
            found |= self.policy_addresses(endpoint, hop, family)
        return found

    def vpn_addresses(self, path, hop, family):
        """The same of the way by the VPN."""
        if hop == 1:
            return {self.vpn.answers[family]}
        behind = self.network.vpn + hop - 3
        if behind >= len(path):
            return set()
        inner = next(link for link in self.links if link.near is self.vpn)
        return {path[behind].answers[family],
                inner.address(inner.far, family)}

    def longer_addresses(self, path, hop, family):
        """The same of the twin's way."""
        number = self.network.twin
        if number <= hop < number + len(self.beside):
            return {self.beside[hop - number].answers[family]}
        behind = hop - len(self.beside)
        if hop < number or behind >= len(path):
            return set()
        return {path[behind].answers[family],
                self.rejoined.address(path[number], family)}

    def policy_addresses(self, endpoint, hop, family):
        """The same of the way that port 25 takes."""
        network = self.network
        behind = hop - network.policy - len(self.beside)
        if not network.policy or hop < network.policy:
            return set()
        if behind < 0:
            return {self.beside[hop - network.policy].answers[family]}
        path = (self.routers[:endpoint.attach] +
                self.branches[endpoint.name])[network.policy:]
        if behind >= len(path):
            return set()
        found = {path[behind].answers[family]}
        if behind == 0:
            found.add(self.rejoined.address(path[0], family))
        return found

    # --- routes ---

    def neighbours(self, node):
        """Without the detour: the way is a tree."""
        for link in self.links:
            if self.detour and link is self.rejoined or \
                    self.vpn and link is self.vpn.uplink:
                continue
            if node in (link.near, link.far):
                yield link, link.far if node is link.near else link.near

    def routes_of(self, node):
        """{prefix link: the link to leave by}, by a walk from the node."""
        first, queue = {}, [(node, None)]
        seen = {node.name}
        while queue:
            at, leave = queue.pop(0)
            for link, other in self.neighbours(at):
                first.setdefault(id(link), (link, leave))
                if other.name not in seen:
                    seen.add(other.name)
                    queue.append((other, leave or link))
        return [(link, leave) for link, leave in first.values() if leave]

    def route(self):
        for node in self.nodes:
            if not node.router:
                self.route_host(node)
                continue
            for link, leave in self.routes_of(node):
                via = leave.far if node is leave.near else leave.near
                source = getattr(node, "hop", None)
                for family in self.families:
                    order = (f"route replace {link.prefixes[family]} via "
                             f"{leave.address(via, family)}")
                    if source and source.other and leave is node.uplink:
                        order += f" src {node.answers[family]}"
                    node.orders.append(order)
            if node.hop.other:
                self.prefer(node)
        if self.network.vpn:
            beside.route_vpn(self)
        if self.network.policy:
            self.route_policy()
        elif self.detour:
            self.route_detour()

    def route_policy(self):
        """25 goes beside, and comes back as everything does."""
        number = self.network.policy
        before, _, behind = self.routers[number - 2:number + 1]
        way = [before, *self.beside, behind]
        for family in self.families:
            to = {4: "0.0.0.0/0", 6: "::/0"}[family]
            for node, after in zip(way[:-2], way[1:]):
                node.orders.append(
                    f"route add {to} via {after.uplink.address(after, family)}"
                    " table 25")
            way[-2].orders.append(
                f"route add {to} via {self.rejoined.address(behind, family)} "
                "table 25")
            self.rules_of_policy += [
                (node, f"-{family}", f"rule add iif {device} ipproto tcp "
                 "dport 25 lookup 25") for node, device in
                zip(way[:-1], ["u0"] * (len(way) - 1))]

    def route_detour(self):
        number = self.network.back or self.network.twin
        before, at, behind = self.routers[number - 2:number + 1]
        for link, leave in self.routes_of(at):
            self.route_beside(link, leave, before, at, behind)

    def route_beside(self, link, leave, before, at, behind):
        """A prefix, for those around the detour."""
        join, uplink = self.rejoined, self.detour.uplink
        for family in self.families:
            prefix = link.prefixes[family]
            if leave is at.uplink and self.network.back:
                behind.orders.append(
                    f"route replace {prefix} via "
                    f"{join.address(self.beside[-1], family)}")
            if leave is not at.uplink:
                for node, after in zip(self.beside, self.beside[1:]):
                    node.orders.append(
                        f"route replace {prefix} via "
                        f"{after.uplink.address(after, family)}")
                self.beside[-1].orders.append(
                    f"route replace {prefix} via "
                    f"{join.address(behind, family)}")
            if leave is behind.uplink and self.network.twin:
                before.orders.append(
                    f"route replace {prefix} nexthop via "
                    f"{at.uplink.address(at, family)} nexthop via "
                    f"{uplink.address(self.detour, family)}")

    def prefer(self, node):
        """Its own address also towards the link that leads to the host."""
        for family in self.families:
            prefix = node.uplink.prefixes[family]
            if family == 4:
                node.orders.append(f"route replace {prefix} dev u0 proto "
                                   f"kernel scope link src {node.answers[4]}")
            else:
                node.orders.append(
                    f"route add {prefix} dev u0 metric 1 src "
                    f"{node.answers[6]}")

    def route_host(self, node):
        for link, other in self.neighbours(node):
            if other.router and (node is not self.host or
                                 self.network.route):
                for family in self.families:
                    node.route("default", link.address(other, family))

    # --- making it ---

    def make(self):
        self.route()
        feed(["ip", "-batch", "-"], "".join(
            f"netns add {node.ns}\n" for node in self.nodes), "namespaces")
        for node in self.nodes:
            node.sysctl(SYSCTLS)
            if node.router:
                node.sysctl(ROUTER_SYSCTLS)
        slow = [link for link in self.links if link.delay_ms or link.mask]
        feed(["ip", "-batch", "-"], "".join(
            f"link add {near} netns {near_node.ns} type veth "
            f"peer name {far} netns {far_node.ns}\n"
            for link in self.links if link not in slow
            for near_node, near, far_node, far in self.veths(link)), "links")
        if slow:
            start_program(self.instance, HERE / "cable.py", [
                {"ends": [[link.near.ns, link.near_device],
                          [link.far.ns, link.far_device]],
                 "delay_ms": link.delay_ms, "mask": link.mask}
                for link in slow])
        for node in self.nodes:
            node.configure()
        for node, flag, order in self.rules_of_policy:
            node.ip([order], (flag,))
        for router in self.nodes:
            if router.router:
                treat.do_hop(router, router.hop)
        if self.network.twin:
            self.routers[self.network.twin - 2].sysctl(
                {"ipv4/fib_multipath_hash_policy": 1,
                 "ipv6/fib_multipath_hash_policy": 1})
        beside.filter_second(self)
        if self.network.fixed:
            beside.map_one_to_one(self)
        if self.network.mtu_hole:
            treat.lose_large(self.routers[self.network.mtu_hole - 1])

    def veths(self, link):
        """What a link is made of: one, or two and a switch."""
        ends = ((link.near, link.near_device), (link.far, link.far_device))
        if self.switch is None or link is not self.routers[0].uplink:
            return [(*ends[0], *ends[1])]
        self.switch.orders += [
            "link add fabric type bridge mcast_snooping 0",
            "link set fabric up",
            *(f"link set {port} master fabric" for port in ("guest", "wire")),
            *(f"link set {port} up" for port in ("guest", "wire"))]
        return [(*ends[0], self.switch, "guest"),
                (self.switch, "wire", *ends[1])]

    def listen(self, site, port, manner, key, own_port=None):
        self.servers.listen(
            site.node, site.addresses(), own_port or port, manner,
            self.keys.of(key), tls=port == 465,
            name=f"mx.{site.name}.{DOMAIN}")

    def serve(self):
        if self.network.user_mode:
            lines.start_user_mode(self.network.user_mode, self.client,
                                  self.host)
        self.serve_dns()
        for endpoint in self.network.endpoints:
            self.serve_endpoint(endpoint)
        for number, each in enumerate(self.network.treatments):
            treat.listen(self, number, each)
        self.servers.start()
        for mta in self.mtas:
            mta.start()
        for mta in self.mtas:
            mta.wait()
        for endpoint in self.network.endpoints:
            site = self.sites[endpoint.name]
            site.node.sysctl(endpoint.sysctls)
            treat.shut(site.node, endpoint)
        for number, each in enumerate(self.network.treatments):
            treat.do(self, number, each)
        if self.network.sidecar:
            treat.do(self, "sidecar", draw.Treatment(
                "proxy-relay", 0, "output", beside.SIDECARS_PORTS,
                self.families, user=True))

    def serve_dns(self):
        self.dns = NameServer(self, self.dns_site)
        self.dns.resolv_conf.write_text("".join(
            f"nameserver {address}\n" for address in
            self.dns_site.addresses()) + "options timeout:2 attempts:2\n")
        for endpoint in self.network.endpoints:
            site = self.sites[endpoint.name]
            self.dns.host(f"mx.{endpoint.name}.{DOMAIN}", *(
                site.link.address(site.node, family)
                for family in endpoint.families))
            self.dns.mx(f"{endpoint.name}.{DOMAIN}", 10,
                        f"mx.{endpoint.name}.{DOMAIN}")
        if self.network.dns != "dead":
            self.dns.start()

    def serve_endpoint(self, endpoint):
        site = self.sites[endpoint.name]
        ports = {port: manner for port, manner in endpoint.ports.items()
                 if endpoint.state(port) != "closed"}
        if not site.families:
            return
        for port in endpoint.control:
            if endpoint.state(port) != "closed":
                self.listen(self.server_of(endpoint, port), port, "connect",
                            endpoint.name)
        if endpoint.server == "scripted":
            for port, manner in ports.items():
                self.listen(self.server_of(endpoint, port), port, manner,
                            endpoint.name)
        elif ports:
            self.authority = self.authority or Authority(
                self.instance.directory)
            self.mtas.append(KINDS[endpoint.server](
                site, f"mx.{endpoint.name}.{DOMAIN}", self,
                ports=tuple(map(str, sorted(ports)))))

    def server_of(self, endpoint, port):
        """The site, or the machine behind it to which it sends the port."""
        site = self.sites[endpoint.name]
        if port not in endpoint.deep:
            return site
        inner = self.inner[endpoint.name]
        return Site(endpoint.name, inner, inner.uplink, site.families)

    # --- the agent's side ---

    def spki(self, endpoint):
        if endpoint.server == "scripted":
            return self.keys.of(endpoint.name)[2]
        certificate = self.instance.directory / "pki" / f"{endpoint.name}.pem"
        return self.keys.spki(certificate) if certificate.exists() else None

    def endpoints_file(self):
        path = self.instance.directory / "endpoints"
        path.write_text("".join(self.section(endpoint)
                                for endpoint in self.network.endpoints))
        return path

    def section(self, endpoint):
        site = self.sites[endpoint.name]
        given = {"host": f"host = mx.{endpoint.name}.{DOMAIN}",
                 "domain": f"domain = {endpoint.name}.{DOMAIN}",
                 "address": "host = " + site.link.address(
                     site.node, endpoint.families[0])}[endpoint.given]
        ports = " ".join(f"{port}/starttls" if port == 2525 else str(port)
                         for port in endpoint.ports)
        lines = [f"[{endpoint.name}]", given, f"ports = {ports}"]
        if endpoint.control:
            lines.append(f"control = {' '.join(map(str, endpoint.control))}")
        if endpoint.known:
            lines.append("starttls = yes")
        key = self.spki(endpoint) if endpoint.keys else None
        if key:
            lines.append(f"spki = {key}")
        return "\n".join(lines) + "\n\n"
