# SPDX-License-Identifier: Apache-2.0
"""How programs end."""

import signal
import time


def hung_up_to_the_end(process, seconds=60):
    """SIGTERM, and SIGHUP again and again until it has ended, as a supervisor
    and a rotation of logs do that do not know of one another. Its exit
    code."""
    ends = time.monotonic() + seconds
    process.send_signal(signal.SIGTERM)
    while process.poll() is None:
        if time.monotonic() > ends:
            raise RuntimeError(f"it runs after {seconds} s")
        process.send_signal(signal.SIGHUP)
    return process.returncode
