# SPDX-License-Identifier: Apache-2.0
"""What may honestly be said of a drawn network: for every (endpoint, family,
port) the answers that are true of what was built, and that a socket can know.
None in the place of a value allows any, NOT_SAID none.

Whoever did nothing is never accused. Whoever did something must be named where
the evidence is whole; where it is thin, "unknown" is honest too.

A hop's router says that a TTL ended there before it filters what it forwards.
So what is done on hop h's way out is seen after hop h, and what is done at its
entrance after hop h-1.
"""

from typing import NamedTuple

from .ways import Way


class Gap(NamedTuple):
    """In the place of a hop: after `after`, and before one behind `last`. What
    is between does not answer often enough to say that it was reached."""
    after: int
    last: int

    def __str__(self):
        return f"{self.after} to {self.last + 1} or more"


NOT_SAID = "not said"
OPEN = ("reachable", "open", None, None)
REJECTED = ("reachable", "rejected", None, None)
REFUSED = ("endpoint", "refused", None, None)
BROKEN = ("endpoint", "broken", None, None)
SILENT = ("endpoint", "silent", None, None)
DOWN = ("endpoint", "down", None, None)
UNKNOWN = ("unknown", "no-control", None, None)
OFFLINE = ("unknown", "offline", None, None)
NO_ROUTE = ("unknown", "no-route", None, None)
UNRESOLVED = ("unknown", "resolve", None, None)
# It offered STARTTLS and does not do it: a refusal of a kind.
UNWILLING = dict.fromkeys(("starttls-close", "starttls-reset"),
                          [BROKEN, REJECTED])
SPOKEN = {
    **UNWILLING,
    **dict.fromkeys(("good", "late", "multi", "plain", "helo-500", "helo-502",
                     "old-tls"), [OPEN]),
    **dict.fromkeys(("454", "554", "554-close", "521", "550", "421", "450",
                     "ehlo-550"), [REJECTED])}
# Of what takes its time, time may run out.
SLOW = ("drip", "minutes", "mute", "endless", "stall-ehlo", "hello-mute")
# STARTTLS is refused in words, or by an end, before TLS sends large packets.
NO_TLS = ("454", "starttls-close", "starttls-reset")
KEEP_STARTTLS = ("good", "late", "multi")
ROUTES = ("no-route", "net-unreachable", "host-unreachable",
          "addr-unreachable", "reject-route")


def itself(way):
    """What the endpoint does where nothing is done to the port."""
    state = way.endpoint.state(way.port)
    if state in ("closed", "icmp"):
        # Is it as far as the endpoint, if another way alone shows that?
        return [REFUSED] + [UNKNOWN] * (
            not way.is_compared() or way.is_outdone())
    if state == "dropped":
        return mute_endpoint(way)
    manner = way.endpoint.ports.get(way.port, "good")
    if way.port == 465 and manner in ("plain", "454"):
        return [OPEN]
    if manner in SPOKEN:
        return SPOKEN[manner]
    # Nearer than other ports are answered, it may be somebody before it.
    apart = way.is_by_vpn() and not way.is_compared() and \
        not way.knows_last_hop()
    # By the shorter of two ways it is met nearer, too.
    apart = apart or bool(way.network.twin and way.network.longer)
    # Of a balancer that is not seen it may be the balancer, too.
    apart = apart or way.endpoint.quiet and any(
        other.far > way.far for other in way.controls())
    # Whoever ends it there, of two owners' endpoints none is named.
    apart = apart or way.count(breaks_off) > 1
    return [BROKEN] + [UNKNOWN] * apart + [UNKNOWN, OPEN] * (manner in SLOW) + \
        shared(way, lambda other: other.manner() == manner)


def breaks_off(way):
    """Behind the handshake, by itself or by what is done to it."""
    return way.endpoint.state(way.port) == "open" and (
        way.manner() not in SPOKEN or way.treatment is not None and
        way.treatment.kind.startswith(("reset-", "stall-", "proxy-", "box-")))


def mute_endpoint(way, last=None):
    """Its own firewall drops a port that it is known to serve: that looks
    like answers that are lost on their way back; or one before it does, behind
    the hop `last`."""
    if last is None:
        last = way.last_shown(way.far - 1)
    found = [SILENT, UNKNOWN]
    if is_silent_at_two(way):
        # It is so at two of different owners, and no hop between shows another.
        found += stopped(way, "drop", last)
        if last == way.far - 1 and last > 0:
            found.append(("filtered", "drop-reply", "far-end", last))
    return found


def shared(way, also):
    """Where two owners' endpoints fall silent alike, the path may be thought to
    do it: nothing that was seen speaks for the endpoints. Of a reset it can be
    seen whether it needs them."""
    if way.count(also) < 2:
        return []
    return [("filtered", "stall-after-connect", None, None)]


# --- where something ends ---

def words_for(way, hop):
    """The words that may stand for "after hop"."""
    if hop == 0:
        if way.network.vpn:
            return {"link", "access", "path"}  # it has two addresses
        return {"link"} if way.shows(1) else \
            {"path" if way.is_public() else "access"}
    words = {"access"} if hop == 1 and way.is_private() else {"path"}
    if hop == 1 and way.is_by_vpn():
        words = {"access", "path"}
    if hop == 1 and not way.shows(1):
        words.add("path")
    if hop == way.far - 1:
        words.add("far-end")
    return words


def placed(way, outcome, mechanism, hop):
    return [(outcome, mechanism, word, hop) for word in words_for(way, hop)]


def stopped(way, mechanism, last):
    """Behind the hop `last`, the last that shows."""
    nowhere = [("filtered", mechanism, "network", None)]
    if last == 0 and not way.shows_behind(0):
        return nowhere
    if last == 0 and not any(other.shows_way() for other in way.others()):
        # Mail ports are no witness of the way: they may be in a tunnel.
        return placed(way, "filtered", mechanism, last) + nowhere
    # Of two ways, neither need be known well enough to name a place; nor does
    # a hop that answers now and then show whether it was reached.
    rarely = any(hop.few for hop in way.path[:max(last, 1) + 1])
    return placed(way, "filtered", mechanism, last) + \
        gaps(way, mechanism, last) + \
        nowhere * (rarely or not way.is_one_path())


def gaps(way, mechanism, last):
    """Hops up to `last` that answer seldom need not be seen on that port; but
    then nobody's own line is blamed for what may be behind the next one."""
    found, first = [], last
    least = 1 if way.is_private() else 0
    while 0 < first < way.near and way.path[first - 1].few:
        first = way.last_shown(first - 1)
        if first > least:
            found += [("filtered", mechanism, word, Gap(first, last))
                      for word in words_for(way, first)]
    return found


def vanish(way, treatment, hop):
    """SYNs vanish behind `hop`, and not at the endpoint."""
    if treatment.hop == 0 and treatment.hook != "switch":
        # Where other ports are silent too, its witness may be hard to read.
        return [("local", "drop", "host", 0),
                ("filtered", "drop", "host-or-path", 0)]
    last = way.last_shown(hop)
    if treatment.branch and not way.is_nearer_half(hop):
        # It is the endpoint's own box: at two of them it may look as if it
        # were the network's.
        return mute_endpoint(way, last)
    found = stopped(way, "drop", last)
    if not way.is_beyond_sites(last):
        # So far off the endpoint's own box may be, for all that is seen.
        found = found + [UNKNOWN]
    both = is_silent_at_two(way)
    if both and 0 < last == way.near - 1 < way.far - 1:
        # Before the endpoint, and before what it sends the port on to: that
        # answers in its name, as no router does.
        found = found + [("filtered", "drop-reply", "far-end", last)]
    if way.shows_behind(last, 1) or \
            way.shows_behind(last) and not way.has_own_last_hop():
        return found
    if way.shows_behind(last):
        # That hop may be the endpoint's own firewall, and places nothing.
        return [*found, UNKNOWN] + [
            ("filtered", "drop", "network", None)] * both
    # Behind it only the endpoint answers: is it the endpoint's own firewall?
    if not both:
        return [UNKNOWN]
    if last == way.far - 1 and last > 0:
        return [("filtered", "drop-reply", "far-end", last)]
    return found + [UNKNOWN]


def is_silent_at_two(way):
    """One endpoint's own firewall may do that by itself."""
    return way.count(lambda other: other.vanishes() or other.is_mute()) > 1


def shows_silence(way):
    """Silent, while some other port of it answers."""
    return (way.vanishes() or way.is_mute()) and any(
        other.answers() for other in way.others(True))


def answers_lost(way):
    """Every hop is reached; the endpoint's answers are dropped."""
    if way.endpoint.state(way.port) == "icmp":
        return [REFUSED]
    last = way.last_shown(way.far - 1)
    if last == way.far - 1 and last > 0:
        # What answers in the endpoint's own name may stand on any way.
        own = last >= way.near
        if not is_silent_at_two(way):
            return [UNKNOWN]
        found = [("filtered", "drop-reply", "far-end", last)] + \
            [("filtered", "drop", "network", None), UNKNOWN] * own
        # An endpoint of which nothing answers is no witness; and a last hop
        # that answers seldom may look as if it were silent.
        rarely = any(hop.few for hop in way.path[:last])
        return found + gaps(way, "drop", last) + \
            [("filtered", "drop", "network", None)] * rarely + \
            [UNKNOWN] * (way.count(shows_silence) < 2)
    return stopped(way, "drop", last) + [UNKNOWN]


def is_seen_early(way, ttl):
    """What answers there is known to stand before the endpoint: a router of the
    path is at that TTL, or, where it is silent, two owners' endpoints are
    answered so, each from nearer than balancers send ports on."""
    alike = way.count(lambda other: other.treatment is way.treatment and
                      other.far - ttl > (1 if ttl == 1 else 2))
    return way.shows(ttl) or alike > 1


def is_no_hosters(way, ttl):
    """Endpoints of three owners stand behind it, or all of the way but its
    first hops: no hoster's network is before all of them. Fewer may have one,
    however many hops it has, so that nothing else need be said of them."""
    return ttl == 1 or way.count(
        lambda other: other.treatment is way.treatment and
        other.far > ttl) > 2


def reset_at(way, ttl, treatment):
    if treatment.hop == 0 and treatment.hook != "switch":
        return [("local", "reset", "host", 0)]
    if ttl >= way.far or treatment.branch and \
            not way.is_nearer_half(way.at(treatment)):
        return [REFUSED] + [UNKNOWN] * (ttl < way.far)  # its own box
    found = placed(way, "filtered", "reset", ttl - 1)
    if ttl >= way.far - 1:
        return found + [REFUSED, UNKNOWN]
    # Where the ways may differ before, so may the distances.
    sure = way.is_one_path() and is_seen_early(way, ttl) and \
        is_no_hosters(way, ttl) and (
            ttl == 1 or any(way.shows(hop) for hop in range(1, ttl)))
    return found if sure else found + [UNKNOWN]


def prohibited(way, treatment, hop):
    if treatment.hop == 0 and treatment.kind.endswith("-rule"):
        return ruled(way, treatment.kind)
    if treatment.hop == 0:
        return [("local", "icmp", "host", 0)]
    own = treatment.branch and not way.is_nearer_half(hop)
    # The endpoint's own box says so; and what a router says that may be one.
    found = [REFUSED, UNKNOWN] if own else said_by_router(way, treatment, hop)
    if treatment.kind.endswith("-rule") and way.family == 4 or \
            way.hop_of(treatment).few:
        # It may answer so seldom that nobody learns where it is.
        found += vanish(way, treatment, hop)
    if own:
        return found + unrouted(way, treatment)
    if not way.shows(hop):
        found.append(("filtered", "icmp", "network", hop))
        if treatment.kind.endswith("-rule") and way.family == 4:
            # By the same limit that TTL's SYN may have been told nothing.
            found.append(("filtered", "icmp", "network", None))
    if not way.is_one_path():
        found.append(("filtered", "icmp", "network", None))
    if treatment.kind.endswith("-rule") and way.family == 4:
        # Linux says so once a second, and once for all that ask: the answer
        # may have come only at the next TTL, or never.
        found += placed(way, "filtered", "icmp", hop + 1)
    if way.hop_of(treatment).few:
        found.append(("filtered", "icmp", None, None))
    return found + unrouted(way, treatment)


def said_by_router(way, treatment, hop):
    found = placed(way, "filtered", "icmp", hop)
    box = way.at(treatment)
    near = way.is_one_path() and 2 * (box + (not way.shows(box))) < way.near
    if not near and way.count(
            lambda other: other.treatment is treatment) < 3:
        found.append(UNKNOWN)
    return found


def unrouted(way, treatment):
    """Said of every port, it speaks of a route."""
    if (treatment.kind.split()[-1] in ROUTES or
            treatment.kind == "unreachable-rule") and all(
                other.treatment is treatment for other in way.others(True)):
        return [NO_ROUTE, DOWN, OFFLINE]
    return []


def ruled(way, kind):
    """By a rule of the host."""
    if kind == "prohibit-rule":
        return [("local", "denied", "host", 0)]
    if any(other.treatment is None or other.treatment.hop != 0 or
           not other.treatment.kind.endswith("-rule")
           for other in way.others(True)):
        return [("local", "no-route", "host", 0)]
    return [NO_ROUTE]


# --- what is changed or broken off behind the handshake ---

def broken_off(way, kind):
    word, when = kind.split("-")
    manner = way.manner()
    found = [("filtered", word + "-after-connect", None, None)]
    # Of a balancer's server that is farther, another port tells nothing.
    owners = way.count(lambda other: other.treatment is way.treatment and
                       other.greets() and any(
                           beside.goes_on() and beside.far <= other.far
                           for beside in other.controls()))
    if owners < 2:
        # One endpoint alone may do so by itself.
        found += [BROKEN, UNKNOWN]
    if word == "reset" and (way.after() >= way.near - 1 or
                            not way.is_one_path()):
        # What ends a hop before the endpoint does not meet it, or by another
        # way the endpoint may be no farther.
        found.append(UNKNOWN)
    if (word, when) == ("stall", "data"):
        # What the client says arrives: all of the servers may be slow.
        found.append(UNKNOWN)
    if not any(other.goes_on() for other in way.controls()):
        found += [BROKEN, UNKNOWN]
    if way.port != 465 and (when in ("ehlo", "icmp") or
                            (word, when) == ("reset", "data")):
        # The server's word, or its end, may come before.
        if manner not in ("good", "late", "multi", "plain", "454"):
            found += itself(way)
    if manner in ("closes", "resets"):
        found += itself(way)
    if way.port == 465 and word == "stall":
        found += [BROKEN, UNKNOWN]  # or is it that large packets get lost?
    if when == "icmp":
        found += [("filtered", "icmp", None, None)]
    return found


def says_starttls(way):
    """It offers STARTTLS, whether it keeps its word or not."""
    return way.endpoint.state(way.port) == "open" and way.port != 465 and \
        way.manner() in KEEP_STARTTLS + (
            "454", "starttls-close", "starttls-reset", "client-certificate",
            "sni-refused", "old-tls", "no-cipher") and \
        way.endpoint.server != "opensmtpd"


def by_one(found, way, alike):
    """What one endpoint shows alone may be its own doing."""
    both = way.count(lambda other: other.treatment is way.treatment and
                     alike(other)) > 1
    return found if both else [*found, UNKNOWN]


def proxied(way):
    treatment = way.treatment
    kind = treatment.kind.split("-", 1)[1]
    ttl = max(1, way.at(treatment) + treatment.kind.startswith("box"))
    found = through_proxy(way, kind)
    if ttl >= way.far:
        return [*found, UNKNOWN] if any(
            each[0] == "intercepted" for each in found) else found
    early = placed(way, "intercepted", "redirect", ttl - 1)
    if ttl == 2 and treatment.kind.startswith("box"):
        # Another destination from hop 1 on may be this host's doing.
        early.append(("intercepted", "redirect", "host-or-path", 0))
    if ttl == 1:
        # The host, or the first router: only the host's witness may know.
        early = early * (treatment.hop > 0) + [
            ("intercepted", "redirect", "host-or-path", 0)]
    if treatment.hop == 0:
        early.append(("local", "redirect", "host", 0))
    found = [(each[0], each[1], None, None) for each in found]
    # One hop nearer a balancer may be; and where a hop before is silent, it
    # is not known that the paths are one.
    compared = way.is_one_path() and \
        all(way.shows(hop) for hop in range(1, ttl))
    sure = ttl < way.far - 1 and compared and is_seen_early(way, ttl) and \
        is_no_hosters(way, ttl) and not (
            way.endpoint.keys and kind in ("relay", "strip", "mask", "refuse"))
    placed_words = [(*each[:2], word, ttl - 1) for each in found
                    if each[0] == "intercepted"
                    for word in words_for(way, ttl - 1) | (
                        set() if ttl > 1 else {"host", "host-or-path"})]
    if ttl == 2 and treatment.kind.startswith("box"):
        placed_words += [(*each[:2], "host-or-path", 0) for each in found
                         if each[0] == "intercepted"]
    return early + placed_words + ([] if sure else found + [UNKNOWN])


def through_proxy(way, kind):
    """What is said through it, or by it."""
    open_state = way.endpoint.state(way.port) == "open"
    behind = itself(way) if open_state else [
        UNKNOWN, REFUSED, BROKEN,
        ("filtered", "stall-after-connect", None, None),
        ("filtered", "reset-after-connect", None, None)]
    ends = {"silent": "stall", "reset": "reset", "closes": "reset"}
    if kind in ends:
        return [("filtered", ends[kind] + "-after-connect", None, None),
                BROKEN, UNKNOWN, REFUSED]
    stripped = ("intercepted", "starttls-stripped", None, None)
    if kind == "mask" and says_starttls(way):
        return [stripped]
    if kind in ("strip", "refuse") and says_starttls(way):
        return [stripped] if way.endpoint.known and \
            way.manner() in KEEP_STARTTLS else \
            behind + [REJECTED, OPEN, stripped]
    if kind in ("tls", "own") and way.endpoint.keys:
        foreign = ("intercepted", "tls-intercepted", None, None)
        if kind == "tls" and way.manner() not in KEEP_STARTTLS:
            return behind + [foreign]  # STARTTLS may never come to TLS
        return [foreign] if way.shows_key() else [foreign, OPEN] + behind
    return [OPEN] if kind == "own" else behind


# --- all of it ---

def treated(way):
    treatment = way.treatment
    kind, hop = treatment.kind, way.after()
    if kind.startswith(("proxy-", "box-")):
        return proxied(way)
    if way.endpoint.state(way.port) != "open" and \
            kind.split("-")[0] in ("reset", "stall", "mask"):
        return itself(way)
    if kind == "throttle":
        return [OPEN, ("filtered", None, None, None), UNKNOWN] + itself(way)
    if kind == "mask-in-path":
        return by_one([("intercepted", "starttls-stripped", None, None)],
                      way, says_starttls) \
            if says_starttls(way) else itself(way)
    if kind.startswith(("reset-", "stall-")):
        return broken_off(way, kind)
    if kind in ("drop", "blackhole-rule") and \
            (treatment.hop, kind) != (0, "blackhole-rule"):
        return vanish(way, treatment, hop)
    if kind == "reply":
        return answers_lost(way)
    if kind == "rst":
        return reset_at(way, hop + 1, treatment)
    return prohibited(way, treatment, hop)


def uncontrolled(way, found):
    """No other port answers from where the endpoint is."""
    allowed = [UNKNOWN, OFFLINE, DOWN, *found]
    if any(each[1] in ("reset", "redirect") for each in found):
        allowed += [REFUSED, OPEN, REJECTED, BROKEN]
    allowed += [(*each[:2], None, None) for each in found
                if each[0] == "intercepted"]
    if any(each[1] in ("drop", "drop-reply") for each in found):
        allowed += stopped(way, "drop", way.last_shown(
            min(way.far - 1, way.after() if way.treatment else way.far - 1)))
    return allowed


def without_place(found):
    """Where no path was looked at, or none can be seen."""
    unplaced = []
    for outcome, mechanism, _, _ in found:
        if outcome == "filtered":
            unplaced += [(outcome, mechanism, where, None)
                         for where in ("network", "host-or-path", NOT_SAID)]
        elif outcome == "intercepted" and mechanism == "redirect":
            unplaced += [OPEN, REJECTED, REFUSED, BROKEN]
        else:
            unplaced.append((outcome, mechanism, None, None))
        if mechanism == "drop-reply":
            # Both ways look alike.
            unplaced += [(outcome, "drop", where, None)
                         for where in ("network", "host-or-path")]
        if mechanism == "reset":
            unplaced.append(REFUSED)
    return unplaced + [UNKNOWN]


def truth(network, endpoint, family, port):
    """The allowed (outcome, mechanism, where, after_hop)."""
    found = truth_of_way(network, Way(network, endpoint, family, port))
    if network.twin and network.longer:
        found = found + truth_of_way(
            network, Way(network, endpoint, family, port, by_twin=True))
    if is_met_by_chance(network, endpoint, family, port):
        found = found + itself(Way(network, endpoint, family, port))
        found += [OPEN, UNKNOWN, ("filtered", "throttle", None, None)]
    if network.second and port == 25 and network.twin < endpoint.attach:
        # Some connects pass, and others do not.
        found = found + [OPEN, UNKNOWN, ("filtered", "throttle", None, None)]
        # Where the endpoint refuses too, no connect passes.
        if network.second == "rst":
            found.append(("filtered", "reset", None, network.twin))
        if network.second == "icmp":
            found.append(("filtered", "icmp", None, network.twin))
    return found


def is_met_by_chance(network, endpoint, family, port):
    """By the packets of one of two routers alone."""
    treatment = network.treatment(endpoint, family, port)
    return treatment is not None and network.twin > 0 and \
        treatment.hook == "ingress" and not treatment.branch and \
        treatment.hop == network.twin + 1


def are_all_beside(network, family):
    """No port of any endpoint is behind a router."""
    return all(Way(network, endpoint, family, port).far == 1
               for endpoint in network.endpoints
               if family in endpoint.families for port in endpoint.ports)


def truth_of_way(network, way):
    endpoint, family, port = way.endpoint, way.family, way.port
    if not resolves(network, endpoint):
        return [UNRESOLVED]
    if family not in network.families or not network.route and \
            endpoint.attach > 0:
        return [NO_ROUTE]
    found = itself(way) if way.treatment is None else treated(way)
    if network.mtu_hole and 0 < network.mtu_hole <= endpoint.attach and \
            endpoint.server == "scripted" and \
            endpoint.state(port) == "open" and (
                port == 465 and way.manner() != "closes" or
                says_starttls(way) and way.manner() not in NO_TLS):
        lost = [UNKNOWN, BROKEN]
        return through_sidecar(lost) if network.sidecar else lost
    if not way.controls():
        found = uncontrolled(way, found)
    if way.far == 1 and are_all_beside(network, family) and \
            found not in ([OPEN], [REJECTED]):
        found = found + [UNKNOWN]  # a translator on the host looks so
    if network.user_mode:
        return through_user_mode(way, found)
    if network.sidecar:
        return through_sidecar(found)
    if network.trace == "never":
        return without_place(found) + [
            each for each in found if each[0] == "local"]
    if way.is_thin() and way.treatment is not None:
        found = found + [UNKNOWN]
    return found


def through_user_mode(way, found):
    """What ends TCP on the host passes on what it meets, by its own means: a
    refusal may be the network's, or the endpoint's."""
    if way.treatment is not None and way.treatment.hop == 0:
        return found
    if found in ([OPEN], [REJECTED]):
        return without_place(found)
    # Who refuses does not answer by every one of them.
    alike = way.count(lambda other: other.is_mute() or other.vanishes() or
                      other.endpoint.state(other.port) == "closed") > 1
    return without_place(found) + [REFUSED, SILENT, OFFLINE, DOWN] + \
        [("filtered", "drop", "network", None)] * (
            way.treatment is not None or alike)


def through_sidecar(found):
    """The host's own proxy ends TCP: that some ports go on and others do not
    may be its doing, for all that is seen."""
    if found in ([OPEN], [REJECTED]):
        return found
    return without_place(found) + [
        BROKEN, REFUSED, ("local", None, "host", None),
        ("filtered", None, "network", None)]


def resolves(network, endpoint):
    return endpoint.given == "address" or \
        network.dns != "dead" and network.route


def is_allowed(seen, allowed):
    got = (seen["outcome"], seen["mechanism"], seen["where"],
           seen["after_hop"])
    return any(all(want is None or want == value or
                   want == NOT_SAID and value is None or
                   isinstance(want, Gap) and is_within(seen, want)
                   for want, value in zip(each, got)) for each in allowed)


def is_within(seen, gap):
    return seen["after_hop"] == gap.after and \
        seen["before_hop"] is not None and seen["before_hop"] > gap.last
