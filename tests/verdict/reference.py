#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The verdict (doc/verdict.md) once more, in Python: rollup rows in, states
of networks out. The collector's own is compared with it, row by row.

    reference.py ROWS.jsonl [--now MS] [--operators FILE.json] [--history]

A row is one JSON object a line with the keys of ROW below (`first`, `last` in
ms since 1970). Rows that agree in all but count, first and last may come
split, and in any order. `--now` defaults to the newest `last`. One JSON object
a network comes out.
"""
import json
import math
from collections import namedtuple

ROW = (
    "day asn prefix family port agent endpoint outcome mechanism where "
    "count first last after_asn before_asn"
)
# between hops of which ASes a failure lies; 0: unknown
Row = namedtuple("Row", ROW, defaults=(0, 0))
DAY_MS = 86400000
HOUR_MS = 3600000

# --- constants (doc/verdict.md, section 3) ---
WINDOW = 30  # days of rows that are read
# an agent first seen later than so many days ago may acquit, but not convict
# (or half of all history, where that is less)
AGE = 7
# a line votes while it saw two endpoints in so many days; they tell where it
# is stopped and whether it is steady
RECENT = 14
# chance that a healthy endpoint fails an open line; its prior weight in
# networks
EPS, EPS_MAX, EPS_PRIOR = 0.03, 0.96, 20.0
# chance of a success on a blocked line (clock skew, misdiagnosis)
DELTA = 0.02
# probes of one endpoint, of one line, that count on one day
PER_ENDPOINT, PER_DAY = 2.0, 6.0
# line: chance of being blocked at first; of a change, each day
START, HAZARD = 0.30, 0.0135
# chance that a line of an open network looks blocked, by where
WRONG = {
    "path": 0.03,
    "link": 0.05,
    "": 0.07,
    "network": 0.07,
    "access": 0.10,
    "far-end": 0.10,
}
# chance that a line of a filtering network looks open (opt-outs, liars)
EXEMPT = 0.06
# chance that all lines of a prefix are wrong together (one office, one Sybil)
CAPTURED = 0.02
# open, filtered, by prefix, by line
PRIOR = (0.62, 0.28, 0.05, 0.05)
SHARES = [(j + 0.5) / 10 for j in range(10)]
_s = sum(t * (1 - t) for t in SHARES)
SHARE_PRIOR = [t * (1 - t) / _s for t in SHARES]
# an endpoint above this does not count as a failure in the log of a line
SICK = 0.30
# endpoint-days that a change must explain before it is one
CHANGE_MIN = 2
# endpoint-days that no single change explains
UNSTEADY_MIN, UNSTEADY_SHARE = 4, 0.15
# a span of the day in which a line is blocked: its hours, at least and at most;
# the sightings, days and endpoint-days that it explains; the share of sightings
# that may disagree with it
HOURLY_LEAST, HOURLY_MOST = 3, 21
HOURLY_MIN, HOURLY_SHARE = 3, 0.10
# endpoints of one day that may show that a line is unsteady
SOUND = 64
# operators first seen within so many days of one another are one witness,
# until so many days old
BURST, BURST_AGE = 3, 30
SURE = 0.90  # a line counts as blocked or open
# P(open) above which nobody is called filtered or intercepted, partial
CAP, CAP_PART = 0.002, 0.01
OPEN_AT = 0.75
# P(open) up to which an accusation, once published, is kept
KEEP_CAP = 0.005
W_MIN = 3
# or so many operators in each of two prefixes: of those that are not stopped at
# the access; of those whose failures are placed on the way, if no line is open
EACH, EACH_PLACED = 3, 2
ACCUSE = ("filtered", "intercepted", "partial")
# in the order that breaks ties
PLACED = ("path", "link", "access", "network", "far-end")
OFF = set()  # parts switched off, for ablation only


class Lines:
    """The rows of one network, as agent -> day -> evidence."""

    def __init__(self):
        self.agents = {}

    def add(self, row):
        day = self.agents.setdefault(row.agent, {}).setdefault(row.day, Day())
        day.add(row)


class Day:
    """What one agent saw in one network on one day."""

    __slots__ = (
        "endpoints",
        "where",
        "mechanisms",
        "home",
        "prefix",
        "last",
        "intercepted",
        "between",
    )

    def __init__(self):
        self.between = {}  # (after_asn, before_asn) -> failures
        # endpoint -> [successes, failures, first/last success, first/last
        # failure]
        self.endpoints = {}
        self.where = {}  # where -> failures
        self.mechanisms = {}  # (failed, mechanism) -> count
        self.home = 0  # failures inside the host
        self.intercepted = 0
        self.prefix, self.last = "", -1

    def add(self, row):
        if (row.last, row.prefix) > (self.last, self.prefix):
            self.prefix, self.last = row.prefix, row.last
        if row.outcome == "local" or (
            row.outcome in ("filtered", "intercepted")
            and row.where in ("host", "host-or-path")
        ):
            self.home += row.count
            return
        if row.outcome not in ("reachable", "filtered", "intercepted"):
            # endpoint, unknown: no evidence at all
            return
        m = (row.outcome != "reachable", row.mechanism)
        self.mechanisms[m] = self.mechanisms.get(m, 0) + row.count
        e = self.endpoints.setdefault(
            row.endpoint, [0, 0, math.inf, -math.inf, math.inf, -math.inf]
        )
        bad = row.outcome != "reachable"
        e[bad] += row.count
        e[2 + 2 * bad] = min(e[2 + 2 * bad], row.first)
        e[3 + 2 * bad] = max(e[3 + 2 * bad], row.last)
        if bad:
            self.where[row.where] = self.where.get(row.where, 0) + row.count
            hops = (row.after_asn, row.before_asn)
            self.between[hops] = self.between.get(hops, 0) + row.count
        if row.outcome == "intercepted":
            self.intercepted += row.count


# --- endpoint health ---


def endpoint_health(networks):
    """(family, port, endpoint, day) -> chance that it fails a line that is
    open. Each network is one vote: the mean over its agents that reached
    ANOTHER endpoint that day.
    """
    failed, votes = {}, {}
    if "health" in OFF:
        return {}
    for (asn, family, port), lines in sorted(networks.items()):
        mine = {}
        for days in lines.agents.values():
            for d, day in days.items():
                reached = sum(1 for c in day.endpoints.values() if c[0])
                for e, c in day.endpoints.items():
                    if reached - (c[0] > 0) > 0:
                        m = mine.setdefault((family, port, e, d), [0.0, 0])
                        m[0] += c[1] / (c[0] + c[1])
                        m[1] += 1
        for key, (f, n) in mine.items():
            failed[key] = failed.get(key, 0.0) + f / n
            votes[key] = votes.get(key, 0) + 1
    return {
        k: min(
            EPS_MAX,
            max(EPS, (failed[k] + EPS_PRIOR * EPS) / (votes[k] + EPS_PRIOR)),
        )
        for k in votes
    }


class AtOdds:
    """Endpoints that fail this network's lines although others answer them: a
    block list of theirs, not a filter."""

    def __init__(self):
        self.bad, self.good, self.seen = {}, {}, set()

    def learn(self, days):
        """`days`: the evidence of every agent on one day. -> endpoints to
        leave out"""
        for day in days:
            open_ = [e for e, c in day.endpoints.items() if c[0] > c[1]]
            for e, c in day.endpoints.items():
                self.seen.add(e)
                if len(open_) - (e in open_) > 0:
                    t = self.bad if c[1] > c[0] else self.good
                    t[e] = t.get(e, 0) + 1
        odd = {
            e
            for e, b in self.bad.items()
            if b >= 2 and b >= 0.8 * (b + self.good.get(e, 0))
        }
        return (
            odd
            if 2 * len(odd) <= len(self.seen) and "odds" not in OFF
            else set()
        )


# --- one line ---


class Line:
    """One agent in one network: a two-state filter (open, blocked), one step a
    day, and a log of its days."""

    def __init__(self, agent, operator, first_seen, history):
        self.agent, self.operator = agent, operator
        # days: of this agent, of the first agent of all
        self.first_seen, self.history = first_seen, history
        # chance that it is blocked; None before its first evidence
        self.p = None
        self.prefix = ""  # of its newest evidence
        self.log = []  # Seen of each day with evidence

    def drift(self, hazard):
        self.p = self.p * (1 - 2 * hazard) + hazard

    def weigh(self, cells, scale):
        """Bayes with the successes and failures at some endpoints:
        [(successes, failures, eps)]."""
        x = 0.0
        for o, f, eps in cells:
            w = scale * min(1.0, PER_ENDPOINT / (o + f))
            x += w * (
                f * math.log((1 - DELTA) / eps) - o * math.log(1 / DELTA)
            )
        odds = self.p / (1 - self.p) * math.exp(x)
        self.p = odds / (1 + odds)

    def step(self, d, day, odd, eps_of):
        if self.p is not None:
            self.drift(HAZARD)
        if day is None:
            return
        cells = [
            (c, eps_of(e, d))
            for e, c in sorted(day.endpoints.items())
            if e not in odd
        ]
        if cells:
            if self.p is None:
                self.p = START
            self.prefix = day.prefix
            scale = min(
                1.0,
                PER_DAY
                / sum(min(PER_ENDPOINT, c[0] + c[1]) for c, _ in cells),
            )
            self.weigh([(c[0], c[1], eps) for c, eps in cells], scale)
        sound = [c for c, eps in cells if c[0] or eps < SICK]
        self.log.append(
            Seen(
                d,
                frozenset(e for e in day.endpoints if e not in odd),
                sum(1 for c in sound if c[0]),
                sum(1 for c in sound if c[1]),
                min([c[2] for c in sound] + [math.inf]),
                max([c[3] for c in sound] + [-math.inf]),
                min([c[4] for c in sound] + [math.inf]),
                max([c[5] for c in sound] + [-math.inf]),
                day.where,
                day.mechanisms,
                day.home,
                day.intercepted,
                day.between,
                [
                    (e, c)
                    for e, c in sorted(day.endpoints.items())[:SOUND]
                    if e not in odd and (c[0] or eps_of(e, d) < SICK)
                ],
            )
        )

    def is_new(self, d):
        return (
            self.first_seen > d - min(AGE, (d - self.history) / 2)
            and "age" not in OFF
        )

    def view(self, d):
        """-> View, or None where it says nothing of the network today."""
        if self.p is None:
            return None
        seen = set()
        for x in self.log:
            if x.day > d - RECENT:
                seen |= x.endpoints
        if len(seen) < 2:
            # silent, or one endpoint only
            return None
        recent = [x for x in self.log if x.day > d - RECENT]
        where, mechanisms = add_up(x.where for x in recent), add_up(
            x.mechanisms for x in recent
        )
        failures = sum(where.values())
        if sum(x.home for x in recent) > failures and self.p > 1 - SURE:
            # stopped in the host itself: not the network's
            return None
        place = most({w: n for w, n in where.items() if w}) or ""
        mechanism = (
            most(
                {
                    m[1]: n
                    for m, n in mechanisms.items()
                    if m[0] == (self.p >= 0.5)
                }
            )
            or ""
        )
        errors, _ = one_change(recent)
        hours = blocked_hours(recent) if errors >= HOURLY_MIN else None
        unsteady = (
            hours is not None
            or errors >= UNSTEADY_MIN
            and errors >= UNSTEADY_SHARE * sum(x.good + x.bad for x in recent)
            and is_everywhere(recent)
        ) and "steady" not in OFF
        young = (
            self.first_seen > max(d - BURST_AGE, self.history + AGE)
            and "burst" not in OFF
        )
        return View(
            self.operator,
            self.prefix,
            self.p,
            place,
            mechanism,
            unsteady,
            2 * sum(x.intercepted for x in recent) > failures,
            self.is_new(d),
            self.first_seen if young else None,
            self.since(),
            min(min(x.first_good, x.first_bad) for x in self.log),
            max(max(x.last_good, x.last_bad) for x in self.log),
            add_up(x.between for x in recent),
            self.first_seen > max(d - BURST_AGE, self.history + BURST),
            hours,
        )

    def since(self):
        """When it became what it is (ms); None where it was not seen otherwise
        before."""
        blocked = self.p >= SURE
        if not blocked and self.p > 1 - SURE:
            return None
        log = [x for x in self.log if x.good or x.bad]
        unchanged = sum(x.good if blocked else x.bad for x in log)
        errors, split = one_change(log, blocked)
        if split in (0, len(log)) or unchanged - errors < CHANGE_MIN:
            return None
        before, first = log[split - 1], log[split]
        # it may have begun late on the day before
        if blocked:
            return (
                before.first_bad
                if before.bad and before.first_bad > before.last_good
                else first.first_bad
            )
        return (
            before.first_good
            if before.good and before.first_good > before.last_bad
            else first.first_good
        )


Seen = namedtuple(
    "Seen",
    "day endpoints good bad first_good last_good first_bad last_bad where "
    "mechanisms home intercepted between cells",
)


def is_everywhere(recent):
    """Endpoints that answer and fail show it, whichever of them is left out:
    that others always fail is their own matter."""
    kinds = {}
    for x in recent:
        for endpoint, c in x.cells:
            kind = kinds.setdefault(endpoint, [0, 0])
            kind[0] += c[0] > 0
            kind[1] += c[1] > 0
    both = [kind for kind in kinds.values() if all(kind)]
    good, bad = (sum(kind[i] for kind in both) for i in (0, 1))
    return "one" in OFF or (
        len(both) >= 2
        and all(
            min(good - g, bad - b) >= UNSTEADY_SHARE * (good - g + bad - b)
            for g, b in both
        )
    )


def sightings(recent):
    """[(failed, hour of the UTC day, day, endpoint)]: the first and the last
    success and failure of each day at each endpoint."""
    return [
        (failed, at // HOUR_MS % 24, x.day, endpoint)
        for x in recent
        for endpoint, c in x.cells
        for failed in (False, True)
        if c[failed]
        for at in {c[2 + 2 * failed], c[3 + 2 * failed]}
    ]


def best_span(seen):
    """The span of the day in which all fails and out of which nothing does,
    if it disagrees with the fewest sightings: (these, length, first hour);
    of equal ones the shortest, then the earliest."""
    count = [[0] * 24, [0] * 24]
    for failed, hour, *_ in seen:
        count[failed][hour] += 1
    best = (math.inf, 0, 0)
    for first in range(24):
        errors = sum(count[True])
        for length in range(1, HOURLY_MOST + 1):
            hour = (first + length - 1) % 24
            errors += count[False][hour] - count[True][hour]
            if length >= HOURLY_LEAST:
                best = min(best, (errors, length, first))
    return best


def blocked_hours(recent):
    """(first hour, length) of the span of each day in which it is blocked, or
    None."""
    seen = sightings(recent)
    bad = sum(failed for failed, *_ in seen)
    errors, length, first = best_span(seen)
    if (
        min(bad, len(seen) - bad) - errors < HOURLY_MIN
        or errors > HOURLY_SHARE * len(seen)
        or "hours" in OFF
    ):
        return None
    agree = [
        {
            (day, endpoint)
            for failed, hour, day, endpoint in seen
            if failed == kind and ((hour - first) % 24 < length) == kind
        }
        for kind in (False, True)
    ]
    if any(len({day for day, _ in x}) < HOURLY_MIN for x in agree):
        return None
    good, bad = ({endpoint for _, endpoint in x} for x in agree)
    if len(good & bad) < 2:
        return None
    return first, length


def one_change(log, blocked=None):
    """Explain the days by at most one change. -> (endpoint-days that disagree
    with the best such story, index of the first day after the change).
    `blocked`: the class that the line has now; None: either.
    """
    best = (math.inf, 0)
    for after in (True, False):
        if blocked is None or blocked == after:
            # no change at all
            errors = sum(x.good if after else x.bad for x in log)
            for i, x in enumerate([None] + log):
                if x is not None:
                    errors += (x.bad - x.good) if after else (x.good - x.bad)
                best = min(best, (errors, i))
    return best


View = namedtuple(
    "View",
    "operator prefix p place mechanism unsteady intercepted new young since "
    "first last between newcomer hours",
    defaults=({}, False, None),
)


def add_up(counts):
    total = {}
    for c in counts:
        for k, n in c.items():
            total[k] = total.get(k, 0) + n
    return total


def most(counts):
    """The key with the greatest count, the lesser key of equal ones; None of
    none."""
    return min(counts, key=lambda k: (-counts[k], k)) if counts else None


def drop_overtaken(views):
    """Leave out a line whose last report is older than the change of two other
    operators' lines to the other class."""
    turned = [
        (v.since, v.p >= SURE, v.operator)
        for v in views
        if v.since is not None and not v.unsteady
    ]

    def overtaken(v):
        return (
            len(
                {
                    o
                    for since, blocked, o in turned
                    if since > v.last
                    and blocked != (v.p >= 0.5)
                    and o != v.operator
                }
            )
            >= 2
        )

    return views if "stale" in OFF else [v for v in views if not overtaken(v)]


# --- the network ---


def log_mix(x, log_x, y, log_y):
    """log(x*exp(log_x) + y*exp(log_y))"""
    m = max(log_x, log_y)
    return m + math.log(x * math.exp(log_x - m) + y * math.exp(log_y - m))


def stories(lines):
    """lines: [(prefix, weight, a, b)], a and b the chances of its evidence
    where it is open and blocked.
    -> posteriors of open, filtered, by prefix, by line"""
    captured = 1e-9 if "captured" in OFF else CAPTURED
    prefixes = {}
    for prefix, w, a, b in lines:
        g = prefixes.setdefault(prefix, [0.0, 0.0] + [0.0] * len(SHARES))
        g[0] += w * math.log(a)
        g[1] += w * math.log(b)
        for j, t in enumerate(SHARES):
            g[2 + j] += w * math.log(t * b + (1 - t) * a)
    open_ = filtered = 0.0
    by_prefix, by_line = [0.0] * len(SHARES), [0.0] * len(SHARES)
    for prefix in sorted(prefixes):
        g = prefixes[prefix]
        a = log_mix(1 - captured, g[0], captured, g[1])
        b = log_mix(1 - captured, g[1], captured, g[0])
        open_ += a
        filtered += b
        for j, t in enumerate(SHARES):
            by_prefix[j] += log_mix(1 - t, a, t, b)
            by_line[j] += log_mix(
                1 - captured, g[2 + j], captured, max(g[0], g[1])
            )
    top = max([open_, filtered] + by_prefix + by_line)
    mass = [
        PRIOR[0] * math.exp(open_ - top),
        PRIOR[1] * math.exp(filtered - top),
        PRIOR[2]
        * sum(s * math.exp(x - top) for s, x in zip(SHARE_PRIOR, by_prefix)),
        PRIOR[3]
        * sum(s * math.exp(x - top) for s, x in zip(SHARE_PRIOR, by_line)),
    ]
    total = sum(mass)
    return [m / total for m in mass]


def share_interval(lines):
    """5 %, 50 % and 95 % points of the share of blocked lines, flat prior."""
    n = 50
    logs = [
        sum(w * math.log(t * b + (1 - t) * a) for _, w, a, b in lines)
        for t in ((i + 0.5) / n for i in range(n))
    ]
    top = max(logs)
    mass = [math.exp(x - top) for x in logs]
    total, cum, out, want = sum(mass), 0.0, [], [0.05, 0.5, 0.95]
    for i, m in enumerate(mass):
        cum += m / total
        while want and cum >= want[0] - 1e-12:
            out.append((i + (0, 0.5, 1)[len(out)]) / n)
            want.pop(0)
    return out


def one_of_a_burst(views):
    """Young operators of which each came within BURST days of the one before,
    in this network: only the first counts."""
    kept, last, counted = [], None, None
    for v in sorted(
        views,
        key=lambda v: (
            v.young is not None,
            v.young or 0,
            v.operator,
            v.prefix,
        ),
    ):
        apart = v.young is None or last is None or v.young >= last + BURST
        if apart or v.operator == counted:
            kept.append(v)
            counted = v.operator if v.young is not None else counted
        last = v.young
    return kept


def older_say_blocked(blocked, opened):
    """Of the lines that are no newcomers those of more operators are blocked.
    """

    def older(views):
        return len({v.operator for v in views if not v.newcomer})

    return "newcomers" in OFF or older(blocked) > older(opened)


def witnesses(views):
    """Lines no two of which share an operator or a prefix, greedily: operators
    with the fewest prefixes first."""
    prefixes = {}
    for v in views:
        prefixes.setdefault(v.operator, set()).add(v.prefix)
    used = set()
    for operator in sorted(prefixes, key=lambda o: (len(prefixes[o]), o)):
        free = sorted(prefixes[operator] - used)
        if free:
            used.add(free[0])
    return len(used)


def holds_pair(views, each):
    """Two prefixes with so many operators each, and twice as many in all."""
    operators = {}
    for v in views:
        operators.setdefault(v.prefix, set()).add(v.operator)
    return (
        sum(1 for o in operators.values() if len(o) >= each) >= 2
        and len({v.operator for v in views}) >= 2 * each
    )


def enough(blocked, opened, wf):
    """Three independent lines; or two prefixes with three operators each, that
    are not stopped at the access, where one company's router may be; or, where
    no line is open, with two each whose failures are placed on the way."""
    beyond = [v for v in blocked if v.place != "access"]
    placed = [v for v in blocked if v.place in ("path", "link")]
    return (
        wf >= W_MIN
        or holds_pair(beyond, EACH)
        or not opened
        and holds_pair(placed, EACH_PLACED)
    )


Raw = namedtuple(
    "Raw",
    "state po pf pp by_prefix wf wo where note lines blocked opened unsteady "
    "hours",
    defaults=(None,),
)


def common_hours(spans):
    """(from, to) of the hours that at least half of the spans have, if there
    are two of them and these hours are in one piece."""
    count = [
        sum((hour - first) % 24 < length for first, length in spans)
        for hour in range(24)
    ]
    there = [len(spans) >= 2 and 2 * n >= len(spans) for n in count]
    begins = [h for h in range(24) if there[h] and not there[h - 1]]
    if len(begins) != 1:
        return None
    return begins[0], (begins[0] + sum(there) - 1) % 24 + 1


def decide(views):
    """The state that today's evidence supports by itself."""
    views = drop_overtaken(
        sorted(
            (v for v in views if v is not None),
            key=lambda v: (v.operator, v.prefix, v.p, v.last),
        )
    )
    # a new agent may acquit, but not convict
    votes = [v for v in views if not (v.new and v.p > 0.5)]
    unsteady = [v for v in votes if v.unsteady]
    steady = [v for v in votes if not v.unsteady]
    k = {}
    for v in steady:
        k[v.operator] = k.get(v.operator, 0) + 1
    blocked = [v for v in steady if v.p >= SURE]
    opened = [v for v in steady if v.p <= 1 - SURE]
    placed = {w: sum(1 for v in blocked if v.place == w) for w in PLACED}
    unplaced = max(
        WRONG[""],
        min(0.5, placed["access"] / (placed["access"] + placed["path"] + 1.0)),
    )
    lines = []
    for v in steady:
        wrong = unplaced if v.place == "" else WRONG[v.place]
        a = (1 - wrong) * (1 - v.p) + wrong * v.p
        b = EXEMPT * (1 - v.p) + (1 - EXEMPT) * v.p
        lines.append((v.prefix, 1.0 / k[v.operator], a, b))
    po, pf, pa, pl = (
        stories(lines) if lines else (PRIOR[0], PRIOR[1], PRIOR[2], PRIOR[3])
    )
    pp = pa + pl
    apart = one_of_a_burst(
        blocked
        if older_say_blocked(blocked, opened)
        else [v for v in blocked if not v.newcomer]
    )
    wf, wo = witnesses(apart), witnesses(opened)
    operators_f, operators_o = len({v.operator for v in apart}), len(
        {v.operator for v in opened}
    )
    where = (
        max(PLACED, key=lambda w: placed[w]) if any(placed.values()) else ""
    )
    state, note = "insufficient", ""
    older = {v.operator for v in unsteady if not v.newcomer}
    if len(older) >= 2 and 2 * len(unsteady) >= len(votes):
        state = "inconsistent"
    elif po <= (CAP if pf >= pp else CAP_PART) and enough(
        apart, opened, wf
    ):
        icept = 2 * sum(v.intercepted for v in blocked) >= len(blocked)
        # what was said to STARTTLS proves itself, a silence does not
        if where == "" and not icept:
            note = "trace"
        elif pf >= pp:
            state = "intercepted" if icept else "filtered"
        elif operators_o >= 2:
            state = "partial"
    elif po >= OPEN_AT and operators_o >= 2:
        state = "open"
    return Raw(
        state,
        po,
        pf,
        pp,
        pa >= pl,
        wf,
        wo,
        where,
        note,
        lines,
        blocked,
        opened,
        len(unsteady),
        common_hours([v.hours for v in unsteady if v.hours]),
    )


def keep(state, raw):
    """Whether the published `state` still stands although today's evidence
    says `raw.state`."""
    if "keep" in OFF:
        return False
    if state in ("filtered", "intercepted"):
        return (
            raw.state not in ("filtered", "intercepted")
            and raw.po <= KEEP_CAP
            and raw.pf >= 0.5
            and raw.wf >= 2
        )
    if state == "partial":
        return raw.po <= KEEP_CAP and raw.pp >= 0.5 and raw.wf >= 2
    if state == "open":
        return raw.po >= 0.5 and (
            raw.state != "inconsistent" or "still" in OFF
        )
    if state == "inconsistent":
        return (
            raw.state == "insufficient"
            and raw.unsteady >= 2
            and 3 * raw.unsteady >= len(raw.lines) + raw.unsteady
        )
    return False


def replay(lines, first_seen, operators, eps_of, days):
    """[(day, Raw, published state)] of one network."""
    history = min(first_seen.values())
    known = {
        a: Line(a, operators.get(a, a), first_seen[a], history)
        for a in sorted(lines.agents)
    }
    odds, state, out = AtOdds(), "insufficient", []
    for d in days:
        today = {a: x[d] for a, x in lines.agents.items() if d in x}
        odd = odds.learn([today[a] for a in sorted(today)])
        for a, line in known.items():
            line.step(d, today.get(a), odd, eps_of)
        raw = decide([line.view(d) for line in known.values()])
        if raw.state != state and not keep(state, raw):
            state = raw.state
        out.append((d, raw, state))
    return out


def group(rows, today):
    networks, first_seen = {}, {}
    for r in rows:
        if r.day <= today:
            first_seen[r.agent] = min(first_seen.get(r.agent, r.day), r.day)
        if today - WINDOW < r.day <= today:
            networks.setdefault((r.asn, r.family, r.port), Lines()).add(r)
    return networks, first_seen


def judge_history(rows, now_ms, operators=None):
    """{network: [(day, Raw, published state)]} over the window."""
    today = now_ms // DAY_MS
    networks, first_seen = group(rows, today)
    health = endpoint_health(networks)
    out = {}
    for key in sorted(networks):
        eps_of = lambda e, d, k=key[1:]: health.get((k[0], k[1], e, d), EPS)
        out[key] = replay(
            networks[key],
            first_seen,
            operators or {},
            eps_of,
            range(today - WINDOW + 1, today + 1),
        )
    return out


# --- what is published ---


def settle(raw):
    """How many more independent lines, all alike, would decide it: (for open,
    for filtered), None: not by five."""
    if not raw.lines:
        return 2, 3
    out = []
    for blocked in (False, True):
        a, b = (
            (1 - WRONG["path"], EXEMPT)
            if not blocked
            else (WRONG["path"], 1 - EXEMPT)
        )
        for j in range(1, 6):
            po, pf, *_ = stories(
                raw.lines + [("+%d" % i, 1.0, a, b) for i in range(j)]
            )
            if (
                po <= CAP and pf >= 0.5 and raw.wf + j >= W_MIN
                if blocked
                else po >= OPEN_AT and raw.wo + j >= 2
            ):
                out.append(j)
                break
        else:
            out.append(None)
    return tuple(out)


def plural(n, word):
    return "%d %s%s" % (
        n,
        word,
        "" if n == 1 else "es" if word.endswith("x") else "s",
    )


PLACES = {
    "path": "inside the network or beyond",
    "link": "before the first router",
    "network": "in the network, at a place unknown",
    "access": "at the customers' own router or the provider's first one",
    "far-end": "on the reply path or by the endpoints",
    "": "at a place unknown",
}


# in the order that breaks ties: what charges the network least
STOPS = ("upstream", "border", "own")


def stop(own, after, before):
    """Whose filter lies between a hop of AS `after` and one of `before`."""
    if after not in (0, own):
        return "upstream"
    if before == own:
        return "own"
    return "border" if after == own and before else "unknown"


def stopped(own, blocked):
    """Where most blocked lines stop, if lines of two operators do, and the AS
    behind which: (word, ASN or None)."""
    lines = {}
    for v in blocked:
        counts, behind = {}, {}
        for (after, before), n in v.between.items():
            where = stop(own, after, before)
            counts[where] = counts.get(where, 0) + n
            if where == "upstream":
                behind[after] = behind.get(after, 0) + n
        where = max(STOPS, key=lambda w: counts.get(w, 0))
        if counts.get(where):
            lines.setdefault(where, []).append((v.operator, most(behind)))
    where = max(
        STOPS,
        key=lambda w: len(lines[w])
        if len({o for o, _ in lines.get(w, [])}) >= 2
        else 0,
    )
    if len({o for o, _ in lines.get(where, [])}) < 2:
        return "unknown", None
    if where != "upstream":
        return where, None
    return where, most(add_up({asn: 1} for _, asn in lines[where]))


def place(raw, where, upstream):
    if where == "upstream":
        return "beyond the network, behind AS%d" % upstream
    if raw.where == "path" and where == "border":
        return "at the border of the network"
    if raw.where == "path" and where == "own":
        return "inside the network"
    return PLACES[raw.where]


def because(state, raw, where, upstream):
    f, o = len(raw.blocked), len(raw.opened)
    prefixes = {v.prefix for v in raw.blocked + raw.opened}
    text = "%s in %s: %d blocked, %d open" % (
        plural(f + o, "vantage point"),
        plural(len(prefixes), "prefix"),
        f,
        o,
    )
    if f:
        text += "; stopped %s (%s)" % (
            place(raw, where, upstream),
            most(add_up({v.mechanism: 1} for v in raw.blocked)),
        )
    if raw.unsteady:
        text += "; %d saw both, again and again" % raw.unsteady
    if raw.hours:
        text += ", mostly blocked from %d to %d h UTC" % raw.hours
    if state != "insufficient":
        return text
    to_open, to_filtered = settle(raw)
    if raw.note == "trace":
        return text + ". Missing: a path trace that shows where it stops"
    if f >= 3 and len({v.prefix for v in raw.blocked}) == 1:
        return (
            text
            + ". All of these are in one prefix: missing is one more prefix"
        )
    if f and o:
        return (
            text
            + ". They disagree: missing are %s more that are blocked, or %s "
            "more that are open"
            % (to_filtered or "over 5", to_open or "over 5")
        )
    if f:
        return text + ". Missing: %s more in other prefixes" % (
            to_filtered or "over 5"
        )
    return text + ". Missing: %s more" % (to_open or "over 5")


def since_when(side):
    """Lower median of the changes of the lines on this side, if most lines
    that were watched before it changed; else None."""
    turned = sorted(v.since for v in side if v.since is not None)
    if len(turned) < 2:
        return None
    at = turned[(len(turned) - 1) // 2]
    return (
        at if 2 * len(turned) >= sum(1 for v in side if v.first < at) else None
    )


def publish(key, lines, history):
    """The verdict of one network as the contract has it."""
    _, raw, state = history[-1]
    voted = raw.blocked + raw.opened
    side = {
        "open": raw.opened,
        "filtered": raw.blocked,
        "intercepted": raw.blocked,
        "partial": raw.blocked,
    }.get(state, [])
    since = since_when(side)
    stopped_in, upstream = stopped(key[0], raw.blocked)
    low, mid, high = (
        share_interval(raw.lines) if raw.lines else (0.0, 0.5, 1.0)
    )
    rows = [
        (a, d, day)
        for a, days in lines.agents.items()
        for d, day in days.items()
    ]
    by_prefix = {}
    for v in voted:
        by_prefix.setdefault(v.prefix, [0, 0])[v.p >= SURE] += 1
    return dict(
        asn=key[0],
        family=key[1],
        port=key[2],
        state=state,
        mechanism=most(add_up({v.mechanism: 1} for v in side)),
        where=raw.where if state in ACCUSE else "",
        stopped_in=stopped_in if state in ACCUSE else None,
        upstream=upstream if state in ACCUSE else None,
        reach=(
            "network"
            if raw.pf >= 0.95
            and raw.wf >= 5
            and raw.where != "access"
            and stopped_in != "upstream"
            else "observed"
        )
        if state in ("filtered", "intercepted")
        else ("by-prefix" if raw.by_prefix else "by-line")
        if state == "partial"
        else None,
        confidence=round(
            {
                "open": raw.po,
                "filtered": raw.pf,
                "intercepted": raw.pf,
                "partial": raw.pp,
                "inconsistent": raw.unsteady
                / max(1, raw.unsteady + len(raw.lines)),
            }.get(state, 0.0),
            6,
        ),
        wrong=round(raw.po, 6) if state in ACCUSE else None,
        blocked_share=dict(low=low, mid=mid, high=high),
        vantage_points=len(voted),
        witnesses=[raw.wf, raw.wo],
        prefixes=len(by_prefix),
        blocked_prefixes=sorted(
            p for p, n in by_prefix.items() if n[1] and not n[0]
        ),
        endpoints=len({e for _, _, day in rows for e in day.endpoints}),
        probes=sum(
            c[0] + c[1] for _, _, day in rows for c in day.endpoints.values()
        ),
        since=since,
        last=max((day.last for _, _, day in rows), default=None),
        because=because(state, raw, stopped_in, upstream),
    )


def gate(verdicts, limit=0.001):
    """A bound on all accusations together: the surest are kept while the
    mean chance of being wrong is within `limit`, the others fall back to
    insufficient. CAP makes it a safety net: in no run did it bind.
    """
    total = 0.0
    for i, v in enumerate(
        sorted(
            (v for v in verdicts if v["state"] in ACCUSE),
            key=lambda v: (v["wrong"], v["asn"], v["family"], v["port"]),
        ),
        1,
    ):
        total += v["wrong"]
        if total / i > limit:
            v.update(state="insufficient", confidence=0.0, wrong=None)
            v.update(mechanism=None, where="", reach=None, since=None)
            v.update(stopped_in=None, upstream=None)
            v[
                "because"
            ] += ". Held back: too uncertain beside the other verdicts"


def beyond(verdicts):
    """A filter beyond an AS is never charged to it, but said of the one behind
    which it is."""
    shared = {}
    for v in verdicts:
        key = v["upstream"], v["family"], v["port"]
        shared[key] = shared.get(key, 0) + 1
    for v in verdicts:
        if v["upstream"]:
            n = shared[v["upstream"], v["family"], v["port"]]
            v["because"] += (
                ". Not charged to this network: seen by %s behind AS%d"
                % (plural(n, "network"), v["upstream"])
            )


def judge(rows, now_ms, operators=None):
    """Rollup rows -> published verdicts, by network."""
    rows = [r for r in rows if r.first <= now_ms]
    networks, _ = group(rows, now_ms // DAY_MS)
    out = [
        publish(key, networks[key], h)
        for key, h in judge_history(rows, now_ms, operators).items()
    ]
    gate(out)
    beyond(out)
    return out


def events(history):
    """[(day, from, to)] of the published states of judge_history()."""
    return [
        (b[0], a[2], b[2])
        for a, b in zip(history, history[1:])
        if a[2] != b[2]
    ]


def main():
    import argparse

    ap = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ap.add_argument("rows")
    ap.add_argument("--now", type=int)
    ap.add_argument("--operators", help="JSON object: agent -> operator")
    ap.add_argument(
        "--history", action="store_true", help="the state of every day instead"
    )
    a = ap.parse_args()
    rows = []
    with open(a.rows) as f:
        if a.rows.endswith(".csv"):
            import csv

            words = "prefix agent endpoint outcome mechanism where".split()
            for x in csv.DictReader(f):
                rows.append(
                    Row(
                        **{
                            k: x[k] if k in words else int(x[k])
                            for k in ROW.split()
                            if k in x
                        }
                    )
                )
        else:
            for line in f:
                x = json.loads(line)
                rows.append(Row(**{k: x[k] for k in ROW.split() if k in x}))
    now = a.now if a.now is not None else max(r.last for r in rows)
    operators = json.load(open(a.operators)) if a.operators else None
    if operators and "operators" in operators:
        operators = operators["operators"]
    if a.history:
        for key, h in judge_history(rows, now, operators).items():
            print(
                json.dumps(
                    dict(
                        asn=key[0],
                        family=key[1],
                        port=key[2],
                        states=[x[2] for x in h],
                        open=[round(x[1].po, 6) for x in h],
                    )
                )
            )
    else:
        for v in judge(rows, now, operators):
            print(json.dumps(v))


if __name__ == "__main__":
    main()
