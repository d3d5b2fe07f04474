#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Another program of a host, which uses the network while `check` looks at
the host's counters.

usage: noise.py loopback PER_SECOND | noise.py syns ADDRESS PORT PER_SECOND

`loopback` sends datagrams to itself; `syns` begins connections that nobody
answers, so many a second, each for five seconds.
"""

import errno
import socket
import sys
import time


def use_loopback(per_second):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    while True:
        sock.sendto(b"noise", sock.getsockname())
        sock.recv(16)
        time.sleep(1 / per_second)


def begin(address, port):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    sock.setblocking(False)
    if sock.connect_ex((address, port)) not in (0, errno.EINPROGRESS):
        raise OSError(f"{address}: no connection was begun")
    return sock


def send_syns(address, port, per_second):
    socks = []
    while True:
        socks.append(begin(address, port))
        if len(socks) > 5 * per_second:
            socks.pop(0).close()
        time.sleep(1 / per_second)


def main():
    mode, *values = sys.argv[1:]
    if mode == "loopback":
        use_loopback(float(values[0]))
    else:
        send_syns(values[0], int(values[1]), float(values[2]))


if __name__ == "__main__":
    main()
