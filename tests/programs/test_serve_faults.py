#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_serve_faults.py COLLECTOR: a real collector on loopback with a faulty
store, faulty clients and a faulty proxy in front of it. Prints TAP."""

import base64
import gzip
import hashlib
import json
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

from serve_world import (IMPORTED, NETWORKS, PROGRAM, Agent, Collector, Key,
                         Tap, count, expect, gauge, locked, proc, resident_mb,
                         revoke, row, run, run_rows, scratch, signature,
                         started, until)
from ports import free_port

EVIDENCE = "keep-signed = yes\n"


class Sending(threading.Thread):
    """One signed report in flight."""

    def __init__(self, agent, report=None):
        super().__init__()
        self.body = json.dumps(report or agent.report()).encode()
        self.headers = signature(agent.key, agent.id, "POST", "/v1/reports",
                                 self.body)
        self.collector, self.reply = agent.collector, None

    def run(self):
        self.reply = self.collector.ask("POST", "/v1/reports", self.body,
                                        self.headers)

    def bytes(self):
        head = "".join(f"{k}: {v}\r\n" for k, v in self.headers.items())
        return (f"POST /v1/reports HTTP/1.1\r\nHost: x\r\n{head}"
                f"Content-Length: {len(self.body)}\r\n\r\n").encode() \
            + self.body


def cpu_s(collector):
    fields = proc(collector, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


# --- the queue and the store ---

def queue_full(folder):
    with started(folder, "queue", "[limits]\nqueue = 2\n") as (it, agent):
        sending = [Sending(agent) for _ in range(8)]
        with locked(it):
            sending[0].start()
            until(lambda: gauge(it, "queue_length") == 0 and count(it) == 0)
            time.sleep(0.2)  # the writer has the first one in its hands
            for each in sending[1:]:
                each.start()
            refused = until(lambda: sum(each.reply is not None
                                        for each in sending) == 5)
        for each in sending:
            each.join()
        if not refused:
            yield "not five of eight were refused at once"
        stored = [each for each in sending if each.reply[0] == 200]
        for each in sending:
            if each not in stored:
                yield from expect(each.reply, 503)
                if "Retry-After" not in each.reply[2]:
                    yield "no Retry-After"
        if count(it) != 2 * len(stored):
            yield f"{len(stored)} were acknowledged, {count(it)} rows stored"
        text = it.ask("GET", "/metrics", port=it.admin)[1].decode()
        if 'refused_total{reason="queue-full"} 5' not in text:
            yield "five refusals are not counted"


def not_ready(folder):
    with started(folder, "ready", "[limits]\nqueue = 2\n") as (it, agent):
        sending = [Sending(agent) for _ in range(3)]
        with locked(it):
            for each in sending:
                each.start()
                time.sleep(0.2)
            reply = it.ask("GET", "/readyz", port=it.admin)
            if reply[0] != 503:
                yield f"/readyz with a full queue: {reply[0]}"
            if it.ask("GET", "/healthz", port=it.admin)[0] != 200:
                yield "/healthz: not alive"
        for each in sending:
            each.join()
        if it.ask("GET", "/readyz", port=it.admin)[0] != 200:
            yield "not ready again"


def gone_while_waiting(folder):
    with started(folder, "gone") as (it, agent):
        sending = [Sending(agent) for _ in range(20)]
        with locked(it):
            for each in sending:
                with socket.create_connection(("127.0.0.1", it.port)) as peer:
                    peer.sendall(each.bytes())
            time.sleep(0.3)
        if not until(lambda: count(it) == 2 * len(sending)):
            yield f"{count(it)} rows, not {2 * len(sending)}"


def ends_while_waiting(folder):
    with started(folder, "ends") as (it, agent):
        sending = [Sending(agent) for _ in range(5)]
        with locked(it):
            for each in sending:
                each.start()
            time.sleep(0.5)
            it.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        for each in sending:
            each.join()
            yield from expect(each.reply, 200, accepted=2)
        it.process.wait(timeout=60)
        it.start()
        if count(it) != 2 * len(sending):
            yield f"{count(it)} rows, not {2 * len(sending)}"


def together(folder):
    with started(folder, "group") as (it, agent):
        report = agent.report()
        sending = [Sending(agent, report) for _ in range(6)]
        with locked(it):
            for each in sending:
                each.start()
            time.sleep(0.5)
        for each in sending:
            each.join()
        fresh = [each for each in sending
                 if not json.loads(each.reply[1])["duplicate"]]
        if len(fresh) != 1 or count(it) != 2:
            yield f"{len(fresh)} were new, {count(it)} rows"


def evidence(folder):
    with started(folder, "evidence", EVIDENCE) as (it, agent):
        yield from expect(agent.send(
            agent.report(), {"Content-Encoding": "gzip"}, gzip.compress), 200)
        path = it.folder / "state" / "collector.db"
        with closing(sqlite3.connect(path)) as database:
            kept, = database.execute("SELECT body FROM evidence").fetchone()
        head, _, body = kept.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1)
                       for line in head.decode().split("\r\n"))
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if headers["Content-Digest"] != f"sha-256=:{digest}:":
            yield "the body is not what was signed"
        if json.loads(gzip.decompress(body))["agent"] != agent.id:
            yield "the body is another's"
        if not headers["Signature"] or not headers["Signature-Input"]:
            yield "no signature was kept"


@contextmanager
def no_file_grows(collector):
    """Every write fails, as on a full disk."""
    pid, what = collector.process.pid, resource.RLIMIT_FSIZE
    limits = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (0, limits[1]))
    yield
    resource.prlimit(pid, what, limits)


def full(folder):
    with started(folder, "full") as (it, agent):
        yield from expect(agent.send(agent.report()), 200)
        report = agent.report()
        with no_file_grows(it):
            for _ in range(3):
                reply = agent.send(report)
                yield from expect(reply, 503)
                if "Retry-After" not in reply[2]:
                    yield "no Retry-After"
            if it.ask("GET", "/readyz", port=it.admin)[0] != 503:
                yield "ready, with a store that fails"
            if gauge(it, "store_failing") != 1:
                yield "store_failing is not 1"
            yield from expect(it.ask("GET", "/v1/measurements"), 200)
        yield from expect(agent.send(report), 200, duplicate=False)
        if it.ask("GET", "/readyz", port=it.admin)[0] != 200:
            yield "not ready again"
        if count(it) != 4:
            yield f"{count(it)} rows, not 4"


# --- clients ---

def ask_raw(collector, request):
    with socket.create_connection(("127.0.0.1", collector.port),
                                  timeout=10) as peer:
        peer.sendall(request)
        peer.shutdown(socket.SHUT_WR)
        answer = b""
        while part := peer.recv(65536):
            answer += part
    return answer


def whoami_through(collector, *lines):
    head = "".join(f"X-Forwarded-For: {line}\r\n" for line in lines)
    answer = ask_raw(collector, f"GET /v1/whoami HTTP/1.1\r\nHost: x\r\n{head}"
                     "Connection: close\r\n\r\n".encode())
    status = int(answer.split()[1])
    return status, answer.partition(b"\r\n\r\n")[2], {}


def forwarded(folder):
    more = "trusted-proxies = 127.0.0.0/8 198.51.100.0/24\n"
    with started(folder, "forwarded", more) as (it, _):
        for lines, address in (
                (["203.0.113.9"], "203.0.113.9"),
                (["192.0.2.1, 203.0.113.9"], "203.0.113.9"),
                (["192.0.2.1", "203.0.113.9"], "203.0.113.9"),
                (["192.0.2.1", "203.0.113.9", "198.51.100.7"], "203.0.113.9"),
                (["made up", " 203.0.113.9 ,198.51.100.7"], "203.0.113.9"),
                (["2001:db8::9"], "2001:db8::9"),
                ([], "127.0.0.1")):
            for problem in expect(whoami_through(it, *lines), 200,
                                  address=address):
                yield f"{lines}: {problem}"
        for lines in (["unknown"], ["203.0.113.9", "unknown"],
                      ["203.0.113.9, 127.0.0.1:80"]):
            for problem in expect(whoami_through(it, *lines), 400,
                                  field="X-Forwarded-For"):
                yield f"{lines}: {problem}"


def too_large(folder):
    with started(folder, "large") as (it, agent):
        yield from expect(agent.send(b" " * 1_500_000), 413)
        for size in (3 << 20, 40 << 20):
            reply = it.ask("POST", "/v1/reports", b" " * size)
            if reply[0] != 413:
                yield f"{size} bytes: {reply[0]}, not 413"
        # Of chunks the end is not known, so that whoever still sends may be
        # cut off before the answer is read (RFC 9112, 9.6).
        try:
            answer = ask_raw(
                it, b"POST /v1/reports HTTP/1.1\r\nHost: x\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
                + (b"100000\r\n" + b" " * (1 << 20) + b"\r\n") * 4)
        except OSError:
            answer = b""
        if answer and not answer.startswith(b"HTTP/1.1 413"):
            yield f"in chunks: {answer[:80]!r}"
        if resident_mb(it) > 300:
            yield f"{resident_mb(it):.0f} MB after it"


def connections(folder):
    with started(folder, "connections",
                 "[limits]\nconnections = 8\n") as (it, _):
        early = socket.create_connection(("127.0.0.1", it.port), timeout=10)
        crowd = [socket.create_connection(("127.0.0.1", it.port))
                 for _ in range(100)]
        try:
            time.sleep(0.5)
            began = cpu_s(it)
            time.sleep(1)
            if cpu_s(it) - began > 0.4:
                yield f"{cpu_s(it) - began:.1f} s of CPU in an idle second"
            early.sendall(b"GET /v1/summary HTTP/1.1\r\nHost: x\r\n\r\n")
            if not early.recv(65536).startswith(b"HTTP/1.1 200"):
                yield "who was there first is not answered"
        finally:
            early.close()
            for each in crowd:
                each.close()
        yield from expect(it.ask("GET", "/v1/summary"), 200)


def imported(folder):
    (folder / "rows").mkdir(exist_ok=True)
    collector = Collector(folder / "rows")
    text = "".join(json.dumps(row(i)) + "\n" for i in range(IMPORTED))
    run(collector, "import", stdin=text)
    return collector


def costs(folder):
    """Reading is limited by what it costs, and quick answers are not."""
    with started(folder, "costs", "[limits]\nreads-address = 60\n",
                 enrolled=False) as (it, _):
        for _ in range(2000):
            status, body, headers = it.ask("GET", "/v1/networks")
            if status == 429:
                break
        if status != 429 or int(headers.get("Retry-After", 0)) < 1:
            yield f"{status}: {headers}"
        yield from expect(it.ask("GET", "/v1/whoami"), 200)
        if gauge(it, "reads_limited_total") < 1:
            yield "it is not counted"


def streams(it):
    lines = it.ask("GET", "/v1/measurements?format=jsonl")[1].splitlines()
    ids = {json.loads(line)["id"] for line in lines}
    if len(lines) != IMPORTED or len(ids) != IMPORTED:
        yield f"{len(lines)} lines, {len(ids)} different rows, not {IMPORTED}"
    it.recounted()
    for kind in ("jsonl", "csv"):
        body = it.ask("GET", f"/v1/networks?format={kind}")[1]
        found = len(body.splitlines()) - (kind == "csv")
        if found != NETWORKS:
            yield f"{found} networks as {kind}, not {NETWORKS}"
    numbers, path = [], "/v1/networks?limit=700"
    while path:
        status, body, headers = it.ask("GET", path)
        page = json.loads(body)
        numbers += [each["asn"] for each in page["items"]]
        link = headers.get("Link", "<>")
        path = link[1:link.index(">")]
    if numbers != list(range(64496, 64496 + NETWORKS)):
        yield f"{len(numbers)} networks on pages, not each once in its order"
    few = it.ask("GET", "/v1/measurements?format=jsonl&limit=7")[1]
    if len(few.splitlines()) != 7:
        yield "limit is not kept in a stream"


def slow_reader(it):
    for _ in range(3):  # what one stream needs, and what is kept of it
        it.ask("GET", "/v1/measurements?format=jsonl")
    before = resident_mb(it)
    request = (b"GET /v1/measurements?format=jsonl HTTP/1.1\r\nHost: x\r\n"
               b"Connection: close\r\n\r\n")
    peers = []
    for _ in range(5):
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(("127.0.0.1", it.port))
        peer.sendall(request)
        peers.append(peer)
    time.sleep(1)
    grown = resident_mb(it) - before
    yield from expect(it.ask("GET", "/v1/summary"), 200)
    for peer in peers:
        peer.close()
    if grown > 25:
        yield f"five slow readers of a stream cost {grown:.0f} MB"


def leaves_stream(it):
    for size in range(0, 400_000, 20_000):
        with socket.create_connection(("127.0.0.1", it.port),
                                      timeout=10) as peer:
            peer.sendall(b"GET /v1/measurements?format=csv HTTP/1.1\r\n"
                         b"Host: x\r\n\r\n")
            while size > 0:
                size -= len(peer.recv(min(size, 65536)))
    yield from expect(it.ask("GET", "/v1/summary"), 200)


# --- enrolment and start ---

def tokens(folder):
    with started(folder, "tokens", "enrol = token\n", False) as (it, agent):
        yield from expect(agent.enrol(), 403, field="token")
        yield from expect(agent.enrol(token="guessed"), 403, field="token")
        token = run(it, "token").split()[-1]
        yield from expect(agent.enrol(token=token), 200)
        other = Agent(it, Key(it.folder, "other"))
        yield from expect(other.enrol(token=token), 403, field="token")
        yield from expect(agent.send(agent.report()), 200)
        revoke(it, agent)
        yield from expect(agent.whoami(), 401)
        yield from expect(agent.send(b"{}"), 401)


def family6(folder):
    (folder / "six").mkdir()
    it = Collector(folder / "six")
    it.end(signal.SIGTERM)
    it.config.write_text(it.config.read_text().replace(
        f"listen = 127.0.0.1:{it.port}", f"listen = [::]:{it.port}"))
    it.start()
    try:
        with socket.create_connection(("::1", it.port), timeout=10) as peer:
            peer.sendall(b"GET /v1/whoami HTTP/1.0\r\n\r\n")
            answer = peer.recv(65536)
        said = json.loads(answer.partition(b"\r\n\r\n")[2])
        if (said["address"], said["family"]) != ("::1", 6):
            yield f"over IPv6: {answer!r}"
        yield from expect(it.ask("GET", "/v1/whoami"), 200,
                          address="127.0.0.1", family=4)
    finally:
        it.end(signal.SIGKILL)


def wrong_starts(folder):
    used = free_port()
    wrong = folder / "wrong"
    for more, code, sentence in (
            ("[tls]\ncertificate = /c.pem\nkey = /k.pem\n", 2, "/c.pem"),
            ("[geo]\nasn = /nowhere.mmdb\n", 2, "/nowhere.mmdb: "),
            ("endpoints = /nowhere.conf\n", 2, "/nowhere.conf"),
            ("state = /proc/nowhere\n", 4, "/proc/nowhere"),
            (f"listen = 127.0.0.1:{used}\n", 4, str(used))):
        lines = ["[collector]", f"admin = 127.0.0.1:{free_port()}"]
        if "state" not in more:
            lines.append(f"state = {wrong}")
        if "listen" not in more:
            lines.append(f"listen = 127.0.0.1:{free_port()}")
        config = folder / "wrong.conf"
        config.write_text("\n".join(lines) + f"\n{more}")
        with socket.create_server(("127.0.0.1", used)):
            done = subprocess.run([PROGRAM, "serve", "--config", config],
                                  capture_output=True, text=True, timeout=20)
        said = done.stderr.splitlines()
        if (done.returncode, len(said)) != (code, 1) or \
                sentence not in said[0]:
            yield f"{more!r}: exit code {done.returncode}: {done.stderr}"


def ends_while_starting(folder):
    """The database does not answer, and its time is not over."""
    state = folder / "early"
    config = folder / "early.conf"
    with socket.create_server(("127.0.0.1", 0)) as database:
        database.settimeout(60)
        config.write_text(
            f"[collector]\nlisten = 127.0.0.1:{free_port()}\n"
            f"admin = 127.0.0.1:{free_port()}\nstate = {state}\n"
            "[store]\nbackend = clickhouse\n"
            f"url = http://127.0.0.1:{database.getsockname()[1]}\n")
        for number in (signal.SIGTERM, signal.SIGINT):
            process = subprocess.Popen(
                [PROGRAM, "serve", "--config", config],
                stderr=subprocess.PIPE, text=True)
            with process, database.accept()[0]:
                process.send_signal(number)
                said = process.communicate(timeout=60)[1]
            if process.returncode or f"signal {number}: ending" not in said:
                yield f"{number.name}: {process.returncode}: {said}"


def start_code(it):
    """Start it where it must not start: (exit code, its one line)."""
    done = subprocess.run(it.command(), capture_output=True, text=True,
                          timeout=20)
    return done.returncode, done.stderr


def lost_secret(folder):
    """Without its secret each agent would be a second one, and none could be
    revoked; with an empty database nobody would be known."""
    (folder / "secret").mkdir()
    it = Collector(folder / "secret")
    agent = Agent(it, Key(folder / "secret", "agent"))
    yield from expect(agent.enrol(), 200)
    it.end(signal.SIGTERM)
    state = folder / "secret" / "state"
    secret, database = state / "secret", state / "collector.db"
    kept, rows = secret.read_bytes(), database.read_bytes()
    for what, other, says in ((secret, None, "is missing"),
                              (secret, bytes(32), "goes with another secret"),
                              (database, b"", "is empty")):
        if other is None:
            what.unlink()
        else:
            what.write_bytes(other)
        code, said = start_code(it)
        if code != 2 or says not in said or said.count("\n") != 1:
            yield f"{what.name} {other}: exit code {code}: {said}"
        done = subprocess.run([PROGRAM, "revoke", "--config", it.config,
                               agent.id], capture_output=True, text=True)
        if done.returncode != 2 or says not in done.stderr:
            yield f"revoke: exit code {done.returncode}: {done.stderr}"
        if other is None and secret.exists():
            yield "a new secret was made"
        secret.touch(mode=0o600)
        secret.write_bytes(kept)
    database.write_bytes(rows)
    it.start()
    with it:
        yield from expect(agent.enrol(), 200)
        report = agent.report()
        revoke(it, agent)
        yield from expect(agent.send(report), 401)


ALONE = (
    ("a full queue is 503 with Retry-After, and keeps what it acknowledged",
     queue_full),
    ("while the queue fills up it is not ready, but alive", not_ready),
    ("clients that leave while their report waits do no harm",
     gone_while_waiting),
    ("SIGTERM answers the waiting reports", ends_while_waiting),
    ("a report sent six times at once is stored once", together),
    ("a full store is 503, loses nothing, and recovers", full),
    ("a stored report can be verified again", evidence),
    ("the last address in X-Forwarded-For that is not a proxy counts",
     forwarded),
    ("a body over the limit is refused, however large", too_large),
    ("connections over the limit wait, the others are served",
     connections),
    ("a token enrols one agent, a revoked agent is unknown", tokens),
    ("reading is limited by what it costs", costs),
    ("one listener for both families tells them apart", family6),
    ("a failed start says why in one line", wrong_starts),
    ("a start that waits for its database ends when it is told to",
     ends_while_starting),
    ("without its secret, or with an empty database, it does not start",
     lost_secret),
)

SHARED = (
    ("streams and pages have every row once", streams),
    ("a slow reader costs the memory of one part", slow_reader),
    ("a client that leaves in mid-stream does no harm", leaves_stream),
)


def main():
    tap = Tap()
    with scratch("faults") as folder:
        run_rows(tap, ALONE, folder)
        with imported(folder) as collector:
            run_rows(tap, SHARED, collector)
            tap.row("it exits cleanly after all that", collector.end_problems())
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
