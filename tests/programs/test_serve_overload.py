#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_serve_overload.py COLLECTOR BENCH_INGEST: a real collector with several
threads gets four times the load it can handle. Prints TAP."""

import signal
import subprocess
import sys
import threading
import time

from serve_world import PROGRAM, Collector, Tap, scratch
from ports import free_port

GENERATOR = sys.argv[2]
TRIES = 4
RSS_MOST_MB = 1000  # with AddressSanitizer, which keeps what was freed
MORE = "trusted-proxies = 127.0.0.0/8\n[limits]\nworkers = 3\nqueue = 64\n"


class Watch(threading.Thread):
    """Sends queries while reports come in."""

    def __init__(self, collector):
        super().__init__()
        self.collector, self.ends = collector, False
        self.slowest, self.ready = 0, set()
        self.start()

    def run(self):
        while not self.ends:
            began = time.monotonic()
            status = self.collector.ask("GET", "/v1/networks")[0]
            assert status == 200, status
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.ready.add(self.collector.ask(
                "GET", "/readyz", port=self.collector.admin)[0])
            time.sleep(0.1)


def load(collector, folder):
    """Run the generator; returns {phase: {figure: value}}."""
    lines = subprocess.run(
        [GENERATOR, "reports", str(collector.port),
         str(collector.process.pid), "1.5", folder, "40"], check=True,
        stdout=subprocess.PIPE, text=True).stdout.splitlines()
    phases = {}
    for line in lines:
        figures = dict(pair.split("=") for pair in line.split())
        phase = figures.pop("phase", "all")
        phases[phase] = {key: float(value) for key, value in figures.items()}
    return phases


def second_at(collector, folder):
    """A second collector on the same port must not start."""
    config = folder / "second.conf"
    text = collector.config.read_text()
    text = text.replace(f"{folder}/state", f"{folder}/second")
    text = text.replace(f"admin = 127.0.0.1:{collector.admin}",
                        f"admin = 127.0.0.1:{free_port()}")
    config.write_text(text)
    done = subprocess.run([PROGRAM, "serve", "--config", config], timeout=20,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 4 or "Address already in use" not in done.stderr:
        yield f"exit {done.returncode}: {done.stderr}"


def becomes_ready(collector):
    for _ in range(100):
        if collector.ask("GET", "/readyz", port=collector.admin)[0] == 200:
            return []
        time.sleep(0.1)
    return ["not ready after 10 s"]


def main():
    tap = Tap()
    with scratch("overload") as folder, Collector(folder, MORE) as collector:
        watch = Watch(collector)
        accepted = 0
        try:
            # Capacity is measured first: where the machine had other things
            # to do meanwhile, four times that may not be too much.
            for _ in range(TRIES):
                phases = load(collector, folder)
                over = phases["over"]
                accepted += phases["all"]["accepted"]
                if over["told_later"] > 0:
                    break
        finally:
            watch.ends = True
            watch.join()
        tap.say(f"{over['sent']:.0f} sent, {over['accepted']:.0f} accepted, "
                f"{over['told_later']:.0f} told to come later, "
                f"{over['rss_most_mb']:.0f} MB")
        tap.row("at four times its capacity it sends Retry-After",
                [] if over["told_later"] > 0 else [over])
        tap.row("it answers every request, one way or the other",
                [phase for phase in phases.values() if phase.get("failed")])
        tap.row("it keeps accepting meanwhile",
                [] if over["accepted"] > 0 else [over])
        tap.row("its memory stays bounded", [] if
                over["rss_most_mb"] < RSS_MOST_MB else [over])
        tap.row("queries are answered meanwhile",
                [] if 0 < watch.slowest < 5 else [watch.slowest])
        tap.row("it is not ready while overloaded",
                [] if 503 in watch.ready else [watch.ready])
        tap.run("it is ready again soon after", lambda:
                becomes_ready(collector))
        tap.run("no second collector gets its port", lambda:
                second_at(collector, folder))
        collector.process.send_signal(signal.SIGKILL)
        collector.process.communicate(timeout=60)
        collector.start()
        stored = collector.json("/v1/summary")["reports"]
        tap.row("after kill -9 every acknowledged report is stored once",
                [] if stored == accepted else [f"{stored} of {accepted}"])
        tap.row("it exits cleanly after all that", collector.end_problems())
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
