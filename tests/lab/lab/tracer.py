# SPDX-License-Identifier: Apache-2.0
"""A path trace of the lab's own, to know that the lab is what it says."""

import select
import socket
import struct
from contextlib import closing

from .netns import inside

# level, option that queues ICMP errors, option that limits hops; ip(7), ipv6(7)
OPTIONS = {4: (socket.IPPROTO_IP, 11, socket.IP_TTL),
           6: (socket.IPPROTO_IPV6, 25, socket.IPV6_UNICAST_HOPS)}


def offender(sock, family):
    """(type, code, address) of the ICMP error that came, or None."""
    try:
        _, ancillary, _, _ = sock.recvmsg(0, 512, socket.MSG_ERRQUEUE)
    except OSError:
        return None
    for _, _, data in ancillary:
        kind, code = struct.unpack_from("=BB", data, 5)
        sender = data[16:]
        if family == 4:
            return kind, code, socket.inet_ntop(socket.AF_INET, sender[4:8])
        return kind, code, socket.inet_ntop(socket.AF_INET6, sender[8:24])
    return None


def answer(node, address, port, hops, wait_s=1.0):
    """What a SYN with so many hops to live comes to: "connected", "refused",
    (type, code, address) of an ICMP error, or None: silence."""
    family = 6 if ":" in address else 4
    level, errors, limit = OPTIONS[family]
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    with inside(node.ns):
        sock = socket.socket(kind, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    with closing(sock):
        sock.setsockopt(level, errors, 1)
        sock.setsockopt(level, limit, hops)
        sock.connect_ex((address, port))
        waiting = select.poll()
        waiting.register(sock, select.POLLOUT)
        if not waiting.poll(wait_s * 1000):
            return None
        found = offender(sock, family)
        if found:
            return found
        refused = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return "refused" if refused else "connected"
