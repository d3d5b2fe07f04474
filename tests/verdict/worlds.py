#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Seeded worlds of networks whose truth is known, for the verdict.

    worlds.py --seed 201 --nets 1500 [--stress KIND]
              [--rows R.jsonl] [--truth T.json] [--measurements M.jsonl]

Rows are rollup rows (reference.Row). --measurements writes one probe a row as
contract section 5 has it, for `egress25-collector import`. Truth: the state of
each network by day, and what kind of world it is. KIND: fresh-sybil,
patient-sybil, line-sybil, prefix-sybil, or one of FOCUS below.
"""
import argparse
import json
import random
from reference import Row, DAY_MS

DAYS, DAY0 = 30, 20000  # days since 1970
ENDPOINTS = 14
POLICIES = [  # name, share, truth
    ("open", 0.44, "open"),
    ("block", 0.12, "filtered"),
    ("block-link", 0.03, "filtered"),
    ("block-access", 0.04, "filtered"),
    ("by-prefix", 0.06, "partial"),
    ("hoster", 0.03, "partial"),
    ("intercept", 0.03, "intercepted"),
    ("flap", 0.01, "inconsistent"),
    ("rate", 0.01, "inconsistent"),
    ("evening", 0.01, "inconsistent"),
    ("rollout", 0.035, None),
    ("lifted", 0.035, None),
    # worlds that mislead:
    # the list of some endpoints covers the whole dynamic range
    ("dul", 0.05, "open"),
    # several agents behind one company's firewall, in one prefix
    ("office", 0.03, "open"),
    # 85 % of the customers have a router that filters 25 by default: filtered
    # at access, whoever owns the router
    ("cpe", 0.015, "filtered"),
    # an upstream shared by many networks filters
    ("transit", 0.04, "filtered"),
    # everybody behind one or two prefixes
    ("cgnat-open", 0.02, "open"),
    ("cgnat-block", 0.015, "filtered"),
]

# worlds of one kind, for a closer look: policies, least number of agents
FOCUS = {
    "changes": (
        [("rollout", 0.4), ("lifted", 0.4), ("open", 0.1), ("block", 0.1)],
        3,
    ),
    "parts": (
        [("by-prefix", 0.45), ("hoster", 0.2), ("open", 0.2), ("block", 0.15)],
        3,
    ),
    # one or two prefixes
    "few": (
        [
            ("open", 0.4),
            ("block", 0.3),
            ("block-access", 0.1),
            ("office", 0.1),
            ("hoster", 0.1),
        ],
        3,
    ),
    # blocked by the hour, by chance and by the day
    "hours": (
        [
            ("evening", 0.4),
            ("open", 0.25),
            ("dul", 0.1),
            ("block", 0.1),
            ("rate", 0.05),
            ("flap", 0.05),
            ("rollout", 0.05),
        ],
        3,
    ),
    # filters that begin, where many lines look
    "rollouts": ([("rollout", 1.0)], 6),
    # behind one upstream
    "shared": ([("transit", 0.5), ("open", 0.3), ("block", 0.2)], 5),
    "innocent": (
        [("open", 0.3), ("dul", 0.25), ("office", 0.25), ("cpe", 0.2)],
        3,
    ),
}


# an upstream that many networks share, and another that nobody shares
TRANSIT, OTHER = 64500, 64501
# a share of the networks that filter on the path does so at their border
AT_BORDER = 0.2
# hops that are silent, and hops of a border that have the other's address
SILENT, MISPLACED = 0.25, 0.04


def stops_in(net):
    """Whose filter it is, where somebody filters on purpose: own, border or
    upstream."""
    if net["policy"] == "transit":
        return "upstream"
    H = random.Random("border %d" % net["asn"])
    return (
        "border"
        if net["policy"] != "block-link" and H.random() < AT_BORDER
        else "own"
    )


def between(H, net, where):
    """The ASes of the hops between which a failure lies, as seen: those that
    are true, but for silent hops, borders and, of networks that are open,
    anything."""
    own = net["asn"]
    if where in ("access", "link"):
        return 0, own
    if where != "path":
        return 0, 0
    stop = stops_in(net)
    if net["truth"][0] == "open" and net["policy"] not in (
        "rollout",
        "transit",
    ):
        stop = H.choice(("own", "border", "upstream"))
    if H.random() < MISPLACED:
        stop = H.choice(("own", "border", "upstream"))
    after, before = {
        "own": (own, own),
        "border": (own, TRANSIT),
        "upstream": (TRANSIT, H.choice((TRANSIT, OTHER))),
    }[stop]
    return after, 0 if H.random() < SILENT else before


def pick(R, table):
    x = R.random() * sum(t[1] for t in table)
    for t in table:
        x -= t[1]
        if x < 0:
            return t
    return table[-1]


class World:
    def __init__(self, seed, nets, stress="", liars=0.05, loss=0.03):
        self.R = random.Random(seed)
        table, self.least = FOCUS.get(stress, (None, 1))
        truths = {p[0]: p[2] for p in POLICIES}
        self.table = (
            [(n, w, truths[n]) for n, w in table] if table else POLICIES
        )
        self.seed, self.stress, self.liars, self.loss = (
            seed,
            stress,
            liars,
            loss,
        )
        self.outages()
        R = self.R
        # endpoints that drop what a shared list calls dynamic
        self.listed = set(R.sample(range(ENDPOINTS), 3))
        # the shared upstream began then
        self.transit_day = R.uniform(-10, 25)
        self.operators, self.networks = {}, []
        self.roamers = []
        for n in range(nets):
            self.networks.append(self.network(n))
        self.roam()

    def outages(self):
        R, out = self.R, {}
        for e in range(ENDPOINTS):
            for _ in range(2):
                s = R.randrange(DAYS)
                for d in range(s, min(DAYS, s + R.randint(1, 2))):
                    out[e, d] = ("down", 1.0)
            for kind in ("drop", "refused"):
                s = R.randrange(DAYS)
                for d in range(s, min(DAYS, s + R.randint(1, 2))):
                    out[e, d] = (kind, R.choice((0.3, 1.0)))
        out[R.randrange(ENDPOINTS), R.randrange(DAYS)] = ("banner", 1.0)
        e, s = R.randrange(ENDPOINTS), R.randrange(DAYS)
        # one endpoint lost to everybody for more than a week
        for d in range(s, min(DAYS, s + R.randint(8, 12))):
            out[e, d] = ("drop", 1.0)
        self.out = out

    # --- who is there ---

    def agent(self, net, n, **kw):
        R = self.R
        a = dict(
            id="%016x" % (self.seed << 40 | net["id"] << 16 | n),
            liar=None,
            forge=R.random() < 0.5,
            firewall=None,
            traces=R.random() < 0.8,
            optout=R.random() < 0.03,
            released=R.random() < R.uniform(0.3, 0.6),
            endpoints=R.sample(range(ENDPOINTS), 4),
            active=R.choice((0.5, 0.85, 0.95)),
            rate=R.choice((1, 1, 2)),
            weekdays=R.random() < 0.15,
            age=R.randint(1, 300),
            moves=0,
            join=0,
            leave=DAYS,
            office=False,
            sybil=False,
            prefix=0,
            cpe=R.random() < 0.85,
        )
        x = R.random()
        if x < self.liars:
            a["liar"] = "opposite" if x < 0.6 * self.liars else "filtered"
        x = R.random()
        a["firewall"] = (
            "host"
            if x < 0.024
            else "access"
            if x < 0.034
            else "unplaced"
            if x < 0.042
            else None
        )
        x = R.random()
        if x < 0.35:
            a["join"] = R.uniform(0, DAYS)
        elif x < 0.45:
            a["leave"] = R.uniform(5, DAYS)
        a.update(kw)
        return a

    def network(self, n):
        R = self.R
        name, _, truth = pick(R, self.table)
        net = dict(
            id=n,
            asn=64512 + n,
            policy=name,
            change=R.uniform(8, 22),
            share=R.uniform(0.3, 0.8),
            blocked={},
            agents=[],
            sybil="",
        )
        count = min(150, self.least - 1 + int(R.paretovariate(0.9)))
        if name.startswith("cgnat"):
            count = R.randint(3, 40)
        small = R.random() < (
            0.30 if self.stress != "few" else 1
        ) or name.startswith("cgnat")
        pool = (
            R.randint(1, 2)
            if small
            else R.randint(2, 6)
            if name == "hoster"
            else min(400, 2 + int(R.paretovariate(0.7) * 4))
        )
        net["pool"], net["dynamic"] = pool, R.random() < 0.4 and not small
        for p in range(pool):
            net["blocked"][p] = R.random() < net["share"]
        if name == "by-prefix" and len(set(net["blocked"].values())) < 2:
            # drew a uniform network
            truth = "filtered" if net["blocked"][0] else "open"
        operators = []
        for i in range(count):
            a = self.agent(net, i, prefix=R.randrange(pool))
            if net["dynamic"] and R.random() < 0.6:
                # chance of another address a day
                a["moves"] = R.choice((0.03, 0.2, 1.0))
            operator = (
                R.choice(operators)
                if operators and R.random() < 0.12
                else a["id"]
            )
            operators.append(operator)
            self.operators[a["id"]] = operator
            net["agents"].append(a)
            if R.random() < 0.05:
                self.roamers.append((net, a))
        if name == "office":
            for i in range(R.randint(4, 8)):
                self.add(
                    net,
                    5000 + i,
                    prefix=7000,
                    office=True,
                    liar=None,
                    firewall=None,
                    join=R.choice((0, 0, 0, 10)),
                )
        self.sybils(net)
        for a in net["agents"]:
            a.setdefault("places", self.places(net, a))
        net["listing"] = {
            p: R.randrange(ENDPOINTS)
            for p in list(net["blocked"]) + [7000]
            if R.random() < 0.03
        }
        flip, left = [R.random() < 0.5], R.randint(2, 4)
        for d in range(1, DAYS):
            left -= 1
            flip.append(not flip[-1] if left <= 0 else flip[-1])
            if left <= 0:
                left = R.randint(2, 4)
        net["flip"] = flip
        net["truth"] = [self.truth(net, truth, d) for d in range(DAYS)]
        return net

    def add(self, net, n, **kw):
        a = self.agent(net, n, **kw)
        self.operators[a["id"]] = a["id"]
        net["agents"].append(a)
        return a

    def sybils(self, net):
        """Identities of one attacker, who makes the network look the other way
        round."""
        R = self.R
        x = R.random()
        kind = (
            (
                "prefix"
                if x < 0.010
                else "operator"
                if x < 0.014
                else "line"
                if x < 0.018
                else "spread"
                if x < 0.020
                else ""
            )
            if not self.stress
            else {
                "fresh-sybil": "spread" if x < 0.1 else "",
                "patient-sybil": "spread" if x < 0.1 else "",
                "line-sybil": "line" if x < 0.1 else "",
                "prefix-sybil": "prefix" if x < 0.1 else "",
            }.get(self.stress, "")
        )
        if not kind:
            return
        patient = self.stress != "fresh-sybil" and R.random() < (
            0.4 if not self.stress else 1
        )
        # days before the last one
        age = 0 if patient or R.random() < 0.5 else R.uniform(10, 20)
        start = 0 if patient else DAYS - age if age else R.uniform(23, 27)
        since = R.randint(31, 60)
        net["sybil"] = kind + (
            " patient" if patient else " young" if age else " fresh"
        )
        for i in range(
            R.randint(3, 6) if kind == "line" else R.randint(8, 20)
        ):
            a = self.add(
                net,
                9000 + i,
                liar="opposite",
                forge=True,
                firewall=None,
                active=0.95,
                join=start + R.uniform(0, 2) if start else 0,
                age=since + R.randint(0, 2),
                leave=DAYS,
                sybil=True,
                prefix=8000 if kind == "prefix" else 8000 + i,
                optout=False,
                weekdays=False,
            )
            if kind == "operator":
                self.operators[a["id"]] = "sybil%d" % net["id"]
            # one dynamic line: all of them in another prefix each day
            if kind == "line":
                a["places"] = net.setdefault(
                    "reconnects", [8000 + R.randrange(40) for _ in range(DAYS)]
                )

    def places(self, net, a):
        """Prefix by day."""
        R, p, out = self.R, a["prefix"], []
        for d in range(DAYS):
            if a["moves"] and R.random() < a["moves"]:
                p = (
                    8000 + R.randrange(40)
                    if a["sybil"]
                    else R.randrange(net["pool"])
                )
            out.append(p)
        return out

    def roam(self):
        """Laptops: the same identity reports from other networks too, with
        their outcome there."""
        R = self.R
        for home, a in self.roamers:
            a["away"] = {}
            for other in R.sample(
                self.networks, min(len(self.networks), R.randint(1, 4))
            ):
                if other is home:
                    continue
                guest = dict(
                    a, prefix=R.randrange(other["pool"]), moves=0, home=False
                )
                guest["places"] = [guest["prefix"]] * DAYS
                guest["days"] = {d for d in range(DAYS) if R.random() < 0.12}
                a["away"].update({d: True for d in guest["days"]})
                other["agents"].append(guest)

    # --- what is true ---

    def truth(self, net, truth, d):
        name = net["policy"]
        if name == "rollout":
            return "filtered" if d >= net["change"] else "open"
        if name == "lifted":
            return "open" if d >= net["change"] else "filtered"
        if name == "transit":
            return "filtered" if d >= self.transit_day else "open"
        return truth

    def line(self, net, a, prefix, t):
        """What the network does to this line: (outcome, where) of a probe."""
        name, R = net["policy"], self.R
        if a["office"]:
            return "filtered", "path"
        if name in ("open", "dul", "office", "cgnat-open"):
            return "reachable", ""
        if name in ("block", "cgnat-block"):
            return ("reachable", "") if a["optout"] else ("filtered", "path")
        if name == "block-access":
            return ("reachable", "") if a["optout"] else ("filtered", "access")
        if name == "block-link":  # a cloud's virtual switch
            return ("reachable", "") if a["optout"] else ("filtered", "link")
        if name == "intercept":
            return (
                ("reachable", "") if a["optout"] else ("intercepted", "path")
            )
        if name == "by-prefix":
            return (
                ("filtered", "path")
                if net["blocked"].get(prefix, False)
                else ("reachable", "")
            )
        if name == "hoster":
            return ("reachable", "") if a["released"] else ("filtered", "path")
        if name == "flap":
            return (
                ("filtered", "path")
                if net["flip"][int(t)]
                else ("reachable", "")
            )
        if name == "rate":
            return (
                ("filtered", "path") if R.random() < 0.5 else ("reachable", "")
            )
        if name == "evening":
            return ("filtered", "path") if t % 1 > 0.75 else ("reachable", "")
        if name == "rollout":
            return (
                ("filtered", "path")
                if t >= net["change"] and not a["optout"]
                else ("reachable", "")
            )
        if name == "lifted":
            return (
                ("reachable", "")
                if t >= net["change"] or a["optout"]
                else ("filtered", "path")
            )
        if name == "transit":
            return (
                ("filtered", "path")
                if t >= self.transit_day
                else ("reachable", "")
            )
        if name == "cpe":
            return ("filtered", "access") if a["cpe"] else ("reachable", "")
        raise ValueError(name)

    # --- what is seen ---

    def probes(self, net):
        """(t in days, agent, prefix, endpoint, outcome, mechanism, where,
        after_asn, before_asn) of one network, by time."""
        R = random.Random((self.seed, net["id"]).__repr__())
        self.R = R
        out = []
        for a in net["agents"]:
            for d in range(DAYS):
                if (
                    not a["join"] <= d + 1
                    or d > a["leave"]
                    or ("days" in a and d not in a["days"])
                    or ("away" in a and "days" not in a and d in a["away"])
                ):
                    continue
                if (
                    R.random() > a["active"]
                    or R.random() < 0.02
                    or (a["weekdays"] and d % 7 > 4)
                ):
                    continue
                prefix = a["places"][d]
                for e in a["endpoints"]:
                    for _ in range(a["rate"]):
                        if R.random() > 0.6:
                            continue
                        t = d + R.random()
                        if t >= a["join"]:
                            out.append(
                                (t, a["id"], prefix, e)
                                + self.see(net, a, prefix, e, t)
                            )
        out.sort()
        # drawn apart, so that all else is as it was without it
        H = random.Random("hops %d %d" % (self.seed, net["id"]))
        return [x + between(H, net, x[6]) for x in out]

    def see(self, net, a, prefix, e, t):
        R, d = self.R, int(t)
        outcome, where = self.line(net, a, prefix, t)
        if a["liar"]:
            lie = (
                "filtered"
                if a["liar"] == "filtered" or outcome == "reachable"
                else "reachable"
            )
            return (
                lie,
                "drop" if lie == "filtered" else "open",
                "path" if lie == "filtered" and a["forge"] else "",
            )
        if a["firewall"]:
            if a["firewall"] == "host" and a["traces"]:
                return "local", "drop", "host"
            return (
                "filtered",
                "drop",
                "access" if a["firewall"] == "access" and a["traces"] else "",
            )
        kind, chance = self.out.get((e, d), ("", 0))
        if kind and R.random() < chance:
            if kind == "down":
                return "endpoint", "down", ""
            if outcome == "reachable":
                if kind == "refused":
                    return "endpoint", "refused", ""
                outcome, where = (
                    ("filtered", "far-end")
                    if kind == "drop"
                    else ("intercepted", "")
                )
        if outcome == "reachable" and (
            net["listing"].get(prefix) == e
            or (net["policy"] == "dul" and e in self.listed)
        ):
            outcome, where = "filtered", "far-end"
        if outcome == "reachable" and R.random() < self.loss:
            # loss, also of trace packets
            outcome, where = "filtered", R.choice(("", "far-end", "path"))
        elif outcome != "reachable" and R.random() < 0.005:
            outcome, where = "reachable", ""
        if where and (not a["traces"] or R.random() < 0.05):
            where = ""
        mechanism = (
            "open"
            if outcome == "reachable"
            else "redirect"
            if outcome == "intercepted"
            else "drop-reply"
            if where == "far-end"
            else "drop"
        )
        return outcome, mechanism, where


def prefix_text(net, prefix):
    return (
        "10.%d.%d.0/24" % (net["id"] % 256, prefix % 256)
        if prefix < 7000
        else "172.%d.%d.0/24" % (16 + prefix // 1000, prefix % 256)
    )


def rollup(net, probes, until=DAYS):
    """Rows of the probes before `until` (days)."""
    cells = {}
    for t, agent, prefix, e, outcome, mechanism, where, *hops in probes:
        if t >= until:
            break
        key = (
            DAY0 + int(t),
            net["asn"],
            prefix_text(net, prefix),
            4,
            25,
            agent,
            "mx%02d" % e,
            outcome,
            mechanism,
            where,
            *hops,
        )
        ms = int((DAY0 + t) * DAY_MS)
        c = cells.setdefault(key, [0, ms, ms])
        c[0] += 1
        c[2] = ms
    out = [Row(*key[:-2], *c, *key[-2:]) for key, c in cells.items()]
    # known before the window: one row that says no more than that
    for a in net["agents"]:
        if a["join"] <= 0 and "days" not in a:
            ms = (DAY0 - a["age"]) * DAY_MS
            out.append(
                Row(
                    DAY0 - a["age"],
                    net["asn"],
                    prefix_text(net, a["prefix"]),
                    4,
                    25,
                    a["id"],
                    "mx00",
                    "unknown",
                    "no-control",
                    "",
                    1,
                    ms,
                    ms,
                )
            )
    return out


def measurement(net, i, probe, operators):
    """One probe as the export of the collector has it. An agent that is its
    own operator needs no word about it."""
    import datetime

    t, agent, prefix, e, outcome, mechanism, where, after, before = probe
    at = datetime.datetime.fromtimestamp(
        int((DAY0 + t) * DAY_MS) / 1000, datetime.timezone.utc
    ).isoformat(timespec="milliseconds")
    ok = outcome == "reachable"
    report = "00000000-0000-7000-8000-%012x" % net["id"]
    operator = operators.get(agent, agent)
    return dict(
        schema_version=2,
        id="%s:%d" % (report, i),
        at=at.replace("+00:00", "Z"),
        agent=agent,
        asn=net["asn"],
        network="World %d" % net["id"],
        country="ZZ",
        prefix=prefix_text(net, prefix),
        family=4,
        endpoint="mx%02d" % e,
        address="192.0.2.%d" % (e + 1),
        port=25,
        mode="starttls",
        ended="done" if ok else "connect",
        failure=None if ok else "timeout",
        outcome=outcome,
        mechanism=mechanism,
        where=where or None,
        after_hop=None,
        endpoint_hops=None,
        icmp_type=None,
        icmp_code=None,
        smtp_code=220 if ok else None,
        tls_version=None,
        tls_verify=None,
        connect_ms=None,
        total_ms=None,
        attributed=True,
        report=report,
        operator=operator if operator != agent else None,
        before_hop=None,
        after_asn=after or None,
        before_asn=before or None,
        signs=None,
        listed=True,
    )


def known_before(net):
    """Probes from before the window, which only say who was there."""
    return [
        (-a["age"], a["id"], a["prefix"], 0, "unknown", "no-control", "", 0, 0)
        for a in net["agents"]
        if a["join"] <= 0 and "days" not in a
    ]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--nets", type=int, default=1000)
    ap.add_argument("--stress", default="")
    ap.add_argument("--liars", type=float, default=0.05)
    ap.add_argument("--loss", type=float, default=0.03)
    ap.add_argument("--rows")
    ap.add_argument("--truth")
    ap.add_argument("--measurements")
    a = ap.parse_args()
    w = World(a.seed, a.nets, a.stress, a.liars, a.loss)
    rows = open(a.rows, "w") if a.rows else None
    meas = open(a.measurements, "w") if a.measurements else None
    for net in w.networks:
        probes = w.probes(net)
        if rows:
            for r in rollup(net, probes):
                rows.write(json.dumps(r._asdict()) + "\n")
        if meas:
            for i, p in enumerate(known_before(net) + probes):
                row = measurement(net, i, p, w.operators)
                meas.write(json.dumps(row) + "\n")
    if a.truth:
        json.dump(
            dict(
                operators=w.operators,
                networks=[
                    dict(
                        asn=n["asn"],
                        policy=n["policy"],
                        truth=n["truth"],
                        stops_in=stops_in(n),
                        change=n["change"],
                        sybil=n["sybil"],
                        share=n["share"],
                    )
                    for n in w.networks
                ],
            ),
            open(a.truth, "w"),
        )


if __name__ == "__main__":
    main()
