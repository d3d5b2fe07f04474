#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_proxied.py COLLECTOR: a real collector behind nginx, HAProxy and Caddy
as doc/proxies configures them, and what a client of HTTP/1.0 gets. Prints
TAP."""

import http.client
import json
import os
import re
import socket
import sys

import proxies
from serve_world import Agent, Collector, Key, expect, main_of_rows, row, run
from ports import free_port

ROWS_STORED = 8000
LONG = "/v1/measurements?format=jsonl"
FILE = "/data/2026/11/25/measurements.parquet"
SHORT = "/v1/measurements?format=csv&limit=100"


class Through:
    """The collector, asked through a proxy."""

    def __init__(self, collector, port):
        self.collector, self.port = collector, port

    def ask(self, *question, **more):
        return self.collector.ask(*question, **{"port": self.port, **more})


class World:
    def __init__(self, folder):
        self.folder = folder
        day = folder / "dumps" / FILE.removeprefix("/data/")
        day.parent.mkdir(parents=True)
        day.write_bytes(os.urandom(3 << 20))
        self.collector = Collector(
            folder, "trusted-proxies = 127.0.0.1/32\n"
            f"[dumps]\ndirectory = {folder}/dumps\n")
        run(self.collector, "import", stdin="".join(
            json.dumps(row(number)) + "\n" for number in range(ROWS_STORED)))


def through(name, world, more=None):
    """(problems so far, the collector behind a proxy)"""
    port = free_port()
    return Through(world.collector, port), proxies.proxy(
        name, world.folder / f"{name}{port}", port, world.collector.port, more)


def lasting(body):
    """What an answer says but when it was made, and its window."""
    return re.sub(rb'"(generated|since|until)":"[^"]*"', b"", body)


def a_range(it, world):
    """A download that goes on where it broke off."""
    whole = world.collector.ask("GET", FILE)
    status, body, _ = it.ask("GET", FILE, headers={
        "Range": "bytes=1000000-", "If-Range": whole[2]["ETag"]})
    if status != 206 or body != whole[1][1000000:]:
        yield f"a range: {status}, {len(body)} bytes"


def serves(name, world):
    it, running = through(name, world)
    with running:
        agent = Agent(it, Key(world.folder, name))
        yield from expect(agent.enrol(), 200)
        # Loopback is the proxy; its own client is believed, the client's
        # claims are not (test_smuggling.py).
        yield from expect(agent.whoami(), 200, address="127.0.0.1")
        yield from expect(agent.send(agent.report()), 200, duplicate=False)
        for path in (LONG, SHORT, "/", "/v1/endpoints", FILE):
            direct, proxied = world.collector.ask("GET", path), \
                it.ask("GET", path)
            if (direct[0], lasting(direct[1])) != (
                    proxied[0], lasting(proxied[1])):
                yield f"{path}: {proxied[0]}, {len(proxied[1])} bytes, not " \
                    f"{direct[0]}, {len(direct[1])}"
            if path == LONG and len(proxied[1].splitlines()) < ROWS_STORED:
                yield f"{len(proxied[1].splitlines())} rows"
        known = next(value for name, value in it.ask("GET", "/")[2].items()
                     if name.lower() == "etag")
        reply = it.ask("GET", "/", headers={"If-None-Match": known})
        if reply[0] != 304:
            yield f"{reply[0]} for what is known"
        yield from a_range(it, world)
        reply = it.ask("POST", "/v1/reports", b"x" * (1 << 19))
        if reply[0] != 401:
            yield f"{reply[0]} for half a MiB that nobody signed"


def nginx(world):
    yield from serves("nginx", world)


def haproxy(world):
    yield from serves("haproxy", world)


def caddy(world):
    yield from serves("caddy", world)


def old_nginx(world):
    """nginx speaks HTTP/1.0 unless it is told not to."""
    it, running = through("nginx", world, lambda text: proxies.without(
        text, "proxy_http_version"))
    with running:
        reply = it.ask("GET", LONG)
        yield from expect(reply, 426, field=None)
        if b"HTTP/1.1" not in reply[1]:
            yield f"{reply[1]}"
        direct = world.collector.ask("GET", SHORT)
        proxied = it.ask("GET", SHORT)
        if (proxied[0], lasting(proxied[1])) != (
                direct[0], lasting(direct[1])):
            yield "a short list differs"
        if it.ask("GET", FILE)[1] != world.collector.ask("GET", FILE)[1]:
            yield "a file differs"
        yield from a_range(it, world)


# --- HTTP/1.0, straight at the socket ---

def read_reply(file):
    """(status, headers, body), which has its length."""
    status = int(file.readline().split()[1])
    headers = http.client.parse_headers(file)
    length = headers["Content-Length"]
    return status, headers, file.read(int(length)) if length else None


def ask_old(world, path, more=""):
    return (f"GET {path} HTTP/1.0\r\nHost: x\r\n{more}\r\n").encode()


def kept(world):
    """On one connection, a reply after the other."""
    wanted = [(path, world.collector.ask("GET", path)[1]) for path in (
        SHORT, "/v1/networks?limit=2", SHORT + "&port=25", "/v1/summary")]
    with socket.create_connection(("127.0.0.1", world.collector.port),
                                  timeout=20) as peer:
        file = peer.makefile("rb")
        for path, body in wanted:
            peer.sendall(ask_old(world, path, "Connection: keep-alive\r\n"))
            status, headers, found = read_reply(file)
            if (status, lasting(found)) != (200, lasting(body)) or \
                    headers["Connection"] != "keep-alive":
                yield f"{path}: {status} {dict(headers)} {found!r:.80}"
        peer.sendall(ask_old(world, LONG, "Connection: keep-alive\r\n"))
        status, headers, found = read_reply(file)
        if status != 426 or headers["Upgrade"] != "HTTP/1.1":
            yield f"a long list: {status} {dict(headers)}"
        peer.sendall(ask_old(world, "/v1/summary"))
        if read_reply(file)[0] != 200 or file.read(1):
            yield "it does not end"


def closed(world):
    """Each reply says its length, so that one that is cut short shows."""
    for path, status in ((SHORT, 200), ("/v1/summary", 200), ("/", 200),
                         ("/none", 404), (LONG, 426)):
        with socket.create_connection(("127.0.0.1", world.collector.port),
                                      timeout=20) as peer:
            peer.sendall(ask_old(world, path))
            got = peer.makefile("rb").read()
        head, _, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if not head.startswith(b"HTTP/1.0 %d " % status) or \
                length is None or int(length[1]) != len(body):
            yield f"{path}: {head!r}, {len(body)} bytes"
        if b"chunked" in head:
            yield f"{path}: chunks"


def of_nobody(world):
    """A list that its client does not wait for is no matter."""
    for _ in range(20):
        with socket.create_connection(
                ("127.0.0.1", world.collector.port)) as peer:
            peer.sendall(ask_old(world, LONG))
    yield from expect(world.collector.ask("GET", "/v1/summary"), 200)


ROWS = (
    ("behind nginx as documented: proofs, reports, lists, pages", nginx),
    ("behind HAProxy as documented", haproxy),
    ("behind Caddy as documented", caddy),
    ("behind nginx of HTTP/1.0: short lists, and a clear word of long ones",
     old_nginx),
    ("HTTP/1.0 that keeps its connection: whole lists or 426", kept),
    ("HTTP/1.0 that does not: each reply says its length", closed),
    ("HTTP/1.0 that leaves", of_nobody),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("proxied", ROWS, World))
