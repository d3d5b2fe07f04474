#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_smuggling.py COLLECTOR: nobody gets a source proof for an address that
is not his, straight at a collector's socket and through real proxies that keep
their connections to it. Prints TAP."""

import json
import re
import socket
import sys

import proxies
import smuggled
from serve_world import Agent, Collector, Key, main_of_rows, signature
from ports import free_port

ATTACKER, HONEST = "127.0.0.9", "127.0.0.10"
# One agent asks some thousand times in a minute.
MORE = "trusted-proxies = 127.0.0.1/32\n[limits]\nreports-agent = 0\n"


def talk(port, data, source="127.0.0.1", seconds=5):
    """All that comes until the server closes, and whether it did."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds,
                                  source_address=(source, 0)) as peer:
        try:
            peer.sendall(data)
            while (part := peer.recv(65536)):
                got += part
        except TimeoutError:
            return got, False
        except OSError:  # reset, or closed while we sent
            pass
    return got, True


def statuses(got):
    return [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3}) ", got)]


def addresses(got):
    return set(re.findall(rb'"address":"([^"]*)"', got))


class World:
    """A collector that believes 127.0.0.1, an attacker's agent, an honest
    one, and what asks for a proof."""

    def __init__(self, folder):
        self.folder = folder
        self.collector = Collector(folder, MORE)
        self.agents = {}
        for name in ("attacker", "honest"):
            agent = Agent(self.collector, Key(folder, name))
            agent.enrol()
            self.agents[name] = agent

    def ask(self, name, more=""):
        agent = self.agents[name]
        signed = signature(agent.key, agent.id, "GET", "/v1/whoami", b"")
        lines = "".join(f"{key}: {value}\r\n" for key, value in signed.items())
        return ("GET /v1/whoami HTTP/1.1\r\nHost: collector.example\r\n"
                f"{lines}{more}\r\n").encode()


# --- straight at the socket, as a proxy would pass it on ---

def directly(world):
    inner = world.ask("attacker", f"X-Forwarded-For: {smuggled.VICTIM}\r\n")
    port = world.collector.port
    got, _ = talk(port, inner.replace(
        b"Host:", b"Connection: close\r\nHost:"))
    if addresses(got) != {smuggled.VICTIM.encode()}:
        yield f"the inner request alone gets no proof: {got[:300]}"
    for attempt in smuggled.REFUSED:
        got, closed = talk(port, smuggled.filled(attempt, inner))
        if statuses(got) != [attempt[3]] or not closed or \
                b"\r\nConnection: close\r\n" not in got or addresses(got):
            yield f"{attempt[0]}: closed {closed}: {got[:200]}"
    for attempt in smuggled.READ:
        got, _ = talk(port, smuggled.filled(attempt, inner), seconds=0.3)
        if statuses(got) != [attempt[3]] or addresses(got):
            yield f"{attempt[0]}: {got[:200]}"
    print(f"# {len(smuggled.REFUSED + smuggled.READ)} attempts")


def in_pieces(world):
    """Where the bytes are split is no matter."""
    inner = world.ask("attacker", f"X-Forwarded-For: {smuggled.VICTIM}\r\n")
    for attempt in (smuggled.METHODS[0], smuggled.LENGTHS[0],
                    smuggled.CODINGS[0], smuggled.CHUNKS[0]):
        data = smuggled.filled(attempt, inner)
        end = len(data) - len(inner)
        for at in {1, 4, 20, end - 2, end - 1, end, end + 1, end + 9}:
            got = b""
            with socket.create_connection(
                    ("127.0.0.1", world.collector.port), timeout=5) as peer:
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    peer.sendall(data[:at])
                    peer.settimeout(0.02)
                    try:
                        got = peer.recv(65536)
                    except TimeoutError:
                        pass
                    peer.settimeout(5)
                    peer.sendall(data[at:])
                    while (part := peer.recv(65536)):
                        got += part
                except OSError:
                    pass
            if addresses(got) or (got and statuses(got) != [attempt[3]]):
                yield f"{attempt[0]}, split at {at}: {got[:200]}"


def ahead(world):
    """What is sent before a slow answer has come starts nothing by itself."""
    slow = (b"GET /v1/networks HTTP/1.1\r\nHost: x\r\n"
            b"Connection: keep-alive\r\n\r\n")
    last = slow.replace(b"keep-alive", b"close")
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", world.collector.port),
                                      timeout=10) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            got = b""
            for byte in slow + slow + last:
                peer.send(bytes([byte]))
            while (part := peer.recv(65536)):
                got += part
        if statuses(got) != [200] * 3:
            yield f"{statuses(got)}"
    flood = b"GET /v1/networks HTTP/1.1\r\nHost: x\r\n\r\n" * 100000
    got, closed = talk(world.collector.port, flood, seconds=30)
    if not closed:
        yield "100,000 requests ahead are kept"


# --- through proxies ---

def through(name, world, *, more=None):
    port = free_port()
    inner = world.ask("attacker", f"X-Forwarded-For: {smuggled.VICTIM}\r\n")
    claimed = world.ask("attacker", "Connection: close, X-Forwarded-For\r\n"
                        f"X-Forwarded-For: {smuggled.VICTIM}\r\n"
                        f"Forwarded: for={smuggled.VICTIM}\r\n"
                        f"X-Real-IP: {smuggled.VICTIM}\r\n")
    after = world.ask("attacker", "Connection: close\r\n")
    answered = 0
    with proxies.proxy(name, world.folder / f"{name}{port}", port,
                       world.collector.port, more):
        yield from honest(world, port, "before")
        for attempt in smuggled.REFUSED + smuggled.READ + [
                ("claims", claimed)]:
            data = attempt[1] if attempt[0] == "claims" else \
                smuggled.filled(attempt, inner)
            got, _ = talk(port, data + after, ATTACKER, 0.3)
            answered += len(addresses(got))
            if addresses(got) - {ATTACKER.encode()}:
                yield f"{attempt[0]}: {addresses(got)}"
            yield from honest(world, port, attempt[0])
    print(f"# {name}: {answered} attempts got a proof for the attacker's own "
          "address")


def honest(world, port, when):
    for _ in range(2):
        got, closed = talk(
            port, world.ask("honest", "Connection: close\r\n"), HONEST)
        reply = json.loads(got.partition(b"\r\n\r\n")[2].strip() or b"{}") \
            if statuses(got) == [200] and b"chunked" not in got else {}
        if (reply.get("address"), reply.get("agent")) != (
                HONEST, world.agents["honest"].id):
            yield f"{when}: the honest agent got {got[:300]}"


def by_nginx(world):
    yield from through("nginx", world)


def by_nginx_streaming(world):
    """Bodies are not collected first, but passed on as they come."""
    yield from through("nginx", world, more=lambda text: text.replace(
        "proxy_http_version", "proxy_request_buffering off;\n"
        "proxy_http_version"))


def by_haproxy(world):
    yield from through("haproxy", world)


def by_haproxy_header(world):
    """With X-Forwarded-For instead of the PROXY header."""
    yield from through("haproxy", world, more=lambda text: text.replace(
        " send-proxy-v2", "").replace(
            "http-reuse", "option forwardfor\n\thttp-reuse"))


def by_caddy(world):
    yield from through("caddy", world)


ROWS = (
    ("straight at the socket, each attempt is one refusal and the end",
     directly),
    ("however the bytes are split", in_pieces),
    ("what is sent ahead of an answer waits, and only so much of it", ahead),
    ("through nginx, connections kept, X-Forwarded-For", by_nginx),
    ("through nginx that passes bodies on as they come", by_nginx_streaming),
    ("through HAProxy, connections kept, PROXY header", by_haproxy),
    ("through HAProxy, connections kept, X-Forwarded-For", by_haproxy_header),
    ("through Caddy, connections kept, X-Forwarded-For", by_caddy),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("smuggling", ROWS, World))
