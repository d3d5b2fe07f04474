#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_aged.py COLLECTOR BENCH_RESTART: what readers cost a real collector
whose database is a year old, and whether somebody who asks for what is rare
makes others wait. Prints TAP."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from serve_world import Collector, main_of_rows, until

FILL = sys.argv[2]
ROWS, DAYS = 200000, 365
KEYS = ",".join(f"{asn}.4.25" for asn in range(64500, 64540))
QUESTIONS = (
    "/v1/summary?port=25&family=4", "/v1/about", "/v1/networks",
    "/v1/networks/64510", "/v1/networks/64510/history",
    "/v1/networks?limit=1000", "/v1/networks?state=intercepted",
    f"/v1/history?keys={KEYS}&days=60", "/v1/countries?port=25&family=4",
    "/v1/events?limit=50", "/v1/measurements", "/v1/measurements?limit=1000",
    "/v1/measurements?outcome=local",
    "/v1/measurements?since=2020-01-01&until=2021-01-01",
    "/v1/aggregate?axis_x=day&axis_y=outcome")
RARE = "/v1/measurements?port=2525"
# Of a reader's processor time, under a sanitizer; to look at all rows of the
# year takes some times as much.
MOST_MS = 500
WAIT_MOST_S = 5


def reader_ms(it):
    total = 0
    for task in Path(f"/proc/{it.process.pid}/task").iterdir():
        try:
            if (task / "comm").read_text() == "reader\n":
                total += int((task / "schedstat").read_text().split()[0])
        except OSError:  # it has ended
            pass
    return total / 1e6


class Patient(Collector):
    patience_s = 60


class Rows:
    def __init__(self, folder):
        self.folder = folder
        it = Patient(folder)
        it.end(15)
        done = subprocess.run(
            [FILL, folder / "state" / "collector.db", str(ROWS), str(DAYS)],
            check=True, stdout=subprocess.PIPE, text=True)
        print(f"# {done.stdout.strip()}")
        it.start()
        until(lambda: it.ask("GET", "/v1/networks")[0] == 200, 60)
        self.it = self.collector = it

    def pages(self):
        for question in QUESTIONS:
            before = reader_ms(self.it)
            status, body, _ = self.it.ask("GET", question, timeout=60)
            took = reader_ms(self.it) - before
            print(f"# {question[:60]}: {took:.0f} ms, {len(body)} bytes")
            if status != 200:
                yield f"{question}: {status} {body[:200]}"
            if took > MOST_MS:
                yield f"{question}: {took:.0f} ms of a reader"

    def rare(self):
        """A page of what there is not ends in time, and a cursor goes on."""
        path, pages, began = RARE, 0, reader_ms(self.it)
        while path is not None and pages < 1000:
            before = reader_ms(self.it)
            answer = self.it.json(path)
            took = reader_ms(self.it) - before
            pages += 1
            if answer["items"]:
                yield f"{path}: {answer['items'][0]}"
            if took > MOST_MS:
                yield f"{path}: {took:.0f} ms of a reader"
            path = answer["next"] and f"{RARE}&cursor={answer['next']}"
        print(f"# {pages} pages of nothing: "
              f"{reader_ms(self.it) - began:.0f} ms")
        if path is not None:
            yield "it does not end"

    def others(self):
        """Six ask for what is rare, again and again."""
        ends, slowest = threading.Event(), 0

        def ask():
            path = RARE
            while not ends.is_set():
                status, _, _ = self.it.ask("GET", path, timeout=60)
                assert status in (200, 429), status

        crowd = [threading.Thread(target=ask) for _ in range(6)]
        for each in crowd:
            each.start()
        for _ in range(20):
            began = time.monotonic()
            self.it.json("/v1/summary?port=25&family=4")
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
        ends.set()
        for each in crowd:
            each.join()
        print(f"# beside six scans a summary took at most {slowest:.2f} s")
        if slowest > WAIT_MOST_S:
            yield f"a summary took {slowest:.1f} s"

    def ends(self):
        yield from self.it.end_problems()


SENTENCES = (
    ("each question costs a bounded part of a reader", Rows.pages),
    ("pages of what is rare end in time, and lead to the end", Rows.rare),
    ("who asks for what is rare makes nobody wait", Rows.others),
    ("the collector exits cleanly", Rows.ends),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("aged", SENTENCES, Rows))
