# SPDX-License-Identifier: Apache-2.0
"""What makes a drawn network a cloud, a container, an office, or one whose
endpoints are plain MX hosts: drawn from the same seed, over what draw.py drew.
"""

# What a scripted server may do wrong by itself: where, and how.
FAULTS = (
    (25, "drip"), (25, "minutes"), (25, "mute"), (25, "endless"),
    (25, "stall-ehlo"), (25, "close-ehlo"), (25, "reset-ehlo"),
    (25, "resets"), (25, "garbage"), (25, "proxy-header"), (25, "ehlo-550"),
    (25, "521"), (25, "550"), (25, "554-close"), (25, "starttls-close"),
    (25, "starttls-reset"), (25, "client-certificate"), (25, "sni-refused"),
    (25, "old-tls"), (25, "no-cipher"), (25, "helo-502"), (25, "helo-500"),
    (465, "client-certificate"), (465, "sni-refused"), (465, "old-tls"),
    (465, "hello-reset"), (465, "hello-close"), (465, "hello-mute"),
    (465, "proxy-header"), (587, "drip"), (587, "client-certificate"))


def chance(rng, percent):
    return rng.random() * 100 < percent


def draw_silence(rng, network):
    """Hops that never say that a TTL ended: all, the first, or all behind the
    first."""
    count = len(network.hops)
    kind = rng.choice(("all", "first", "first", "behind"))
    silent = {"all": range(count), "behind": range(1, count),
              "first": range(rng.randint(1, min(3, count)))}[kind]
    for number in silent:
        network.hops[number].silent = True
    if kind != "first":
        for endpoint in network.endpoints:
            for hop in endpoint.branch:
                hop.silent = True


def draw_switch(rng, network):
    """A virtual switch under the guest; what a router did, it may do."""
    if network.hops[0].delay_ms or any(
            each.kind == "mask-in-path" and each.hop == 1
            for each in network.treatments):
        return
    network.switch = True
    for each in network.treatments:
        if each.kind in ("drop", "reply") and each.hop > 0 and \
                not each.branch and chance(rng, 60):
            each.hop, each.hook = 0, "switch"


def draw_alone(network, endpoint):
    """A plain MX host: it serves 25, and drops the rest."""
    if endpoint.server != "scripted":
        return
    endpoint.ports = {25: endpoint.ports.get(25, "good")}
    endpoint.control = (443,)
    endpoint.shut = {443: "dropped"}
    endpoint.alone = True


def draw_balancer(rng, endpoint):
    """It sends some ports on, to machines behind it."""
    if endpoint.server != "scripted" or endpoint.attach == 0 or \
            endpoint.alone:
        return
    every = sorted({*endpoint.ports, *endpoint.control})
    some = rng.sample(every, rng.randint(1, len(every)))
    hops = rng.choice((1, 1, 2))
    endpoint.deep = {port: hops for port in some
                     if endpoint.shut.get(port) is None}
    # Two hops that nothing shows cannot be told from a filter before them.
    endpoint.quiet = hops == 1 and chance(rng, 60)


def draw_fault(rng, endpoint):
    port, manner = rng.choice(FAULTS)
    if endpoint.server != "scripted" or port not in endpoint.ports or \
            endpoint.shut.get(port):
        return
    endpoint.ports[port] = manner
    endpoint.known = False


def draw_policy(rng, network):
    """Port 25 takes a way of its own past a hop in the middle."""
    if network.back or network.twin or len(network.hops) < 3:
        return
    touched = {e.attach for e in network.endpoints} | \
        {t.hop for t in network.treatments if not t.branch}
    plain = [number for number in range(2, len(network.hops))
             if number not in touched and number + 1 not in touched and
             not any(hop.nat or hop.delay_ms
                     for hop in network.hops[number - 2:number + 1])]
    if plain:
        network.policy = rng.choice(plain)
        network.longer = rng.choice((0, 0, 1, 2))


def draw_user_mode(rng, network):
    if len(network.families) < 2 or not network.route or \
            network.dns != "ok" or network.switch or any(
                endpoint.attach == 0 for endpoint in network.endpoints):
        return
    network.user_mode = rng.choice(("slirp4netns", "pasta"))
    for each in network.treatments:
        if each.hop == 0:
            each.user = True  # the container has one user alone


def draw_place(rng, network):
    if chance(rng, 30):
        return
    if chance(rng, 35):
        draw_silence(rng, network)
    if chance(rng, 35):
        draw_switch(rng, network)
    if chance(rng, 25):
        for endpoint in network.endpoints:
            if chance(rng, 70):
                draw_alone(network, endpoint)
    for endpoint in network.endpoints:
        if chance(rng, 15):
            draw_balancer(rng, endpoint)
        if chance(rng, 15):
            draw_fault(rng, endpoint)
    if chance(rng, 15):
        draw_policy(rng, network)
    if chance(rng, 10):
        draw_user_mode(rng, network)
    network.trace = rng.choice(("auto",) * 8 + ("always", "never"))


def describe_endpoint(endpoint):
    words = []
    if endpoint.alone:
        words.append(f"{endpoint.name} drops all but 25")
    if endpoint.deep:
        ports = " ".join(map(str, sorted(endpoint.deep)))
        hops = max(endpoint.deep.values())
        words.append(f"{endpoint.name} sends {ports} on by {hops}"
                     f"{', unseen' if endpoint.quiet else ''}")
    return words


def describe(network):
    words = [word for endpoint in network.endpoints
             for word in describe_endpoint(endpoint)]
    if network.switch:
        words.append("a virtual switch under the host")
    if network.policy:
        words.append(f"25 passes by hop {network.policy}"
                     f"{f', {network.longer} longer' * bool(network.longer)}")
    if network.user_mode:
        words.append(f"by {network.user_mode}")
    if network.trace != "auto":
        words.append(f"--trace {network.trace}")
    return words
