# SPDX-License-Identifier: Apache-2.0
"""Waiting for what was started."""

import time


def wait_until(ready, what, seconds=60):
    """Call `ready` until it returns something true; returns that."""
    until = time.monotonic() + seconds
    while True:
        value = ready()
        if value:
            return value
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def wait_for_port(node, address, port, seconds=60):
    def ready():
        try:
            node.connect(address, port, 1).close()
        except OSError:
            return False
        return True
    wait_until(ready, f"{node.name}: {address} port {port}", seconds)
