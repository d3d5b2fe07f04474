#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""chaos.py COLLECTOR [--minutes N] [--seed N] [--apart SECONDS] [--shards N]
[--copies N]: two collectors on a cluster of 2 x 2 servers, agents that send
through either of them, or through the proxy before them, until they have an
answer, send again what was acknowledged, and send through both at the same
instant; meanwhile things break (breaking.py). In the end what was acknowledged
is stored and counted, once. Prints TAP."""

import argparse
import http.client
import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from breaking import Breaking
from clocks import ShiftedCollector
from cluster_world import Cluster
from load import PORTS, Reporter
from ports import free_port
from serve_world import scratch
from tap import Tap
from up import Programs, start_proxy

AGENTS, AGAIN_S, PACE_S = 12, 0.2, 0.05
AGAIN, AT_ONCE = 0.1, 0.1  # of all reports
RENEW_S = 60  # a source proof
SETTLE_S = 90
SKEW_S = 300  # what a collector lets an agent's clock be away from its own


class Sender(Reporter):
    """An agent that turns to the other collector, or to the proxy, when one
    does not answer."""

    def __init__(self, collectors, proxy, draw):
        self.both, self.draw = collectors, draw
        self.all = [*collectors, proxy]
        self.since, self.resent, self.at_once = time.monotonic(), 0, 0
        super().__init__(draw.choice(self.all))

    def turn(self):
        self.close()
        self.collector = self.draw.choice(self.all)

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

    def send_at_once(self, body):
        """Through both collectors at the same instant. True: one of them has
        acknowledged it."""
        statuses, start = [], threading.Barrier(len(self.both))

        def send(collector):
            peer = collector.connection(collector.port, timeout=30)
            try:
                headers = self.signed(self.id, "POST", "/v1/reports", body)
                start.wait()
                peer.request("POST", "/v1/reports", body, headers)
                statuses.append(peer.getresponse().status)
            except (OSError, http.client.HTTPException):
                pass
            finally:
                peer.close()

        threads = [threading.Thread(target=send, args=(it,))
                   for it in self.both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.at_once += 1
        if set(statuses) - {200, 401, 429, 503}:
            raise RuntimeError(f"at once: {statuses}")
        return 200 in statuses

    def send(self, sent):
        report = self.report()
        body = json.dumps(report).encode()
        if self.draw.random() >= AT_ONCE or not self.send_at_once(body):
            self.until_answered("POST", "/v1/reports", body)
        self.acknowledged.append(report["report"])
        sent.append(body)
        if self.draw.random() < AGAIN:
            self.turn()
            again = self.draw.choice(sent[-5:])
            self.until_answered("POST", "/v1/reports", again)
            self.resent += 1

    def run(self):
        sent = []
        try:
            while not self.ending.is_set():
                if time.monotonic() - self.since > RENEW_S:
                    self.source = self.until_answered("GET", "/v1/whoami")
                    self.since = time.monotonic()
                self.send(sent)
                time.sleep(PACE_S)
        except Exception as error:  # the main thread tells
            self.error = error
        self.close()

    error = None


class ApartCollector(ShiftedCollector):
    def is_far(self):
        """It refuses agents whose clock is right."""
        return abs(self.clock.ahead_s) > SKEW_S - 30

    def end_at_once(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Proxy:
    """HAProxy before both collectors."""

    def __init__(self, folder, collectors):
        self.folder, self.collectors = folder, collectors
        self.port = free_port()
        folder.mkdir()
        self.start()

    def start(self):
        self.programs = Programs()
        start_proxy(self.programs, self.folder, self.port, self.collectors)

    def kill(self):
        for process in self.programs.running:
            process.kill()
            process.wait()

    def connection(self, port, timeout):
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def is_far(self):
        return any(it.is_far() for it in self.collectors)


class World:
    def __init__(self, folder, options):
        self.draw = random.Random(options.seed)
        self.cluster = Cluster(folder, options.shards, options.copies)
        more = "trusted-proxies = 127.0.0.1\n[limits]\n" \
               "reports-agent = 0\nreports-prefix = 0\n" \
               "probes-agent = 0\nprobes-prefix = 0\n"
        self.collectors = []
        # Each finds another network for every report.
        # Where they are far apart, agents go by the first one's clock.
        self.apart_s = apart_s = options.apart
        for name, asn, ahead_s in (
                ("first", 64500, apart_s // 2 if apart_s <= SKEW_S * 2 else 0),
                ("second", 64501, self.draw.choice((-1, 1)) * apart_s
                 if apart_s > SKEW_S * 2 else -apart_s // 2)):
            self.collectors.append(ApartCollector(
                self.cluster, folder / name, ahead_s=ahead_s, more=more,
                geo=f"127.0.0.0,127.255.255.255,{asn},Own\n",
                like=self.collectors[0] if self.collectors else None))
        self.proxy = Proxy(folder / "proxy", self.collectors)
        self.senders = [Sender(self.collectors, self.proxy,
                               random.Random(options.seed + n))
                        for n in range(AGENTS)]
        self.done = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proxy.programs.end()
        for it in self.collectors:
            it.__exit__()
        self.cluster.stop()

    # --- what holds ---

    def run(self, seconds):
        for sender in self.senders:
            sender.enrol()
        for sender in self.senders:
            sender.start()
        breaking = Breaking(
            self.cluster, self.collectors, self.proxy, self.draw, seconds,
            min(self.apart_s, SKEW_S * 2 - 60) // 2)
        self.done = breaking.done
        try:
            breaking.run()
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
              f"{sum(s.at_once for s in self.senders)} through both at once, "
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

    def on_all(self):
        """Of three, one may come after the two that a report waits for."""
        for shard in self.cluster.shards:
            ends = time.monotonic() + SETTLE_S
            while True:
                counts = [self.cluster.number(
                    "SELECT uniqExact(report, n) FROM "
                    "egress25.measurement_local", node=node)
                    for node in self.cluster.shard(shard)]
                if len(set(counts)) == 1 or len(counts) == 2 or \
                        time.monotonic() > ends:
                    break
                time.sleep(1)
            if len(set(counts)) != 1:
                yield f"servers of shard {shard}: {counts}"
                yield from self.cluster.waiting()

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
    parser.add_argument("--shards", type=int, default=2, metavar="N")
    parser.add_argument("--copies", type=int, default=2, metavar="N",
                        help="servers of each shard (default: 2; a report is "
                        "acknowledged when two have it)")
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    tap = Tap()
    with scratch("chaos") as folder, World(
            folder, options) as world:
        tap.run("every agent has an answer in the end",
                lambda: world.run(60 * options.minutes))
        world.say()
        for sentence, check in (
                ("what was acknowledged is stored", world.stored),
                ("all servers of a shard have it", world.on_all),
                ("it is counted once, by both collectors", world.counted),
                ("it is listed once, the same by both", world.listed_once),
                ("both collectors end cleanly", world.ends)):
            tap.run(sentence, check)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
