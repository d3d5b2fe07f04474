# SPDX-License-Identifier: Apache-2.0
"""A beacon on loopback, dialogues with it, and its receipts."""

import base64
import contextlib
import hashlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from ports import free_port


class Beacon:
    """`serve` on loopback: self.clear and self.tls are its ports."""

    program = None  # to be set

    def __init__(self, folder, more="", before=(), address="127.0.0.1"):
        self.folder, self.before = folder, list(before)
        self.address = address
        self.clear = free_port(2)
        self.tls = self.clear + 1
        self.conf = folder / "beacon.conf"
        limits = "" if "[limits]" in more else "[limits]\n"
        self.conf.write_text(
            f"[beacon]\nname = b.example.net\naddresses = {address} ::1\n"
            f"ports = {self.clear}/starttls {self.tls}/tls\n"
            f"state = {folder}/state\n{limits}{more}")

    def __enter__(self):
        self.said = open(self.folder / "said", "a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*self.before, self.program, "serve", "--config", str(self.conf)],
            stderr=self.said, stdin=subprocess.DEVNULL)
        for _ in range(400):
            with contextlib.suppress(OSError):
                socket.create_connection((self.address, self.clear)).close()
                return self
            time.sleep(0.05)
        raise RuntimeError((self.folder / "said").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.code = self.process.wait(20)
        self.said.close()

    def keys(self):
        """The public key of receipts, and the digest of TLS's in hex."""
        done = subprocess.run(
            [self.program, "key", "--config", str(self.conf)], check=True,
            stdout=subprocess.PIPE, text=True)
        match = re.fullmatch(
            r"receipt-key = ([\w-]{43})\nspki = ([0-9a-f]{64})\n",
            done.stdout)
        return base64.urlsafe_b64decode(match[1] + "="), match[2]

    def key(self):
        return self.keys()[0]


class Talk:
    """A client's dialogue."""

    def __init__(self, beacon, port=None, host=None, tls=False):
        self.socket = socket.create_connection(
            (host or beacon.address, port or beacon.clear), timeout=20)
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

    def close(self):
        self.file.close()
        self.socket.close()


def read(reply):
    """The receipt of a reply to EHLO, and the bytes that are signed."""
    found = [line[4:].split(" ", 1)[1] for line in reply
             if line[4:].startswith("XEGRESS25 ")]
    if len(found) != 1 or reply[-1][4:13] != "XEGRESS25":
        raise RuntimeError(f"{reply}")
    text = found[0]
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    names = ("version key nonce at family address client_port port ttl "
             "length digest spki").split()
    values = struct.unpack(">B8s24sQB16sHHBH32s32s", raw[:-64])
    return dict(zip(names, values)), raw


def nonce_of(agent, random):
    """An agent's nonce with these 8 bytes."""
    text = f"egress25-nonce/1\n{agent}\n{random.hex()}\n"
    return random + hashlib.sha256(text.encode()).digest()[:16]


def url64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
