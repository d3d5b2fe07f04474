# SPDX-License-Identifier: Apache-2.0
"""Ports of loopback for the servers that tests start."""
import random
import socket

# Below those that the kernel gives to clients (32768 and above), so that none
# of them has it before the server binds, nor while it is started again.
FIRST, LAST = 10000, 20999

DRAW = random.SystemRandom()


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(count=1):
    """A TCP port of 127.0.0.1 that nobody listens at; the first of so many."""
    for _ in range(1000):
        first = DRAW.randrange(FIRST, LAST, count)
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise OSError(f"no port is free from {FIRST} to {LAST}")
