# SPDX-License-Identifier: Apache-2.0
"""What may honestly be said of a drawn network: for every (endpoint, family,
port) the answers that the evidence allows, from the contract and from what
a socket can see. None in the place of a value allows any, NOT_SAID none.

A hop's router says that a TTL ended there before it filters what it forwards.
So what is done on hop h's way out is seen after hop h, and what is done at its
entrance after hop h-1.
"""

from dataclasses import dataclass

NOT_SAID = "not said"
ENTRANCE = ("prerouting", "ingress")
OPEN = ("reachable", "open", None, None)
REJECTED = ("reachable", "rejected", None, None)
REFUSED = ("endpoint", "refused", None, None)
DOWN = ("endpoint", "down", None, None)
UNKNOWN = ("unknown", "no-control", None, None)
OFFLINE = ("unknown", "offline", None, None)
NO_ROUTE = ("unknown", "no-route", None, None)
UNRESOLVED = ("unknown", "resolve", None, None)
SPOKEN = {"good": OPEN, "late": OPEN, "multi": OPEN, "554": REJECTED,
          "421": REJECTED, "450": REJECTED, "plain": OPEN, "454": REJECTED,
          "closes": REFUSED, "http": REFUSED}


@dataclass
class Place:
    """One endpoint over one family, seen from the host."""
    network: object
    endpoint: object
    family: int

    def __post_init__(self):
        self.path = self.network.path(self.endpoint)
        self.far = self.endpoint.far

    def shows(self, hop):
        return 1 <= hop < self.far and not self.path[hop - 1].silent

    def last_shown(self, hop):
        while hop > 0 and not self.shows(hop):
            hop -= 1
        return hop

    def where(self, hop):
        """The words that may stand for "after hop"."""
        words = set()
        if hop == 0:
            return {"host"}
        if hop == 1 and self.is_private():
            words.add("access")
            if not self.shows(1):
                words.add("path")
        else:
            words.add("path")
        if hop == self.far - 1:
            words |= {"far-end"}
            if hop > 1:
                words -= {"path"}
        return words

    def is_private(self):
        """Hop 1's address is; that of shared address space (RFC 6598) too."""
        if self.path and self.path[0].other:
            return False
        return self.network.ula if self.family == 6 \
            else self.network.first != "public"

    def placed(self, outcome, mechanism, hop):
        if hop == 0:
            outcome = "local"
        return [(outcome, mechanism, where, hop) for where in self.where(hop)]

    def treatment(self, port):
        return self.network.treatment(self.endpoint, self.family, port)


def after(place, treatment):
    """The last hop whose TTL still ends untouched."""
    hop = treatment.at(place.endpoint)
    return hop - (treatment.hook in ENTRANCE and hop > 0)


def silent(place, hop):
    """SYNs vanish behind `hop`."""
    last = place.last_shown(hop)
    if last == 0:
        if hop == 0 and place.shows(1):
            return [("local", "drop", "host", 0)]
        # Between the host and the first hop that shows: whose doing is it?
        return [UNKNOWN]
    if any(place.shows(h) for h in range(last + 1, place.far)):
        return place.placed("filtered", "drop", last)
    found = [("filtered", "drop-reply", "far-end", last)]
    if last < place.far - 1:
        found += place.placed("filtered", "drop", last)
    return found


def answered(place, mechanism, ttl):
    """An RST or SYN-ACK that is not the endpoint's comes at `ttl`."""
    if ttl >= place.far:
        return [REFUSED] if mechanism == "reset" else [OPEN]
    outcome = "filtered" if mechanism == "reset" else "intercepted"
    return place.placed(outcome, mechanism, ttl - 1)


def is_beyond_doubt(place, port, ttl):
    """A load balancer may serve a port one or two hops early: an early answer
    convicts in the near half of the path, or where another endpoint is
    answered by the same hop."""
    if ttl <= (place.far + 1) // 2 and ttl < place.far - 1:
        return True
    for other in places_of(place.network):
        treatment = other.treatment(port)
        if other.endpoint is not place.endpoint and \
                other.family == place.family and treatment is not None and \
                treatment is place.treatment(port) and ttl < other.far and \
                port in other.endpoint.ports and controls(other, port):
            return True
    return False


def early(place, port, ttl, plain):
    """A proxy's handshake at `ttl`; `plain` is what is said otherwise."""
    if ttl >= place.far:
        return plain
    found = answered(place, "redirect", ttl)
    return found if is_beyond_doubt(place, port, ttl) else found + plain


def shown_key_elsewhere(place, port):
    """Another port shows the endpoint's key, and it is known."""
    return place.endpoint.keys and any(
        other != port and speaks_itself(place, other) and
        place.endpoint.ports[other] in ("good", "late", "multi")
        for other in place.endpoint.ports)


def says_starttls(place, port):
    """It offers STARTTLS, whether it keeps its word or not."""
    return place.endpoint.state(port) == "open" and (
        place.endpoint.offers(port) or port != 465 and
        place.endpoint.ports.get(port) == "454")


def speaks_itself(place, port):
    return place.endpoint.state(port) == "open" and \
        place.treatment(port) is None


def proxied(place, port, treatment):
    kind = treatment.kind.split("-", 1)[1]
    ttl = treatment.at(place.endpoint)
    if treatment.kind.startswith("box"):
        ttl += 1
    if ttl == 0:
        ttl = 1  # the host itself answers
    early_or = lambda *plain: early(place, port, ttl, list(plain))
    tls = port == 465
    behind = itself(place, port, proxy=True)
    several = sum(place.treatment(other) is treatment
                  for other in place.endpoint.ports) > 1
    if kind == "silent" and several:
        # One port after the other, and each is waited for: time runs out.
        plain = [UNKNOWN] + [("filtered", "stall-after-connect", None, None)
                             ] * (ttl >= place.far)
        return early(place, port, ttl, plain) + plain
    if kind in ("silent", "reset"):
        late = ("filtered", {"silent": "stall", "reset": "reset"}[kind] +
                "-after-connect", None, None)
        return early_or(late if ttl >= place.far else UNKNOWN)
    if kind == "closes":
        return early_or(REFUSED if ttl >= place.far else UNKNOWN)
    if kind == "mask" and says_starttls(place, port) or kind in (
            "strip", "refuse") and not tls and behind == [OPEN] and \
            place.endpoint.offers(port):
        if kind == "mask" or place.endpoint.known:
            stripped = ("intercepted", "starttls-stripped")
            return place.placed(*stripped, ttl - 1) if ttl < place.far \
                else [(*stripped, None, None)]
        return early_or(REJECTED if kind == "refuse" else OPEN)
    if kind in ("tls", "own") and place.endpoint.keys:
        intercepted = ("intercepted", "tls-intercepted")
        found = place.placed(*intercepted, ttl - 1) if ttl < place.far \
            else [(*intercepted, None, None)]
        if shown_key_elsewhere(place, port):
            return found + (answered(place, "redirect", ttl)
                            if kind == "own" and ttl < place.far else [])
        return early_or(OPEN) + found
    return early_or(*(behind if kind != "own" else [OPEN]))


def itself(place, port, proxy=False):
    """What the endpoint does where nothing is done to the port."""
    state = place.endpoint.state(port)
    if state == "closed":
        # A proxy that cannot connect closes.
        return [UNKNOWN, REFUSED] if proxy else [REFUSED]
    if state == "dropped":
        return [UNKNOWN, REFUSED, ("filtered", "stall-after-connect", None,
                                   None)] if proxy \
            else silent(place, place.far - 1)
    if state == "icmp":
        return [UNKNOWN, REFUSED] if proxy else [REFUSED]
    manner = place.endpoint.ports.get(port, "good")
    if port == 465 and manner in ("plain", "454"):
        return [OPEN]
    return [SPOKEN[manner]]


def controls(place, port):
    """The other ports that answer, undisturbed, from the endpoint's own
    distance."""
    every = set(place.endpoint.ports) | set(place.endpoint.control)
    return [other for other in every - {port}
            if place.endpoint.state(other) in ("open", "closed") and
            (place.treatment(other) is None or
             place.treatment(other).kind.split("-")[0] in (
                 "reset", "stall", "mask") or
             is_farther(place, place.treatment(other)))]


def is_farther(place, treatment):
    """A box that is as far as the endpoint, and passes for it."""
    return treatment.kind.startswith("box-") and \
        treatment.at(place.endpoint) + 1 >= place.far


def goes_on(place, port):
    """It does not break off after the handshake as well."""
    treatment = place.treatment(port)
    return port in place.endpoint.control or treatment is None or \
        not treatment.kind.startswith(("reset-", "stall-"))


def treated(place, port, treatment):
    kind, hop = treatment.kind, after(place, treatment)
    if kind in ("proxy-" + kind[6:], "box-" + kind[4:]):
        return proxied(place, port, treatment)
    if place.endpoint.state(port) != "open" and \
            kind.split("-")[0] in ("reset", "stall", "mask"):
        return itself(place, port)
    if kind == "throttle":
        return [OPEN, ("filtered", None, None, None), UNKNOWN] + \
            itself(place, port)
    if kind == "mask-in-path":
        if not says_starttls(place, port):
            return itself(place, port)
        return [("intercepted", "starttls-stripped", None, None)]
    if kind.startswith(("reset-", "stall-")):
        return broken_off(place, port, kind)
    if kind in ("drop", "blackhole-rule") and \
            (treatment.hop, kind) != (0, "blackhole-rule"):
        return silent(place, hop)
    if kind == "reply":
        if place.endpoint.state(port) == "icmp":
            return itself(place, port)
        return silent(place, place.far - 1)
    if kind == "rst":
        return answered(place, "reset", hop + 1)
    if treatment.hop == 0 and kind.endswith("-rule"):
        return denied(place, kind)
    found = place.placed("filtered", "icmp", hop)
    if kind.endswith("-rule") and place.family == 4:
        # Linux says so once a second, and once for all that ask: the answer
        # may have come only at the next TTL.
        found += place.placed("filtered", "icmp", hop + 1)
    if hop > 0 and place.path[treatment.at(place.endpoint) - 1].few:
        # It may answer so seldom that nobody learns where it is.
        found += silent(place, hop) + [
            ("filtered", "icmp", NOT_SAID, NOT_SAID)]
    return found


def denied(place, kind):
    """By a rule of the host."""
    if kind == "prohibit-rule":
        return [("local", "denied", "host", 0)]
    every = {*place.endpoint.ports, *place.endpoint.control}
    if any(place.treatment(port) is None or place.treatment(port).hop != 0 or
           not place.treatment(port).kind.endswith("-rule")
           for port in every):
        return [("local", "no-route", "host", 0)]
    return [NO_ROUTE]


def broken_off(place, port, kind):
    word, when = kind.split("-")
    manner = place.endpoint.ports.get(port, "good")
    found = ("filtered", word + "-after-connect", None, None)
    if not any(goes_on(place, other) for other in controls(place, port)):
        found = UNKNOWN
    if when in ("ehlo", "icmp") and port != 465:
        # The server's refusal comes before our EHLO does.
        if manner in ("554", "421"):
            return [REJECTED]
        if manner in ("closes", "http"):
            return [REFUSED, found]
    if when == "data" and word == "reset" and port != 465 and \
            manner in ("554", "421", "closes", "http"):
        return itself(place, port) + [found]
    if manner == "closes":
        return [REFUSED, found]
    if port == 465 and word == "stall" and when != "icmp" and not any(
            speaks_itself(place, other) and (
                place.endpoint.offers(other) or other == 465)
            for other in place.endpoint.ports if other != port):
        return [UNKNOWN]  # or is it that large packets get lost?
    return [found]


def anything_answers(network, family):
    """Some port of some endpoint surely answers over the family."""
    return any(
        place.endpoint.state(port) != "dropped" and (
            place.treatment(port) is None or place.treatment(port).kind not in
            ("drop", "reply", "blackhole-rule", "throttle"))
        for place in places_of(network) if place.family == family
        for port in (*place.endpoint.ports, *place.endpoint.control))


def uncontrolled(place, port, found):
    """No other port answers: what can still be said?"""
    allowed = [UNKNOWN]
    if not anything_answers(place.network, place.family):
        allowed.append(OFFLINE)
    if any(each[1] == "reset" for each in found) and not any(
            place.endpoint.state(other) == "dropped" for other in
            (*place.endpoint.ports, *place.endpoint.control)):
        allowed.append(REFUSED)  # nothing tells that it is nearer
    for each in found:
        if each[0] in ("reachable", "local") or each[1] in (
                "starttls-stripped",):
            allowed.append((each[0], each[1], None, None))
        if each[0] == "endpoint":
            allowed.append(each)
        if each[1] == "redirect":
            allowed += [OPEN, REJECTED, REFUSED,
                        ("intercepted", None, None, None)]
        if each[1] == "no-route":
            allowed = [each]
        if each[1] in ("tls-intercepted",):
            allowed += [OPEN, each]
        if each[1] in ("drop-reply", "drop", "icmp"):
            allowed.append(DOWN)
    return allowed


def places_of(network):
    return [Place(network, endpoint, family)
            for endpoint in network.endpoints
            for family in endpoint.families if family in network.families]


def resolves(network, endpoint):
    return endpoint.given == "address" or \
        network.dns != "dead" and network.route


def truth(network, endpoint, family, port):
    """The allowed (outcome, mechanism, where, after_hop)."""
    if not resolves(network, endpoint):
        return [UNRESOLVED]
    if family not in network.families or not network.route and \
            endpoint.attach > 0:
        return [NO_ROUTE]
    place = Place(network, endpoint, family)
    treatment = place.treatment(port)
    found = itself(place, port) if treatment is None \
        else treated(place, port, treatment)
    if network.mtu_hole and 0 < network.mtu_hole <= endpoint.attach and \
            endpoint.server == "scripted" and \
            place.endpoint.state(port) == "open" and (
                port == 465 and endpoint.ports[port] != "closes" or
                endpoint.offers(port)):
        return [UNKNOWN]
    if not controls(place, port):
        found = uncontrolled(place, port, found)
    return found


def is_allowed(seen, allowed):
    got = (seen["outcome"], seen["mechanism"], seen["where"],
           seen["after_hop"])
    return any(all(want is None or want == value or
                   want == NOT_SAID and value is None
                   for want, value in zip(each, got)) for each in allowed)
