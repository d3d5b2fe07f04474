#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A transparent proxy on a router or host: what is redirected to it goes on to
where it was meant for, and is changed on the way.

usage: proxy.py MODE PORT [HOST | CERTIFICATE KEY | hidden [CERTIFICATE KEY...]]

  relay     nothing is changed; only the distance tells
  other     another server is asked in the endpoint's place: HOST
  strip     the offer of STARTTLS is left out
  mask      the offer of STARTTLS is overwritten in place
  refuse    STARTTLS is answered with 454
  cut       STARTTLS is answered with a reset
  tls       TLS ends here, with a certificate of ours, and begins anew; of
            several, with that whose file is called as the host that is asked
  wait      the endpoint is asked when the client has said something
  silent    connections are taken, and nothing is said
  reset     connections are taken, and reset
  close     connections are taken, and closed
  answer    the endpoint's greeting is copied, and all else is said by us
  own-ehlo  the endpoint is told an EHLO of ours
  cache     EHLO is answered with what the endpoint once said to us
  pieces    nothing is changed, and each byte is a packet

"hidden": what came by TPROXY goes on with the client's own address and TTL.
"""

import contextlib
import select
import socket
import ssl
import struct
import sys
import threading
from pathlib import Path

ORIGINAL_DST = 80  # SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST
# IP_TRANSPARENT and IPV6_TRANSPARENT
TRANSPARENT = {socket.AF_INET: (socket.SOL_IP, 19),
               socket.AF_INET6: (socket.IPPROTO_IPV6, 75)}
LIFE_S = 60        # of one connection, at most
TLS_FIRST = 465
TTL = 63           # of a client's packet, as this router forwards it
OURS = b"EHLO mailguard.example.org\r\n"


def original_destination(peer):
    if peer.family == socket.AF_INET:
        raw = peer.getsockopt(socket.SOL_IP, ORIGINAL_DST, 16)
        return (socket.inet_ntop(socket.AF_INET, raw[4:8]),
                struct.unpack("!H", raw[2:4])[0])
    raw = peer.getsockopt(socket.IPPROTO_IPV6, ORIGINAL_DST, 28)
    return (socket.inet_ntop(socket.AF_INET6, raw[8:24]),
            struct.unpack("!H", raw[2:4])[0])


def pump(source, target, change):
    """Carry bytes until there are no more."""
    try:
        while data := source.recv(65536):
            target.sendall(change(data))
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def read_now(end):
    """What is there to be read; None: nothing that anybody sent, as where it
    was a record of TLS itself."""
    end.settimeout(0)
    try:
        return end.recv(65536)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None
    finally:
        end.settimeout(LIFE_S)


def ready_of(ends):
    pending = [end for end in ends
               if isinstance(end, ssl.SSLSocket) and end.pending()]
    return pending or select.select(ends, [], [], LIFE_S)[0]


def both_ways(peer, server, change=lambda data: data):
    """In one thread: a connection of OpenSSL's that one thread reads and
    another one writes to ends the process, now and then."""
    onward = {peer: server, server: peer}
    try:
        while ready := ready_of(list(onward)):
            for end in ready:
                data = read_now(end)
                if data == b"":
                    return
                if data is not None:
                    onward[end].sendall(
                        change(data) if end is server else data)
    except OSError:
        pass
    finally:
        for end in (peer, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def strip(data):
    lines = data.split(b"\r\n")
    kept = [line for line in lines if line[4:].upper() != b"STARTTLS"]
    if len(kept) < len(lines) and kept[-1:] == [b""] and len(kept) > 1:
        kept[-2] = kept[-2][:3] + b" " + kept[-2][4:]
    return b"\r\n".join(kept)


def mask(data):
    return data.replace(b"STARTTLS", b"XXXXXXXA")


def read_line(end):
    line = b""
    while not line.endswith(b"\n"):
        byte = end.recv(1)
        if not byte:
            break
        line += byte
    return line


def read_reply(end):
    reply = line = read_line(end)
    while line[3:4] == b"-":
        line = read_line(end)
        reply += line
    return reply


def converse(peer, server, on_starttls):
    """Command by command, until STARTTLS, which is dealt with otherwise."""
    peer.sendall(read_reply(server))
    while command := read_line(peer):
        if command.strip().upper() == b"STARTTLS":
            if not on_starttls(peer, server):
                return
            continue
        server.sendall(command)
        peer.sendall(read_reply(server))


def refuse(peer, server):
    peer.sendall(b"454 4.7.0 TLS not available\r\n")
    return True


def reset_on_close(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))


def cut(peer, server):
    reset_on_close(peer)
    return False


def serve_tls(certificates):
    """{host: context} of pairs of files, and what the first one serves with,
    which takes the asked host's."""
    found = {}
    for certificate, key in zip(certificates[::2], certificates[1::2]):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        found[Path(certificate).stem] = context

    def choose(end, host, _):
        end.context = found.get(host, end.context)
    first = next(iter(found.values()))
    first.sni_callback = choose
    return first


def end_tls(*certificates):
    own = serve_tls(certificates)
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    other.check_hostname = False
    other.verify_mode = ssl.CERT_NONE

    def begin(peer, server):
        both_ways(own.wrap_socket(peer, server_side=True),
                  other.wrap_socket(server))

    def on_starttls(peer, server):
        server.sendall(b"STARTTLS\r\n")
        peer.sendall(read_reply(server))
        begin(peer, server)
        return False

    def speak(peer, server, port):
        if port == TLS_FIRST:
            begin(peer, server)
        else:
            converse(peer, server, on_starttls)
    return speak


def answer(peer, server):
    """As a mail relay speaks, without STARTTLS's end: it is taken here."""
    peer.sendall(read_reply(server))
    while command := read_line(peer):
        word = command.split()[0].upper() if command.split() else b""
        if word == b"EHLO":
            peer.sendall(b"250-mailguard.example.org\r\n250-SIZE 1000\r\n"
                         b"250 STARTTLS\r\n")
        elif word == b"STARTTLS":
            server.sendall(OURS)
            read_reply(server)
            server.sendall(command)
            peer.sendall(read_reply(server))
            both_ways(peer, server)
            return
        elif word == b"QUIT":
            peer.sendall(b"221 2.0.0 bye\r\n")
            return
        else:
            peer.sendall(b"250 2.0.0 OK\r\n")


def say_own_ehlo(peer, server):
    peer.sendall(read_reply(server))
    while command := read_line(peer):
        word = command.split()[0].upper() if command.split() else b""
        server.sendall(OURS if word == b"EHLO" else command)
        peer.sendall(read_reply(server))
        if word == b"STARTTLS":
            both_ways(peer, server)
            return


REMEMBERED = {}  # what endpoints said to an EHLO of ours


def remember(where):
    """From a dialogue of our own."""
    if where not in REMEMBERED:
        with socket.create_connection(where, timeout=LIFE_S) as server:
            read_reply(server)
            server.sendall(OURS)
            REMEMBERED[where] = read_reply(server)
    return REMEMBERED[where]


def answer_from_memory(peer, server):
    peer.sendall(read_reply(server))
    while command := read_line(peer):
        word = command.split()[0].upper() if command.split() else b""
        server.sendall(command)
        reply = read_reply(server)
        if word == b"EHLO":
            reply = remember(server.getpeername()[:2])
        peer.sendall(reply)
        if word == b"STARTTLS":
            both_ways(peer, server)
            return


def pass_in_pieces(peer, server):
    def carry(source, target):
        target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def send_each(data):
            for byte in data[:-1]:
                target.sendall(bytes([byte]))
            return data[-1:]
        pump(source, target, send_each)
    back = threading.Thread(target=carry, args=(server, peer), daemon=True)
    back.start()
    carry(peer, server)
    back.join()


def pass_without_starttls(peer, server):
    both_ways(peer, server, strip)


HIDDEN = {"answer": answer, "own-ehlo": say_own_ehlo,
          "cache": answer_from_memory, "pieces": pass_in_pieces,
          "strip": pass_without_starttls}


def go_on_as(peer, where):
    """A connection from the client's own address, as old as its packets."""
    server = socket.socket(peer.family, socket.SOCK_STREAM)
    server.setsockopt(*TRANSPARENT[peer.family], 1)
    if peer.family == socket.AF_INET:
        server.setsockopt(socket.SOL_IP, socket.IP_TTL, TTL)
    else:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, TTL)
    server.settimeout(LIFE_S)
    server.bind((peer.getpeername()[0], 0))
    server.connect(where)
    return server


def serve(peer, mode, port, more):
    peer.settimeout(LIFE_S)
    if mode == "silent":
        peer.recv(65536)
        return
    if mode == "reset":
        reset_on_close(peer)
    if mode in ("reset", "close"):
        return
    if mode == "wait":
        peer.recv(1, socket.MSG_PEEK)
    if more[:1] == ["hidden"]:
        where = peer.getsockname()[:2]
        if where[1] == port:
            return  # nobody was redirected: it would go on to itself
        with go_on_as(peer, where) as server:
            if mode == "tls":
                end_tls(*more[1:])(peer, server, where[1])
            else:
                HIDDEN.get(mode, both_ways)(peer, server)
        return
    where = original_destination(peer)
    if where == peer.getsockname()[:2]:
        return  # nobody was redirected: it would go on to itself
    if mode == "other":
        where = (more[0 if peer.family == socket.AF_INET else 1], where[1])
    server = socket.create_connection(where, timeout=LIFE_S)
    with server:
        if mode in ("refuse", "cut"):
            converse(peer, server, refuse if mode == "refuse" else cut)
        elif mode == "tls":
            end_tls(*more)(peer, server, where[1])
        else:
            both_ways(peer, server, {"strip": strip, "mask": mask}.get(
                mode, lambda data: data))


def handle(peer, mode, port, more):
    with peer:
        try:
            serve(peer, mode, port, more)
        except OSError:
            pass  # an end went away


def accept_all(listener, mode, port, more):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=handle, args=(peer, mode, port, more),
                         daemon=True).start()


def main():
    mode, port, *more = sys.argv[1:]
    for family, address in ((socket.AF_INET, "0.0.0.0"),
                            (socket.AF_INET6, "::")):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if more[:1] == ["hidden"]:
            listener.setsockopt(*TRANSPARENT[family], 1)
        listener.bind((address, int(port)))
        listener.listen(64)
        threading.Thread(target=accept_all,
                         args=(listener, mode, int(port), more)).start()


if __name__ == "__main__":
    main()
