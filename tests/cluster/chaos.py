#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""chaos.py COLLECTOR [--minutes N] [--seed N] [--apart SECONDS]: two collectors
on a cluster of 2 x 2 servers, agents that send through either of them until
they have an answer, and send again what was acknowledged; meanwhile servers are
killed and paused, lose what is on no quorum yet, ZooKeeper goes away, and
collectors are killed in the middle of it, or have their clocks set. In the end
what was acknowledged is stored and counted, once. Prints TAP."""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from clocks import ShiftedCollector
from cluster_world import Cluster
from load import PORTS, Reporter
from serve_world import scratch
from tap import Tap

AGENTS, AGAIN_S, PACE_S = 12, 0.2, 0.05
RENEW_S = 60  # a source proof
SETTLE_S = 90
LOST_S = 30  # until servers know that a part is lost
SKEW_S = 300  # what a collector lets an agent's clock be away from its own


class Sender(Reporter):
    """An agent that turns to the other collector when one does not answer."""

    def __init__(self, collectors, draw):
        self.collectors, self.draw = collectors, draw
        self.since, self.resent = time.monotonic(), 0
        super().__init__(draw.choice(collectors))

    def turn(self):
        self.close()
        self.collector = self.draw.choice(self.collectors)

    def until_answered(self, *question, **more):
        while not self.ending.is_set() or time.monotonic() < self.gives_up:
            answer = self.ask(*question, **more)
            status = answer[0] if answer else None
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 200:
                return answer[1]
            if status is not None and status not in (429, 503) and not (
                    status == 401 and self.collector.is_far()):
                raise RuntimeError(f"{question[:2]}: {answer}")
            self.turn()
            time.sleep(AGAIN_S)
        raise TimeoutError(question[1])

    def end(self):
        self.gives_up = time.monotonic() + SETTLE_S
        self.ending.set()

    gives_up = float("inf")

    def run(self):
        sent = []
        try:
            while not self.ending.is_set():
                if time.monotonic() - self.since > RENEW_S:
                    self.source = self.until_answered("GET", "/v1/whoami")
                    self.since = time.monotonic()
                report = self.report()
                body = json.dumps(report).encode()
                self.until_answered("POST", "/v1/reports", body)
                self.acknowledged.append(report["report"])
                sent.append(body)
                if self.draw.random() < 0.1:
                    self.turn()
                    again = self.draw.choice(sent[-5:])
                    self.until_answered("POST", "/v1/reports", again)
                    self.resent += 1
                time.sleep(PACE_S)
        except Exception as error:  # the main thread tells
            self.error = error
        self.close()

    error = None


class ApartCollector(ShiftedCollector):
    def is_far(self):
        """It refuses agents whose clock is right."""
        return abs(self.clock.ahead_s) > SKEW_S - 30


class World:
    def __init__(self, folder, seed, apart_s):
        self.draw = random.Random(seed)
        self.cluster = Cluster(folder)
        limits = "[limits]\nreports-agent = 0\nreports-prefix = 0\n" \
                 "probes-agent = 0\nprobes-prefix = 0\n"
        self.collectors = []
        # Each finds another network for every report.
        # Where they are far apart, agents go by the first one's clock.
        self.apart_s = apart_s
        for name, asn, ahead_s in (
                ("first", 64500, apart_s // 2 if apart_s <= SKEW_S * 2 else 0),
                ("second", 64501, self.draw.choice((-1, 1)) * apart_s
                 if apart_s > SKEW_S * 2 else -apart_s // 2)):
            self.collectors.append(ApartCollector(
                self.cluster, folder / name, ahead_s=ahead_s, more=limits,
                geo=f"127.0.0.0,127.255.255.255,{asn},Own\n",
                like=self.collectors[0] if self.collectors else None))
        self.senders = [Sender(self.collectors, random.Random(seed + n))
                        for n in range(AGENTS)]
        self.done = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for it in self.collectors:
            it.__exit__()
        self.cluster.stop()

    # --- what breaks ---

    def kill_server(self):
        node = self.draw.choice(list(self.cluster.nodes))
        self.cluster.do("kill", node)
        time.sleep(self.draw.uniform(0.2, 3))
        self.cluster.do("run", node)
        self.cluster.do("wait")

    def pause_server(self):
        node = self.draw.choice(list(self.cluster.nodes))
        self.cluster.do("pause", node)
        time.sleep(self.draw.uniform(1, 8))
        self.cluster.do("cont", node)

    def lose_part(self):
        """A server dies before it has fetched a part; the one that has it is
        read, and counted, and dies; the first one finds that nobody has it;
        and so the other one, when it comes back, takes it back."""
        shard = self.draw.choice((1, 2))
        lacks, has = self.draw.sample((2 * shard - 1, 2 * shard), 2)
        self.cluster.do("kill", lacks)
        time.sleep(self.draw.uniform(0.5, 2))
        it = self.draw.choice(self.collectors)
        it.process.send_signal(signal.SIGKILL)
        it.process.wait()
        self.start_again(it)  # it counts at once
        self.cluster.do("kill", has)
        self.cluster.do("run", lacks)
        ends = time.monotonic() + LOST_S
        while time.monotonic() < ends and not self.lost(lacks, shard):
            time.sleep(0.5)
        self.cluster.do("run", has)
        self.cluster.do("wait")

    def lost(self, node, shard):
        """The parts of a shard's rows that servers know to be lost."""
        try:
            return self.cluster.ask(
                "SELECT name FROM system.zookeeper WHERE path = '/clickhouse/"
                f"tables/{shard}/egress25/measurement/quorum/failed_parts'",
                node=node, timeout=5)
        except OSError:  # it starts, or ZooKeeper knows of none
            return []

    def kill_zookeeper(self):
        self.cluster.do("zk-kill")
        time.sleep(self.draw.uniform(0.5, 3))
        self.cluster.do("zk-run")

    def pause_zookeeper(self):
        self.cluster.do("zk-pause")
        time.sleep(self.draw.uniform(0.5, 3))
        self.cluster.do("zk-cont")

    def kill_collector(self):
        it = self.draw.choice(self.collectors)
        it.process.send_signal(signal.SIGKILL)
        it.process.wait()
        time.sleep(self.draw.uniform(0, 1))
        self.start_again(it)

    def set_clock(self):
        """Forwards or back, by less than they are apart."""
        it = self.draw.choice(self.collectors)
        most_s = min(self.apart_s, SKEW_S * 2 - 60) // 2
        if not it.is_far():
            it.clock.set(self.draw.randint(-most_s, most_s))

    def start_again(self, it):
        """Without the cluster a collector does not begin: its unit starts it
        again."""
        for _ in range(20):
            try:
                it.start()
                return
            except RuntimeError:
                if it.process.poll() is None:
                    it.end(signal.SIGKILL)
        raise RuntimeError((it.folder / "said").read_text())

    def break_things(self, seconds):
        kinds = [self.kill_server, self.kill_server, self.pause_server,
                 self.kill_zookeeper, self.pause_zookeeper,
                 self.kill_collector, self.set_clock, self.lose_part]
        ends = time.monotonic() + seconds
        what = self.lose_part
        while time.monotonic() < ends:
            time.sleep(self.draw.uniform(0.5, 2))
            self.done[what.__name__] = self.done.get(what.__name__, 0) + 1
            what()
            what = self.draw.choice(kinds)
        self.cluster.do("wait")

    # --- what holds ---

    def run(self, seconds):
        for sender in self.senders:
            sender.enrol()
        for sender in self.senders:
            sender.start()
        try:
            self.break_things(seconds)
        finally:
            for sender in self.senders:
                sender.end()
            for sender in self.senders:
                sender.join(2 * SETTLE_S)
        for sender in self.senders:
            if sender.error is not None or sender.is_alive():
                yield f"an agent: {sender.error!r}"

    def acknowledged(self):
        return {report for sender in self.senders
                for report in sender.acknowledged}

    def say(self):
        statuses = {}
        for sender in self.senders:
            for status, count in sender.statuses.items():
                statuses[status] = statuses.get(status, 0) + count
        copies = self.cluster.number(
            "SELECT count() FROM egress25.measurement")
        clocks = [it.clock.ahead_s for it in self.collectors]
        print(f"# {self.done}, clocks ahead by {clocks} s: "
              f"{len(self.acknowledged())} reports acknowledged, "
              f"{sum(s.resent for s in self.senders)} sent again, "
              f"answers {statuses}, {copies} copies of rows, "
              f"{self.cluster.taken_back()} parts taken back", flush=True)

    def stored(self):
        """Each acknowledged report has each of its rows."""
        rows = {}
        for report, count in self.cluster.ask(
                "SELECT lower(hex(report)), uniqExact(n) FROM "
                "egress25.measurement GROUP BY report"):
            rows[report] = int(count)
        lost = [report for report in self.acknowledged()
                if rows.get(report.replace("-", "")) != len(PORTS)]
        if lost or not rows:
            yield f"{len(lost)} of {len(self.acknowledged())} lost: {lost[:3]}"
        more = len(rows) - len(self.acknowledged())
        if more > AGENTS:
            yield f"{more} reports that nobody has an answer for"
        self.reports = len(rows)

    def on_both(self):
        for shard in ((1, 2), (3, 4)):
            counts = [self.cluster.ask(
                "SELECT uniqExact(report, n) FROM "
                "egress25.measurement_local", node=node) for node in shard]
            if counts[0] != counts[1]:
                yield f"servers {shard}: {counts}"

    def counted(self):
        """By the verdicts of either collector: two probes a report."""
        for it in self.collectors:
            ends = time.monotonic() + SETTLE_S
            while True:
                it.recounted()
                items = it.json("/v1/networks")["items"]
                probes = sum(item["probes"] for item in items)
                summary = it.json("/v1/summary")
                found = (probes, summary["reports"], summary["measurements"])
                wanted = (2 * self.reports, self.reports,
                          len(PORTS) * self.reports)
                if found == wanted or time.monotonic() > ends:
                    break
            if found != wanted:
                yield f"counted {found}, not {wanted}"
        mends = self.cluster.number(
            "SELECT max(value) FROM egress25.meta WHERE name = 'generation'")
        print(f"# counts were mended {mends} times", flush=True)

    def listed_once(self):
        """In both exports, which are the same."""
        exports = []
        for it in self.collectors:
            out = subprocess.run(
                [sys.argv[1], "export", "--config", it.config], check=True,
                stdout=subprocess.PIPE, text=True).stdout
            ids = [json.loads(line)["id"] for line in out.splitlines()]
            if len(ids) != len(set(ids)) or \
                    len(ids) != len(PORTS) * self.reports:
                yield f"{len(ids)} rows, {len(set(ids))} different"
            exports.append(out)
        if exports[0] != exports[1]:
            yield "the exports differ"

    def ends(self):
        for it in self.collectors:
            yield from it.end_problems()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("collector")
    parser.add_argument("--minutes", type=float, default=2 / 3,
                        help="how long things are broken (default: 40 s)")
    parser.add_argument("--seed", type=int, default=int(time.time()),
                        help="what breaks and when is drawn from it")
    parser.add_argument("--apart", type=int, default=480, metavar="SECONDS",
                        help="between the collectors' clocks; of over 600 "
                        "the second one refuses agents, and counts "
                        "(default: 480)")
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    tap = Tap()
    with scratch("chaos") as folder, World(
            folder, options.seed, options.apart) as world:
        tap.run("every agent has an answer in the end",
                lambda: world.run(60 * options.minutes))
        world.say()
        for sentence, check in (
                ("what was acknowledged is stored", world.stored),
                ("both servers of a shard have it", world.on_both),
                ("it is counted once, by both collectors", world.counted),
                ("it is listed once, the same by both", world.listed_once),
                ("both collectors end cleanly", world.ends)):
            tap.run(sentence, check)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
