# SPDX-License-Identifier: Apache-2.0
"""From a seed to a network, as values, and as a sentence."""

import random
from dataclasses import dataclass, field

from . import beside, places

ICMP4 = ("net-unreachable", "host-unreachable", "prot-unreachable",
         "port-unreachable", "net-prohibited", "host-prohibited",
         "admin-prohibited")
ICMP6 = ("no-route", "admin-prohibited", "addr-unreachable",
         "port-unreachable", "policy-fail", "reject-route")
RULES = ("blackhole", "prohibit", "unreachable")
PROXIES = ("relay", "own", "strip", "mask", "refuse", "tls", "silent", "reset")
AFTER = ("reset-data", "reset-ehlo", "stall-data", "stall-ehlo", "stall-all",
         "stall-icmp")
MANNERS = ("late", "multi", "554", "421", "450", "plain", "454", "closes",
           "http")
REAL = ("postfix", "exim", "opensmtpd")


@dataclass
class Hop:
    silent: bool = False     # never says that a TTL ended
    few: bool = False        # ICMP errors as rate-limited as by default
    other: bool = False      # answers from an address of its own
    nat: bool = False        # masquerades what leaves it
    lost: int = 0            # of a thousand packets that it forwards
    delay_ms: int = 0        # one way, on the link towards the client


@dataclass
class Endpoint:
    name: str
    attach: int              # the trunk's hop that leads to it; 0: the LAN
    branch: list             # its own hops behind that
    families: tuple
    given: str               # host, address, domain
    server: str              # scripted, or one of REAL
    ports: dict              # port: manner
    shut: dict               # port: closed, dropped, icmp
    control: tuple
    known: bool              # starttls = yes
    keys: bool               # spki = its key
    sysctls: dict
    alone: bool = False      # it serves 25, and drops the rest
    deep: dict = field(default_factory=dict)  # port: hops that it is sent on
    quiet: bool = False      # then it never says that a TTL ended

    @property
    def far(self):
        """Its distance: the TTL that reaches it."""
        return self.attach + len(self.branch) + 1

    def state(self, port):
        return self.shut.get(port, "open")

    def offers(self, port):
        """It offers STARTTLS there, and keeps its word."""
        return self.server != "opensmtpd" and port != 465 and \
            self.ports.get(port) in ("good", "late", "multi")


@dataclass
class Treatment:
    """Something that is done to `ports`, at a hop of the trunk (0: on the
    host, or by the hook `switch` in the one under it) or, with `branch`, of
    that endpoint's own branch."""
    kind: str
    hop: int
    hook: str
    ports: tuple
    families: tuple
    only: tuple = ()         # endpoints' names; (): all of them
    branch: str = ""
    user: bool = False       # only of the user that runs the agent

    def meets(self, endpoint, family, port):
        if port not in self.ports or family not in self.families:
            return False
        if self.only and endpoint.name not in self.only:
            return False
        if self.branch:
            return self.branch == endpoint.name
        if self.hook == "switch" and endpoint.attach == 0:
            return False  # it has a link of its own to the host
        return self.hop <= endpoint.attach

    def at(self, endpoint):
        """Which hop of the path to that endpoint it is."""
        return self.hop + (endpoint.attach if self.branch else 0)


@dataclass
class Network:
    seed: int
    first: str               # private, cgnat, public: its IPv4 address
    families: tuple
    hops: list
    endpoints: list
    ula: bool                # the first hop's IPv6 address is a private one
    treatments: list = field(default_factory=list)
    dns: str = "ok"          # dead, slow
    route: bool = True       # the host has a default route
    mtu_hole: int = 0        # the hop that loses large packets
    back: int = 0            # the hop that answers pass by, elsewhere
    twin: int = 0            # the hop that is two routers, a flow by one
    policy: int = 0          # the hop that port 25 passes by, elsewhere
    longer: int = 0          # so many routers more are on that way, or by
                             # the twin
    switch: bool = False     # a virtual switch is before the first hop
    vpn: int = 0             # the hop at which the VPN ends that takes 25
    second: str = ""         # what the twin does to 25: drop, rst, icmp
    sidecar: bool = False    # the host's own proxy takes all TCP
    fixed: bool = False      # hop 1 maps one address to one
    user_mode: str = ""      # what ends TCP on the host: slirp4netns, pasta
    trace: str = "auto"      # of check's command line

    def path(self, endpoint):
        return self.hops[:endpoint.attach] + endpoint.branch

    def treatment(self, endpoint, family, port):
        for each in self.treatments:
            if each.meets(endpoint, family, port):
                return each
        return None


def chance(rng, percent):
    return rng.random() * 100 < percent


def draw_hop(rng, mood):
    hop = Hop(silent=chance(rng, mood["silent"]),
              few=chance(rng, mood["few"]),
              other=chance(rng, 15))
    if chance(rng, mood["slow"]):
        hop.delay_ms = rng.choice((1, 5, 20, 40))
    return hop


def draw_ports(rng, server):
    asked = rng.choice(((25, 587, 465), (25, 587, 465), (25, 587, 465),
                        (25,), (25, 587), (25, 465), (25, 2525)))
    if server in REAL:
        asked = tuple(p for p in asked if p != 2525)
    if server == "opensmtpd":
        asked = tuple(p for p in asked if p != 465)
    return {port: "good" for port in asked}


def draw_shut(rng, ports):
    """How the endpoint itself keeps ports shut."""
    if chance(rng, 75):
        return {}
    some = rng.sample(sorted(ports), rng.randint(1, min(2, len(ports))))
    return {port: rng.choice(("closed", "closed", "dropped", "icmp"))
            for port in some}


def draw_sysctls(rng):
    odd = {}
    if chance(rng, 20):
        odd["ipv4/tcp_timestamps"] = 0
    if chance(rng, 20):
        odd["ipv4/tcp_ecn"] = rng.choice((0, 1))
    if chance(rng, 30):
        odd["ipv4/ip_default_ttl"] = rng.choice((32, 128, 255))
    if chance(rng, 10):
        odd["ipv4/tcp_sack"] = 0
    return odd


def draw_endpoint(rng, number, network, mood):
    families = network.families
    if len(families) == 2 and chance(rng, 25):
        families = (rng.choice(families),)
    elif len(families) == 1 and chance(rng, 10):
        families = (4, 6)
    most = len(network.hops)
    attach = most if chance(rng, 65) else rng.randint(1, most)
    if chance(rng, 2):
        attach = 0
    branch = [draw_hop(rng, mood) for _ in range(
        0 if attach == 0 else rng.choice((0, 0, 0, 1, 1, 2, 3)))]
    branch = branch[:14 - attach]
    server = "scripted" if chance(rng, 88) else rng.choice(REAL)
    ports = draw_ports(rng, server)
    if server == "scripted" and chance(rng, 25):
        ports[rng.choice(sorted(ports))] = rng.choice(MANNERS)
    speaks = set(ports.values()) <= {"good", "late", "multi"} and \
        server != "opensmtpd"
    control = rng.choice(((443,), (443,), (443,), (80, 443), ()))
    shut = draw_shut(rng, ports)
    if chance(rng, 20):
        shut.update({port: rng.choice(("closed", "dropped"))
                     for port in control})
    given = rng.choice(("host", "host", "address", "domain"))
    if given == "address":
        families = families[:1] if chance(rng, 50) else families[-1:]
    return Endpoint(
        f"e{number}", attach, branch, families,
        given, server, ports, shut, control, known=speaks and chance(rng, 70),
        keys=chance(rng, 40), sysctls=draw_sysctls(rng))


def draw_kind(rng):
    kind = rng.choice((
        "drop", "drop", "drop", "drop", "reply", "rst", "rst", "icmp", "icmp",
        "rule", "after", "proxy", "proxy", "box", "throttle", "mask-in-path"))
    if kind == "icmp":
        return "icmp", None
    if kind == "rule":
        return rng.choice(RULES) + "-rule", "prerouting"
    if kind == "after":
        return rng.choice(AFTER), "forward"
    if kind == "proxy":
        return "proxy-" + rng.choice(PROXIES), "prerouting"
    if kind == "box":
        return "box-" + rng.choice(("own", "silent", "closes")), "prerouting"
    return kind, None


def draw_hook(rng, kind):
    if kind == "drop":
        return rng.choice(("forward", "forward", "forward", "prerouting",
                           "postrouting", "ingress", "egress"))
    if kind == "rst" or kind.startswith("icmp"):
        return rng.choice(("forward", "forward", "prerouting"))
    return "forward"


def draw_host_treatment(rng, ports, families):
    kind = rng.choice(("drop", "rst", "icmp", "prohibit-rule",
                       "blackhole-rule", "unreachable-rule", "proxy-relay",
                       "proxy-silent"))
    each = Treatment(kind, 0, "output", ports, families)
    if not kind.endswith("-rule"):
        # A proxy's own connections must not come back to it.
        each.user = kind.startswith("proxy") or chance(rng, 40)
    if kind == "icmp":
        each.kind = draw_icmp(rng, each)
    return each


def draw_icmp(rng, treatment):
    """A code of one family narrows the treatment to that family."""
    if len(treatment.families) == 2:
        return "icmp " + rng.choice(("no-route", "admin-prohibited",
                                     "host-unreachable", "port-unreachable"))
    return "icmp " + rng.choice(ICMP4 if 4 in treatment.families else ICMP6)


def draw_treatment(rng, network, free):
    ports = tuple(sorted(rng.sample(
        sorted(free), rng.randint(1, min(3, len(free))))))
    if 25 in free and chance(rng, 70):
        ports = (25,) + ((587,) if 587 in free and chance(rng, 20) else ())
    families = network.families
    if len(families) == 2 and chance(rng, 30):
        families = (rng.choice(families),)
    if chance(rng, 12):
        return draw_host_treatment(rng, ports, families)
    kind, hook = draw_kind(rng)
    each = Treatment(kind, rng.randint(1, len(network.hops)), hook, ports,
                     families)
    branched = [e for e in network.endpoints if e.branch]
    if branched and chance(rng, 12):
        endpoint = rng.choice(branched)
        each.branch = endpoint.name
        each.hop = rng.randint(1, len(endpoint.branch))
    elif len(network.endpoints) > 1 and chance(rng, 25):
        each.only = tuple(sorted(e.name for e in rng.sample(
            network.endpoints, rng.randint(1, len(network.endpoints) - 1))))
    if kind == "icmp":
        each.kind = draw_icmp(rng, each)
    if each.hook is None:
        each.hook = draw_hook(rng, each.kind)
    if each.kind in ("proxy-tls", "proxy-refuse") and 465 in ports:
        each.kind = "proxy-relay"  # they speak SMTP in the clear
    return each


def draw_detour(rng, network):
    """At a hop in the middle at which nothing else is."""
    plain = [number for number in range(2, len(network.hops))
             if not network.hops[number - 1].nat and
             not network.hops[number - 1].delay_ms and
             not network.hops[number].delay_ms and
             number not in [e.attach for e in network.endpoints] and
             (number, "") not in [(t.hop, t.branch) for t in network.treatments]
             and not any(t.kind == "mask-in-path" and t.hop == number + 1
                         for t in network.treatments)]
    if plain and chance(rng, 25):
        if chance(rng, 50):
            network.back = rng.choice(plain)
        else:
            network.twin = rng.choice(plain)


def draw(seed):
    rng = random.Random(seed)
    mood = {"silent": rng.choice((0, 0, 0, 10, 40)),
            "few": rng.choice((0, 0, 30)), "slow": rng.choice((0, 0, 30))}
    network = Network(
        seed, rng.choice(("private", "private", "cgnat", "public")),
        rng.choice(((4,), (4,), (6,), (4, 6), (4, 6))),
        [draw_hop(rng, mood) for _ in range(
            rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12)))],
        [], chance(rng, 50))
    for at in rng.sample(range(len(network.hops)), min(
            len(network.hops), rng.choice((0, 0, 1, 1, 2)))):
        network.hops[at].nat = True
    if chance(rng, 8):
        rng.choice(network.hops).delay_ms = rng.choice((100, 150))
    if chance(rng, 12):
        rng.choice(network.hops).lost = rng.choice((5, 10, 20, 50))
    for number in range(rng.choice((1, 2, 2, 3, 3, 3, 4, 5))):
        network.endpoints.append(
            draw_endpoint(rng, number + 1, network, mood))
    free = {25, 465, 587} if chance(rng, 90) else {25, 465, 587, 443, 80}
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2))):
        if free:
            each = draw_treatment(rng, network, free)
            free -= set(each.ports)
            network.treatments.append(each)
    if chance(rng, 4):
        network.dns = rng.choice(("dead", "slow"))
    if chance(rng, 2):
        network.route = False
    draw_detour(rng, network)
    if not network.treatments and chance(rng, 10):
        network.mtu_hole = rng.randint(1, len(network.hops))
    places.draw_place(random.Random(-1 - seed), network)
    beside.draw(network)
    return network


def describe_hop(number, hop):
    words = [word for word, on in (
        ("silent", hop.silent), ("few answers", hop.few), ("NAT", hop.nat),
        (f"loses {hop.lost / 10:g} %", hop.lost),
        (f"{hop.delay_ms} ms away", hop.delay_ms)) if on]
    return f"hop {number} {', '.join(words)}" if words else ""


def describe_endpoint(endpoint):
    ports = " ".join(
        f"{port}{'' if manner == 'good' else ' ' + manner}"
        f"{' ' + endpoint.shut[port] if port in endpoint.shut else ''},"
        for port, manner in endpoint.ports.items())
    control = " ".join(
        f"{port} {endpoint.state(port)}," for port in endpoint.control)
    words = ["known" if endpoint.known else "",
             "pinned" if endpoint.keys else ""]
    notes = " ".join(word for word in words if word)
    return (f"{endpoint.name} at {endpoint.far} by {endpoint.given}"
            f" IPv{'+'.join(map(str, endpoint.families))}"
            f" ({endpoint.server} {ports} {control} {notes})")


def describe_treatment(treatment):
    place = "the host" if treatment.hop == 0 else f"hop {treatment.hop}"
    if treatment.hook == "switch":
        place = "the switch"
    if treatment.branch:
        place += f" of {treatment.branch}'s branch"
    only = " only to " + ", ".join(treatment.only) if treatment.only else ""
    return (f"{treatment.kind} of {','.join(map(str, treatment.ports))}"
            f" IPv{'+'.join(map(str, treatment.families))} at {place}"
            f" ({treatment.hook}){only}"
            f"{' for one user' if treatment.user else ''}")


def describe(network):
    """The network as a sentence."""
    parts = [f"seed {network.seed}: {len(network.hops)} hops, first "
             f"{network.first}{' and ULA' if network.ula else ''}, "
             f"IPv{'+'.join(map(str, network.families))}"]
    parts += [text for number, hop in enumerate(network.hops, 1)
              if (text := describe_hop(number, hop))]
    parts += [describe_endpoint(each) for each in network.endpoints]
    parts += [describe_treatment(each) for each in network.treatments]
    if network.dns != "ok":
        parts.append(f"DNS {network.dns}")
    if not network.route:
        parts.append("no default route")
    if network.back:
        parts.append(f"answers pass by hop {network.back}")
    if network.twin:
        parts.append(f"hop {network.twin} is two routers")
    if network.mtu_hole:
        parts.append(f"hop {network.mtu_hole} loses large packets")
    parts += places.describe(network) + beside.describe(network)
    return "; ".join(parts)
