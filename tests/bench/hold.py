# SPDX-License-Identifier: Apache-2.0
"""A mail server that talks to any number of clients up to one point, and then
says nothing more to any of them."""

import asyncio
import ssl
import threading
import time

GREETING = b"220 mx.example.net ESMTP\r\n"
EHLO = b"250-mx.example.net\r\n250 STARTTLS\r\n"
GO = b"220 go ahead\r\n"

# How far it goes: a name, and how many of its sayings are heard.
POINTS = ("greeting", "EHLO reply", "TLS hello", "half of a TLS flight",
          "EHLO reply in TLS")


class HoldServer:
    """Listens in the calling thread's network namespace."""

    def __init__(self, address, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.point, self.held = None, 0
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(
            self.serve, address, 0, backlog=4096))
        self.port = self.server.sockets[0].getsockname()[1]
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def begin(self, point):
        """Hold clients at this point from now on."""
        self.point, self.held = point, 0

    def wait(self, count, seconds=60):
        """Wait until so many are held, or queued for a handshake."""
        until = time.monotonic() + seconds
        while self.held < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{self.held} of {count} are held")
            time.sleep(0.05)

    async def serve(self, reader, writer):
        try:
            await self.talk(POINTS.index(self.point), reader, writer)
            self.held += self.point not in POINTS[2:4]
            await reader.read()
        except (OSError, EOFError):
            pass
        writer.close()

    async def talk(self, point, reader, writer):
        if point == 0:
            return
        writer.write(GREETING)
        await reader.readuntil(b"\n")
        if point == 1:
            return
        writer.write(EHLO)
        await reader.readuntil(b"\n")
        writer.write(GO)
        self.held += point in (2, 3)
        if point == 2:
            await reader.read(1)
            return
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = self.context.wrap_bio(into, out, server_side=True)
        while True:
            into.write(await some(reader))
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                flight = out.read()
            if point == 3:
                # All but the end: the certificate is taken in already.
                writer.write(flight[:-20])
                await writer.drain()
                return
            writer.write(flight)
        while not session.pending():
            try:
                session.read(0)
                session.read(1)
                return
            except ssl.SSLWantReadError:
                writer.write(out.read())
                into.write(await some(reader))


async def some(reader):
    got = await reader.read(65536)
    if not got:
        raise EOFError
    return got
