# SPDX-License-Identifier: Apache-2.0
"""What breaks in a chaos (chaos.py): servers, ZooKeeper, collectors, the proxy
in front of them, and clocks. All is well again when a call returns."""

import signal
import time

LOST_S = 30  # until servers know that a part is lost
AWAY_S = (125, 160)  # so long is a server away
LONG_S = 240  # what takes minutes is left out of a shorter run
PAUSES_S = ((0.2, 2), (3, 8))  # by what waits: a statement, a server's silence
LONG_PAUSES_S = ((11, 20), (31, 45), (62, 75))  # an insert, an agent, a proxy
ENTRY_S = 5  # until a collector has stored an entry, where any can be


class Breaking:
    def __init__(self, cluster, collectors, proxy, draw, seconds, most_s):
        """For so many seconds; clocks are set by `most_s` at most."""
        self.cluster, self.collectors = cluster, collectors
        self.proxy, self.draw, self.most_s = proxy, draw, most_s
        self.ends = time.monotonic() + seconds
        self.is_long = seconds >= LONG_S
        self.done = {}

    def run(self):
        kinds = [self.kill_server, self.kill_server, self.pause_server,
                 self.kill_shard, self.kill_zookeeper, self.pause_zookeeper,
                 self.lose_part, *self.of_collectors()]
        first = [self.lose_part]
        if self.is_long:
            kinds += [self.server_away]
            first += [self.server_away]
        while time.monotonic() < self.ends:
            self.draw_pause(0.5, 2)
            self.do(first.pop(0) if first else self.draw.choice(kinds))
        self.cluster.do("wait")

    def of_collectors(self):
        return [self.kill_collector, self.end_at_entry, self.pause_collector,
                self.pause_collector, self.kill_proxy, self.set_clock]

    def do(self, what):
        self.done[what.__name__] = self.done.get(what.__name__, 0) + 1
        what()

    def draw_pause(self, least_s, most_s):
        time.sleep(self.draw.uniform(least_s, most_s))

    # --- servers ---

    def draw_node(self):
        return self.draw.choice(list(self.cluster.nodes))

    def kill_server(self):
        node = self.draw_node()
        self.cluster.do("kill", node)
        self.draw_pause(0.2, 3)
        self.cluster.do("run", node)
        self.cluster.do("wait")

    def pause_server(self):
        node = self.draw_node()
        self.cluster.do("pause", node)
        self.draw_pause(*self.draw.choice(
            PAUSES_S + LONG_PAUSES_S[:1] * self.is_long))
        self.cluster.do("cont", node)

    def kill_shard(self):
        """All servers of a shard at once."""
        nodes = self.cluster.shard(self.draw.choice(self.cluster.shards))
        for node in nodes:
            self.cluster.do("kill", node)
        self.draw_pause(0.2, 5)
        for node in nodes:
            self.cluster.do("run", node)
        self.cluster.do("wait")

    def server_away(self):
        """For minutes; collectors break meanwhile."""
        node = self.draw_node()
        self.cluster.do("kill", node)
        ends = time.monotonic() + self.draw.uniform(*AWAY_S)
        while time.monotonic() < ends:
            self.draw_pause(1, 10)
            self.do(self.draw.choice(self.of_collectors()))
        self.cluster.do("run", node)
        self.cluster.do("wait")

    def lose_part(self):
        """A server dies before it has fetched a part; the one that has it is
        read, and counted, and dies; the first one finds that nobody has it;
        and so the other one, when it comes back, takes it back. Of more
        servers of a shard the others are away meanwhile."""
        shard = self.draw.choice(self.cluster.shards)
        nodes = list(self.cluster.shard(shard))
        self.draw.shuffle(nodes)
        has, *lacking = nodes
        for node in lacking:
            self.cluster.do("kill", node)
        self.draw_pause(0.5, 2)
        it = self.draw.choice(self.collectors)
        it.end_at_once()
        self.start_again(it)  # it counts at once
        self.cluster.do("kill", has)
        for node in lacking:
            self.cluster.do("run", node)
        ends = time.monotonic() + LOST_S
        while time.monotonic() < ends and not self.lost(lacking[0], shard):
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
        self.draw_pause(0.5, 15 if self.is_long else 3)
        self.cluster.do("zk-run")

    def pause_zookeeper(self):
        self.cluster.do("zk-pause")
        self.draw_pause(0.5, 15 if self.is_long else 3)
        self.cluster.do("zk-cont")

    # --- collectors ---

    def kill_collector(self):
        it = self.draw.choice(self.collectors)
        it.end_at_once()
        self.draw_pause(0, 1)
        self.start_again(it)

    def end_at_entry(self):
        """One dies, or stops for a while, when a report's rows are stored and
        its entry is not; or is, and nobody was told."""
        it = self.draw.choice(self.collectors)
        how = self.draw.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP))
        it.clock.signal_at_entry(how, self.draw.random() < 0.5)
        ends = time.monotonic() + ENTRY_S
        while time.monotonic() < ends and not it.has_stopped():
            time.sleep(0.02)
        it.clock.signal_at_entry(0)
        if how == signal.SIGSTOP:
            self.draw_pause(*self.draw.choice(self.pauses()))
            it.process.send_signal(signal.SIGCONT)
        elif it.has_stopped():
            it.end_at_once()
            self.start_again(it)

    def pauses(self):
        return PAUSES_S + LONG_PAUSES_S * self.is_long

    def pause_collector(self):
        it = self.draw.choice(self.collectors)
        it.process.send_signal(signal.SIGSTOP)
        self.draw_pause(*self.draw.choice(self.pauses()))
        it.process.send_signal(signal.SIGCONT)

    def kill_proxy(self):
        self.proxy.kill()
        self.draw_pause(0, 3)
        self.proxy.start()

    def set_clock(self):
        """Forwards or back, by less than they are apart."""
        it = self.draw.choice(self.collectors)
        if not it.is_far():
            it.clock.set(self.draw.randint(-self.most_s, self.most_s))

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
