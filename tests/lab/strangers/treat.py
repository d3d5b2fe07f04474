# SPDX-License-Identifier: Apache-2.0
"""What a drawn network does to ports, as nftables rules and ip rules."""

from lab.filters import PROXY, PROXY_PORT
from lab.wait import wait_for_port

PRIORITIES = {"forward": 0, "prerouting": -300, "postrouting": 0, "output": 0,
              "input": 0}
PROTOCOL = {4: "ip", 6: "ip6"}
USER = "meta skuid 65534"
# What is said is pushed; handshakes and bare acknowledgements are not.
DATA = "tcp flags & psh == psh"
LARGE = "meta length > 1100"
OWN_PORTS = {25: 20025, 587: 20587, 465: 20465, 80: 20080, 443: 20443}


def table(name, hook, lines, kind="filter", priority=None, family="inet"):
    priority = PRIORITIES[hook] if priority is None else priority
    rules = "\n".join(lines)
    return (f"table {family} {name} {{\nchain c {{\ntype {kind} hook {hook} "
            f"priority {priority}\n{rules}\n}}\n}}\n")


def do_hop(node, hop):
    if hop.silent:
        node.nft(table("silent", "output", (
            "icmp type time-exceeded drop", "icmpv6 type time-exceeded drop")))
    if hop.few:
        node.sysctl({"ipv4/icmp_ratelimit": 1000,
                     "ipv6/icmp/ratelimit": 1000})
    if hop.nat:
        node.nft(table("nat", "postrouting",
                       ('iifname "u0" oifname != "u0" masquerade',),
                       kind="nat", priority=100))
    if hop.lost:
        node.nft(table("loss", "forward", (
            f"numgen random mod 1000 < {hop.lost} drop",)))


def lose_large(node):
    node.nft(table("large", "forward", (f"{LARGE} drop",)))


def shut(node, endpoint):
    verdicts = {"dropped": "drop",
                "icmp": "reject with icmpx type port-unreachable"}
    lines = [f"tcp dport {port} {verdicts[state]}"
             for port, state in endpoint.shut.items() if state in verdicts]
    if endpoint.alone:
        lines.append("tcp flags & (syn | ack) == syn tcp dport != 25 drop")
    if lines:
        node.nft(table("shut", "input", lines))


def matches(world, treatment, side="d"):
    """A match for every family, by the destination (or, with "s", source)."""
    ports = ", ".join(map(str, treatment.ports))
    targets = world.targets(treatment)
    for family in treatment.families:
        own = [each for each in targets if (":" in each) == (family == 6)]
        if own:
            user = USER + " " if treatment.user else ""
            yield family, (f"{user}{PROTOCOL[family]} {side}addr "
                           f"{{ {', '.join(own)} }} tcp {side}port "
                           f"{{ {ports} }}")


def verdict(treatment, family):
    kind = treatment.kind
    if kind == "rst":
        return "reject with tcp reset"
    if kind.startswith("icmp "):
        code = kind[5:]
        how = "icmpx" if len(treatment.families) == 2 else \
            {4: "icmp", 6: "icmpv6"}[family]
        return f"reject with {how} type {code}"
    return {"drop": "drop", "reply": "drop",
            "throttle": "tcp flags & (syn | ack) == syn "
                        "numgen random mod 10 < 8 drop",
            "reset-data": "ct state established reject with tcp reset",
            "reset-ehlo": f"{DATA} reject with tcp reset",
            "stall-data": f"{DATA} drop",
            "stall-ehlo": f"{DATA} drop",
            "stall-icmp": f"{DATA} reject with icmpx type "
                          "admin-prohibited",
            "stall-all": "ct state established drop"}[kind]


def at_device(node, number, treatment, lines, devices):
    rules = "\n".join(lines)
    node.nft(f"table netdev t{number} {{\n" + "".join(
        f"chain {treatment.hook}{device} {{\ntype filter hook "
        f"{treatment.hook} device {device} priority 0\n{rules}\n}}\n"
        for device in devices) + "}\n")


def do_rule(world, node, treatment):
    kind = treatment.kind.split("-")[0]
    for target in world.targets(treatment):
        node.ip([f"rule add to {target} ipproto 6 dport {port} {kind}"
                 for port in treatment.ports], ("-6",) * (":" in target))


def do_redirect(world, node, number, treatment):
    own = treatment.kind in ("proxy-own",)
    box = world.boxes.get(number)
    lines = []
    for family, match in matches(world, treatment):
        for port in treatment.ports:
            one = match.rsplit("{", 1)[0] + str(port)
            to = OWN_PORTS[port] if own or box else PROXY_PORT
            if box:
                address = box.link.address(box.node, family)
                if family == 6:
                    address = f"[{address}]"
                lines.append(
                    f"{one} dnat {PROTOCOL[family]} to {address}:{to}")
            else:
                lines.append(f"{one} redirect to :{to}")
    hook = "output" if treatment.hop == 0 else "prerouting"
    node.nft(table(f"t{number}", hook, lines, kind="nat", priority=-100))


def start_proxy(world, node, treatment):
    mode = treatment.kind.split("-", 1)[1]
    more = list(map(str, world.keys.of("proxy")[:2])) if mode == "tls" else []
    node.start([str(PROXY), mode, str(PROXY_PORT), *more])
    wait_for_port(node, "127.0.0.1", PROXY_PORT)


class OwnSite:
    """A proxy that is a server of its own, on every address of a node."""

    def __init__(self, node):
        self.node, self.name = node, "proxy"

    def addresses(self):
        return ["0.0.0.0", "::"]


def listen(world, number, treatment):
    """What it needs in the process of the servers."""
    if treatment.kind == "proxy-own":
        site, manner = OwnSite(world.place(treatment)), "good"
    elif treatment.kind.startswith("box-"):
        site = world.boxes[number]
        manner = {"own": "good", "silent": "mute", "closes": "closes"}[
            treatment.kind[4:]]
    else:
        return
    for port in treatment.ports:
        world.listen(site, port, manner, "proxy",
                     OWN_PORTS[port])


def do(world, number, treatment):
    node = world.place(treatment)
    kind = treatment.kind
    if kind == "mask-in-path":
        return
    if kind.endswith("-rule"):
        do_rule(world, node, treatment)
        return
    if kind.startswith(("proxy-", "box-")):
        if kind.startswith("proxy-") and kind != "proxy-own":
            start_proxy(world, node, treatment)
        do_redirect(world, node, number, treatment)
        return
    side = "s" if kind in ("reply", "stall-data") else "d"
    lines = [f"{match} {verdict(treatment, family)}"
             for family, match in matches(world, treatment, side)]
    if treatment.hook == "switch":
        node.nft(table(f"t{number}", "forward", lines, family="bridge"))
    elif treatment.hook in ("ingress", "egress"):
        downstream = [link.near_device for link in world.links
                      if link.near is node]
        at_device(node, number, treatment, lines,
                  ["u0"] if treatment.hook == "ingress" else downstream)
    elif lines:
        node.nft(table(f"t{number}", treatment.hook, lines))
