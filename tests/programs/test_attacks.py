#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_attacks.py COLLECTOR: a real collector on loopback while clients waste
its connections and send invalid reports. A small fleet keeps reporting
meanwhile; its acknowledged reports are compared with what is stored. Prints
TAP."""

import gzip
import json
import random
import resource
import select
import socket
import sys
import time
from contextlib import contextmanager

from load import PORTS, Fleet, Reporter, started
from serve_world import gauge, main_of_rows, resident_mb, until

IDLE, SLOW = 10000, 200
MUTATED = 1500
ACK_MOST_S = 5  # on a machine that is busy, under sanitizers


@contextmanager
def descriptors(count):
    what = resource.RLIMIT_NOFILE
    before = resource.getrlimit(what)
    resource.setrlimit(what, (count, max(count, before[1])))
    yield
    resource.setrlimit(what, before)


def connect(it):
    peer = socket.create_connection(("127.0.0.1", it.port), timeout=30)
    peer.setblocking(False)
    return peer


def is_open(peer):
    try:
        return peer.recv(4096) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def went_on(fleet, what, problems=0):
    print(f"# {what}: the slowest acknowledgement took "
          f"{max(each.longest_s for each in fleet.reporters):.2f} s")
    if max(each.longest_s for each in fleet.reporters) > ACK_MOST_S:
        yield f"{what}: the fleet waited too long"


# --- connections ---

def slow_loris(folder):
    head = (b"POST /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 1000"
            b"\r\n")
    with started(folder, "slow", more="[limits]\nrequest = 3s\n") as it:
        with Fleet(it) as fleet:
            headers = [connect(it) for _ in range(SLOW)]
            bodies = [connect(it) for _ in range(SLOW)]
            for peer in bodies:
                peer.sendall(head + b"\r\n")
            began, at = time.monotonic(), 0
            left = headers + bodies
            while left and time.monotonic() < began + 15:
                alive = []
                for peer in left:
                    try:
                        peer.send(head[at:at + 1] if peer in headers
                                  else b"x")
                        alive.append(peer)
                    except OSError:
                        pass
                left = [peer for peer in alive if is_open(peer)]
                at += 1
                time.sleep(1)
            took = time.monotonic() - began
            before = fleet.count()
            until(lambda: fleet.count() > before)
        print(f"# {2 * SLOW} slow clients, a byte a second: the last was "
              f"ended after {took:.0f} s of 3 s patience")
        for peer in headers + bodies:
            peer.close()
        if left:
            yield f"{len(left)} slow clients are still waited for"
        yield from went_on(fleet, "slow clients")
        yield from fleet.balance("slow clients")


def idle(folder):
    with descriptors(IDLE + 1000), started(
            folder, "idle",
            more=f"[limits]\nconnections = {IDLE + 1000}\n"
            "connections-address = 0\n") as it:
        with Fleet(it) as fleet:
            before_mb = resident_mb(it)
            crowd = [connect(it) for _ in range(IDLE)]
            before = fleet.count()
            until(lambda: fleet.count() > before + 20)
            grown = resident_mb(it) - before_mb
            # Those that were there first may be 30 s old already.
            poll = select.poll()
            for peer in crowd[-IDLE // 2:]:
                poll.register(peer, select.POLLIN)
            ended = len(poll.poll(0))
            print(f"# {IDLE} idle connections cost {grown:.0f} MB")
            for peer in crowd:
                peer.close()
        if ended:
            yield f"{ended} of the latest {IDLE // 2} were ended"
        if grown > 400:
            yield f"they cost {grown:.0f} MB"
        yield from went_on(fleet, f"{IDLE} idle connections")
        yield from fleet.balance(f"{IDLE} idle connections")


def crowd(folder):
    """Over the limit, silent connections are dropped, the fleet's are not."""
    with descriptors(4000), started(
            folder, "crowd", more="[limits]\nconnections = 300\n"
            "connections-address = 0\n") as it:
        peers = [connect(it) for _ in range(1500)]
        time.sleep(3)  # from then on they are not new any more
        with Fleet(it) as fleet:
            enough = until(lambda: fleet.count() > 50, 20)
        ended = gauge(it, "connections_ended_total")
        print(f"# {len(peers)} idle connections where 300 may be: "
              f"{ended:.0f} were ended")
        for peer in peers:
            peer.close()
        if not enough:
            yield "the fleet did not come through"
        if not ended:
            yield "none made room"
        yield from fleet.balance("a crowd of idle connections")


def answered(peer):
    """Does the collector answer on this connection?"""
    try:
        peer.sendall(b"GET /v1/summary HTTP/1.1\r\nHost: x\r\n\r\n")
        return peer.recv(65536).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def hoard(folder):
    """An address has so many connections; others and proxies go on."""
    most, tried = 20, 50
    more = "trusted-proxies = 127.0.0.9\n[limits]\nworkers = 3\n" \
        f"connections-address = {most}\n"
    with started(folder, "hoard", more=more) as it:
        def count(address):
            peers = [socket.create_connection(
                ("127.0.0.1", it.port), 10, (address, 0))
                for _ in range(tried)]
            return peers, sum(answered(peer) for peer in peers)

        crowd, of_one = count("127.0.0.2")
        others = count("127.0.0.3"), count("127.0.0.9")
        for peer in crowd:
            peer.close()
        again = until(lambda: count("127.0.0.2")[1] == most, 5)
        ended = gauge(it, "connections_ended_total")
    print(f"# {tried} connections of an address where {most} may be: "
          f"{of_one} answered, {ended:.0f} closed")
    for whose, got, wanted in (("one address", of_one, most),
                               ("another", others[0][1], most),
                               ("a trusted proxy", others[1][1], tried)):
        if got != wanted:
            yield f"{got} connections of {whose} answered, not {wanted}"
    if not again:
        yield "those that are closed still count"
    if ended < 2 * (tried - most):
        yield f"only {ended:.0f} count as closed"


# --- reports ---

def encoded(report):
    return json.dumps(report).encode()


def nested(report):
    return encoded(report)[:-1] + b',"x":' + b"[" * 100000 + b"]" * 100000 \
        + b"}"


def twice(report):
    return encoded(report)[:-1] + b',"agent":"' + b"0" * 32 + b'"}'


def changed(*path, value):
    def change(report):
        report = json.loads(json.dumps(report))
        at = report
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        return encoded(report)
    return change


FIRST = ("targets", 0)
PROBE = FIRST + ("probes", 0)

# A sentence, the body made of a good report, headers, the status, the reason.
BAD = (
    ("over the limit", lambda report: encoded(report) + b" " * (1 << 20), {},
     413, "too-large"),
    ("a bomb", lambda report: gzip.compress(b" " * 50_000_000),
     {"Content-Encoding": "gzip"}, 413, "too-large"),
    ("a bomb of gzip in gzip", lambda report: gzip.compress(
        gzip.compress(b" " * 50_000_000)), {"Content-Encoding": "gzip"}, 400,
     "malformed"),
    ("cut off in gzip", lambda report: gzip.compress(encoded(report))[:-9],
     {"Content-Encoding": "gzip"}, 400, "malformed"),
    ("cut off", lambda report: encoded(report)[:-9], {}, 400, "malformed"),
    ("nothing", lambda report: b"", {}, 400, "malformed"),
    ("trailing bytes", lambda report: encoded(report) + b"{}", {}, 400,
     "malformed"),
    ("deep nesting", nested, {}, 400, "malformed"),
    ("a duplicate key", twice, {}, 400, "malformed"),
    ("an unknown encoding", encoded, {"Content-Encoding": "br"}, 415,
     "encoding"),
    ("text for a number", changed(*PROBE, "port", value="25"), {}, 400,
     "malformed"),
    ("a list for an object", changed(*PROBE, "ms", value=[]), {}, 400,
     "malformed"),
    ("an object for a list", changed("targets", value={}), {}, 400,
     "malformed"),
    ("a number for text", changed("report", value=7), {}, 400, "malformed"),
    ("a port of 65536", changed(*PROBE, "port", value=65536), {}, 400,
     "malformed"),
    ("a time in the future", changed(*FIRST, "at",
                                     value="2999-01-01T00:00:00Z"), {}, 400,
     "malformed"),
    ("another agent's name", changed("agent", value="0" * 32), {}, 400,
     "malformed"),
)


def refused(it):
    text = it.ask("GET", "/metrics", port=it.admin)[1].decode()
    found = {}
    for line in text.splitlines():
        if line.startswith("egress25_reports_refused_total{"):
            found[line.split('"')[1]] = int(line.split()[-1])
    return found


def send(agent, body, more, seal=lambda headers: headers):
    """The status; on a new connection, because some are closed."""
    agent.close()
    signed = agent.signed(agent.id, "POST", "/v1/reports", body)
    return agent.collector.ask("POST", "/v1/reports", body,
                               {**seal(signed), **more})


def forged(headers):
    return {**headers, "Signature": headers["Signature"].replace(
        "s=:", "s=:AAAA", 1)[:-5] + ":"}


def bad_reports(folder):
    with started(folder, "bad") as it:
        agent = Reporter(it)
        agent.collector = it
        agent.enrol()
        wanted = dict.fromkeys(refused(it), 0)
        with Fleet(it, 2) as fleet:
            for sentence, make, more, status, reason in BAD:
                reply = send(agent, make(agent.report()), more)
                wanted[reason] += 1
                if reply[0] != status:
                    yield f"{sentence}: {reply[0]}, not {status}: {reply[1]}"
            stranger = Reporter(it)
            stranger.id, stranger.collector = agent.id, it
            for who, seal in ((stranger, dict), (agent, forged),
                              (agent, lambda headers: {})):
                reply = send(who, encoded(agent.report()), {}, seal)
                wanted["signature"] += 1
                if reply[0] != 401:
                    yield f"a signature that is wrong: {reply[0]}"
        if refused(it) != wanted:
            yield f"counted {refused(it)}, not {wanted}"
        print(f"# {sum(wanted.values())} reports were refused: {wanted}")
        yield from fleet.balance("bad reports among good ones")


def mutate(body, dice):
    body = bytearray(body)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(body))
        kind = dice.randrange(4)
        if kind == 0:
            body[at] = dice.randrange(256)
        elif kind == 1:
            del body[at:at + dice.randrange(1, 20)]
        elif kind == 2:
            body[at:at] = dice.choice((b'"', b"{", b"]", b"\\u0000", b"9",
                                       b"null", b",", b"-1e999"))
        else:
            start = dice.randrange(len(body))
            body[at:at] = body[start:start + dice.randrange(1, 40)]
    return bytes(body)


def mutated(folder):
    dice = random.Random(27)
    with started(folder, "mutated",
                 more="[limits]\nreports-agent = 0\n") as it:
        agent = Reporter(it)
        agent.enrol()
        accepted = rows = 0
        with Fleet(it, 1) as fleet:
            for number in range(MUTATED):
                body = mutate(encoded(agent.report()), dice)
                answer = agent.ask("POST", "/v1/reports", body)
                if answer is None or answer[0] not in (200, 400):
                    yield f"{answer}: {body!r}"
                elif answer[0] == 200:
                    accepted += 1
                    rows += answer[1]["accepted"]
        it.recounted()
        found = it.json("/v1/summary")["measurements"] \
            - len(PORTS) * fleet.count()
        print(f"# {MUTATED} mutated reports, well signed: {accepted} still "
              f"were reports, of {rows} rows; {found} are stored")
        if found != rows:
            yield f"{found} rows of them, not {rows}"
        if not 0 < accepted < MUTATED / 2:
            yield f"{accepted} were accepted"


ROWS = (
    ("the limit on a request holds for a byte a second too", slow_loris),
    (f"{IDLE} idle connections keep no report waiting", idle),
    ("if descriptors run out, silent connections are dropped", crowd),
    ("an address has no more connections than it may have", hoard),
    ("each kind of bad report gets its reason, and is counted", bad_reports),
    ("mutated reports are stored whole or refused", mutated),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("attacks", ROWS))
