#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_serve_upkeep.py COLLECTOR: a real collector on loopback that deletes
old rows and is backed up while reports come in. Prints TAP."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from contextlib import closing
from pathlib import Path

from serve_world import (PROGRAM, Collector, count, expect, gauge, main_of_rows,
                         row, run, started, until)

OLD_REPORTS, ROWS_EACH = 3000, 10
DAY = 86400
ACK_MOST_S = 2  # on a machine that is busy, under sanitizers


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def old_rows(reports, age_days):
    at = stamp(time.time() - age_days * DAY)
    return "".join(
        json.dumps(row(number) | {
            "at": at, "id": f"{uuid.UUID(int=report)}:{number}"}) + "\n"
        for report in range(1, reports + 1) for number in range(ROWS_EACH))


def rollup_count(collector):
    path = collector.folder / "state" / "collector.db"
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM rollup").fetchone()[0]


class Sender(threading.Thread):
    """Sends unattributed reports one by one until it is stopped."""

    def __init__(self, agent):
        super().__init__()
        self.agent, self.stored, self.slowest, self.problems = agent, 0, 0, []
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            report = self.agent.report(sources=[])
            began = time.monotonic()
            reply = self.agent.send(report)
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.problems += expect(reply, 200, duplicate=False)
            self.stored += reply[0] == 200

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()


def in_steps(folder):
    with started(folder, "steps", "retention = 0\n") as (it, agent):
        old = old_rows(OLD_REPORTS, 100)
        run(it, "import", stdin=old)
        rollups = rollup_count(it)
        agent.send(agent.report(sources=[]))
        if count(it) != OLD_REPORTS * ROWS_EACH + 2:
            yield f"{count(it)} rows before, with retention = 0"
        text = it.config.read_text().replace("retention = 0",
                                             "retention = 90d")
        it.config.write_text(text)
        with Sender(agent) as sender:
            it.process.send_signal(signal.SIGHUP)
            gone = until(lambda: gauge(it, "reports_expired_total")
                         == OLD_REPORTS, 60)
            until(lambda: sender.stored > 3)
        steps = gauge(it, "expiry_step_seconds_count")
        print(f"# {OLD_REPORTS} reports went in {steps:.0f} steps; meanwhile "
              f"{sender.stored} were acknowledged, the slowest in "
              f"{sender.slowest * 1000:.0f} ms")
        yield from sender.problems
        if not gone:
            yield f"{gauge(it, 'reports_expired_total')} reports went"
        if steps < OLD_REPORTS / 256:
            yield f"only {steps} steps"
        if sender.slowest > ACK_MOST_S:
            yield f"an acknowledgement took {sender.slowest:.1f} s"
        if count(it) != 2 * (sender.stored + 1):
            yield f"{count(it)} rows, not {2 * (sender.stored + 1)}"
        if gauge(it, "rows_expired_total") != OLD_REPORTS * ROWS_EACH:
            yield "the rows are not counted"
        if rollup_count(it) != rollups:
            yield f"{rollup_count(it)} rollups, not {rollups}"
        said = subprocess.run(
            [PROGRAM, "import", "--config", it.config], input=old, text=True,
            capture_output=True, check=True).stderr
        if f"{OLD_REPORTS * ROWS_EACH} of them known or too old" not in said:
            yield f"import said: {said}"
        if count(it) != 2 * (sender.stored + 1):
            yield "what was removed was counted again"


def too_old(folder):
    with started(folder, "old", "retention = 1h\n") as (it, agent):
        for hours, status in ((0.9, 200), (1.1, 400)):
            report = agent.report()
            report["targets"][0]["at"] = stamp(time.time() - hours * 3600)
            for problem in expect(agent.send(report), status):
                yield f"{hours} hours old: {problem}"


def backup(it, path, *more, **how):
    return subprocess.run(
        [PROGRAM, "backup", "--config", it.config, "--output", path, *more],
        capture_output=True, text=True, timeout=60, **how)


def verdicts(config, at):
    return subprocess.run(
        [PROGRAM, "verdicts", "--config", config, "--format", "json", "--at",
         at], capture_output=True, text=True, check=True, timeout=60).stdout


def while_serving(folder):
    with started(folder, "backup") as (it, agent):
        run(it, "import", stdin="".join(
            json.dumps(row(number)) + "\n" for number in range(10000)))
        path, at = it.folder / "copy.db", stamp(time.time() + 60)
        path.write_text("an older copy")
        (it.folder / "copy.db.new").write_text("what one left that was killed")
        with Sender(agent) as sender:
            until(lambda: sender.stored > 2)
            before = count(it)
            done = backup(it, path)
            after = count(it)
            until(lambda: count(it) > after)
        yield from sender.problems
        if done.returncode or " MB in " not in done.stderr:
            yield f"{done.returncode}: {done.stderr}"
        if (it.folder / "copy.db.new").exists():
            yield "it left an unfinished file"
        copy = it.folder / "copy.conf"
        copy.write_text(it.config.read_text()
                        + f"[store]\npath = {path}\n")
        if len(verdicts(copy, at)) < 10000 \
                or verdicts(copy, at) != verdicts(it.config, at):
            yield "the verdicts differ"
        with closing(sqlite3.connect(path)) as database:
            reports, rows = database.execute(
                "SELECT reports, measurements FROM total").fetchone()
            found = database.execute(
                "SELECT count(*), sum(count) FROM report").fetchone()
            whole, = database.execute("PRAGMA integrity_check").fetchone()
        print(f"# the copy has {rows} rows; there were {before} before and "
              f"{after} after it")
        if not before <= rows <= after or found != (reports, rows) \
                or whole != "ok":
            yield f"{rows} rows, {found} found, {whole}"


def backup_refuses(folder):
    with started(folder, "refuses") as (it, _):
        database = it.folder / "state" / "collector.db"
        for path, code, sentence in (
                (database, 2, "is the database"),
                (it.folder / "no" / "copy.db", 4, "No such file"),
                (it.folder / ("x" * 5000), 2, "too long")):
            done = backup(it, path)
            if done.returncode != code or sentence not in done.stderr:
                yield f"{str(path)[:99]}: {done.returncode}: {done.stderr}"
        done = subprocess.run([PROGRAM, "backup", "--config", it.config],
                              capture_output=True, text=True)
        if done.returncode != 2 or "--output" not in done.stderr:
            yield f"without --output: {done.returncode}: {done.stderr}"
        yield from expect(it.ask("GET", "/v1/summary"), 200)


OLDER = (1, 7)


def upgraded(folder):
    for version in OLDER:
        for problem in upgraded_from(folder / f"from {version}", version):
            yield f"version {version}: {problem}"


def upgraded_from(folder, version):
    """older/*.sql: two signed reports with their evidence, 20 rows imported,
    an agent, an annotation; three networks with 24 probes that count."""
    state = folder / "upgraded" / "state"
    state.mkdir(parents=True, mode=0o700)
    with closing(sqlite3.connect(state / "collector.db")) as database:
        database.executescript(
            (Path(__file__).parent / "older" / f"{version}.sql").read_text())
        tables = [name for name, in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")]
        before = {name: database.execute(
            f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
    (state / "secret").touch(mode=0o600)
    (state / "secret").write_bytes(b"25" * 16)
    config = folder / "upgraded" / "collector.conf"
    config.write_text(f"[collector]\nstate = {state}\n")
    done = subprocess.run([PROGRAM, "verdicts", "--config", config],
                          capture_output=True, text=True)
    if done.returncode != 2 or "start the collector once" not in done.stderr:
        yield f"a reader before the upgrade: {done.stderr}"
    it = Collector(folder / "upgraded", "retention = 0\n")
    summary = it.json("/v1/summary")
    rows = it.ask("GET", "/v1/measurements?format=jsonl")[1].splitlines()
    if it.end(signal.SIGTERM)[0]:
        yield "it did not end well"
    with closing(sqlite3.connect(state / "collector.db")) as database:
        after = {name: database.execute(
            f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
        before.pop("rollup"), after.pop("rollup")  # in other rows now
        became, = database.execute("PRAGMA user_version").fetchone()
        closed = database.execute(
            "SELECT min(day), max(day) FROM history").fetchone()
        first, last = (database.execute(
            f"SELECT {which}(day) FROM rollup").fetchone()[0]
            for which in ("min", "max"))
    items = json.loads(verdicts(config, "2026-11-25"))["items"]
    print(f"# version {version} became {became}; {len(rows)} rows, "
          f"{sum(item['probes'] for item in items)} probes counted")
    if became <= version or after != before:
        yield f"version {became}: {after}, before {before}"
    # All days are closed, while verdicts look at a row.
    if closed != (first, min(last + 29, int(time.time()) // DAY - 1)):
        yield f"days {closed} are closed; rollups are of {first} to {last}"
    for what, number in (("reports", 6), ("measurements", 26), ("agents", 4),
                         ("networks", 3)):
        if summary[what] != number:
            yield f"{what}: {summary[what]}, not {number}"
    if len({json.loads(each)["id"] for each in rows}) != 26:
        yield f"{len(rows)} rows, not 26"
    if sorted(item["probes"] for item in items) != [2, 2, 10, 10]:
        yield f"{items}"
    if [{"at": None, "by": None, "kind": "reply", "text": "lifted on request"}
            ] not in [item["annotations"] for item in items]:
        yield "the annotation is gone"
    if run(it, "agents").count("\n") != 0:
        yield "not one agent"


ROWS = (
    ("old reports are deleted while new ones arrive; counts stay",
     in_steps),
    ("a report older than the retention is refused", too_old),
    ("a backup under load is consistent",
     while_serving),
    ("an older database is upgraded completely", upgraded),
    ("a failed backup says why", backup_refuses),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("upkeep", ROWS))
