# SPDX-License-Identifier: Apache-2.0
"""The way of one port to one endpoint over one family, as it was built: its
hops, what is done on it, and what else of the network is like it."""

from dataclasses import dataclass

from . import draw

ENTRANCE = ("prerouting", "ingress")
# What is done after the handshake, which itself passes.
LATER = ("reset", "stall", "mask")


@dataclass
class Way:
    network: object
    endpoint: object
    family: int
    port: int
    by_twin: bool = False    # of two ways, by the one beside

    def __post_init__(self):
        network, endpoint = self.network, self.endpoint
        trunk = list(network.hops[:endpoint.attach])
        self.shift, self.shifted = 0, 0  # of hops behind that one
        if network.policy and self.port == 25 and \
                network.policy < endpoint.attach:
            at = trunk[network.policy - 1]
            trunk[network.policy - 1:network.policy] = \
                [at] * (1 + network.longer)
            self.shift, self.shifted = network.longer, network.policy
        if self.by_twin and network.twin < endpoint.attach:
            trunk[network.twin:network.twin] = \
                [trunk[network.twin - 1]] * network.longer
            self.shift, self.shifted = network.longer, network.twin
        if self.is_by_vpn():
            trunk[:network.vpn - 1] = [draw.Hop()]
            self.shift, self.shifted = 2 - network.vpn, network.vpn - 1
        self.path = trunk + list(endpoint.branch)
        self.near = len(self.path) + 1  # where the endpoint's address is
        self.far = self.near + endpoint.deep.get(self.port, 0)
        self.treatment = network.treatment(endpoint, self.family, self.port)
        if self.is_by_vpn() and self.treatment is not None and \
                self.passes_by(self.treatment):
            self.treatment = None

    # --- hops ---

    def shows(self, hop):
        """It says that a TTL ended there."""
        if 1 <= hop < self.near:
            return not self.path[hop - 1].silent
        return self.near <= hop < self.far and not (
            hop == self.near and self.endpoint.quiet)

    def last_shown(self, hop):
        while hop > 0 and not self.shows(hop):
            hop -= 1
        return hop

    def shows_behind(self, hop, but=0):
        """A hop behind that one, before the endpoint and so many last ones, is
        known by any port."""
        return any(way.shows(each) for way in self.others(True)
                   for each in range(self.same_hop(way, hop) + 1,
                                     way.far - but))

    def same_hop(self, other, hop):
        """Its number on another way, where that one's length differs."""
        if self.is_by_vpn() == other.is_by_vpn() and \
                hop <= min(each.shifted or hop for each in (self, other)):
            return hop
        return max(0, hop + other.near - self.near)

    def knows_last_hop(self):
        """By a way of its own it is answered from behind the hop that is the
        last one before a control: a hop behind that at which ways meet."""
        last, meets = self.near - 1, self.shifted + self.shift + 1
        return self.shows(last) and last > meets and \
            self.far == self.near and any(
                other.far == other.near for other in self.controls())

    def is_nearer_half(self, hop):
        """It is no farther than in the middle."""
        return 2 * hop <= max(other.far for other in self.others(True))

    def is_beyond_sites(self, last):
        """What ends behind that hop surely does not end at the endpoint's own
        site: not even before the next hop that shows, or at two endpoints that
        share one behind it."""
        behind = [hop for hop in range(last + 1, self.far) if self.shows(hop)]
        if not behind:
            return True  # the endpoint is compared with itself
        if self.is_one_path() and 2 * (behind[0] - 1) < self.near:
            return True
        return self.is_one_path() and self.count(
            lambda other: other.treatment is self.treatment and
            other.endpoint.attach >= behind[0]) > 1 and \
            self.endpoint.attach >= behind[0]

    def has_own_last_hop(self):
        """No other endpoint is behind the last hop."""
        endpoint = self.endpoint
        return bool(endpoint.branch) or not any(
            other is not endpoint and self.family in other.families and
            other.attach >= endpoint.attach
            for other in self.network.endpoints)

    def at(self, treatment):
        """Its hop on this way."""
        hop = treatment.at(self.endpoint)
        return hop + (self.shift if hop > self.shifted else 0)

    def is_by_vpn(self):
        return self.network.vpn > 0 and self.port == 25

    def passes_by(self, treatment):
        """It is on the way of the other ports alone."""
        if treatment.branch:
            return False
        return treatment.hook == "switch" or \
            0 < treatment.hop < self.network.vpn

    def after(self):
        """The last hop whose TTL still ends untouched."""
        hop = self.at(self.treatment)
        return hop - (self.treatment.hook in ENTRANCE and hop > 0)

    def hop_of(self, treatment):
        return self.path[self.at(treatment) - 1]

    def is_private(self):
        """Hop 1's address is; that of shared address space (RFC 6598) too."""
        if self.path and self.path[0].other:
            return False
        return self.network.ula if self.family == 6 \
            else self.network.first != "public"

    def is_public(self):
        """The host's own address is public."""
        return not (self.network.ula if self.family == 6
                    else self.network.first != "public")

    def is_one_path(self):
        network = self.network
        return not (network.twin or network.back or network.policy or
                    network.vpn or
                    self.endpoint.deep)

    # --- the port itself ---

    def manner(self):
        return self.endpoint.ports.get(self.port, "good")

    def greets(self):
        """It is open, and as it should be."""
        return self.endpoint.state(self.port) == "open" and \
            self.manner() in ("good", "late", "multi", "plain")

    def is_mute(self):
        """The endpoint drops it itself."""
        return self.endpoint.state(self.port) == "dropped"

    def vanishes(self):
        """Its SYNs or their answers are dropped."""
        return self.treatment is not None and self.treatment.kind in (
            "drop", "reply", "blackhole-rule")

    def speaks_itself(self):
        return self.endpoint.state(self.port) == "open" and \
            self.treatment is None

    def goes_on(self):
        """It does not break off after the handshake as well."""
        return self.port in self.endpoint.control or self.treatment is None \
            or not self.treatment.kind.startswith(("reset-", "stall-"))

    def answers(self):
        """It is answered from the endpoint's own distance."""
        if self.endpoint.state(self.port) not in ("open", "closed"):
            return False
        treatment = self.treatment
        return treatment is None or \
            treatment.kind.split("-")[0] in LATER or \
            treatment.kind.startswith("box-") and \
            self.at(treatment) + 1 >= self.far

    # --- beside it ---

    def others(self, itself=False):
        """The endpoint's other ports over this family, and this one."""
        every = sorted({*self.endpoint.ports, *self.endpoint.control})
        return [Way(self.network, self.endpoint, self.family, port)
                for port in every if itself or port != self.port]

    def controls(self):
        return [other for other in self.others() if other.answers()]

    def shows_way(self):
        """It is a control port whose packets reach a hop that answers."""
        if self.port not in (*self.endpoint.control, 443):
            return False
        reach = self.far - 1 if self.treatment is None or \
            self.treatment.kind.split("-")[0] in LATER else self.after()
        return self.last_shown(reach) > 0

    def is_compared(self):
        """Another port answers, by this port's way."""
        if self.network.twin and self.network.longer:
            return False
        return any((other.port == 25) == (self.port == 25) or
                   not (self.network.policy or self.network.vpn)
                   for other in self.controls())

    def is_outdone(self):
        """Another port is answered from farther, by a way of its own, and none
        accepts where this one refuses: that may be somebody on the path."""
        controls = self.controls()
        return any(other.far > self.far for other in controls) and not any(
            other.far == self.far and other.endpoint.state(other.port) == "open"
            for other in controls) and not self.knows_last_hop()

    def count(self, like):
        """Of how many endpoints this port is so."""
        return sum(1 for way in ways_to(self.network, self.family, self.port)
                   if like(way))

    def shows_key(self):
        """Another port shows the endpoint's own key."""
        return any(other.speaks_itself() and
                   other.port in self.endpoint.ports and
                   other.manner() in ("good", "late", "multi")
                   for other in self.others())

    def is_thin(self):
        """Something on it hides what was done, or looks like something
        else."""
        hops = self.path[:self.near]
        return bool(
            self.endpoint.alone or self.endpoint.deep or
            (self.network.policy or self.network.vpn) and self.port == 25 or
            any(hop.lost or hop.few for hop in hops) or
            not any(self.shows(hop) for hop in range(1, self.far)))


def ways_to(network, family, port):
    """The ways to every endpoint that has this port, over a family."""
    return [Way(network, endpoint, family, port)
            for endpoint in network.endpoints
            if family in endpoint.families and family in network.families and
            port in endpoint.ports]
