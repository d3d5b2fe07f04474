# SPDX-License-Identifier: Apache-2.0
"""What is beside a drawn network's trunk: a VPN that takes one port, a second
uplink that treats it, a sidecar, a gateway that maps one address to one; drawn
for seeds from FIRST on, so that those below keep their networks."""

import random

from . import treat

FIRST = 30000
FIRST_ICMP = 90000  # of a second uplink that prohibits 25
SIDECARS_PORTS = (25, 80, 443, 465, 587, 2525)


def draw_vpn(rng, network):
    """Port 25 leaves by a tunnel, whose exit is at a hop of the trunk."""
    touched = {each.hop for each in network.treatments if not each.branch}
    least = min(each.attach for each in network.endpoints)
    plain = [number for number in range(1, least + 1)
             if number not in touched]
    if plain:
        network.vpn = rng.choice(plain)


def draw_second_uplink(rng, network):
    """Behind the first router a flow by one of two lines, of which one filters
    25."""
    if len(network.hops) < 3:
        return
    network.treatments = []
    for hop in network.hops[:3]:
        hop.nat, hop.delay_ms = hop is network.hops[0], 0
    for endpoint in network.endpoints:
        endpoint.attach = max(endpoint.attach, 3)
        endpoint.branch = endpoint.branch[:14 - endpoint.attach]
    network.twin = 2
    network.longer = rng.choice((0, 1, 2))
    deeds = ("", "drop", "rst")
    if network.seed >= FIRST_ICMP:
        deeds += ("icmp",)
    network.second = rng.choice(deeds)


def draw_sidecar(network):
    if not any(each.hop == 0 for each in network.treatments):
        network.sidecar = True


def draw(network):
    rng = random.Random(f"beside {network.seed}")
    if network.seed < FIRST or network.user_mode or not network.route:
        return
    kind = rng.choice(("", "vpn", "second", "second", "sidecar", "fixed"))
    one = not (network.back or network.twin or network.policy)
    if kind == "vpn" and one:
        draw_vpn(rng, network)
    elif kind == "second" and one:
        draw_second_uplink(rng, network)
    elif kind == "sidecar":
        draw_sidecar(network)
    elif kind == "fixed" and network.first == "private":
        network.hops[0].nat = network.fixed = True


def describe(network):
    words = []
    if network.vpn:
        words.append(f"25 by a VPN to hop {network.vpn}")
    if network.second or network.longer and network.twin:
        deed = {"": "", "drop": " and drops 25", "rst": " and resets 25",
                "icmp": " and prohibits 25"}
        words.append(f"one way at hop {network.twin} is {network.longer} "
                     f"longer{deed[network.second]}")
    if network.sidecar:
        words.append("a sidecar passes all TCP on")
    if network.fixed:
        words.append("hop 1 maps one address to one")
    return words


# --- building ---

def plan_vpn(world, hop):
    """The exit, a router of its own between the host and the trunk. The link
    to it is no part of the tree by which the others find their ways."""
    exit_node = world.router("exit", world.host, world.numbers.transfer(), hop)
    world.link(exit_node, world.routers[world.network.vpn - 1],
               world.numbers.transfer(), device="u9")
    return exit_node


def route_vpn(world):
    link = world.vpn.uplink
    for family in world.families:
        world.host.orders.append(
            f"route add {'::/0' if family == 6 else '0.0.0.0/0'} via "
            f"{link.address(world.vpn, family)} table 25")
        world.rules_of_policy.append(
            (world.host, f"-{family}",
             "rule add ipproto tcp dport 25 lookup 25"))


def filter_second(world):
    rule = {"drop": "drop", "rst": "reject with tcp reset",
            "icmp": "reject with icmpx type admin-prohibited"}
    if world.network.second:
        world.detour.nft(treat.table("second", "forward", (
            f"tcp dport 25 {rule[world.network.second]}",)))


def map_one_to_one(world):
    """The first router's own outer address stands for the host's."""
    router = world.routers[0]
    inner = world.routers[0].uplink.address(world.host, 4)
    outer = next(link for link in world.links
                 if link.near is router).address(router, 4)
    router.nft(
        "table ip fixed {\nchain in {\ntype nat hook prerouting priority -100\n"
        f'iifname != "u0" ip daddr {outer} dnat to {inner}\n}}\nchain out {{\n'
        "type nat hook postrouting priority 90\n"
        f'iifname "u0" ip saddr {inner} snat to {outer}\n}}\n}}\n')
