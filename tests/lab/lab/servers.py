#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The scripted servers of a lab, in one process: ordinary ones, and every odd
thing that a server can do by itself.

usage: servers.py LISTENERS.json

Each listener has: namespace, address, port, manner, tls (implicit), name,
certificate, key. A client that speaks before the greeting is over, or gives
a command that a probe never gives, is written to stdout.

A manner is "good", "late", a code of three digits (the greeting), or one of
those in OPENINGS (instead of a greeting), TLS (as it begins), REPLIES (to
EHLO), STARTTLS (to that), or in Server.greet().
"""

import asyncio
import json
import os
import resource
import socket
import ssl
import struct
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.netns import enter_path

LATE_S = 5
MINUTES_S = 200
LIFE_S = 220   # of one connection, at most
PROXY_S = 3    # so long a PROXY header is waited for
ALLOWED = (b"EHLO", b"STARTTLS", b"QUIT")
BLOCKED = "; see https://www.blocklist.example/lookup?address"


async def drip(writer, text, every_s=1):
    for byte in text.encode():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(every_s)


def cut(writer):
    """End it by a reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    writer.transport.abort()


# --- instead of a greeting ---

async def close_at_once(server, reader, writer):
    """An orderly end, whatever the client still says."""
    writer.write_eof()
    await stay_mute(server, reader, writer)


async def reset_at_once(server, reader, writer):
    cut(writer)


async def stay_mute(server, reader, writer):
    while await reader.read(1 << 16):
        pass


async def reset_first_words(server, reader, writer):
    await reader.read(1 << 16)
    cut(writer)


async def close_first_words(server, reader, writer):
    await reader.read(1 << 16)


async def want_proxy_header(server, reader, writer):
    """As with Postfix's and HAProxy's: what is no header ends it, and so
    does waiting for one."""
    try:
        await asyncio.wait_for(reader.read(1 << 16), PROXY_S)
    except asyncio.TimeoutError:
        return
    cut(writer)


async def greet_by_drips(server, reader, writer):
    await drip(writer, f"220 {server.name} ESMTP " + "tar " * 60 + "\r\n")


async def send_garbage(server, reader, writer):
    writer.write(b"\x00\x01\x02\x03 SSH-2.0-OpenSSH_9.2p1\r\n")
    await writer.drain()
    await reader.read(1 << 16)


OPENINGS = {"closes": close_at_once, "resets": reset_at_once,
            "mute": stay_mute, "connect": stay_mute,
            "hello-reset": reset_first_words,
            "hello-close": close_first_words, "hello-mute": stay_mute,
            "proxy-header": want_proxy_header, "drip": greet_by_drips,
            "garbage": send_garbage}


# --- TLS as it begins ---

def demand_certificate(context, server):
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(server.certificate)


def refuse_name(context, server):
    context.sni_callback = lambda *_: \
        ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


def be_old(context, server):
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1


def share_no_cipher(context, server):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-SHA")  # its key is no RSA key


def refuse_tls(context, fd):
    """Shake hands, which fails, in a thread: asyncio would keep the alert to
    itself. What the client still says is read, or a reset would overtake it."""
    with socket.socket(fileno=os.dup(fd)) as plain:
        plain.settimeout(PROXY_S)
        sock = socket.socket(fileno=fd)
        sock.settimeout(PROXY_S)
        try:
            with context.wrap_socket(sock, server_side=True) as tls:
                tls.recv(1)
        except OSError:
            sock.close()
        try:
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(1 << 16):
                pass
        except OSError:
            pass  # it went away


def refuse_all(server, listener):
    """Of a listener that speaks nothing but TLS."""
    listener.setblocking(True)
    while True:
        peer, _ = listener.accept()
        SHAKING.submit(refuse_tls, server.context, peer.detach())


SHAKING = ThreadPoolExecutor(64)
REFUSING = ("client-certificate", "sni-refused", "no-cipher")
TLS = {"client-certificate": demand_certificate, "sni-refused": refuse_name,
       "old-tls": be_old, "no-cipher": share_no_cipher}


# --- replies to EHLO; True: it goes on ---

async def endless(server, writer, in_tls):
    while True:
        await server.say(writer, "250-X-MORE and more")
        await asyncio.sleep(0.05)


async def ehlo_by_drips(server, writer, in_tls):
    await drip(writer, f"250-{server.name}\r\n" + "250-SIZE 1\r\n" * 30)


async def ehlo_stall(server, writer, in_tls):
    await asyncio.sleep(LIFE_S)


async def ehlo_close(server, writer, in_tls):
    return False


async def ehlo_reset(server, writer, in_tls):
    cut(writer)
    return False


def refusing(line):
    async def refuse(server, writer, in_tls):
        await server.say(writer, line)
        return True
    return refuse


REPLIES = {"endless": endless, "drip-ehlo": ehlo_by_drips,
           "stall-ehlo": ehlo_stall, "close-ehlo": ehlo_close,
           "reset-ehlo": ehlo_reset, "450": refusing("450 4.7.0 greylisted"),
           "ehlo-550": refusing("550 5.7.1 not from there" + BLOCKED),
           "ehlo-garbage": refusing("hello, stranger"),
           "helo-502": refusing("502 5.5.1 EHLO is not implemented"),
           "helo-500": refusing("500 5.5.1 what is EHLO?")}

# --- what follows STARTTLS ---

STARTTLS = ("454", "starttls-close", "starttls-reset", "starttls-mute")


class Server:
    def __init__(self, listener):
        self.__dict__.update(listener)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, self.key)
        if self.manner in TLS:
            TLS[self.manner](self.context, self)

    def implicit(self):
        """The context of a listener that speaks nothing but TLS."""
        return self.context if self.tls and self.manner not in OPENINGS \
            else None

    async def begin_tls(self, writer):
        """False: it ends there."""
        if self.manner not in REFUSING:
            await writer.start_tls(self.context)
            return True
        fd = os.dup(writer.get_extra_info("socket").fileno())
        await asyncio.get_running_loop().run_in_executor(
            SHAKING, refuse_tls, self.context, fd)
        return False

    def complain(self, what):
        print(f"{self.name} port {self.port}: {what}", flush=True)

    async def say(self, writer, *lines):
        writer.write(b"".join(line.encode() + b"\r\n" for line in lines))
        await writer.drain()

    async def greet(self, reader, writer):
        """False: it ends here."""
        if self.manner in ("late", "minutes"):
            await asyncio.sleep(LATE_S if self.manner == "late" else MINUTES_S)
        if self.manner == "multi":
            await self.say(writer, f"220-{self.name} ESMTP")
            await asyncio.sleep(1.5)
        if reader._buffer:
            self.complain(f"spoken to before the greeting: "
                          f"{bytes(reader._buffer)!r}")
        greeting = f"220 {self.name} ESMTP ready"
        if self.manner == "http":
            greeting = "HTTP/1.0 400 Bad request"
        if self.manner in ("421", "521", "550", "554", "554-close"):
            code = self.manner[:3]
            greeting = f"{code} {code[0]}.7.1 no service for you{BLOCKED}"
        await self.say(writer, greeting)
        return self.manner not in ("421", "http", "554-close")

    async def ehlo(self, writer, in_tls):
        """False: it ends here."""
        if self.manner in REPLIES:
            return await REPLIES[self.manner](self, writer, in_tls)
        words = ["SIZE 10240000", "8BITMIME"]
        if not in_tls and self.manner != "plain":
            words.insert(1, "STARTTLS")
        if in_tls:
            words.append("AUTH PLAIN")
        lines = [f"250-{self.name}"] + [f"250-{word}" for word in words]
        lines[-1] = lines[-1].replace("-", " ", 1)
        await self.say(writer, *lines)
        return True

    async def starttls(self, writer):
        """What follows: "tls", "end" or None."""
        if self.manner == "454":
            await self.say(writer, "454 4.7.0 TLS not available")
            return None
        if self.manner == "starttls-reset":
            cut(writer)
        if self.manner == "starttls-mute":
            await asyncio.sleep(LIFE_S)
        if self.manner in STARTTLS:
            return "end"
        if self.manner in REFUSING:
            writer.transport.pause_reading()
        await self.say(writer, "220 2.0.0 go ahead")
        return "tls"

    async def command(self, line, writer, in_tls):
        """What follows: "tls", "end" or None."""
        word = line.split()[0].upper() if line.split() else b""
        by_helo = self.manner in ("helo-500", "helo-502", "ehlo-550",
                                  "ehlo-garbage", "450")
        if word not in ALLOWED and not (word == b"HELO" and by_helo):
            self.complain(f"was told {line!r}")
        if word == b"EHLO":
            return None if await self.ehlo(writer, in_tls) else "end"
        if word == b"HELO" and self.manner.startswith("helo-"):
            await self.say(writer, f"250 {self.name}")
        elif word == b"STARTTLS":
            return await self.starttls(writer)
        elif word == b"QUIT":
            await self.say(writer, "221 2.0.0 bye")
            return "end"
        else:
            await self.say(writer, "502 5.5.1 no")
        return None

    async def serve(self, reader, writer):
        if self.manner in OPENINGS:
            await OPENINGS[self.manner](self, reader, writer)
            return
        in_tls = self.tls
        if not await self.greet(reader, writer):
            return
        while line := await reader.readline():
            then = await self.command(line, writer, in_tls)
            if then == "end":
                return
            if then == "tls":
                if not await self.begin_tls(writer):
                    return
                in_tls = True

    async def handle(self, reader, writer):
        try:
            await asyncio.wait_for(self.serve(reader, writer), LIFE_S)
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
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    listeners = json.loads(Path(sys.argv[1]).read_text())
    running = []
    for each in listeners:
        server = Server(each)
        if server.tls and server.manner in REFUSING:
            threading.Thread(target=refuse_all, daemon=True,
                             args=(server, listen(each))).start()
            continue
        running.append(await asyncio.start_server(
            server.handle, sock=listen(each), ssl=server.implicit()))
    print("ready", flush=True)
    await asyncio.gather(*(each.serve_forever() for each in running))


if __name__ == "__main__":
    asyncio.run(main())
