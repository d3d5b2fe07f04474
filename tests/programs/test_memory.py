#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_memory.py COLLECTOR: how much memory a real collector on loopback
takes for clients that say half of what they began, or do not read what they
asked for, and whether others are served meanwhile. Prints TAP."""

import json
import resource
import select
import socket
import ssl
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from certificate import make_certificate
from load import Fleet, Reporter, started
from serve_world import (PROGRAM, Collector, gauge, locked, main_of_rows,
                         resident_mb, row, run, until)

MEMORY_MB = 64  # [limits] memory, as it is by default
# That the process grows, with what an allocator wastes: a sanitizer's keeps
# what was freed, and is slow.
SANITIZED = b"__asan_init" in Path(PROGRAM).read_bytes()
MOST_MB = 400 if SANITIZED else 160
ACK_MOST_S = 10 if SANITIZED else 5
CONNECTIONS = 10000


class Lean(Collector):
    """Under a sanitizer, freed memory is given back at once."""

    def environment(self):
        return {"ASAN_OPTIONS": "quarantine_size_mb=1:"
                "thread_local_quarantine_size_kb=64"}


class Secured(Lean):
    """With TLS."""

    def __init__(self, folder, more=""):
        make_certificate(folder, "first.example")
        self.tls = ssl.create_default_context(cafile=folder / "cert.pem")
        self.tls.check_hostname = False
        super().__init__(folder, f"{more}[tls]\ncertificate = "
                         f"{folder}/cert.pem\nkey = {folder}/key.pem\n")


@contextmanager
def world(folder, name, more="", kind=Lean):
    what = resource.RLIMIT_NOFILE
    before = resource.getrlimit(what)
    resource.setrlimit(what, (CONNECTIONS, max(CONNECTIONS, before[1])))
    with started(folder, name, kind,
                 f"[limits]\nconnections = {CONNECTIONS - 1000}\n"
                 f"connections-address = 0\n{more}") as it:
        yield it
    resource.setrlimit(what, before)


class Watch(threading.Thread):
    """How far a collector grows, and what /readyz says meanwhile."""

    def __init__(self, it):
        super().__init__(daemon=True)
        self.it, self.ending = it, threading.Event()
        self.before_mb, self.most_mb, self.reasons = resident_mb(it), 0, set()

    def run(self):
        while not self.ending.wait(0.1):
            self.most_mb = max(self.most_mb, resident_mb(self.it))
            status, body, _ = self.it.ask("GET", "/readyz",
                                          port=self.it.admin)
            said = json.loads(body)
            self.reasons.add(said["error"]["message"] if status == 503
                             else said)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join(30)

    def said_memory(self):
        return any("memory" in reason for reason in self.reasons)

    def grown_mb(self):
        return self.most_mb - self.before_mb

    def __str__(self):
        return (f"{self.before_mb:.0f} MB grew by {self.grown_mb():.0f} MB; "
                f"/readyz: {sorted(self.reasons)}")


class Crowd:
    """Connections, each with bytes that it sends as fast as they are taken,
    and a reply that nobody reads."""

    def __init__(self, it, count, data, buffer=None):
        self.left, self.peers, self.poll = {}, [], select.epoll()
        for _ in range(count):
            peer = socket.socket()
            if buffer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            peer.settimeout(30)
            peer.connect(("127.0.0.1", it.port))
            peer.setblocking(False)
            self.peers.append(peer)
            self.left[peer.fileno()] = (peer, memoryview(data))
            self.poll.register(peer, select.EPOLLOUT)

    def send(self, seconds=30):
        """Until all is sent or nobody takes more."""
        until_s = time.monotonic() + seconds
        while self.left and time.monotonic() < until_s:
            events = self.poll.poll(0.5)
            if not events:
                break
            for number, _ in events:
                peer, data = self.left[number]
                try:
                    data = data[peer.send(data[:65536]):]
                except BlockingIOError:
                    pass
                except OSError:
                    data = b""
                self.left[number] = (peer, data)
                if not data:
                    self.poll.unregister(number)
                    del self.left[number]

    def close(self):
        self.poll.close()
        for peer in self.peers:
            peer.close()


def pressed(it, count, data, what, buffer=None, budget_mb=MEMORY_MB):
    """What is wrong while so many send this and no more, or read nothing."""
    with Fleet(it, 2) as fleet, Watch(it) as watch:
        until(lambda: fleet.count() > 5)
        crowd = Crowd(it, count, data, buffer)
        crowd.send()
        until(watch.said_memory, 90)
        sent = fleet.count()
        served = until(lambda: fleet.count() > sent + 5)
        held_mb = gauge(it, "connection_bytes") / (1 << 20)
        ended = gauge(it, "connections_ended_total")
        crowd.close()
    longest = max(each.longest_s for each in fleet.reporters)
    print(f"# {count} {what} of {len(data)} bytes: {watch}; {held_mb:.0f} MB "
          f"held, {ended:.0f} ended, the slowest acknowledgement "
          f"{longest:.2f} s")
    if watch.grown_mb() > MOST_MB:
        yield f"{count} {what}: it grew by {watch.grown_mb():.0f} MB"
    if held_mb > budget_mb * 1.25:
        yield f"{count} {what}: {held_mb:.0f} MB are held"
    if not served or longest > ACK_MOST_S:
        yield f"{count} {what}: the fleet waited {longest:.1f} s"
    if not watch.said_memory():
        yield f"{count} {what}: /readyz said {watch.reasons}"


def bodies(folder):
    data = (b"POST /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000"
            b"\r\n\r\n" + b"x" * 999990)
    for count in (300, 1000, 4000):
        with world(folder, f"bodies{count}") as it:
            yield from pressed(it, count, data, "half-sent bodies")


def chunks(folder):
    data = (b"POST /v1/reports HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
            + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 15)
    with world(folder, "chunks") as it:
        yield from pressed(it, 500, data, "half-sent chunks")


def heads(folder):
    data = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a:\r\n" * 90 + b"b: " \
        + b"x" * 15900
    with world(folder, "heads") as it:
        yield from pressed(it, 8000, data, "half-sent heads")


def ahead(folder):
    data = (b"GET /v1/networks HTTP/1.1\r\nHost: x\r\n\r\n" * 2000)[:65000]
    with world(folder, "ahead") as it:
        yield from pressed(it, 3000, data, "pipelines that nobody reads")


def replies(folder):
    """A page each, of which the kernel takes little: some 90 MB."""
    ask = b"GET /v1/measurements?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n"
    with world(folder, "replies") as it:
        run(it, "import", stdin="".join(
            json.dumps(row(number)) + "\n" for number in range(2000)))
        length = len(it.ask("GET", "/v1/measurements?limit=1000")[1])
        print(f"# a page has {length} bytes")
        yield from pressed(it, 200, 12 * ask,
                           "questions for pages that nobody reads", 4096)


# A record of 16 KB that begins with a ClientHello, and most of it.
HELLO = b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03" + b"x" * 16000


def secured(folder):
    for name, data, what in (("silent", b"", "silent TLS connections"),
                             ("hello", HELLO, "half-sent handshakes")):
        with world(folder, name, "memory = 8M\n", Secured) as it:
            yield from pressed(it, 1000, data, what, budget_mb=8)


def waiting(folder):
    """A report that waits for the writer is rows; its text is not needed."""
    with world(folder, "waiting") as it:
        agent = Reporter(it)
        agent.enrol()
        body = json.dumps(agent.report()).encode() + b" " * 900000
        with locked(it):
            asks = threading.Thread(
                target=agent.ask, args=("POST", "/v1/reports", body))
            asks.start()
            time.sleep(1)
            held, waits = gauge(it, "connection_bytes"), asks.is_alive()
        asks.join(30)
        print(f"# a report of {len(body)} bytes waits: {held:.0f} are held")
        if not waits or not 0 <= held < 100000:
            yield f"waits: {waits}, {held:.0f} bytes are held"


ROWS = (
    ("half-sent bodies share the limit, and others are served", bodies),
    ("half-sent chunks too", chunks),
    ("half-sent heads too", heads),
    ("requests ahead of replies that nobody reads too", ahead),
    ("replies that nobody reads too", replies),
    ("so does what TLS takes, of who says nothing or half", secured),
    ("a report that waits for the writer does not", waiting),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("memory", ROWS))
