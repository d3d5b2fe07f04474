#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_migrate.py COLLECTOR: a SQLite file's contents go to a cluster of 2 x 2
servers while its collector takes reports; `migrate` is killed in the middle of
it and run again. Then days are counted anew with `rebuild`. Prints TAP."""

import base64
import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from cluster_world import Cluster, ClusterCollector, make_geo
from serve_world import (PROGRAM, Agent, Collector, Key, expect, run, scratch,
                         signature)
from tap import Tap
from test_same import differences, lines, rows_until_now

SEED, NETWORKS, REPORTS = 815, 12, 30
LISTED = {  # what is asked for, and whether a row is of it
    "": lambda row: True,
    "&port=25": lambda row: row["port"] == 25,
    "&outcome=reachable": lambda row: row["outcome"] == "reachable",
}
COMPARED = ("verdicts", "export --what events", "export --what history",
            "export --what annotations", "review --format json",
            "agents --format json")


class OnFile(Collector):
    """Rows of ten days, and more that an agent sends."""

    def start(self):
        rows = sorted(rows_until_now(SEED, NETWORKS),
                      key=lambda row: (row["report"][-12:], row["report"]))
        (self.folder / "state").mkdir(mode=0o700, exist_ok=True)
        (self.folder / "rows.jsonl").write_text(
            "".join(json.dumps(row) + "\n" for row in rows))
        run(self, "import", self.folder / "rows.jsonl")
        run(self, "annotate", "64512", "said on request")
        run(self, "annotate", "64499", "of a network without rows")
        run(self, "review", "reject", "64515", "4", "25", "--reason", "no")
        super().start()


class World:
    def __init__(self, folder, cluster):
        self.cluster, self.folder = cluster, folder
        (folder / "old").mkdir()
        more = "enrol = token\nkeep-signed = yes\n"
        self.old = OnFile(folder / "old", more + make_geo(folder / "old"))
        self.config = folder / "cluster.conf"
        self.config.write_text(
            f"[collector]\nstate = {folder}/old/state\n"
            f"endpoints = {folder}/old/endpoints.conf\n"
            + cluster.store("egress25"))
        self.agents = []
        self.tokens = [run(self.old, "token") for _ in range(4)]
        self.bodies = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.old.__exit__()
        if hasattr(self, "new"):
            self.new.__exit__()

    def command(self, *words):
        return subprocess.run(
            [PROGRAM, words[0], "--config", self.config, *words[1:]],
            capture_output=True, text=True, timeout=300)

    def must(self, *words):
        done = self.command(*words)
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr}")
        return done.stdout

    def number(self, sql):
        return self.cluster.number(sql)

    def enrol(self, name, token=None):
        agent = Agent(self.old, Key(self.old.folder, name))
        reply = agent.enrol(token=token or run(self.old, "token"),
                            contact=f"{name}@a.example")
        if reply[0] != 200:
            raise RuntimeError(f"{reply}")
        self.agents.append(agent)
        return agent

    def send(self, agent, count):
        for _ in range(count):
            report = agent.report()
            body = json.dumps(report).encode()
            if agent.send(body)[0] != 200:
                raise RuntimeError("not taken")
            self.bodies.append((agent, report["report"], body))

    def in_file(self, sql):
        path = self.old.folder / "state" / "collector.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchone()[0]


def change_key(world, agent, name):
    """The agent takes a new key."""
    new = Key(world.old.folder, name)
    public = base64.b64encode(new.public).decode()
    text = f"egress25-key/1\n{agent.id}\n{public}\n".encode()
    body = json.dumps({"public_key": public, "possession": base64.b64encode(
        new.sign(text)).decode()}).encode()
    old = signature(agent.key, agent.id, "POST", "/v1/agents/key", body)
    status = world.old.ask("POST", "/v1/agents/key", body, old)[0]
    agent.former, agent.key = agent.key, new
    return status


def killed(world):
    """The first run, killed when some of the reports are there."""
    world.enrol("one", world.tokens[0])
    world.enrol("two", world.tokens[1])
    world.enrol("gone", world.tokens[2])
    for agent in world.agents:
        world.send(agent, REPORTS)
    run(world.old, "revoke", world.agents[2].id)
    world.old.recounted()
    world.must("schema")
    total = world.in_file("SELECT count(*) FROM report")
    process = subprocess.Popen(
        [PROGRAM, "migrate", "--config", world.config],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < ends:
        there = world.number("SELECT uniqExact(report) FROM egress25.report")
        if there > 0:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if not 0 < there < total:
        yield f"it was killed with {there} of {total} there"


def again(world):
    """A second run while the old one takes reports and agents."""
    process = subprocess.Popen(
        [PROGRAM, "migrate", "--config", world.config],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    world.send(world.agents[0], 5)
    world.enrol("late")
    world.send(world.agents[-1], 5)
    out, said = process.communicate(timeout=300)
    if process.returncode or "copied now" not in out:
        yield f"{process.returncode}: {out} {said}"


def begun(world, more):
    """A list of the old one that somebody has read two pages of."""
    shown, cursor = [], ""
    for _ in range(2):
        page = world.old.json(f"/v1/measurements?limit=9{more}{cursor}")
        shown += [row["id"] for row in page["items"]]
        cursor = f"&cursor={page['next']}"
    return more, shown, cursor


def lists_go_on(world):
    """They go on at the new one: no row is lost, and none shown twice."""
    rows = [json.loads(line) for line in
            run(world.old, "export").splitlines()]
    for (more, shown, cursor), wanted in zip(world.lists, LISTED.values()):
        rest, limit = list(shown), 4
        while cursor:
            page = world.new.json(
                f"/v1/measurements?limit={limit}{more}{cursor}")
            if "items" not in page:
                yield f"{more}{cursor}, {limit} rows: {page}"
                return
            rest += [row["id"] for row in page["items"]]
            cursor = f"&cursor={page['next']}" if page["next"] else ""
            limit = 1000
        expected = {row["id"] for row in rows if wanted(row)}
        if len(rest) != len(set(rest)) or set(rest) != expected:
            yield (f"{more}: {len(rest)} rows, {len(set(rest))} of them "
                   f"different, of {len(expected)}")


def the_last_one(world):
    """A key is changed and a token used; the old one ends; a last run."""
    if change_key(world, world.agents[1], "two-new") != 200:
        yield "the key was not changed"
    world.enrol("last", world.tokens[3])
    world.send(world.agents[-1], 3)
    world.old.recounted()
    world.lists = [begun(world, more) for more in LISTED]
    yield from world.old.end_problems()
    world.said = world.must("migrate")
    before = world.number("SELECT count() FROM egress25.measurement FINAL")
    out = world.must("migrate")
    if "\n0 of" not in out and ", 0 of them copied now" not in out:
        yield f"a run with nothing to do: {out}"
    after = world.number("SELECT count() FROM egress25.measurement FINAL")
    if before != after:
        yield f"{before} rows and then {after}"


def nothing_lost(world):
    """Both sides have the same reports, rows, evidence and details, once."""
    reports = world.in_file("SELECT count(*) FROM report")
    counts = (
        ("uniqExact(report) FROM egress25.report", reports),
        ("count() FROM egress25.measurement FINAL WHERE listed = 1",
         world.in_file("SELECT measurements FROM total")),
        ("uniqExact(report, n) FROM egress25.measurement WHERE listed = 1",
         world.in_file("SELECT measurements FROM total")),
        ("uniqExact(report) FROM egress25.report WHERE body != ''",
         world.in_file("SELECT count(*) FROM evidence")),
        ("uniqExact(report) FROM egress25.report WHERE own = 1",
         world.in_file("SELECT count(*) FROM report WHERE agent NOTNULL")),
        ("uniqExact(report) FROM egress25.report WHERE detail != ''",
         world.in_file("SELECT count(*) FROM report WHERE detail NOTNULL")),
        ("sum(count) FROM egress25.rollup FINAL",
         world.in_file("SELECT sum(count) FROM rollup")),
    )
    for what, wanted in counts:
        found = world.number(f"SELECT {what}")
        if found != wanted or not wanted:
            yield f"{what}: {found}, in the file {wanted}"


def without_last_seen(text):
    return lines([{key: value for key, value in json.loads(line).items()
                   if key != "last_seen"} for line in text.splitlines()])


def the_same(world):
    """What commands print of both."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for words in map(str.split, COMPARED):
        if words[0] == "verdicts":
            words += ["--format", "json", "--at", now]
        one = run(world.old, *words)
        many = world.must(*words).strip()
        if words[0] == "agents":
            one, many = map(without_last_seen, (one, many))
        if not one:
            yield f"{words}: nothing"
        yield from differences(words, one, many)
    one = sorted(run(world.old, "export").splitlines())
    many = sorted(world.must("export").splitlines())
    yield from differences("export", "\n".join(one), "\n".join(many))


def served_on(world):
    """A collector on the cluster knows agents, keys, tokens and reports."""
    world.new = ClusterCollector(
        world.cluster, world.folder / "new", like=world.old,
        more="enrol = token\n")
    there = {}
    for agent in world.agents:
        there[agent.id] = Agent(world.new, agent.key)
        there[agent.id].id = agent.id
    gone = world.agents[2]
    for agent in world.agents:
        yield from expect(there[agent.id].whoami(),
                          401 if agent is gone else 200)
    for agent, _, body in world.bodies[::17]:
        if agent not in (gone, world.agents[1]):
            yield from expect(there[agent.id].send(body), 200, duplicate=True)
    former = Agent(world.new, world.agents[1].former)
    yield from expect(former.enrol(token=run(world.new, "token")), 403)
    other = Agent(world.new, Key(world.folder, "other"))
    for token in world.tokens:
        yield from expect(other.enrol(token=token), 403)
    yield from expect(there[world.agents[0].id].send(
        there[world.agents[0].id].report()), 200, duplicate=False)


def other_secret(world):
    """Another file's rows are not taken into it."""
    folder = world.folder / "stranger"
    folder.mkdir()
    with Collector(folder) as stranger:
        done = world.command("migrate", "--from",
                             stranger.folder / "state" / "collector.db")
    if not done.returncode or "another secret" not in done.stderr:
        yield f"{done.returncode}: {done.stderr}"


def counted_anew(world):
    """Counts that are gone come back; those of removed rows go."""
    world.new.recounted()
    yield from world.new.end_problems()
    everything = "SELECT sum(count) FROM egress25.rollup FINAL"
    right = world.number(everything)
    day, month = world.cluster.ask(
        "SELECT day, toYYYYMM(day) FROM egress25.rollup GROUP BY day"
        " ORDER BY sum(count) DESC LIMIT 1")[0]
    world.cluster.ask("ALTER TABLE egress25.rollup_local ON CLUSTER egress25 "
                      f"DROP PARTITION {month}")
    if world.number(everything) >= right:
        yield "nothing was dropped"
    world.must("rebuild")
    if world.number(everything) != right:
        yield f"{world.number(everything)} counted, not {right}"
    removed = world.number(
        f"SELECT sum(count) FROM egress25.rollup FINAL WHERE day = '{day}'")
    world.cluster.ask(
        "ALTER TABLE egress25.measurement_local ON CLUSTER egress25 "
        f"DROP PARTITION {day.replace('-', '')}")
    said = world.must("rebuild", "--since", day)
    if not removed or world.number(everything) != right - removed:
        yield (f"{world.number(everything)} counted, not {right} - {removed}: "
               f"{said}")
    if "too large" not in said or day not in said:
        yield said


def on_a_file(world):
    """A SQLite file's days, too."""
    path = world.old.folder / "state" / "collector.db"
    wanted = world.in_file("SELECT sum(count) FROM rollup")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM rollup WHERE day % 2 = 0")
        db.execute("UPDATE rollup SET count = count + 3 WHERE day % 3 = 0")
    run(world.old, "rebuild")
    if world.in_file("SELECT sum(count) FROM rollup") != wanted:
        yield f"{world.in_file('SELECT sum(count) FROM rollup')}, not {wanted}"


ROWS = (
    ("migrate is killed in the middle of it", killed),
    ("it goes on while the old collector takes reports", again),
    ("a last run, and one with nothing to do, are quick and clean",
     the_last_one),
    ("nothing is lost, and nothing there twice", nothing_lost),
    ("both sides print the same", the_same),
    ("the new collector knows agents, keys, tokens and reports", served_on),
    ("a list that was begun at the old one goes on at the new one",
     lists_go_on),
    ("rows of another secret are refused", other_secret),
    ("rebuild puts counts right that are missing or too large", counted_anew),
    ("rebuild does the same to a SQLite file", on_a_file),
)


def main():
    tap = Tap()
    with scratch("migrate") as folder, Cluster(folder) as cluster, \
            World(folder, cluster) as world:
        for sentence, check in ROWS:
            tap.run(sentence, lambda check=check: check(world))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
