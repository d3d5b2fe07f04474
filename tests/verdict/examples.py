#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Small networks of which each shows one thing (doc/verdict.md, section 8).
Their verdicts at NOW are in examples.expected.jsonl.

    examples.py >ROWS.jsonl
"""
import json

import reference as V

DAY0, NOW = 20000, 20030 * V.DAY_MS - 1


def rows():
    """Whole worlds of a few rows, 30 days: a network each."""
    out, asn = [], 64500
    everyone = ["e%d" % i for i in range(4)]

    def net(agents):
        nonlocal asn
        asn += 1
        for i, (prefix, story) in enumerate(agents):
            for d in range(30):
                for j, e in enumerate(everyone):
                    x = story(d, j)
                    if x:
                        outcome, mechanism, where = x
                        t = (DAY0 + d) * V.DAY_MS + 3600000 * (2 + 5 * j)
                        out.append(
                            V.Row(
                                DAY0 + d,
                                asn,
                                prefix,
                                4,
                                25,
                                "%016x" % (asn * 256 + i),
                                e,
                                outcome,
                                mechanism,
                                where,
                                1,
                                t,
                                t,
                            )
                        )
        return asn

    O, F = ("reachable", "open", ""), ("filtered", "drop", "path")
    A, R, H, I = (
        ("filtered", "drop", "access"),
        ("filtered", "drop-reply", "far-end"),
        ("local", "drop", "host"),
        ("intercepted", "redirect", "path"),
    )
    always = lambda x: lambda d, j: x
    names = {}
    p = lambda i: "198.51.%d.0/24" % i
    names[net([(p(i), always(O)) for i in range(6)])] = "open"
    names[net([(p(i), always(F)) for i in range(6)])] = "filtered"
    names[net([(p(0), always(F))] * 8)] = "eight agents in one prefix"
    names[
        net([(p(i), lambda d, j: F if d >= 20 else O) for i in range(6)])
    ] = "filtered since day 20"
    names[
        net([(p(i), lambda d, j: F if d < 20 else O) for i in range(6)])
    ] = "lifted on day 20"
    names[
        net([(p(i), always(F if i < 5 else O)) for i in range(10)])
    ] = "partial"
    names[net([(p(i), always(I)) for i in range(4)])] = "intercepted"
    names[
        net([(p(i), always(A)) for i in range(6)])
    ] = "everybody stopped at access"
    names[
        net([(p(i), always(A if i < 5 else O)) for i in range(6)])
    ] = "five of six stopped at access"
    names[
        net([(p(i), always(H if i < 2 else O)) for i in range(5)])
    ] = "two host firewalls"
    names[
        net([(p(i), lambda d, j: R if j == 0 else O) for i in range(5)])
    ] = "one endpoint has listed the network"
    names[
        net([(p(i), lambda d, j: F if (d // 2) % 2 else O) for i in range(5)])
    ] = "flapping every two days"
    names[
        net([(p(i), lambda d, j: O if d < 29 else None) for i in range(2)])
    ] = "two open"
    names[
        net([(p(i), lambda d, j: F if j == 0 else None) for i in range(4)])
    ] = "one endpoint only"
    return out, names


def main():
    for row in rows()[0]:
        print(json.dumps(row._asdict()))


if __name__ == "__main__":
    main()
