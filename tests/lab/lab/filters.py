# SPDX-License-Identifier: Apache-2.0
"""What networks do to a port, as nftables rules, and on which hop."""

import contextlib
import json
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .netns import inside
from .wait import wait_for_port

PROXY = Path(__file__).resolve().parent / "proxy.py"
PROXY_PORT = 2525
NOISE = PROXY.with_name("noise.py")
REWRITER = PROXY.with_name("rewriter.py")
REWRITER_DEVICE = "rewriter"

SYN = "tcp flags & (syn | ack) == syn"
HOOKS = {"forward": 0, "prerouting": -300, "postrouting": 0, "output": 0,
         "input": 0}


class Steady:
    """A filter that does the same in every run of a row. Others are renewed
    before another run: they count, or end by themselves."""

    def renew(self, vantage, lab):
        pass


@dataclass(frozen=True)
class Filter:
    """`rule` has a site's addresses as $mx1_4 and $mx1_6."""
    place: str  # host, transit, or what its line has (lines.py)
    rule: str
    hook: str = "forward"
    family: str = "inet"

    def table(self):
        return f"table {self.family} filter{abs(hash(self)):x}"

    def rules(self):
        return (f"{self.table()} {{\n"
                f"chain f {{\n"
                f"type filter hook {self.hook} "
                f"priority {HOOKS[self.hook]}\n"
                f"{self.rule}\n}}\n}}\n")

    def apply(self, vantage, lab):
        vantage.node(self.place).nft(lab.network.addressed(self.rules()))

    def renew(self, vantage, lab):
        vantage.node(self.place).nft(lab.network.addressed(
            f"delete {self.table()}\n{self.rules()}"))


@dataclass(frozen=True)
class Switch(Filter):
    """Drops what `rule` lets through to here, as a filter that is switched on
    in the course of a check; and keeps whose SYNs it dropped."""

    def rules(self):
        sets = "".join(
            f"set met{family} {{\ntype {kind}\nflags dynamic\nsize 64\n}}\n"
            for family, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")))
        # Each family has a counter of its own: they are asked separately.
        jumps = "".join(f"meta nfproto ipv{family} {self.rule} goto off\n"
                        for family in (4, 6))
        return (f"{self.table()} {{\n{sets}chain off {{\n"
                f"meta nfproto ipv4 {SYN} add @met4 {{ ip daddr }}\n"
                f"meta nfproto ipv6 {SYN} add @met6 {{ ip6 daddr }}\n"
                f"drop\n}}\nchain f {{\ntype filter hook {self.hook} "
                f"priority {HOOKS[self.hook]}\n{jumps}}}\n}}\n")

    def met(self, vantage, family):
        """The addresses to which SYNs were dropped since it was applied."""
        done = vantage.node(self.place).run(
            ["nft", "-j", "list", "set", *self.table().split()[1:],
             f"met{family}"], stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)["nftables"]
        return {str(element) for each in found if "set" in each
                for element in each["set"].get("elem", ())}


@dataclass(frozen=True)
class Metered(Filter):
    """What `rule` lets through, counted by address: `key` is a field of IP,
    and what more is counted by or compared with a limit. `once`: the first
    packet of each key gets the verdict, and later ones pass."""
    key: str = ""
    once: bool = False

    def lines(self, family, word):
        if self.once:
            return (f"{self.rule} {word} {self.key} @seen{family} accept\n"
                    f"{self.rule} add @seen{family} {{ {word} {self.key} }} "
                    f"drop\n")
        return (f"{self.rule} update @seen{family} {{ {word} {self.key} }} "
                f"drop\n")

    def rules(self):
        more = " . inet_service" if "sport" in self.key else ""
        sets = "".join(
            f"set seen{family} {{\ntype {kind}{more}\nflags dynamic, timeout\n"
            f"timeout 2m\nsize 4096\n}}\n"
            for family, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")))
        lines = self.lines(4, "ip") + self.lines(6, "ip6")
        return (f"{self.table()} {{\n{sets}chain f {{\n"
                f"type filter hook {self.hook} "
                f"priority {HOOKS[self.hook]}\n{lines}}}\n}}\n")


@dataclass(frozen=True)
class Repeats(Metered):
    """Of what `rule` lets through, a connection's first packet passes."""
    key: str = "saddr . tcp sport"

    def lines(self, family, word):
        return (f"{self.rule} {word} {self.key} @seen{family} drop\n"
                f"{self.rule} add @seen{family} {{ {word} {self.key} }}\n")


@dataclass(frozen=True)
class Crowd(Filter):
    """Drops what `rule` lets through of a source that has `most` flows."""
    most: int = 1

    def rules(self):
        sets = "".join(
            f"set has{family} {{\ntype {kind}\nflags dynamic\nsize 256\n}}\n"
            for family, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")))
        lines = "".join(
            f"{self.rule} add @has{family} {{ {word} saddr "
            f"ct count over {self.most} }} drop\n"
            for family, word in ((4, "ip"), (6, "ip6")))
        return (f"{self.table()} {{\n{sets}chain f {{\n"
                f"type filter hook {self.hook} "
                f"priority {HOOKS[self.hook]}\n{lines}}}\n}}\n")


@dataclass(frozen=True)
class AtDevice(Steady):
    """As a packet enters a device, or leaves it: before a router looks at
    its TTL, and behind all that the host's own tables see."""
    place: str
    device: str
    rule: str
    hook: str = "ingress"

    def apply(self, vantage, lab):
        vantage.node(self.place).nft(
            f"table netdev filter{abs(hash(self)):x} {{\nchain f {{\n"
            f"type filter hook {self.hook} device {self.device} priority 0\n"
            f"{self.rule}\n}}\n}}\n")


@dataclass(frozen=True)
class AtExchange(Steady):
    """At the exchange, which all vantage points share, for one of them: what
    comes from there, or with "daddr" what goes there."""
    rule: str
    hook: str = "forward"
    side: str = "saddr"

    def apply(self, vantage, lab):
        lab.network.exchange.nft(Filter("exchange", "\n".join(
            f"{family} {self.side} {prefix} {self.rule}" for family, prefix in
            (("ip", vantage.prefix4), ("ip6", vantage.prefix6))),
            self.hook).rules())


@dataclass(frozen=True)
class Ip(Steady):
    """Lines of `ip -batch` on a hop."""
    place: str
    lines: tuple
    flags: tuple = ()

    def apply(self, vantage, lab):
        vantage.node(self.place).ip(self.lines, self.flags)


@dataclass(frozen=True)
class Sysctl(Steady):
    place: str
    values: tuple  # of (key below /proc/sys/net, value)

    def apply(self, vantage, lab):
        vantage.node(self.place).sysctl(dict(self.values))


def own_certificate(mode, vantage, lab):
    """Of a proxy that ends TLS itself."""
    if mode != "tls":
        return ()
    return lab.authority.issue(f"proxy-{vantage.name}",
                               f"proxy.{vantage.name}.example.org")


@dataclass(frozen=True)
class Proxy(Steady):
    """A process of proxy.py on a hop, and what is redirected to it. Only new
    connections pass a nat chain, so that what it opens itself is its own."""
    place: str
    mode: str
    ports: tuple
    hook: str = "prerouting"
    server: str = ""  # of the mode `other`: the site that is asked instead
    only: str = ""    # narrows it, as in "meta skuid 65534"
    at: int = PROXY_PORT  # where it listens

    def apply(self, vantage, lab):
        node = vantage.node(self.place)
        node.start([str(PROXY), self.mode, str(self.at),
                    *map(str, self.more(vantage, lab))])
        wait_for_port(node, "127.0.0.1", self.at)
        wait_for_port(node, "::1", self.at)
        node.nft(f"table inet proxy {{\nchain p {{\n"
                 f"type nat hook {self.hook} priority -100\n{self.only} "
                 f"{to_ports(self.ports)} redirect to :{self.at}\n}}\n}}\n")

    def more(self, vantage, lab):
        if self.mode == "tls":
            return own_certificate(self.mode, vantage, lab)
        if self.mode == "other":
            return lab.network.sites[self.server].addresses()
        return ()


@dataclass(frozen=True)
class ProxyAtExchange(Proxy):
    """The same at the exchange, for what comes from one vantage point."""
    def apply(self, vantage, lab):
        node = lab.network.exchange
        index = lab.network.vantages.index(vantage)
        port = PROXY_PORT + 1 + index
        node.start([str(PROXY), self.mode, str(port),
                    *map(str, self.more(vantage, lab))])
        wait_for_port(node, "127.0.0.1", port)
        wait_for_port(node, "::1", port)
        lines = "".join(
            f"{family} saddr {prefix} {to_ports(self.ports)} "
            f"redirect to :{port}\n" for family, prefix in
            (("ip", vantage.prefix4), ("ip6", vantage.prefix6)))
        node.nft(f"table inet proxy{index} {{\nchain p {{\n"
                 f"type nat hook prerouting priority -100\n{lines}}}\n}}\n")


@dataclass(frozen=True)
class Nat(Steady):
    """Rules that change addresses or ports; `rule` has a line each."""
    place: str
    rule: str
    hook: str = "prerouting"

    def apply(self, vantage, lab):
        vantage.node(self.place).nft(
            f"table inet nat{abs(hash(self)):x} {{\nchain n {{\n"
            f"type nat hook {self.hook} priority -100\n{self.rule}\n"
            f"}}\n}}\n")


@dataclass(frozen=True)
class Diverted(Steady):
    """Customers' packets to these ports get another destination: the node
    `to`, beside that router."""
    place: str
    to: str
    ports: tuple

    def apply(self, vantage, lab):
        four, six = vantage.node(self.to).at["uplink"]
        vantage.node(self.place).nft(
            f"table inet diverted {{\nchain d {{\n"
            "type nat hook prerouting priority -100\n"
            f'iifname "downlink" meta nfproto ipv4 {to_ports(self.ports)} '
            f"dnat ip to {four}\n"
            f'iifname "downlink" meta nfproto ipv6 {to_ports(self.ports)} '
            f"dnat ip6 to {six}\n}}\n}}\n")


@dataclass(frozen=True)
class Hidden(Steady):
    """A process of proxy.py that takes connections by TPROXY and goes on with
    the client's own address and TTL. What has a small TTL, as a trace has,
    passes by: so neither addresses nor distances tell."""
    place: str
    mode: str
    ports: tuple
    forged: tuple = ()  # the sites for which it makes a key each

    def certificates(self, vantage, lab):
        """Those that it makes are signed by an authority of its own."""
        if not self.forged:
            return own_certificate(self.mode, vantage, lab)
        authority = lab.another_authority(f"firewall-{vantage.name}")
        return [file for host in map(lab.host, self.forged)
                for file in authority.issue(host, host)]

    def apply(self, vantage, lab):
        node = vantage.node(self.place)
        for flag in ("-4", "-6"):
            node.ip(("rule add fwmark 1 lookup 101",
                     "route add local default dev lo table 101"), (flag,))
        node.start([str(PROXY), self.mode, str(PROXY_PORT), "hidden",
                    *map(str, self.certificates(vantage, lab))])
        wait_for_port(node, "127.0.0.1", PROXY_PORT)
        wait_for_port(node, "::1", PROXY_PORT)
        for family, life, here in (("ip", "ip ttl", "127.0.0.1"),
                                   ("ip6", "ip6 hoplimit", "[::1]")):
            node.nft(
                f"table {family} hidden {{\nchain p {{\n"
                "type filter hook prerouting priority -150\n"
                "meta l4proto tcp socket transparent 1 meta mark set 1 "
                "accept\n"
                f"{to_ports(self.ports)} {life} > 35 "
                f"tproxy to {here}:{PROXY_PORT} meta mark set 1 accept\n"
                "}\n}\n")


@dataclass(frozen=True)
class Rewriter(Steady):
    """A process of rewriter.py on a router: what it forwards passes it, and
    lives as long as before."""
    place: str
    mode: str
    ports: tuple

    def apply(self, vantage, lab):
        node = vantage.node(self.place)
        process = node.start([str(REWRITER), self.mode,
                              *map(str, self.ports)], stdout=subprocess.PIPE)
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"{node.name}: no rewriter")
        node.ip(("rule add iif uplink lookup 25",
                 f"route add default dev {REWRITER_DEVICE} table 25"), ("-4",))
        node.ip(("rule add iif uplink lookup 25",
                 f"route add default dev {REWRITER_DEVICE} table 25"), ("-6",))


@dataclass(frozen=True)
class Noise(Steady):
    """Another program (noise.py), of the host or of who is behind that place:
    its datagrams over the loopback, or without it SYNs to a port of a site,
    which nobody answers."""
    per_second: float
    port: int = 0
    site: str = "off"
    place: str = "host"

    def apply(self, vantage, lab):
        node = vantage.node(self.place)
        if self.port == 0:
            self.start(node, "loopback")
            return
        for address in lab.network.sites[self.site].addresses():
            self.start(node, "syns", address, str(self.port))

    def start(self, node, *what):
        node.start([str(NOISE), *what, str(self.per_second)])


@dataclass(frozen=True)
class LinkLocalDns(Steady):
    """A name server at the home router, reached by a link-local address
    alone."""
    address: str = "fe80::53"

    def apply(self, vantage, lab):
        node = vantage.node("home")
        node.ip([f"addr add {self.address}/64 dev lan nodad"])
        node.start(["dnsmasq", "--conf-file=/dev/null", "--keep-in-foreground",
                    "--no-resolv", "--no-hosts", "--user=root", "--pid-file=",
                    "--bind-interfaces", "--interface=lan",
                    f"--server={lab.dns.site.address4}"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(node, "127.0.0.1", 53)


@dataclass(frozen=True)
class Flap:
    """The host has no route for a port, until it has asked for a name and a
    moment has gone by."""
    port: int
    moment_s: float = 0.4

    def apply(self, vantage, lab):
        rule = f"rule {{}} ipproto 6 dport {self.port} unreachable"
        for flag in ("-4", "-6"):
            vantage.client.ip([rule.format("add")], (flag,))
        threading.Thread(target=self.end, args=(vantage.client, rule),
                         daemon=True).start()

    def renew(self, vantage, lab):
        self.apply(vantage, lab)

    def end(self, node, rule):
        with contextlib.suppress(OSError):  # the lab has ended before
            before = datagrams(node)
            while datagrams(node) == before:
                time.sleep(0.02)
            time.sleep(self.moment_s)
            for flag in ("-4", "-6"):
                node.ip([rule.format("del")], (flag,))


def datagrams(node):
    """How many UDP datagrams this namespace has sent."""
    with inside(node.ns):
        four = Path("/proc/thread-self/net/snmp").read_text()
        six = Path("/proc/thread-self/net/snmp6").read_text()
    sent = int(four.split("Udp: ")[-1].split()[3])
    return sent + int(six.split("Udp6OutDatagrams")[1].split()[0])


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


def icmp(place, kind, *ports, hook="forward", only=""):
    """`kind`: admin-prohibited, port-unreachable, host-unreachable, ... for
    both families, or one for each."""
    if isinstance(kind, str):
        return Filter(place, f"{only} {to_ports(ports)} "
                      f"reject with icmpx type {kind}", hook)
    return Filter(place, f"meta nfproto ipv4 {only} {to_ports(ports)} "
                  f"reject with icmp type {kind[0]}\n"
                  f"meta nfproto ipv6 {only} {to_ports(ports)} "
                  f"reject with icmpv6 type {kind[1]}", hook)


def at_switch(rule, hook="forward"):
    """In a cloud's virtual switch."""
    return Filter("switch", rule, hook, "bridge")


def drop_all(place, hook="forward"):
    return Filter(place, "drop", hook)


def silent_hop(place):
    """A router that forwards and never says that a TTL ended at it."""
    return Filter(place, NO_ANSWERS, "output")


NO_ANSWERS = "icmp type time-exceeded drop\nicmpv6 type time-exceeded drop"


def silent_hops(*places):
    """Several of them; the exchange too."""
    return tuple(
        AtExchange("meta l4proto { icmp, icmpv6 } drop", "output", "daddr")
        if place == "exchange" else silent_hop(place) for place in places)


def by_family(place, rule, hook="forward"):
    """A rule that counts: both families are tried at the same time, and each
    has a counter of its own."""
    return Filter(place, f"meta nfproto ipv4 {rule}\n"
                  f"meta nfproto ipv6 {rule}", hook)


def loss(place, percent):
    """Lose so many of a hundred forwarded packets, any packets."""
    return Filter(place, f"numgen random mod 100 < {percent} drop")


def syn_loss(place, percent):
    """Lose so many of a hundred connects, on any port."""
    return Filter(place, f"{SYN} numgen random mod 100 < {percent} drop")


def throttle(place, one_in, *ports):
    """Of the SYNs to these ports, let one of so many pass."""
    return by_family(place, f"{to_ports(ports)} {SYN} "
                     f"numgen inc mod {one_in} != 0 drop")


def bucket(place, rate, burst, *ports):
    """Let SYNs to these ports pass at a `rate` as "20/minute"."""
    return by_family(place, f"{to_ports(ports)} {SYN} limit rate over {rate} "
                     f"burst {burst} packets drop")


def meter(place, field, rate, burst, *ports):
    """The same for each source ("saddr") or destination ("daddr")."""
    return Metered(place, f"{to_ports(ports)} {SYN}",
                   key=f"{field} limit rate over {rate} burst {burst} packets")


def first_syns(place, *ports):
    """Drop a connection's SYN unless the same was seen within two minutes."""
    return Metered(place, f"{to_ports(ports)} {SYN}",
                   key="saddr . tcp sport", once=True)


def repeated_syns(place, *ports):
    """Drop a SYN that was seen within two minutes: the first one passes."""
    return Repeats(place, f"{to_ports(ports)} {SYN}")


def new_flows(place, rate, burst):
    """What a table does that is full: a flow more has room, of any port or
    protocol, when an old one ends, and that is at a `rate`."""
    return by_family(place, f"ct state new limit rate over {rate} "
                     f"burst {burst} packets drop")


def few_at_once(place, most, *ports):
    """So many connections of a source to these ports at the same time."""
    return Crowd(place, f"{to_ports(ports)} ct state new", most=most)


def large_packets(place, size_bytes):
    """Lose what is larger, and say nothing: a black hole of path MTU."""
    return Filter(place, f"meta length > {size_bytes} drop")


def switched_on(place, size_bytes, *ports):
    """Drop a port from when so much has gone out to it."""
    return Switch(place, f"{to_ports(ports)} quota over {size_bytes} bytes")


def on_after(place, count, *ports):
    """Drop the SYNs to these ports behind so many of them."""
    return Switch(place, f"{to_ports(ports)} {SYN} limit rate over 1/day "
                  f"burst {count} packets")


def after_packets(place, count, verdict, *ports):
    """Treat a connection so from its client's packet `count` + 1: the SYN is
    1, the ACK of the handshake 2, of a greeting 3, EHLO 4."""
    return Filter(place, f"{to_ports(ports)} ct original packets > {count} "
                  f"{verdict}")


def on_starttls(place, verdict, *ports):
    """Treat a client's packet so that begins with STARTTLS."""
    return Filter(place, f"{to_ports(ports)} "
                  f"@ih,0,64 0x{b'STARTTLS'.hex()} {verdict}")


def rate_limited_icmp(place):
    """What a router of this kind does by default: one error a second."""
    return Sysctl(place, (("ipv4/icmp_ratelimit", 1000),
                          ("ipv6/icmp/ratelimit", 1000)))
