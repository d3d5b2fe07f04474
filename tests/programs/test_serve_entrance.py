#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_serve_entrance.py COLLECTOR: connections to a real collector on
loopback: with TLS, with a PROXY header, with both and with neither. Prints
TAP."""

import http.client
import json
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from certificate import make_certificate
from ports import free_port
from tap import Tap

PROGRAM = sys.argv[1]
ASK = b"GET /v1/whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LINE = b"PROXY TCP4 203.0.113.9 192.0.2.1 40000 443\r\n"
BYTES = b"\r\n\r\n\0\r\nQUIT\n"


def header(address, command=1):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    pair = packed * 2 + struct.pack("!HH", 40000, 443)
    tlv = b"\x04\0\x04\0\0\0\0"
    return BYTES + struct.pack("!BBH", 0x20 | command,
                               0x21 if family == socket.AF_INET6 else 0x11,
                               len(pair + tlv)) + pair + tlv


class Collector:
    def __init__(self, folder, trusted="", tls=True, more=""):
        self.folder, self.tls = folder, tls
        self.port = free_port()
        self.config = folder / "collector.conf"
        self.lines = (f"[collector]\nlisten = 127.0.0.1:{self.port}\n"
                      f"admin = 127.0.0.1:{free_port()}\n"
                      f"state = {folder}/state\n"
                      f"trusted-proxies = {trusted}\n")
        if tls:
            make_certificate(folder, "first.example")
            self.lines += (f"[tls]\ncertificate = {folder}/cert.pem\n"
                           f"key = {folder}/key.pem\n")
        self.lines += more
        self.config.write_text(self.lines)
        self.log = open(folder / "log", "w+b")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--config", self.config],
            stdin=subprocess.DEVNULL, stderr=self.log)
        self.wait_for("serving")

    def said(self):
        self.log.flush()
        return (self.folder / "log").read_text()

    def wait_for(self, words):
        for _ in range(200):
            if words in self.said():
                return
            time.sleep(0.05)
        raise RuntimeError(f"no \"{words}\" in 10 s: {self.said()}")

    def connect(self, before=b"", tls=None, timeout_s=10):
        """A socket on which `before` was sent, with TLS if configured."""
        peer = socket.create_connection(
            ("127.0.0.1", self.port), timeout=timeout_s)
        if before:
            peer.sendall(before)
        if not (self.tls if tls is None else tls):
            return peer
        context = ssl.create_default_context(
            cafile=self.folder / "cert.pem")
        context.check_hostname = False
        return context.wrap_socket(peer)

    def who(self, before=b"", **more):
        """The client address the collector sees; or the status; or None."""
        try:
            with self.connect(before, **more) as peer:
                peer.sendall(ASK)
                return self.read(peer)
        except OSError:  # a handshake that was cut
            return None

    @staticmethod
    def read(peer):
        reply = http.client.HTTPResponse(peer)
        try:
            reply.begin()
        except (http.client.HTTPException, OSError):
            return None
        if reply.status != 200:
            return reply.status
        return json.loads(reply.read())["address"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        said = self.said()
        self.log.close()
        if self.process.returncode != 0 or "Sanitizer" in said:
            yield said


def equal(got, wanted):
    if got != wanted:
        yield f"{got!r} instead of {wanted!r}"


def tls_alone(it):
    yield from equal(it.who(), "127.0.0.1")
    if f"https://127.0.0.1:{it.port}/" not in it.said():
        yield it.said()


def plain_to_tls(it):
    yield from equal(it.who(tls=False), None)
    yield from equal(it.who(), "127.0.0.1")


def old_tls(it):
    peer = socket.create_connection(("127.0.0.1", it.port), timeout=10)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    try:
        context.wrap_socket(peer).close()
        yield "TLS 1.1 was spoken"
    except (ssl.SSLError, OSError):
        pass


def unfinished_handshakes(it):
    peers = [it.connect(b"\x16\x03\x01", tls=False) for _ in range(50)]
    yield from equal(it.who(), "127.0.0.1")
    for peer in peers:
        peer.close()
    yield from equal(it.who(), "127.0.0.1")


def names(it):
    with it.connect() as peer:
        return [value for kind, value in
                peer.getpeercert()["subjectAltName"]]


def reloads(it):
    yield from equal(names(it), ["first.example"])
    with it.connect() as old:
        make_certificate(it.folder, "second.example")
        it.process.send_signal(signal.SIGHUP)
        it.wait_for("reloaded")
        old.sendall(ASK)
        yield from equal(it.read(old), "127.0.0.1")
    yield from equal(names(it), ["second.example"])


def reloads_nothing(it):
    before = names(it)
    (it.folder / "cert.pem").rename(it.folder / "away.pem")
    (it.folder / "cert.pem").write_text("no certificate\n")
    it.process.send_signal(signal.SIGHUP)
    it.wait_for("nothing is reloaded: ")
    if f"{it.folder}/cert.pem" not in it.said():
        yield it.said()
    (it.folder / "away.pem").rename(it.folder / "cert.pem")
    yield from equal(names(it), before)


def becomes_plain(it):
    it.config.write_text(it.lines.split("[tls]")[0])
    it.process.send_signal(signal.SIGHUP)
    for _ in range(100):
        if it.who(tls=False) == "127.0.0.1":
            return
        time.sleep(0.05)
    yield "still in TLS"


TLS = (
    ("the public listener speaks TLS", tls_alone),
    ("plain HTTP on it gets no answer, and does no harm",
     plain_to_tls),
    ("TLS 1.1 is refused", old_tls),
    ("stalled handshakes do no harm", unfinished_handshakes),
    ("SIGHUP loads a new certificate; connections keep the old one",
     reloads),
    ("SIGHUP with an invalid certificate changes nothing",
     reloads_nothing),
    ("SIGHUP without [tls] switches to plain HTTP", becomes_plain),
)


def without(it):
    yield from equal(it.who(), "127.0.0.1")


def text(it):
    yield from equal(it.who(LINE), "203.0.113.9")


def binary(it):
    yield from equal(it.who(header("203.0.113.10")), "203.0.113.10")
    yield from equal(it.who(header("2001:db8::9")), "2001:db8::9")


def local(it):
    yield from equal(it.who(header("203.0.113.10", 0)), "127.0.0.1")


def in_pieces(it):
    for before in (LINE, header("203.0.113.9")):
        peer = socket.create_connection(("127.0.0.1", it.port), timeout=10)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(before)):
            peer.sendall(before[at:at + 1])
            time.sleep(0.002)
        if it.tls:
            context = ssl.create_default_context(
                cafile=it.folder / "cert.pem")
            context.check_hostname = False
            peer = context.wrap_socket(peer)
        with peer:
            peer.sendall(ASK)
            yield from equal(it.read(peer), "203.0.113.9")


def one_after_another(it):
    """Nothing of a connection is left for the next on its descriptor."""
    for _ in range(20):
        yield from equal(it.who(LINE), "203.0.113.9")
        yield from equal(it.who(), "127.0.0.1")


def kept_alive(it):
    with it.connect(LINE) as peer:
        for _ in range(3):
            peer.sendall(ASK.replace(b"Connection: close\r\n", b""))
            yield from equal(it.read(peer), "203.0.113.9")


def broken(it):
    with it.connect(BYTES + b"\x31\x11\0\0", tls=False) as peer:
        peer.sendall(ASK)
        if it.read(peer) == "203.0.113.9":
            yield "believed"
    yield from equal(it.who(), "127.0.0.1")


def unfinished(it):
    peers = [it.connect(LINE[:20], tls=False) for _ in range(50)]
    yield from equal(it.who(LINE), "203.0.113.9")
    for peer in peers:
        peer.close()


PROXIED = (
    ("a trusted proxy may speak for itself", without),
    ("its line names the client", text),
    ("its bytes name the client, over IPv4 and IPv6, whatever follows",
     binary),
    ("its health checks have its own address", local),
    ("a header may arrive byte by byte", in_pieces),
    ("a client address ends with its connection", one_after_another),
    ("all requests of a connection have its client address", kept_alive),
    ("an invalid header is refused", broken),
    ("endless headers do no harm", unfinished),
)


def stranger(it):
    for before in (LINE, header("203.0.113.9")):
        got = it.who(before)
        if got == "203.0.113.9":
            yield f"believed: {before!r}"
    yield from equal(it.who(), "127.0.0.1")


def late(it):
    """Each has said something, and none a whole request."""
    hello = ssl.MemoryBIO()
    context = ssl.create_default_context()
    try:
        context.wrap_bio(ssl.MemoryBIO(), hello,
                         server_hostname="x").do_handshake()
    except ssl.SSLWantReadError:
        hello = hello.read()
    begun = [b"", LINE[:20], BYTES[:9], header("203.0.113.9")[:-9], LINE]
    begun += [LINE + hello[:-9], hello[:-9], hello] if it.tls else \
        [LINE + ASK[:-9], ASK[:-9], LINE + b"POST / HTTP/1.1\r\nHost: x\r\n"
         b"Content-Length: 9\r\n\r\nx"]
    peers = [it.connect(before, tls=False) for before in begun]
    began, ended = time.monotonic(), []
    for before, peer in zip(begun, peers):
        peer.settimeout(8)
        try:
            while peer.recv(4096):
                pass
        except TimeoutError:
            yield f"{before[:40]!r} is waited for"
        except OSError:
            pass
        ended.append(time.monotonic() - began)
    if not 1 < max(ended) < 6 or min(ended) < 0.5:
        yield f"ended after {ended}"
    yield from equal(it.who(LINE), "203.0.113.9")


LATE = (("half a header, a handshake or a request is waited for as long as "
         "[limits] request says", late),)


def silent(it):
    """1,000 that say nothing, where 300 connections may be open."""
    what = resource.RLIMIT_NOFILE
    resource.setrlimit(what, (2000, max(2000, resource.getrlimit(what)[1])))
    peers = [it.connect(tls=False) for _ in range(1000)]
    for _ in range(3):
        began = time.monotonic()
        yield from equal(it.who(timeout_s=100), "127.0.0.1")
        took = time.monotonic() - began
        print(f"# behind 1,000 silent connections: served after {took:.2f} s")
        if took > 20:  # a connection on which nothing comes may stay for 30 s
            yield f"others wait {took:.1f} s"
    for peer in peers:
        peer.close()


SILENT = (("1,000 silent connections lock nobody out", silent),)
FEW = "[limits]\nconnections = 300\nconnections-address = 0\n"
SHORT = "[limits]\nrequest = 2s\n"


STRANGERS = (("a PROXY header of a stranger is no request", stranger),)


def refuses(folder):
    make_certificate(folder, "x.example")
    (folder / "empty.pem").write_text("")
    for certificate, key, wanted in (
            ("cert.pem", "", "needs both"),
            ("", "key.pem", "needs both"),
            ("none.pem", "key.pem", "none.pem: no certificate in PEM"),
            ("empty.pem", "key.pem", "empty.pem: no certificate in PEM"),
            ("cert.pem", "cert.pem", "cert.pem: no key in PEM")):
        lines = [f"[collector]\nlisten = 127.0.0.1:{free_port()}",
                 f"admin = 127.0.0.1:{free_port()}\nstate = {folder}/s",
                 "[tls]"]
        if certificate:
            lines.append(f"certificate = {folder}/{certificate}")
        if key:
            lines.append(f"key = {folder}/{key}")
        config = folder / "wrong.conf"
        config.write_text("\n".join(lines) + "\n")
        done = subprocess.run([PROGRAM, "serve", "--config", config],
                              capture_output=True, text=True, timeout=20)
        if done.returncode != 2 or wanted not in done.stderr or \
                done.stderr.count("\n") != 1:
            yield f"{certificate} {key}: {done.returncode} {done.stderr}"


def main():
    tap = Tap()
    for title, rows, settings in (
            ("TLS", TLS, {}),
            ("plain, behind a proxy", PROXIED,
             {"trusted": "127.0.0.0/8", "tls": False}),
            ("TLS, behind a proxy", PROXIED, {"trusted": "127.0.0.0/8"}),
            ("plain, behind a proxy", LATE,
             {"trusted": "127.0.0.0/8", "tls": False, "more": SHORT}),
            ("TLS, behind a proxy", LATE,
             {"trusted": "127.0.0.0/8", "more": SHORT}),
            ("plain", SILENT, {"tls": False, "more": FEW}),
            ("TLS", SILENT, {"more": FEW}),
            ("plain, no proxy", STRANGERS,
             {"trusted": "10.0.0.0/8", "tls": False}),
            ("TLS, no proxy", STRANGERS, {})):
        with tempfile.TemporaryDirectory() as folder:
            it = Collector(Path(folder), **settings)
            for sentence, row in rows:
                tap.run(f"{title}: {sentence}", partial(row, it))
            tap.run(f"{title}: the collector ends well", it.end)
    with tempfile.TemporaryDirectory() as folder:
        tap.run("a certificate or key that will not do is one line and exit "
                "code 2", partial(refuses, Path(folder)))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
