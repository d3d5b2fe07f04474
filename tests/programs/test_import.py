#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_import.py COLLECTOR: import, export, and import into a second
collector. Prints TAP."""

import csv
import io
import json
import os
import random
import resource
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tap import Tap

PROGRAM = sys.argv[1]
NOON = time.time() // 86400 * 86400 - 43200  # yesterday's
REPORTS, ROWS = 400, 12


class Store:
    """A collector's configuration and database, and its commands."""

    def __init__(self, folder, name):
        state = folder / name
        state.mkdir()
        self.config = folder / f"{name}.conf"
        self.config.write_text(f"[collector]\nstate = {state}\n")
        self.database = state / "collector.db"

    def run(self, command, *args, stdin=None, **more):
        return subprocess.run(
            [PROGRAM, command, "--config", self.config, *args], input=stdin,
            capture_output=True, text=True, timeout=120, **more)

    def must(self, command, *args, stdin=None):
        done = self.run(command, *args, stdin=stdin)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr}")
        return done.stdout

    def take(self, rows):
        return self.must("import", stdin="".join(rows))

    def rows(self, *args):
        return self.must("export", *args).splitlines(keepends=True)

    def verdicts(self):
        return self.must("verdicts", "--format", "json", "--at",
                         stamp(NOON + 86400))


def stamp(seconds, milliseconds=0):
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{milliseconds:03d}Z"


def row(chance, report, number, agent):
    """A row of one of 20 agents in five networks, two of which filter."""
    asn = 64500 + agent % 5
    port = chance.choice([25, 25, 587, 443])
    filtered = port == 25 and (asn == 64501 or
                               asn == 64500 and chance.random() < 0.9)
    outcome, mechanism = (
        (None, None) if port == 443 else
        ("filtered", chance.choice(["drop", "reset"])) if filtered else
        ("reachable", "open") if chance.random() < 0.9 else
        ("unknown", "no-control"))
    name = f"01930000-0000-7000-8000-{report:012d}"
    return {
        "schema_version": 2, "id": f"{name}:{number}", "report": name,
        "operator": f"{agent:015x}f" if agent % 3 else None,
        "at": stamp(NOON + report * 60, number),
        "agent": f"{agent:016x}", "asn": asn,
        "network": f'=Net "{asn}", Ünïted', "country": chance.choice(
            ["DE", "FR"]) if asn == 64503 else "NL",
        "prefix": f"203.0.{agent}.0/24", "family": 4,
        "endpoint": f"mx{number % 4}", "address": f"192.0.2.{number % 4 + 1}",
        "port": port, "mode": "connect" if port == 443 else "starttls",
        "ended": "connect", "failure": "timeout" if filtered else None,
        "outcome": outcome, "mechanism": mechanism,
        "where": "path" if filtered else None,
        "after_hop": 3 if filtered else None, "endpoint_hops": 9,
        "before_hop": 4 if filtered else None,
        "after_asn": asn if filtered else None,
        "before_asn": chance.choice([None, asn, 65000]) if filtered else None,
        "signs": chance.choice([None, "slow", "slow paths-differ"]),
        "icmp_type": None, "icmp_code": None, "smtp_code": 220,
        "tls_version": "TLSv1.3", "tls_verify": "ok",
        "connect_ms": chance.randrange(10**6) / 1000,
        "total_ms": chance.randrange(10**7) / 1000,
        "attributed": chance.random() < 0.95, "listed": True}


def all_rows():
    chance = random.Random(1)
    return [json.dumps(row(chance, report, number, report % 20)) + "\n"
            for report in range(REPORTS) for number in range(ROWS)]


def there_and_back(folder, rows):
    first, second = Store(folder, "first"), Store(folder, "second")
    first.take(rows)
    out = first.rows()
    assert len(out) == len(rows), f"{len(out)} of {len(rows)} rows"
    for before, after in zip(rows, out):
        if json.loads(before) != json.loads(after):
            yield f"went in as {before}came out as {after}"
            return
    second.take(out)
    if second.rows() != out:
        yield "rows differ"
    if second.verdicts() != first.verdicts():
        yield "verdicts differ"
    states = {item["state"] for item in json.loads(first.verdicts())["items"]}
    if not {"open", "filtered", "inconsistent"} <= states:
        yield f"the rows say too little: {states}"


LATER = ("report", "operator", "before_hop", "after_asn", "before_asn",
         "signs")


def of_version_1(folder, rows):
    """Rows without what version 2 added are as rows where it is absent."""
    plain = [{**json.loads(each), **dict.fromkeys(LATER[1:])}
             for each in rows]
    older = [{key: value for key, value in each.items()
              if key not in LATER + ("listed",)} | {"schema_version": 1}
             for each in plain]
    first, second = Store(folder, "version 1"), Store(folder, "version 2")
    first.take([json.dumps(each) + "\n" for each in older])
    second.take([json.dumps(each) + "\n" for each in plain])
    if first.rows() != second.rows():
        yield "rows differ"
    if first.verdicts() != second.verdicts():
        yield "verdicts differ"


def filtered_rows(operator_of):
    """Four agents, each in a prefix of its own, that see port 25 filtered for
    six days. `operator_of`: (agent, day) to a name."""
    for number in range(4 * 6 * 3):
        agent, day, mx = number % 4, number // 4 % 6, number // 24
        yield {
            "schema_version": 2,
            "id": f"01930000-0000-7000-8000-{agent * 6 + day:012d}:{mx}",
            "at": stamp(NOON - (5 - day) * 86400, mx),
            "agent": f"{agent:016x}", "asn": 64510, "family": 4, "port": 25,
            "prefix": f"203.0.{agent}.0/24", "endpoint": f"mx{mx}",
            "address": f"192.0.2.{mx + 1}", "mode": "starttls",
            "ended": "connect", "failure": "timeout", "outcome": "filtered",
            "mechanism": "drop", "where": "path", "attributed": True,
            "operator": operator_of(agent, day)}


def operators(folder, _):
    """One operator never accuses alone. The operator of an agent is that of
    its newest rows, in whatever order they come."""
    for name, operator_of, expected in (
            ("each agent its own", lambda agent, day: None, "filtered"),
            ("four of them", lambda agent, day: f"op{agent}", "filtered"),
            ("one of them", lambda agent, day: "op", "insufficient"),
            ("one, by the newest rows",
             lambda agent, day: "op" if day == 5 else f"op{agent}",
             "insufficient"),
            ("four, by the newest rows",
             lambda agent, day: f"op{agent}" if day else "op", "filtered")):
        rows = [json.dumps(each) + "\n" for each in filtered_rows(operator_of)]
        for order in rows, rows[::-1]:
            store = Store(folder, f"{name} {order is rows}")
            store.take(order)
            states = [item["state"]
                      for item in json.loads(store.verdicts())["items"]]
            if states != [expected]:
                yield f"{name}: {states}, not {expected}"


def with_annotations(folder, rows):
    """Remarks travel, too: then the verdicts are the same, byte for byte."""
    first, second = Store(folder, "noted"), Store(folder, "noted too")
    first.take(rows)
    first.must("annotate", "64500", "lifted on request, =see \\x1b[1m\x1b[1m")
    first.must("annotate", "AS64501", "--by", "noc@example.net",
               "--kind", "objection", "tell them")
    first.must("annotate", "64501", "--kind", "remark", "\u202eevil")
    first.must("annotate", "64502", "gone")
    first.must("annotate", "64502", "")
    second.take(first.rows())
    if second.verdicts() == first.verdicts():
        yield "the verdicts do not have the remarks"
    remarks = first.must("export", "--what", "annotations")
    if remarks.count("\n") != 3 or "\x1b" in remarks or "\u202e" in remarks:
        yield f"{remarks!r}"
    second.must("import", "--what", "annotations", stdin=remarks)
    if second.verdicts() != first.verdicts():
        yield "verdicts differ"
    if second.must("export", "--what", "annotations") != remarks:
        yield "remarks differ"
    said = [json.loads(line) for line in remarks.splitlines()]
    if [(one["by"], one["kind"]) for one in said] != [
            (None, "reply"), (None, "remark"),
            ("noc@example.net", "objection")]:
        yield remarks
    for one in said:
        at = datetime.fromisoformat(one["at"]).timestamp()
        if abs(at - time.time()) > 600:
            yield remarks
    second.must("import", "--what", "annotations",
                stdin='{"asn":64503,"annotation":"of an older version"}\n')
    old = json.loads(second.must("export", "--what", "annotations",
                                 "--asn", "64503"))
    if (old["at"], old["by"], old["kind"]) != (None, None, "reply"):
        yield old
    wrong = [
        ("kind", {"asn": 64500, "kind": "joke"}),
        ("kind", {"asn": 64500, "kind": 1}),
        ("asn", {"asn": 0}),
        ("asn", {"kind": "reply"}),
        ("at", {"asn": 64500, "at": "2999-01-01T00:00:00Z"}),
        ("at", {"asn": 64500, "at": "noon"}),
        ("by", {"asn": 64500, "by": "x" * 64}),
        ("annotation", {"asn": 64500, "annotation": "x" * 256}),
    ]
    for key, said in wrong:
        line = json.dumps({"annotation": "x"} | said)
        done = first.run("import", "--what", "annotations",
                         stdin=remarks + line + "\n")
        if done.returncode != 2 or f"stdin:4: {key}: " not in done.stderr:
            yield f"{line}: exit {done.returncode}: {done.stderr}"
    if first.must("export", "--what", "annotations") != remarks:
        yield "a wrong line changed remarks"


def same_value(kept, text):
    """Is a value of SQLite that of CSV, which has few digits? What a verdict
    weighs moves a little from one command to the next."""
    if kept is None or text == "":
        return kept is None and text == ""
    if text in ("true", "false"):
        return kept == (text == "true")
    if isinstance(kept, str):
        return kept == (text[1:] if text.startswith("'") else text)
    return abs(float(kept) - float(text)) <= 0.02


def as_sqlite(folder, rows):
    """Each table of a snapshot is the CSV of its kind; a new one takes the
    place of an old one as a whole, and never that of the database."""
    store, path = Store(folder, "shot"), folder / "shot.sqlite"
    store.take(rows)
    store.must("annotate", "64500", "=1+1 \x1b[1m\u202e")
    path.write_text("of old")
    store.must("snapshot", "--output", path)
    kinds = ("measurements", "networks", "events", "history", "endpoints",
             "annotations")
    with closing(sqlite3.connect(path)) as shot:
        tables = {name for name, in shot.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if tables != set(kinds):
            yield f"tables {tables}"
        for kind in kinds:
            header, *lines = csv.reader(io.StringIO(
                store.must("export", "--what", kind, "--format", "csv")))
            cursor = shot.execute(f"SELECT * FROM {kind}")
            if [column[0] for column in cursor.description] != header:
                yield f"{kind} has {cursor.description}"
            kept = cursor.fetchall()
            if len(kept) != len(lines) or not all(
                    all(map(same_value, one, line))
                    for one, line in zip(kept, lines)):
                yield f"{kind}: {kept[:3]}, not {lines[:3]}"
            if kind in ("measurements", "networks", "annotations") \
                    and not kept:
                yield f"no {kind}"
        if shot.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            yield "it is damaged"
    store.must("snapshot", "--since", "2100-01-01", "--output", path)
    with closing(sqlite3.connect(path)) as shot:
        if shot.execute("SELECT count(*) FROM measurements").fetchone()[0]:
            yield "rows of another time"
    for command in ("snapshot", "export"):
        for output, exits, says in (
                (store.database, 2, "is the database"),
                (folder / "no such folder" / "x", (2, 4)[
                    command == "snapshot"], "")):
            done = store.run(command, "--output", output)
            if done.returncode != exits or says not in done.stderr:
                yield f"{command}: {done.returncode}: {done.stderr}"
    if store.run("snapshot").returncode != 2:
        yield "without --output"
    if not store.rows() or list(folder.glob("shot.sqlite?*")):
        yield f"{list(folder.iterdir())}"


def all_or_none(folder, rows):
    """A line that is wrong inside of a report, and a batch that ends in one."""
    store = Store(folder, "halves")
    done = store.run("import", stdin="".join(rows[:ROWS + 5]) + "{\n")
    if done.returncode != 2 or f"stdin:{ROWS + 6}: " not in done.stderr:
        yield f"exit {done.returncode}: {done.stderr}"
    if store.rows():
        yield f"{len(store.rows())} rows of halves are there"
    # A batch is 8192 rows, which no multiple of ROWS is.
    many = [line.replace('"01930000', f'"0193{copy:04}')
            for copy in range(2) for line in rows]
    done = store.run("import", stdin="".join(many) + "{\n")
    kept = [json.loads(line)["id"][:36] for line in store.rows()]
    print(f"# {len(kept)} rows were in before the line that is wrong")
    if done.returncode != 2 or not kept or len(kept) % ROWS:
        yield f"exit {done.returncode}: {len(kept)} rows"


def any_order(folder, rows):
    first, mixed = Store(folder, "ordered"), Store(folder, "mixed")
    first.take(rows)
    rows = list(rows)
    random.Random(2).shuffle(rows)
    half = len(rows) // 2
    for part in rows[:half], rows[half // 2:], rows:
        mixed.take(part)
    if mixed.verdicts() != first.verdicts():
        yield "verdicts differ"
    if mixed.rows() != first.rows():
        yield "rows differ"


def filters(folder, rows):
    store = Store(folder, "filters")
    store.take(rows)
    for args, passes in (
            (["--asn", "64503"], lambda row: row["asn"] == 64503),
            (["--country", "FR"], lambda row: row["country"] == "FR"),
            (["--since", stamp(NOON + 600)],
             lambda row: row["at"] >= stamp(NOON + 600)),
            (["--until", stamp(NOON + 600)],
             lambda row: row["at"] < stamp(NOON + 600)),
            (["--since", stamp(NOON + 60, 5), "--until", stamp(NOON + 60, 7)],
             lambda row: stamp(NOON + 60, 5) <= row["at"]
             < stamp(NOON + 60, 7))):
        expected = [json.loads(line)["id"] for line in rows
                    if passes(json.loads(line))]
        found = [json.loads(line)["id"] for line in store.rows(*args)]
        if found != expected:
            yield f"{args}: {len(found)} rows, not {len(expected)}"


def as_csv(folder, rows):
    store = Store(folder, "csv")
    store.take(rows[:50])
    text = store.must("export", "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(lines) == 50
    for line, whole in zip(lines, map(json.loads, rows)):
        if line["network"] != "'" + whole["network"]:
            yield f"a formula got through: {line['network']}"
        if line["id"] != whole["id"] or line["endpoint"] != whole["endpoint"]:
            yield f"{line} is not {whole}"
    networks = store.must("export", "--what", "networks", "--format", "csv")
    header = next(csv.reader(io.StringIO(networks)))
    if header[:4] != ["asn", "name", "country", "family"]:
        yield f"a header of {header}"


def bad_line(text, sentence):
    def check(folder, rows):
        store = Store(folder, f"bad{abs(hash(text))}")
        path = folder / "bad.jsonl"
        path.write_text(rows[0] + rows[1] + text + "\n" + rows[2])
        done = store.run("import", str(path))
        expected = f"egress25-collector: {path}:3: {sentence}"
        if done.returncode != 2 or not done.stderr.startswith(expected) \
                or done.stderr.count("\n") != 1:
            yield f"exit {done.returncode}: {done.stderr}, not {expected}"
    return check


def changed(rows, **fields):
    return json.dumps({**json.loads(rows[0]), **fields})


def whole_or_not_there(folder, rows):
    store = Store(folder, "output")
    store.take(rows)
    path = folder / "rows.jsonl"
    path.write_text("old\n")

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))

    done = store.run("export", "--output", str(path), preexec_fn=small_files,
                     restore_signals=False)  # SIGXFSZ stays ignored
    if done.returncode != 4:
        yield f"exit {done.returncode} when the disk is full: {done.stderr}"
    if path.read_text() != "old\n" or list(folder.glob("rows.jsonl.*")):
        yield "half a file is there"
    store.must("export", "--output", str(path))
    if path.read_text() != "".join(store.rows()):
        yield "the file is not what stdout gets"


PLANTED = {
    "link": lambda at, victim: at.symlink_to(victim),
    "link to nothing": lambda at, victim: at.symlink_to(victim / "none"),
    "second name": lambda at, victim: os.link(victim, at),
    "FIFO": lambda at, victim: os.mkfifo(at),
}


def past_what_is_planted(folder, rows):
    """Whoever may write to the directory knows the unfinished file's name."""
    store, victim = Store(folder, "planted"), folder / "victim"
    store.take(rows[:50])
    victim.write_text("root's own")
    day = stamp(NOON)[:10]
    for words in (["export"], ["snapshot"], ["backup"],
                  ["export", "--by-day"]):
        for kind, plant in PLANTED.items():
            what = f"{kind.replace(' ', '-')}.{''.join(words)}"
            output = path = folder / what
            if "--by-day" in words:
                output.mkdir()
                path = output / f"measurements-{day}.jsonl"
            unfinished = path.with_name(f"{path.name}.new")
            plant(unfinished, victim)
            done = store.run(*words, "--output", output)
            if done.returncode:
                yield f"{what}: exit {done.returncode}: {done.stderr}"
                continue
            made = path.lstat()
            if not stat.S_ISREG(made.st_mode) or made.st_nlink != 1 \
                    or not made.st_size:
                yield f"{what}: {made}"
            if os.path.lexists(unfinished):
                yield f"{what}: an unfinished file is left"
    if victim.read_text() != "root's own":
        yield "what a link led to was written"


def into_a_pipe(folder, rows):
    store = Store(folder, "pipe")
    store.take(rows[:50])
    path = folder / "fifo"
    os.mkfifo(path)
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE,
                          text=True) as reader:
        store.must("export", "--output", str(path))
        out = reader.stdout.read()
    if not stat.S_ISFIFO(path.stat().st_mode):
        yield "the pipe was replaced"
    if out != "".join(store.rows()):
        yield "the rows differ"


def no_database(folder, rows):
    done = Store(folder, "nothing").run("export")
    if done.returncode == 0 or "collector.db" not in done.stderr:
        yield f"exit {done.returncode}: {done.stderr}"


def in_little_memory(folder, rows):
    store = Store(folder, "memory")
    path = folder / "endless"
    path.touch()
    os.truncate(path, 2**30)
    process = subprocess.Popen(
        [PROGRAM, "import", "--config", store.config, path],
        stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 2 or f"{path}:1: over 65535 bytes" not in said:
        yield f"exit {process.returncode}: {said}"
    if usage.ru_maxrss > 200 * 1024:
        yield f"it took {usage.ru_maxrss // 1024} MB"


def main():
    tap, rows = Tap(), all_rows()
    tests = {
        "what goes in comes out, and the next collector says the same":
            there_and_back,
        "rows of version 1 are taken in too": of_version_1,
        "agents of one operator do not accuse by themselves": operators,
        "with the remarks that they have": with_annotations,
        "a snapshot has what the CSV files have": as_sqlite,
        "of a report all rows are taken in, or none": all_or_none,
        "the order, and repeats, change no row and no verdict": any_order,
        "an export's filters let through what they say": filters,
        "CSV has the rows, and no formulas": as_csv,
        "a line that is not JSON is named": bad_line("{", ""),
        "a line that is no object is named": bad_line("[]", ""),
        "a row of another version is named": bad_line(
            changed(rows, schema_version=3), "schema_version: "),
        "a row without a time is named": bad_line(
            changed(rows, at=None), "at: "),
        "a row of a word that is none is named": bad_line(
            changed(rows, outcome="fine"), "outcome: "),
        "a row whose id is none is named": bad_line(
            changed(rows, id="7"), "id: "),
        "an export is whole or not there": whole_or_not_there,
        "what is planted at the unfinished file's name is no way out":
            past_what_is_planted,
        "a pipe stays a pipe": into_a_pipe,
        "an export makes no database": no_database,
        "a line without an end costs no memory": in_little_memory,
    }
    with tempfile.TemporaryDirectory() as folder:
        for sentence, check in tests.items():
            tap.run(sentence, lambda: check(Path(folder), rows))
    sys.exit(tap.end())


main()
