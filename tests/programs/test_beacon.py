#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The beacon as a program: what it says, what it signs, and what it bears.

usage: test_beacon.py BEACON UNIT
"""

import base64
import contextlib
import hashlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tap import Tap
from unit_files import analyze_rows, forbidden_calls, settings

PROGRAM, UNIT = sys.argv[1:3]
NONCE = bytes(range(1, 25))
CONTEXT = b"egress25-receipt/1\n"
DER_HEAD = bytes.fromhex("302a300506032b6570032100")
WANTED = {
    "Type": "notify", "DynamicUser": "yes",
    "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE",
    "AmbientCapabilities": "CAP_NET_BIND_SERVICE",
    "NoNewPrivileges": "yes", "StateDirectory": "egress25-beacon",
    "StateDirectoryMode": "0700", "ProtectSystem": "strict",
}


def free_ports(count):
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                 for _ in range(count)]
        return [one.getsockname()[1] for one in found]


class Beacon:
    """`serve` on loopback: self.clear and self.tls are its ports."""

    def __init__(self, folder, more="", before=()):
        self.folder, self.before = folder, list(before)
        self.clear, self.tls = free_ports(2)
        self.conf = folder / "beacon.conf"
        limits = "" if "[limits]" in more else "[limits]\n"
        self.conf.write_text(
            "[beacon]\nname = b.example.net\naddresses = 127.0.0.1 ::1\n"
            f"ports = {self.clear}/starttls {self.tls}/tls\n"
            f"state = {folder}/state\n{limits}{more}")

    def __enter__(self):
        self.said = open(self.folder / "said", "a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*self.before, PROGRAM, "serve", "--config", str(self.conf)],
            stderr=self.said, stdin=subprocess.DEVNULL)
        for _ in range(400):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.clear)).close()
                return self
            time.sleep(0.05)
        raise RuntimeError((self.folder / "said").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.code = self.process.wait(20)
        self.said.close()

    def key(self):
        done = subprocess.run(
            [PROGRAM, "key", "--config", str(self.conf)], check=True,
            stdout=subprocess.PIPE, text=True)
        match = re.fullmatch(r"receipt-key = ([\w-]{43})\n", done.stdout)
        return base64.urlsafe_b64decode(match[1] + "=")


class Talk:
    """A client's dialogue."""

    def __init__(self, beacon, port=None, host="127.0.0.1", tls=False):
        self.socket = socket.create_connection(
            (host, port or beacon.clear), timeout=20)
        self.source = self.socket.getsockname()
        if tls:
            self.wrap()
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply()

    def wrap(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)

    def reply(self):
        lines = []
        while True:
            line = self.file.readline().decode().rstrip("\r\n")
            lines.append(line)
            if line[3:4] != "-":
                return lines

    def say(self, text):
        self.socket.sendall(text.encode() + b"\r\n")
        return self.reply()

    def start_tls(self):
        said = self.say("STARTTLS")
        self.file.close()
        self.wrap()
        self.file = self.socket.makefile("rb")
        return said


def read(reply):
    """The receipt of a reply to EHLO, and the bytes that are signed."""
    found = [line[4:].split(" ", 1)[1] for line in reply
             if line[4:].startswith("XEGRESS25 ")]
    if len(found) != 1 or reply[-1][4:13] != "XEGRESS25":
        raise RuntimeError(f"{reply}")
    text = found[0]
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    names = ("version key nonce at family address client_port port ttl "
             "length digest").split()
    values = struct.unpack(">B8s24sQB16sHHBH32s", raw[:97])
    return dict(zip(names, values)), raw


def is_signed(raw, key):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "key").write_bytes(DER_HEAD + key)
        (folder / "text").write_bytes(CONTEXT + raw[:97])
        (folder / "signature").write_bytes(raw[97:])
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER",
             "-inkey", folder / "key", "-rawin", "-in", folder / "text",
             "-sigfile", folder / "signature"],
            stdout=subprocess.DEVNULL).returncode == 0


def wrong(seen, wanted):
    return [f"{name}: {seen[name]} and not {value}"
            for name, value in wanted.items() if seen[name] != value]


def receipt_of(talk, beacon, port, family=4):
    """What is wrong with the receipt that this dialogue gets."""
    name = base64.urlsafe_b64encode(NONCE).decode()
    if talk.say(f"NOOP {name}")[0][:3] != "250":
        yield "NOOP was refused"
    seen, raw = read(talk.say("EHLO client.example"))
    key = beacon.key()
    address = socket.inet_pton(
        socket.AF_INET if family == 4 else socket.AF_INET6, talk.source[0])
    line = b"EHLO client.example\r\n"
    yield from wrong(seen, {
        "version": 1, "key": hashlib.sha256(key).digest()[:8],
        "nonce": NONCE, "family": family, "address": address.ljust(16, b"\0"),
        "client_port": talk.source[1], "port": port, "ttl": 64,
        "length": len(line), "digest": hashlib.sha256(line).digest()})
    if abs(seen["at"] / 1000 - time.time()) > 60:
        yield f"at {seen['at']}"
    if not is_signed(raw, key):
        yield "the signature is not valid"
    if is_signed(raw[:50] + b"x" + raw[51:], key):
        yield "this test would take any signature"


def clear(beacon):
    talk = Talk(beacon)
    if not talk.greeting[0].startswith("220 b.example.net ESMTP"):
        yield f"{talk.greeting}"
    yield from receipt_of(talk, beacon, beacon.clear)
    if talk.say("MAIL FROM:<a@example.net>")[0][:3] != "550":
        yield "MAIL was not refused"
    if talk.say("QUIT")[0][:3] != "221" or talk.socket.recv(1):
        yield "QUIT did not end it"


def over_ipv6(beacon):
    talk = Talk(beacon, host="::1")
    yield from receipt_of(talk, beacon, beacon.clear, family=6)


def start_tls(beacon):
    talk = Talk(beacon)
    if "250-STARTTLS" not in talk.say("EHLO c"):
        yield "no STARTTLS"
    talk.start_tls()
    yield from receipt_of(talk, beacon, beacon.clear)


def implicit_tls(beacon):
    yield from receipt_of(Talk(beacon, beacon.tls, tls=True), beacon,
                          beacon.tls)


def smuggled(beacon):
    """Bytes behind STARTTLS are dropped, not taken for TLS's."""
    talk = Talk(beacon)
    talk.socket.sendall(b"STARTTLS\r\nNOOP smuggled\r\nMAIL FROM:<>\r\n")
    if talk.reply()[0][:3] != "220":
        yield "STARTTLS was refused"
    talk.file.close()
    talk.wrap()
    talk.file = talk.socket.makefile("rb")
    if not talk.say("EHLO c")[0].startswith("250-b.example.net"):
        yield "the first reply in TLS is not EHLO's"


def slow_bytes(beacon):
    talk = Talk(beacon)
    for byte in b"EHLO slow\r\n":
        talk.socket.sendall(bytes([byte]))
        time.sleep(0.01)
    seen, _ = read(talk.reply())
    if seen["digest"] != hashlib.sha256(b"EHLO slow\r\n").digest():
        yield "another digest"
    if seen["nonce"] != bytes(24):
        yield "a nonce that nobody said"


def all_at_once(beacon):
    talk = Talk(beacon)
    talk.socket.sendall(b"EHLO a\r\nRSET\r\nEHLO b\r\nQUIT\r\n")
    codes = [talk.reply()[-1][:3] for _ in range(4)]
    if codes != ["250", "250", "250", "221"]:
        yield f"{codes}"


def endless_line(beacon):
    talk = Talk(beacon)
    talk.socket.sendall(b"x" * 5000)
    if talk.reply()[0][:3] != "500":
        yield "not refused"
    with contextlib.suppress(ConnectionResetError):
        if talk.socket.recv(1):
            yield "not closed"


def limits(folder):
    with Beacon(folder, "connections-address = 3\nidle = 2\nsession = 4\n"
                "tls-sessions = 1\n") as beacon:
        held = [Talk(beacon) for _ in range(3)]
        if Talk(beacon).greeting[0][:3] != "421":
            yield "a fourth connection of an address was taken"
        if Talk(beacon, host="::1").greeting[0][:3] != "220":
            yield "another address was refused"
        if held[0].reply()[0][:3] != "421":
            yield "silence was not ended"
        held[1].socket.close()
        held[2].socket.close()
        talk = Talk(beacon)
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 15:
                talk.socket.sendall(b"x")
                time.sleep(0.5)
        if time.monotonic() - began > 8:
            yield "a drip of bytes held the connection"
        first = Talk(beacon, beacon.tls, tls=True)
        second = Talk(beacon)
        if any("STARTTLS" in line for line in second.say("EHLO c")):
            yield "STARTTLS was offered beyond the limit"
        if second.say("STARTTLS")[0][:3] != "454":
            yield "and begun"
        first.socket.close()
    if beacon.code != 0:
        yield f"it ended with {beacon.code}"


def same_keys(folder):
    """A restart keeps both keys, and no file is for others to read."""
    found = []
    for _ in range(2):
        with Beacon(folder) as beacon:
            talk = Talk(beacon, beacon.tls, tls=True)
            der = talk.socket.getpeercert(binary_form=True)
            pem = ssl.DER_cert_to_PEM_cert(der)
            public = subprocess.run(
                ["openssl", "x509", "-noout", "-pubkey"], input=pem,
                text=True, check=True, stdout=subprocess.PIPE).stdout
            found.append((beacon.key(), public))
    if found[0] != found[1]:
        yield f"{found}"
    for path in (folder / "state").iterdir():
        if path.stat().st_mode & 0o077:
            yield f"{path} may be read by others"


def refuses(folder, line, instead, words):
    """A configuration with another line."""
    beacon = Beacon(folder)
    beacon.conf.write_text(re.sub(
        rf"^{line} = .*$", instead, beacon.conf.read_text(), flags=re.M))
    done = subprocess.run(
        [PROGRAM, "serve", "--config", str(beacon.conf)],
        stderr=subprocess.PIPE, text=True, timeout=20)
    if done.returncode != 2 or words not in done.stderr:
        yield f"{done.returncode}: {done.stderr}"


def says(unit):
    found = settings(unit)
    for key, value in WANTED.items():
        if found.get(key) != [value]:
            yield f"{key}={found.get(key)}"


def calls(unit, folder):
    folder.chmod(0o777)
    trace = folder / "trace"
    before = ["setpriv", "--reuid", "65534", "--regid", "65534",
              "--clear-groups", "env", "ASAN_OPTIONS=detect_leaks=0",
              "strace", "-f", "-qq", "-o", str(trace)]
    with Beacon(folder, before=before) as beacon:
        talk = Talk(beacon)
        talk.say("EHLO c")
        talk.start_tls()
        talk.say("QUIT")
        pid = int(trace.read_text().split()[0])
        subprocess.run(["kill", str(pid)], check=True)
        beacon.process.wait(20)
    yield from forbidden_calls(unit, trace.read_text().splitlines())


def scratch():
    return tempfile.TemporaryDirectory(prefix="egress25-beacon-")


def main():
    tap, unit = Tap(), Path(UNIT)
    with scratch() as name, Beacon(Path(name)) as beacon:
        for sentence, check in (
                ("a dialogue in the clear gets a true receipt", clear),
                ("so does one over IPv6", over_ipv6),
                ("so does EHLO in TLS", start_tls),
                ("so does a port that speaks TLS first", implicit_tls),
                ("what comes behind STARTTLS in the clear is dropped",
                 smuggled),
                ("a command in single bytes is one command", slow_bytes),
                ("commands that come together are answered in turn",
                 all_at_once),
                ("a line without an end is refused", endless_line)):
            tap.run(sentence, lambda check=check: check(beacon))
    for sentence, check in (
            ("connections, silence, time and TLS have limits", limits),
            ("a restart keeps the keys", same_keys),
            ("a bad address is said with its line", lambda folder: refuses(
                folder, "addresses", "addresses = ::1 here",
                "beacon.conf:3: addresses: 'here' is no address")),
            ("a certificate without its key is refused",
             lambda folder: refuses(
                 folder, "name", "certificate = c.pem",
                 "certificate and key go together")),
            ("a certificate that is none is refused", lambda folder: refuses(
                folder, "name", f"certificate = {__file__}\nkey = k.pem",
                "no certificate in PEM")),
            ("its filter allows every system call that serve makes",
             lambda folder: calls(unit, folder))):
        with scratch() as name:
            tap.run(sentence, lambda check=check, name=name: check(Path(name)))
    tap.run("the unit has the required settings", lambda: says(unit))
    analyze_rows(tap, unit, PROGRAM)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
