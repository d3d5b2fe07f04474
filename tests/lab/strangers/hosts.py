#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The servers of one drawn network, in one process.

usage: hosts.py LISTENERS.json

Each listener has: namespace, address, port, manner, tls (implicit), name,
certificate, key. A client that speaks before the greeting is over, or gives
a command that a probe never gives, is written to stdout.
"""

import asyncio
import json
import socket
import ssl
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.netns import enter_path

LATE_S = 5
ALLOWED = (b"EHLO", b"STARTTLS", b"QUIT")


def tls_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Server:
    def __init__(self, listener):
        self.__dict__.update(listener)
        self.context = tls_context(self.certificate, self.key)

    def implicit(self):
        """The context of a listener that speaks nothing but TLS."""
        silent = self.manner in ("closes", "mute", "connect")
        return self.context if self.tls and not silent else None

    def complain(self, what):
        print(f"{self.name} port {self.port}: {what}", flush=True)

    async def say(self, writer, *lines):
        writer.write(b"".join(line.encode() + b"\r\n" for line in lines))
        await writer.drain()

    async def greet(self, reader, writer):
        """False: it ends here."""
        if self.manner == "late":
            await asyncio.sleep(LATE_S)
        if self.manner == "multi":
            await self.say(writer, f"220-{self.name} ESMTP")
            await asyncio.sleep(1.5)
        if reader._buffer:
            self.complain(f"spoken to before the greeting: "
                          f"{bytes(reader._buffer)!r}")
        greeting = {"554": "554 5.7.1 no service for you",
                    "421": "421 4.3.2 come back later",
                    "http": "HTTP/1.0 400 Bad request"}
        await self.say(writer, greeting.get(
            self.manner, f"220 {self.name} ESMTP ready"))
        return self.manner not in ("421", "http")

    async def ehlo(self, writer, in_tls):
        if self.manner == "450":
            await self.say(writer, "450 4.7.0 greylisted")
            return
        words = ["SIZE 10240000", "8BITMIME"]
        if not in_tls and self.manner != "plain":
            words.insert(1, "STARTTLS")
        if in_tls:
            words.append("AUTH PLAIN")
        lines = [f"250-{self.name}"] + [f"250-{word}" for word in words]
        lines[-1] = lines[-1].replace("-", " ", 1)
        await self.say(writer, *lines)

    async def command(self, line, writer, in_tls):
        """What follows: "tls", "end" or None."""
        word = line.split()[0].upper() if line.split() else b""
        if word not in ALLOWED:
            self.complain(f"was told {line!r}")
        if word == b"EHLO":
            await self.ehlo(writer, in_tls)
        elif word == b"STARTTLS" and self.manner == "454":
            await self.say(writer, "454 4.7.0 TLS not available")
        elif word == b"STARTTLS":
            await self.say(writer, "220 2.0.0 go ahead")
            return "tls"
        elif word == b"QUIT":
            await self.say(writer, "221 2.0.0 bye")
            return "end"
        else:
            await self.say(writer, "502 5.5.1 no")
        return None

    async def serve(self, reader, writer):
        if self.manner == "closes":
            return
        if self.manner in ("mute", "connect"):
            await reader.read(1 << 16)
            return
        in_tls = self.tls
        if not await self.greet(reader, writer):
            return
        while line := await reader.readline():
            then = await self.command(line, writer, in_tls)
            if then == "end":
                return
            if then == "tls":
                await writer.start_tls(self.context)
                in_tls = True

    async def handle(self, reader, writer):
        try:
            await asyncio.wait_for(self.serve(reader, writer), 120)
        except (OSError, ssl.SSLError, asyncio.TimeoutError, ValueError):
            pass  # the client went away
        finally:
            writer.close()


def listen(listener):
    enter_path(f"/run/netns/{listener['namespace']}")
    family = socket.AF_INET6 if ":" in listener["address"] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((listener["address"], listener["port"]))
    sock.listen(64)
    sock.setblocking(False)
    return sock


async def main():
    listeners = json.loads(Path(sys.argv[1]).read_text())
    running = []
    for each in listeners:
        server = Server(each)
        running.append(await asyncio.start_server(
            server.handle, sock=listen(each), ssl=server.implicit()))
    print("ready", flush=True)
    await asyncio.gather(*(each.serve_forever() for each in running))


if __name__ == "__main__":
    asyncio.run(main())
