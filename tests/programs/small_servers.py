# SPDX-License-Identifier: Apache-2.0
"""A mail server, a name server and a collector's whoami, as small as they can
be, on this host."""

import json
import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

TYPES = {1: "A", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}
NXDOMAIN, SERVFAIL = 3, 2
SO_TIMESTAMPNS = 35


def wire_name(name):
    parts = [part.encode() for part in name.split(".") if part]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def wire_data(kind, text):
    if kind == "A":
        return socket.inet_aton(text)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, text)
    if kind == "MX":
        preference, host = text.split()
        return struct.pack(">H", int(preference)) + wire_name(host)
    if kind == "TXT":
        return bytes([len(text)]) + text.encode()
    return wire_name(text)


def answer(query, records):
    """`records`: {(name, type): [data ...]}; a name that has none of any type
    does not exist; (name, None) is its RCODE."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
        at += 1 + query[at]
    name = ".".join(labels)
    question = query[12:at + 5]
    kind = TYPES.get(struct.unpack(">H", query[at + 1:at + 3])[0])
    found = records.get((name, kind), [])
    rcode = records.get((name, None), 0)
    if not any(key[0] == name for key in records):
        rcode = NXDOMAIN
    body = b"".join(b"\xc0\x0c" + query[at + 1:at + 5] +
                    struct.pack(">IH", 60, len(data)) + data
                    for data in (wire_data(kind, text) for text in found))
    return query[:2] + struct.pack(">HHHHH", 0x8580 | rcode, 1, len(found), 0,
                                   0) + question + body


@contextmanager
def name_server(records, heard=None):
    """Gives "127.0.0.1:PORT". Each question is added to the list `heard`, with
    the kernel's time of it: (seconds, bytes)."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    server.bind(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                query, extra, _, peer = server.recvmsg(4096, 256)
                if heard is not None:
                    seconds, ns = struct.unpack("qq", extra[0][2][:16])
                    heard.append((seconds + ns / 1e9, query))
                server.sendto(answer(query, records), peer)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    server.close()


@contextmanager
def whoami(**said):
    """A collector that says this of everybody. Gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@contextmanager
def mail_server(address="127.0.0.1", silent=False, port=0):
    """An SMTP server without STARTTLS, or one that never greets. Gives its
    port and the commands that it was told."""
    listener = socket.create_server((address, port))
    told = []

    def serve(peer):
        try:
            talk(peer)
        except OSError:  # the agent has had enough of it
            pass

    def talk(peer):
        with peer, peer.makefile("rb") as lines:
            if not silent:
                peer.sendall(b"220 mx.example.net ESMTP\r\n")
            for line in lines:
                verb = line[:4].upper().decode()
                told.append(line.decode().strip())
                if verb == "EHLO":
                    peer.sendall(b"250-mx.example.net\r\n250 SIZE\r\n")
                elif verb == "QUIT":
                    peer.sendall(b"221 bye\r\n")
                    return

    def accept():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1], told
    listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which holds the port
    listener.close()
