#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_flood.py COLLECTOR: six agents send twelve reports a second each, with
all the names that they can think of, while another one goes about its work.
The counts are checked; how long that one waited is printed. Prints TAP."""

import json
import sqlite3
import sys
import threading
import time
from contextlib import closing

from load import PORTS, Reporter, started
from serve_world import main_of_rows

FLOODERS, A_SECOND, SECONDS = 6, 12, 8
AN_HOUR, NAMES = 120, 40
AT_ONCE = AN_HOUR // 6
MORE = f"[limits]\nreports-agent = {AN_HOUR}\n"
ENDPOINTS = 3  # of the list, that a flooder names too


class Flooder(Reporter):
    """Sends at its rate, whatever it is told."""

    def flood(self, number):
        report = self.report()
        first = report["targets"][0]
        report["targets"] = [
            {**first, "endpoint": f"mx{n}" if n < ENDPOINTS else
             f"{self.id[:8]}-{number}-{n}"} for n in range(NAMES)]
        return json.dumps(report).encode()

    def run(self):
        begins = time.monotonic()
        for number in range(A_SECOND * SECONDS):
            pause = begins + number / A_SECOND - time.monotonic()
            time.sleep(max(0, pause))
            answer = self.ask("POST", "/v1/reports", self.flood(number))
            status = answer and answer[0]
            self.statuses[status] = self.statuses.get(status, 0) + 1


class Bystander(Reporter):
    """A report every 0.1 s; how long each acknowledgement took."""

    def watch(self, seconds):
        took, ends = [], time.monotonic() + seconds
        while time.monotonic() < ends:
            body = json.dumps(self.report()).encode()
            began = time.monotonic()
            answer = self.ask("POST", "/v1/reports", body)
            took.append(1000 * (time.monotonic() - began))
            self.statuses[answer[0]] = self.statuses.get(answer[0], 0) + 1
            time.sleep(0.1)
        return sorted(took)


def watch(it, seconds):
    """As many bystanders as the limit on one asks for."""
    took, refused = [], 0
    while seconds > 0:
        bystander = Bystander(it)
        bystander.enrol()
        bystander.statuses.clear()
        took += bystander.watch(min(seconds, 1.5))
        refused += sum(count for status, count in bystander.statuses.items()
                       if status != 200)
        bystander.close()
        seconds -= 1.5
    return sorted(took), refused


def flood(folder):
    with started(folder, "flood", more=MORE) as it:
        flooders = [Flooder(it) for _ in range(FLOODERS)]
        for each in flooders:
            each.enrol()
            each.statuses.clear()
        alone, _ = watch(it, 3)
        for each in flooders:
            each.start()
        beside, refused = watch(it, SECONDS)
        for each in flooders:
            each.join()
        accepted = [each.statuses.get(200, 0) for each in flooders]
        turned_away = sum(each.statuses.get(429, 0) for each in flooders)
        path = it.folder / "state" / "collector.db"
        with closing(sqlite3.connect(path)) as database:
            rollups, = database.execute(
                "SELECT count(*) FROM rollup WHERE agent IN (SELECT agent FROM"
                " rollup GROUP BY agent HAVING sum(count) > 100)").fetchone()
        print(f"# {FLOODERS} agents sent {A_SECOND} reports a second each: "
              f"{sum(accepted)} were taken and {turned_away} told to come "
              f"later; they have {rollups} rollups")
        print(f"# a bystander waited {alone[len(alone) // 2]:.1f} ms (median) "
              f"alone, {beside[len(beside) // 2]:.1f} ms beside them; the "
              f"slowest of {len(beside)} took {beside[-1]:.1f} ms")
        most = AT_ONCE + AN_HOUR * SECONDS // 3600 + 1
        if max(accepted) > most or min(accepted) < AT_ONCE:
            yield f"{accepted} were taken, not {AT_ONCE} to {most} each"
        if sum(accepted) + turned_away != FLOODERS * A_SECOND * SECONDS:
            yield f"other answers: {[each.statuses for each in flooders]}"
        if refused:
            yield f"the bystander was refused {refused} times"
        # In place: what an agent says again is counted in the same rows.
        if rollups != FLOODERS * ENDPOINTS * (len(PORTS) - 1):
            yield f"{rollups} rollups"
        again = Flooder(it)
        again.id, again.key = flooders[0].id, flooders[0].key
        again.source = flooders[0].source
        body = again.flood(0)
        reply = it.ask("POST", "/v1/reports", body, again.signed(
            again.id, "POST", "/v1/reports", body))
        if reply[0] != 429 or not 1 <= int(reply[2]["Retry-After"]) <= 30:
            yield f"{reply}"


ROWS = (
    ("a flood of reports is taken up to its limit, and harms nobody", flood),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("flood", ROWS))
