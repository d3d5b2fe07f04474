# SPDX-License-Identifier: Apache-2.0
"""A collector of the release build, on a database that has aged."""

import http.client
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT / "tests"))
from ports import free_port

BUILD = ROOT / "build" / "release"
COLLECTOR = BUILD / "collector" / "egress25-collector"
FILL = BUILD / "tests" / "bench" / "bench_restart"
TAKING_NETWORKS = 40


def make_geo(work):
    """A geo database with the addresses of bench_ingest's agents."""
    for what, row in (("asn", "198.18.{0}.0,198.18.{0}.255,{1},Provider {0}"),
                      ("country", "198.18.{0}.0,198.18.{0}.255,DE")):
        ranges = work / f"{what}.csv"
        ranges.write_text("".join(row.format(n, 64500 + n) + "\n"
                                  for n in range(TAKING_NETWORKS)))
        subprocess.run([ROOT / "collector" / "geo" / "mkmmdb.pl", what,
                        work / f"{what}.mmdb", ranges], check=True,
                       stderr=subprocess.DEVNULL)


def taking_lines(work, *limits):
    """The lines of a configuration, from [collector] on, with which the reports
    of bench_ingest are taken, attributed and counted."""
    make_geo(work)
    (work / "endpoints").write_text("".join(
        f"[mx-{n}.example]\nhost = mx-{n}.example\nports = 25 587 465\n"
        "control = 443\nstarttls = yes\n" for n in range(15)))
    return (f"endpoints = {work}/endpoints", "trusted-proxies = 127.0.0.0/8",
            "[limits]", "reports-agent = 0", "reports-prefix = 0",
            "probes-agent = 0", "probes-prefix = 0", *limits, "[geo]",
            f"asn = {work}/asn.mmdb", f"country = {work}/country.mmdb")


class Collector:
    """Serves the database in the folder `work`; `lines` are added to its
    configuration's first section."""

    def __init__(self, work, *lines):
        self.work = work
        self.port, self.admin = free_port(), free_port()
        self.config, self.log = work / "collector.conf", work / "log"
        self.config.write_text("\n".join((
            "[collector]", f"listen = 127.0.0.1:{self.port}",
            f"admin = 127.0.0.1:{self.admin}", f"state = {work}",
            *lines, "")))

    def age(self, rows, days):
        """Make the database: these rows, over as many days until today."""
        self.start()
        self.end(signal.SIGTERM)
        subprocess.run([FILL, self.work / "collector.db", str(rows),
                        str(days)], check=True)

    def start(self):
        """Start it; returns the seconds until it is ready and has answered."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [COLLECTOR, "serve", "--config", self.config],
            stdin=subprocess.DEVNULL, stderr=open(self.log, "a"))
        while time.monotonic() < began + 60:
            try:
                if self.ask("/readyz", self.admin)[0] == 200 \
                        and self.ask("/v1/summary")[0] == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.01)
        sys.exit(f"it did not come up: {self.log.read_text()}")

    def ask(self, path, port=None):
        peer = http.client.HTTPConnection("127.0.0.1", port or self.port,
                                          timeout=30)
        try:
            peer.request("GET", path)
            reply = peer.getresponse()
            return reply.status, reply.read()
        finally:
            peer.close()

    def end(self, how):
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(60)
        return time.monotonic() - began

    def reader_ms(self):
        """The CPU time of the threads that answer readers, in ms."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            if (task / "comm").read_text() == "reader\n":
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e6

    def metric(self, name):
        for line in self.ask("/metrics", self.admin)[1].decode().splitlines():
            if line.startswith(f"egress25_{name} "):
                return float(line.split()[1])
        raise KeyError(name)
