#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lab for a person who looks on: `./dev up --lab`.

Providers that filter and providers that do not, four households each, every
one with an agent that reports again and again; the collector's pages are on
127.0.0.1. Runs until SIGTERM.

usage: up.py BUILD_DIRECTORY PORT
"""

import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

from lab.filters import drop, drop_replies, icmp, reset
from lab.fleet import PORT, Agent, Collector
from lab.instance import Instance, clean
from lab.lab import Lab

ENDPOINTS = ("mx1", "mx2", "mx3")
HOUSEHOLDS = ("a", "b", "c", "d")
INTERVAL_S = 60


@dataclass(frozen=True)
class Isp:
    name: str
    asn: int
    country: str
    filters: tuple


ISPS = (
    Isp("open-fibre", 64496, "NL", ()),
    Isp("silent-cable", 64497, "BR", (drop("provider", 25),)),
    Isp("reset-mobile", 64498, "JP", (reset("provider", 25),)),
    Isp("strict-cloud", 64499, "US", (icmp("provider", "admin-prohibited",
                                           25, 465),)),
    Isp("one-way-dsl", 64500, "FR", (drop_replies("transit", 25),)),
)


def build(lab):
    for name in ENDPOINTS:
        lab.endpoint(name)
    lab.site("collector")
    providers = []
    for isp in ISPS:
        provider = lab.network.provider(isp.name, isp.asn, isp.country)
        providers.append(provider)
        for household in HOUSEHOLDS:
            lab.vantage(provider, f"{isp.name}-{household}")
    print("starting the mail servers", flush=True)
    lab.start()
    for isp, provider in zip(ISPS, providers):
        for each in isp.filters:
            each.apply(provider.vantages[0], lab)
    return providers


def release(collector):
    """Its agents are of today: an accusation would wait for a review."""
    for isp in (each for each in ISPS if each.filters):
        for family in ("4", "6"):
            for port in ("25", "465"):
                collector.command(
                    "review", "release", str(isp.asn), family, port,
                    "--reason", "this filter was built", check=True)


def main():
    directory, port = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        sys.exit(f"port {port} of 127.0.0.1: {error.strerror}")
    clean(print)
    with Instance() as instance:
        lab = Lab(instance, directory)
        providers = build(lab)
        endpoints = lab.endpoints_file(
            "all", {name: lab.host(name) for name in ENDPOINTS})
        collector = Collector(lab, endpoints)
        collector.geo(providers)
        print("starting the collector", flush=True)
        collector.start()
        release(collector)
        instance.started(subprocess.Popen(
            [str(HERE / "lab" / "relay.py"), str(listener.fileno()),
             collector.site.node.ns, str(PORT)],
            pass_fds=(listener.fileno(),), stdin=subprocess.DEVNULL))
        for provider in providers:
            for vantage in provider.vantages:
                Agent(lab, vantage, endpoints,
                      f"interval = {INTERVAL_S}\n").start()
        print(f"config {collector.config}\nready", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
