# SPDX-License-Identifier: Apache-2.0
"""Paths on which some packets pass and others do not, or go another way."""

from lab.filters import (Proxy, bucket, drop, large_packets, loss, reset,
                         syn_loss, throttle)
from lab.topology import HOP_PROVIDER, HOP_TRANSIT

from .row import (OPEN, REDIRECT, REFUSED, UNKNOWN, Expect, Row, every,
                  filtered)

THROTTLED = Expect("filtered", "throttle")

ROWS = (
    Row("an open network that loses one packet in ten", (loss("provider", 10),),
        sure=False, timeout_s=60, seconds=20, most_s=60),
    Row("an open network that loses one packet in ten, in transit",
        (loss("transit", 10),), sure=False, timeout_s=60, seconds=20,
        most_s=60),
    Row("an open network that loses three connects in ten, on every port",
        (syn_loss("provider", 30),), sure=False, timeout_s=60, seconds=30,
        most_s=60),
    Row("one SYN to port 25 in five passes",
        (throttle("provider", 5, 25),), {25: THROTTLED},
        timeout_s=60, seconds=40),
    Row("one SYN to ports 25 and 587 in five passes",
        (throttle("provider", 5, 25), throttle("provider", 5, 587)),
        # There is no time left to count a port that passed at once.
        {25: THROTTLED, 587: (THROTTLED, OPEN)}, timeout_s=60, seconds=50,
        most_s=60),
    Row("one SYN to port 25 in five passes the home router",
        (throttle("home", 5, 25),), {25: THROTTLED},
        timeout_s=60, seconds=40),
    Row("twenty SYNs to port 25 pass in a minute",
        (bucket("provider", "20/minute", 2, 25),), {25: THROTTLED},
        timeout_s=60, seconds=40),
    Row("a path that loses one packet in ten drops port 25",
        (loss("transit", 10), drop("provider", 25)),
        {25: filtered("drop", HOP_PROVIDER)}, sure=False, timeout_s=60,
        seconds=20, most_s=60),
    Row("a path that loses one packet in ten resets port 25",
        (loss("transit", 10), reset("provider", 25)),
        {25: filtered("reset", HOP_PROVIDER)}, sure=False, timeout_s=60,
        seconds=20, most_s=60),
    # The handshake and the dialogue pass, and no port gets through TLS.
    Row("a path that loses large packets and says nothing",
        (large_packets("transit", 700),), every(UNKNOWN), timeout_s=60,
        seconds=40),
    Row("an open network of two paths", detour=1, seconds=3),
    Row("an open network of two paths, one of them longer",
        detour=2, seconds=5),
    Row("an endpoint that refuses, behind two paths, one of them longer",
        endpoints=("mx1", "closed"), only={"closed": {25: REFUSED}},
        detour=2, seconds=5),
    Row("a proxy before two paths, one of them longer",
        (Proxy("provider", "relay", (25,)),), {25: REDIRECT}, detour=2,
        seconds=5),
    Row("port 25 is dropped before two paths begin",
        (drop("provider", 25),), {25: filtered("drop", HOP_PROVIDER)},
        detour=1),
    Row("port 25 is reset before two paths begin, one of them longer",
        (reset("provider", 25),), {25: filtered("reset", HOP_PROVIDER)},
        detour=2, seconds=3),
    Row("port 25 is dropped before two paths begin, one of them longer",
        (drop("provider", 25),), {25: filtered("drop", HOP_PROVIDER)},
        detour=2),
    Row("port 25 is dropped on both of two paths",
        (drop("transit", 25), drop("detour", 25)),
        # Looks that took different paths leave it without a place.
        {25: (filtered("drop", HOP_TRANSIT), Expect("filtered", "drop",
                                                    "network"))}, detour=1),
)
