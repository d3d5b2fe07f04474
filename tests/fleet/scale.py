#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Simulated agents and two real collectors on a ClickHouse cluster of 2 x 2
servers, all on this machine: the agents are entered in the registry, some
enrol, each asks for a plan and for a source proof and sends a report of three
probes, some once more through the other collector. Then what was acknowledged
is compared with what is stored and published, and the cost of each step is
printed, and what a fleet of other sizes takes by it. Time is bounded by
--seconds: agents that had no turn by then are only registered."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
options = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
options.add_argument("--agents", type=int, default=10_000,
                     help="in the registry (default: 10000)")
options.add_argument("--seconds", type=float, default=120,
                     help="no agent begins after it (default: 120)")
options.add_argument("--enrol", type=int, default=20,
                     help="that enrol at each collector (default: 20)")
options.add_argument("--stored-only", action="store_true",
                     help="do not wait until all is published")
options.add_argument("--build", type=Path, default=BUILD,
                     help="the programs (default: build/release)")
options = options.parse_args()
PROGRAM = options.build / "collector" / "egress25-collector"
DRIVE = options.build / "tests" / "bench" / "drive"
sys.argv[1:] = [str(PROGRAM)]
sys.path.insert(0, str(ROOT / "tests" / "cluster"))
from cluster_world import Cluster, ClusterCollector
from serve_world import scratch
from tap import Tap

PROBES, NETWORKS = 3, 512
MORE = ("trusted-proxies = 127.0.0.0/8\n[limits]\nreports-agent = 0\n"
        "reports-prefix = 0\nprobes-agent = 0\nprobes-prefix = 0\n"
        "reads-address = 0\nconnections-address = 0\nenrol-address = 0\n"
        "enrol-prefix = 0\n")
GEO = "".join(f"198.{18 + n // 256}.{n % 256}.0,198.{18 + n // 256}."
              f"{n % 256}.255,{64512 + n},Network {n}\n"
              for n in range(NETWORKS))
PUBLISHED_S = 300
# Of an agent a day, with a proof for each report; generous.
REPORTS, PLANS, FLEETS = 250, 24, (10_000, 100_000, 1_000_000)


def cpu_of(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def threads_of(pid, names):
    """CPU seconds of the threads that are not of these names."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() not in names:
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024


class Registered(ClusterCollector):
    """The first of both: the registry is filled before it serves."""

    def begin(self):
        state = self.folder / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        secret = state / "secret"  # a registry does not go without one
        secret.touch(0o600)
        secret.write_bytes(os.urandom(32))
        began = time.monotonic()
        subprocess.run([DRIVE, "registry", self.config, str(options.agents)],
                       check=True)
        self.entering_s = time.monotonic() - began


class World:
    def __init__(self, folder):
        self.folder, self.collectors, self.figures = folder, [], []
        self.cluster = Cluster(folder)

    def __enter__(self):
        return self

    def start(self):
        for name, kind in (("first", Registered), ("second",
                                                   ClusterCollector)):
            began = time.monotonic()
            self.collectors.append(kind(
                self.cluster, self.folder / name, more=MORE, geo=GEO,
                like=self.collectors[0] if self.collectors else None))
            self.started_s = time.monotonic() - began
        yield from ()

    def __exit__(self, *_):
        for it in self.collectors:
            it.__exit__()
        self.cluster.stop()

    def servers(self):
        """The pids of the cluster's servers."""
        return [int(path.read_text())
                for path in self.cluster.folder.glob("n*/pid")]

    def drive(self):
        """Both collectors at once, each with half of the agents."""
        half, running = options.agents // 2, []
        first, second = self.collectors
        cluster = sum(map(cpu_of, self.servers()))
        for n, (it, other) in enumerate(((first, second), (second, first))):
            running.append(subprocess.Popen(
                [DRIVE, "agents", str(it.port), str(other.port),
                 str(it.process.pid), str(n * half), str(half), "0",
                 str(options.seconds)], stdout=subprocess.PIPE, text=True))
        yield from self.ended(running)
        self.cluster_cpu_s = sum(map(cpu_of, self.servers())) - cluster

    def enrol(self):
        """Those come after the ones that are registered."""
        first, second = self.collectors
        running = [subprocess.Popen(
            [DRIVE, "agents", str(it.port), str(other.port),
             str(it.process.pid), str(options.agents + n * options.enrol),
             str(options.enrol), str(options.enrol), "0"],
            stdout=subprocess.PIPE, text=True)
            for n, (it, other) in enumerate(((first, second),
                                             (second, first)))]
        yield from self.ended(running)

    def ended(self, running):
        for process in running:
            out = process.communicate()[0]
            if process.returncode:
                yield f"drive ended with {process.returncode}"
            self.figures += [dict(pair.split("=") for pair in line.split())
                             for line in out.splitlines()]

    def total(self, kind, figure):
        return sum(float(each[figure]) for each in self.figures
                   if each["kind"] == kind)

    def worst(self, kind, figure):
        return max(float(each[figure]) for each in self.figures
                   if each["kind"] == kind)

    # --- what holds ---

    def answered(self):
        """The reports that were acknowledged."""
        self.reports = int(self.total("report", "answered"))
        if not self.reports:
            yield "no report was acknowledged"
        for kind in ("plan", "whoami", "report", "again"):
            if self.total(kind, "failed"):
                yield f"{kind}: {self.total(kind, 'failed')} failed"
        if self.total("enrol", "answered") != 2 * options.enrol:
            yield f"{self.total('enrol', 'answered')} enrolled"

    def stored(self):
        found = [int(field) for field in self.cluster.ask(
            "SELECT uniqExact(report), uniqExact(report, n) FROM "
            "egress25.measurement", timeout=120)[0]]
        wanted = [self.reports, PROBES * self.reports]
        if found != wanted:
            yield f"reports and rows: {found}, not {wanted}"

    def published(self):
        """Both collectors count each report once: ports 25 and 587."""
        wanted = (self.reports, PROBES * self.reports, 2 * self.reports)
        ends = time.monotonic() + PUBLISHED_S
        for it in self.collectors:
            while True:
                items = self.all_networks(it)
                summary = it.json("/v1/summary")
                found = (summary["reports"], summary["measurements"],
                         sum(outcome["probes"] for item in items
                             for outcome in item["outcomes"]))
                if found == wanted or time.monotonic() > ends:
                    break
                time.sleep(1)
            if found != wanted:
                yield f"published {found}, not {wanted}"

    @staticmethod
    def all_networks(it):
        items, cursor = [], ""
        while cursor is not None:
            page = it.json("/v1/networks?limit=1000" +
                           (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page.get("next")
        return items

    def ends(self):
        for it in self.collectors:
            yield from it.end_problems()

    # --- what it costs ---

    def unit_us(self, kind):
        return 1e6 * self.total(kind, "cpu_s") / \
            max(1, self.total(kind, "answered"))

    def costs(self):
        """Prints them, and keeps those that fleets are multiplied from."""
        pids = [it.process.pid for it in self.collectors]
        for kind in ("enrol", "plan", "whoami", "report", "again"):
            count, took = (self.total(kind, figure)
                           for figure in ("answered", "took_s"))
            cpu = "" if kind == "again" else \
                f"{self.unit_us(kind):6.0f} us of the collector's CPU each, "
            rate = 2 * count / max(took, .001)
            print(f"# {kind:7} {count:8.0f}, {rate:6.0f} a second at both, "
                  f"{cpu}{self.total(kind, 'told_later'):.0f}"
                  f" told later, worst p99 {self.worst(kind, 'p99_ms'):.0f} ms")
        rest = [threads_of(pid, ("worker", "writer", "reader"))
                for pid in pids]
        print(f"# entered in the registry: {options.agents} in "
              f"{self.collectors[0].entering_s:.1f} s; the second collector "
              f"began in {self.started_s:.1f} s; most memory of one: "
              f"{max(map(resident_mb, pids)):.0f} MB; census and upkeep since "
              f"the start: {rest[0]:.2f} and {rest[1]:.2f} s of CPU")
        self.cluster_us = 1e6 * self.cluster_cpu_s / max(1, self.reports)
        print(f"# the servers of the cluster, all together: "
              f"{self.cluster_us:.0f} us of CPU a report", flush=True)

    def fleets(self):
        per_agent = REPORTS * (self.unit_us("report") +
                               self.unit_us("whoami")) + \
            PLANS * self.unit_us("plan")
        for agents in FLEETS:
            print(f"# {agents} agents, {REPORTS} reports each a day: "
                  f"{agents * REPORTS / 86400:.0f} reports a second, "
                  f"{agents * per_agent / 86400e6:.2f} cores for collectors, "
                  f"{agents * REPORTS * self.cluster_us / 86400e6:.2f} for "
                  f"the cluster", flush=True)


def main():
    tap = Tap()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the cluster
    with scratch("scale") as folder, World(folder) as world:
        tap.run("collectors start with these agents registered", world.start)
        if len(world.collectors) < 2:
            for path in folder.glob("*/said"):
                print(f"# {path.read_text()}")
            return tap.end()
        tap.run("agents enrol at both collectors", world.enrol)
        tap.run("registered agents have an answer to all", world.drive)
        tap.run("what is asked is answered", world.answered)
        tap.run("what was acknowledged is stored, once", world.stored)
        if not options.stored_only:
            tap.run("and published, once, by both", world.published)
        world.costs()
        world.fleets()
        tap.run("both collectors end cleanly", world.ends)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
