# SPDX-License-Identifier: Apache-2.0
"""Paths on which some packets pass and others do not, or go another way."""

from lab.filters import (Filter, Noise, Proxy, after_packets, bucket, drop,
                         first_syns, large_packets, loss, meter, reset,
                         syn_loss, throttle)
from lab.topology import HOP_HOME, HOP_PROVIDER, HOP_TRANSIT

from .row import (OPEN, REDIRECT, REFUSED, UNKNOWN, Expect, Row, every,
                  filtered)

THROTTLED = Expect("filtered", "throttle")


def slow_bucket(where, hop, how, *filters, **more):
    """Some SYNs pass and most do not: who meets none of the former may say
    that they are dropped, but then by whom."""
    return Row(f"{how} at the {where}", filters,
               {25: (THROTTLED, UNKNOWN, OPEN, filtered("drop", hop),
                     Expect("filtered", "drop", "network"),
                     Expect("filtered", "drop", "network", hop))},
               timeout_s=60, seconds=40, **more)


def slow_buckets(where, place, hop):
    return (
        slow_bucket(where, hop, "ten SYNs to port 25 pass in a minute",
                    bucket(place, "10/minute", 1, 25)),
        slow_bucket(where, hop, "five SYNs to port 25 pass in a minute",
                    bucket(place, "5/minute", 1, 25)),
        slow_bucket(where, hop, "five SYNs to port 25 pass in a minute, to "
                    "one endpoint", bucket(place, "5/minute", 1, 25),
                    endpoints=("mx1",)),
        slow_bucket(where, hop, "ten SYNs of each source to port 25 pass in "
                    "a minute", meter(place, "saddr", "10/minute", 3, 25)))


# Others behind the same NAT, who want the tokens too.
OFFICE = Noise(0.5, port=25, place="home")
BUSY_OFFICE = Noise(3, port=25, place="home")


def shared_buckets():
    for rate, burst, how in (
            ("20/minute", 2, "twenty SYNs to port 25 pass in a minute"),
            ("5/minute", 5, "five SYNs to port 25 pass in a minute, and five "
             "at once")):
        for others, who in ((OFFICE, "an office"), (BUSY_OFFICE,
                                                    "a busy office")):
            yield slow_bucket("provider", HOP_PROVIDER, f"{how}, of {who},",
                              bucket("provider", rate, burst, 25), others)
    yield slow_bucket("provider", HOP_PROVIDER,
                      "ten SYNs of each source to port 25 pass in a minute, "
                      "of a busy office,",
                      meter("provider", "saddr", "10/minute", 3, 25),
                      BUSY_OFFICE, families=(4,))
    for burst, how in ((1, "one"), (3, "three at once"), (9, "nine at once")):
        yield slow_bucket("carrier", HOP_TRANSIT, f"{how} of all SYNs to port "
                          "25 passes in a check",
                          bucket("transit", "20/hour", burst, 25))


SLOW_BUCKETS = (
    *shared_buckets(),
    *slow_buckets("home router", "home", HOP_HOME),
    *slow_buckets("provider", "provider", HOP_PROVIDER),
    *slow_buckets("carrier", "transit", HOP_TRANSIT),
    slow_bucket("provider", HOP_PROVIDER, "ten SYNs to port 25 pass in a "
                "minute, and five at once",
                bucket("provider", "10/minute", 5, 25)),
    slow_bucket("provider", HOP_PROVIDER, "five SYNs to port 25 pass in a "
                "minute, and five at once",
                bucket("provider", "5/minute", 5, 25)),
    slow_bucket("provider", HOP_PROVIDER, "one SYN to port 25 passes in a "
                "minute, and three at once",
                bucket("provider", "1/minute", 3, 25)),
    slow_bucket("provider", HOP_PROVIDER, "ten SYNs to port 25 of each "
                "destination pass in a minute",
                meter("provider", "daddr", "10/minute", 1, 25)),
    slow_bucket("provider", HOP_PROVIDER, "five SYNs to port 25 of each "
                "destination pass in a minute",
                meter("provider", "daddr", "5/minute", 1, 25)),
)

ROWS = SLOW_BUCKETS + (
    Row("an open network that loses one packet in ten", (loss("provider", 10),),
        sure=False, timeout_s=60, seconds=20),
    Row("an open network that loses one packet in ten, in transit",
        (loss("transit", 10),), sure=False, timeout_s=60, seconds=20),
    Row("an open network that loses three connects in ten, on every port",
        (syn_loss("provider", 30),), sure=False, timeout_s=60, seconds=30),
    Row("one SYN to port 25 in five passes",
        (throttle("provider", 5, 25),), {25: THROTTLED},
        timeout_s=60, seconds=40),
    Row("one SYN to ports 25 and 587 in five passes",
        (throttle("provider", 5, 25), throttle("provider", 5, 587)),
        # A connect that passed is a dialogue that passed, and open. In one of
        # 40 runs the half minute was over at nine of the ten tries that a
        # count must have, at port 587; at 25 nobody has seen why.
        {25: (THROTTLED, OPEN), 587: (THROTTLED, OPEN)}, timeout_s=60,
        seconds=50),
    Row("one SYN to port 25 in five passes the home router",
        (throttle("home", 5, 25),), {25: THROTTLED},
        timeout_s=60, seconds=40),
    Row("twenty SYNs to port 25 pass in a minute",
        (bucket("provider", "20/minute", 2, 25),), {25: THROTTLED},
        timeout_s=60, seconds=40),
    # A SYN proxy or greylisting box: the kernel's own repeat passes.
    Row("the first SYN of each connection to port 25 is dropped",
        (first_syns("provider", 25),), timeout_s=60, seconds=20),
    Row("a path that loses one packet in ten drops port 25",
        (loss("transit", 10), drop("provider", 25)),
        {25: filtered("drop", HOP_PROVIDER)}, sure=False, timeout_s=60,
        seconds=20),
    Row("a path that loses one packet in ten resets port 25",
        (loss("transit", 10), reset("provider", 25)),
        {25: filtered("reset", HOP_PROVIDER)}, sure=False, timeout_s=60,
        seconds=20),
    *(Row(f"a path that loses {share} resets port 25 after EHLO",
          (loss("transit", percent),
           after_packets("provider", 3, "reject with tcp reset", 25)),
          {25: Expect("filtered", "reset-after-connect")}, sure=False,
          timeout_s=60, seconds=20)
      for percent, share in ((5, "one packet in twenty"),
                             (10, "one packet in ten"))),
    # The handshake and the dialogue pass, and no port gets through TLS.
    Row("a path that loses large packets and says nothing",
        (large_packets("transit", 700),), every(UNKNOWN), timeout_s=60,
        seconds=40),
    Row("a path of MTU 1280 that says nothing of it",
        (large_packets("transit", 1280),), every((OPEN, UNKNOWN)),
        timeout_s=60, seconds=40),
    Row("large answers alone are lost, and nothing is said of it",
        (Filter("transit", "tcp sport { 25, 465, 587 } meta length > 600 "
                "drop"),), every(UNKNOWN), endpoints=("mx1",), timeout_s=60,
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
        # Less what the ways differ by, it may be one hop before an endpoint.
        (reset("provider", 25),),
        {25: (filtered("reset", HOP_PROVIDER), UNKNOWN)}, detour=2,
        seconds=3),
    Row("port 25 is dropped before two paths begin, one of them longer",
        (drop("provider", 25),), {25: filtered("drop", HOP_PROVIDER)},
        detour=2),
    Row("port 25 is dropped on both of two paths",
        (drop("transit", 25), drop("detour", 25)),
        # Looks that took different paths leave it without a place.
        {25: (filtered("drop", HOP_TRANSIT), Expect("filtered", "drop",
                                                    "network"))}, detour=1),
)
