#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_cluster.py COLLECTOR [UNIT-TESTS]: the store's tests on a ClickHouse
cluster of one server, if the folder of the unit tests is given; then two
collectors whose rows are on a cluster of 2 x 2 servers. Prints TAP."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent))
from clocks import ShiftedCollector
from cluster_world import Cluster, ClusterCollector, Ports, make_geo
from serve_world import (PROGRAM, Agent, Key, all_recounted, expect, row, run,
                         scratch, signature, until)
from tap import Tap


class World:
    """Two collectors on one cluster, and an agent."""

    def __init__(self, folder):
        self.folder = folder
        self.cluster = Cluster(folder)
        self.first = ClusterCollector(
            self.cluster, folder / "first", more="enrol = token\n")
        self.second = ClusterCollector(
            self.cluster, folder / "second", like=self.first,
            more="enrol = token\n")
        self.agent = Agent(self.first, Key(folder, "agent"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.first.__exit__()
        self.second.__exit__()
        self.cluster.stop()

    def through(self, collector):
        """The agent, as it talks to that collector."""
        agent = Agent(collector, self.agent.key)
        agent.id = self.agent.id
        return agent


def stored_and_shown(world):
    """A report through one collector, and all that the other shows of it."""
    yield from expect(world.agent.enrol(
        token=run(world.first, "token"), contact="ops@a.example"), 200)
    report = world.agent.report()
    yield from expect(world.agent.send(report), 200, accepted=2,
                      duplicate=False)
    yield from expect(world.agent.send(report), 200, duplicate=True)
    yield from expect(world.through(world.second).send(report), 200,
                      duplicate=True)
    world.second.recounted()
    networks = world.second.json("/v1/networks")["items"]
    if [(n["asn"], n["name"], n["probes"]) for n in networks] != [
            (64500, "Own", 1)]:
        yield f"networks: {networks}"
    listed = world.second.json("/v1/measurements")["items"]
    ids = [f"{report['report']}:{n}" for n in (1, 0)]
    if [row["id"] for row in listed] != ids:
        yield f"measurements: {listed}"
    status, body, _ = world.second.ask(
        "GET", f"/v1/reports/{report['report']}")
    if status != 200:
        yield f"the report: {status} {body[:200]}"
    summary = world.second.json("/v1/summary")
    if (summary["reports"], summary["measurements"],
            summary["agents"]) != (1, 2, 1):
        yield f"summary: {summary}"


def same_export(world):
    """Both write the same rows."""
    first, second = (run(it, "export") for it in (world.first, world.second))
    if first != second or len(first.splitlines()) != 2:
        yield f"{first} and {second}"


def on_two_servers(world):
    """What was acknowledged is on both copies of its shard."""
    for shard in ((1, 2), (3, 4)):
        counts = {world.cluster.number(
            "SELECT count() FROM egress25.measurement_local", node=node)
            for node in shard}
        if len(counts) != 1:
            yield f"{shard}: {counts}"


def pages(world):
    """A list by pages of one, newest first, has each row once."""
    for _ in range(3):
        yield from expect(world.agent.send(world.agent.report()), 200)
    everything = world.second.json("/v1/measurements?limit=100")["items"]
    found, more = [], ""
    while True:
        page = world.second.json(f"/v1/measurements?limit=1{more}")
        if "items" not in page:
            yield f"after {len(found)} rows: {page}"
            return
        found += page["items"]
        if page["next"] is None:
            break
        more = f"&cursor={page['next']}"
    if found != everything or len(found) != 8:
        yield f"{len(found)} of {len(everything)} rows"


def pages_among_copies(world):
    """Pages of any size have each row once, where a row is there five times:
    a server may leave copies out after it has cut the rows off."""
    everything = world.second.json("/v1/measurements?limit=100")["items"]
    columns = ", ".join(name for name, in world.cluster.ask(
        "SELECT name FROM system.columns WHERE database = 'egress25'"
        " AND table = 'measurement'"))
    chosen = columns.replace("copy,", "copy + number + 1,")
    for shard in (1, 3):
        world.cluster.ask(
            f"INSERT INTO egress25.measurement_local ({columns}) SELECT "
            f"{chosen} FROM egress25.measurement_local CROSS JOIN"
            " (SELECT number FROM system.numbers LIMIT 4)", node=shard)
    for limit in range(1, len(everything) + 1):
        found, more = [], ""
        while more is not None:
            page = world.second.json(
                f"/v1/measurements?limit={limit}{more}")
            found += page["items"]
            more = page["next"] and f"&cursor={page['next']}"
        if found != everything or len(found) != 8:
            yield f"{limit}: {len(found)} of {len(everything)}"
    exported = run(world.first, "export").splitlines()
    if len(exported) != 8:
        yield f"{len(exported)} rows are exported"


def sent_twice(world, geo):
    """Reports that the first collector stored, and died before it listed them;
    their agent sends them again through the second one, which finds another
    network for him. Each counts once, whichever is right."""
    world.second.end_problems()
    make_geo(world.second.folder, geo)
    world.second.start()
    world.first.recounted()
    probes = sum(item["probes"] for item in
                 world.first.json("/v1/networks")["items"])
    reports = [world.agent.report() for _ in range(4)]
    for report in reports:
        yield from expect(world.agent.send(report), 200, duplicate=False)
    world.first.recounted()
    for day in world.cluster.ask(
            "SELECT toYYYYMMDD(day) FROM egress25.report GROUP BY day"):
        world.cluster.ask("ALTER TABLE egress25.report_local ON CLUSTER "
                          f"egress25 DROP PARTITION {day[0]}")
    for report in reports:
        yield from expect(world.through(world.second).send(report), 200,
                          duplicate=False)
    all_recounted(world.first, world.second)
    for it in (world.first, world.second):
        yield from once(world, it, reports, probes + len(reports))


def once(world, it, reports, probes):
    """The rows of these reports are listed and counted once by a collector."""
    wanted = sorted(f"{report['report']}:{n}" for report in reports
                    for n in (0, 1))
    for queries in ((""), ("&asn=64500", "&asn=64501")):
        found = sorted(
            row["id"] for query in queries or [""] for row in
            it.json(f"/v1/measurements?limit=100{query}")["items"]
            if row["id"] in wanted)
        if found != wanted:
            yield f"listed with {queries or 'no filter'}: {found}, not {wanted}"
    exported = [json.loads(line)["id"]
                for line in run(it, "export").splitlines()]
    if len(exported) != len(set(exported)) or not set(wanted) < set(exported):
        yield f"exported: {exported}"
    counts = {
        "networks": sum(item["probes"]
                        for item in it.json("/v1/networks")["items"]),
        "rollups": world.cluster.number(
            "SELECT sum(count) FROM egress25.rollup FINAL"),
        "measurements": it.json("/v1/summary")["measurements"] // 2}
    if set(counts.values()) != {probes}:
        yield f"counted: {counts}, not {probes}"


def another_network(world):
    return sent_twice(world, "127.0.0.0,127.255.255.255,64501,Later\n")


def another_name(world):
    return sent_twice(world, "127.0.0.0,127.255.255.255,64500,Renamed\n")


def taken_back(world, table, rows):
    """Servers take rows back, as those that did not reach their quorum."""
    ask = world.cluster.ask
    whole = f"egress25.{table}"
    days = [day for (day,) in ask(
        f"SELECT toYYYYMMDD(day) FROM {whole} WHERE {rows} GROUP BY day")]
    ask(f"CREATE TABLE egress25.kept AS {whole}_local ENGINE = Log")
    ask(f"INSERT INTO egress25.kept SELECT * FROM {whole} WHERE NOT ({rows}) "
        f"AND toYYYYMMDD(day) IN ({', '.join(days)})")
    for day in days:
        ask(f"ALTER TABLE {whole}_local ON CLUSTER egress25 "
            f"DROP PARTITION {day}", timeout=120)
    ask(f"INSERT INTO {whole} SELECT * FROM egress25.kept",
        settings="insert_distributed_sync=1&insert_deduplicate=0"
        "&insert_quorum=2")
    ask("DROP TABLE egress25.kept")
    if not days or world.cluster.number(
            f"SELECT count() FROM {whole} WHERE {rows}"):
        raise RuntimeError(f"{table}: {rows} were not there, or are still")


def of_report(report):
    return f"report = unhex('{report['report'].replace('-', '')}')"


def rows_taken_back(world):
    """The first collector's rows of a report are counted, and go; it comes
    again through the second one, which knows another network."""
    probes = sum(item["probes"] for item in
                 world.first.json("/v1/networks")["items"])
    report = world.agent.report()
    yield from expect(world.agent.send(report), 200, duplicate=False)
    world.first.recounted()
    for table in ("measurement", "report"):
        taken_back(world, table, of_report(report))
    yield from expect(world.through(world.second).send(report), 200,
                      duplicate=False)
    all_recounted(world.first, world.second)
    for it in (world.first, world.second):
        yield from once(world, it, [report], probes + 1)


def copy_taken_back(world):
    """Of two copies of a report the one that counts goes."""
    probes = sum(item["probes"] for item in
                 world.first.json("/v1/networks")["items"])
    report = world.agent.report()
    yield from expect(world.agent.send(report), 200, duplicate=False)
    taken_back(world, "report", of_report(report))
    yield from expect(world.through(world.second).send(report), 200,
                      duplicate=False)
    all_recounted(world.first, world.second)
    copies = [int(one[0]) for one in world.cluster.ask(
        f"SELECT DISTINCT copy FROM egress25.measurement WHERE "
        f"{of_report(report)} AND copy NOT IN "
        "(SELECT copy FROM egress25.superseded)")]
    if len(copies) != 2:
        yield f"copies that count: {copies}"
    for copy in copies:
        taken_back(world, "measurement", f"copy = {copy}")
    another = world.agent.report()
    yield from expect(world.agent.send(another), 200, duplicate=False)
    all_recounted(world.first, world.second)
    for it in (world.first, world.second):
        yield from once(world, it, [report, another], probes + 2)


def entry_taken_back(world):
    """A report is acknowledged again, since its entry is there; then it goes.
    What was acknowledged last stays."""
    report = world.agent.report()
    yield from expect(world.agent.send(report), 200, duplicate=False)
    received = world.cluster.number(
        "SELECT max(received_ms) FROM egress25.report WHERE "
        f"{of_report(report)}")
    time.sleep(0.01)
    yield from expect(world.through(world.second).send(report), 200,
                      duplicate=True)
    taken_back(world, "report",
               f"{of_report(report)} AND received_ms <= {received}")
    status = world.first.ask("GET", f"/v1/reports/{report['report']}")[0]
    if status != 200:
        yield f"the report: {status}"


def import_taken_back(world):
    """Rows are imported again, since they are there; then those go that were
    there before. What was imported last stays, and counts once."""
    rows = [{**row(number), "agent": "0" * 16} for number in range(20, 24)]
    lines = "".join(json.dumps(one) + "\n" for one in rows)
    run(world.first, "import", stdin=lines)
    ids = of_report({"report": rows[0]["id"].partition(":")[0]})
    received = world.cluster.number(
        f"SELECT max(received_ms) FROM egress25.measurement WHERE {ids}")
    time.sleep(0.01)
    run(world.second, "import", stdin=lines)
    taken_back(world, "measurement", f"{ids} AND received_ms <= {received}")
    exported = [json.loads(line)["id"]
                for line in run(world.first, "export").splitlines()]
    if sorted(id for id in exported if id in {one["id"] for one in rows}) != \
            sorted(one["id"] for one in rows):
        yield f"exported: {exported}"
    world.first.recounted()
    counted = world.first.json(f"/v1/networks?asn={rows[0]['asn']}")["items"]
    if sum(item["probes"] for item in counted) != len(rows):
        yield f"counted: {counted}"


def broken_off(world):
    """A collector stops when a report's rows are stored and its entry is not,
    or is, and nobody was told, and goes on when its agent has sent the report
    through another one; or it dies there."""
    probes = counted(world.second)
    reports = []
    with ShiftedCollector(world.cluster, world.folder / "third",
                          like=world.first, more="enrol = token\n",
                          geo="127.0.0.0,127.255.255.255,64501,Third\n") as it:
        for how, is_sent in ((signal.SIGSTOP, False), (signal.SIGSTOP, True),
                             (signal.SIGKILL, False)):
            report = world.agent.report()
            reports.append(report)
            it.clock.signal_at_entry(how, is_sent)
            answers = []
            sending = threading.Thread(target=lambda: answers.append(
                send_patiently(world.through(it), report)))
            sending.start()
            if not until(it.has_stopped, 60):
                yield f"{how.name}: it goes on"
            rows, entries = (world.cluster.number(
                f"SELECT count() FROM egress25.{table} WHERE "
                f"{of_report(report)}") for table in ("measurement", "report"))
            if rows != 2 or (entries and not is_sent):
                yield f"{how.name}: {rows} rows and {entries} entries"
            yield from expect(world.through(world.second).send(report), 200)
            it.clock.signal_at_entry(0)
            if how == signal.SIGSTOP:
                it.process.send_signal(signal.SIGCONT)
            sending.join()
            if answers[0] not in ((200, 503) if how == signal.SIGSTOP
                                  else (None,)):
                yield f"{how.name}: {answers}"
    all_recounted(world.first, world.second)
    for it in (world.first, world.second):
        yield from once(world, it, reports, probes + len(reports))


def counted(it):
    """How many probes the verdicts rest on."""
    it.recounted()
    return sum(item["probes"] for item in it.json("/v1/networks")["items"])


def send_patiently(agent, report):
    """Its status, or None where there is no answer."""
    body = json.dumps(report).encode()
    try:
        return agent.collector.ask(
            "POST", "/v1/reports", body, signature(
                agent.key, agent.id, "POST", "/v1/reports", body),
            timeout=120)[0]
    except (OSError, http.client.HTTPException):
        return None


def revoked(world):
    """An agent that is revoked here is refused there, and its rows go."""
    run(world.first, "revoke", world.agent.id)
    world.second.recounted()
    status = world.through(world.second).whoami()[0]
    if status != 401:
        yield f"its request: {status}"
    rows = world.second.json("/v1/measurements")["items"]
    if rows:
        yield f"rows: {len(rows)}"
    listed = run(world.second, "agents", "--format", "json").splitlines()
    first = json.loads(listed[0])
    if first["agent"] != world.agent.id or first["revoked"] is None:
        yield f"listed as {first}"


def known_at_once(world):
    """Who enrolled through one collector, or has another key, is known to the
    other one, although it has asked for what is new a moment ago."""
    stranger = world.through(world.second)
    stranger.id = "0" * 32
    stop = threading.Event()

    def keep_asking():
        while not stop.is_set():
            stranger.whoami()

    asking = threading.Thread(target=keep_asking)
    asking.start()
    try:
        for n in range(8):
            key = Key(world.first.folder, f"new{n}")
            agent = Agent(world.first, key)
            yield from expect(agent.enrol(token=run(world.first, "token")), 200)
            agent.collector = world.second
            yield from expect(agent.whoami(), 200)
            other = Key(world.first.folder, f"other{n}")
            agent.collector = world.first
            yield from expect(agent.change_key(other), 200)
            agent.collector, agent.key = world.second, other
            yield from expect(agent.whoami(), 200)
    finally:
        stop.set()
        asking.join()


def made_up(world):
    """Ids that nobody has are asked for so often and no oftener, and nobody is
    told that he is unknown who was not asked for."""
    stranger = world.through(world.second)
    statuses, began = {}, time.monotonic()
    for n in range(150):
        stranger.id = f"{n:032x}"
        status = stranger.whoami()[0]
        statuses[status] = statuses.get(status, 0) + 1
    took = time.monotonic() - began
    if not statuses.get(401) or set(statuses) - {401, 503}:
        yield f"answers: {statuses}"
    if statuses.get(401, 0) > 40 + 20 * took + 1:
        yield f"{statuses} within {took:.1f} s"


class Hung:
    """A server that says it is alive, and never answers a statement, as one of
    18.16 that waits for another shard."""

    def __init__(self):
        self.statements = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(
                target=self.answer, args=(peer,), daemon=True).start()

    def answer(self, peer):
        with peer:
            if peer.recv(4).startswith(b"GET"):
                peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nOk.")
                return
            self.statements += 1
            while peer.recv(65536):
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def one_hangs(world):
    """A statement that has no answer is sent to the next server long before its
    own time is over, which is half a minute."""
    wanted = run(world.first, "export")
    with Hung() as one, Hung() as two, Hung() as three:
        urls = f"{one.url} {two.url} {three.url} {world.cluster.url(1)}"
        hurried = SimpleNamespace(config=world.folder / "hurried.conf")
        hurried.config.write_text(
            world.first.config.read_text().replace(
                world.cluster.urls(), urls))
        for _ in range(10):
            began = time.monotonic()
            if run(hurried, "export") != wanted:
                yield "it exports something else"
            if time.monotonic() - began > 20:
                yield f"it took {time.monotonic() - began:.1f} s"
            if one.statements + two.statements + three.statements:
                return
    yield "no statement went to them"


class Full:
    """A server whose disk is full: another one answers what is read from it,
    and no row is stored. A context manager."""

    def __init__(self, behind):
        self.refused = 0
        full = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if "query=INSERT" in self.path:
                    full.refused += 1
                    self.say(500, b"Code: 243, e.displayText() = "
                             b"DB::Exception: Cannot reserve 1.00 MiB, not "
                             b"enough space, e.what() = DB::Exception\n")
                    return
                headers = {name: value for name, value in self.headers.items()
                           if name.startswith("X-")}
                request = urllib.request.Request(
                    behind + self.path, body, headers)
                with urllib.request.urlopen(request, timeout=60) as reply:
                    self.say(200, reply.read())

            def do_GET(self):
                self.say(200, b"Ok.")

            def say(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def one_full(world):
    """Whoever begins at a server without room goes on at another one. A program
    begins at any of them: it is begun until one was at that server."""
    with Full(world.cluster.url(1)) as one, Full(world.cluster.url(2)) as two:
        urls = f"{one.url} {two.url} {world.cluster.url(3)}"
        crowded = SimpleNamespace(config=world.folder / "crowded.conf")
        crowded.config.write_text(
            world.first.config.read_text().replace(world.cluster.urls(), urls))
        for number in range(300, 700, 10):
            one_row = {**row(number), "agent": "0" * 16}
            run(crowded, "import", stdin=json.dumps(one_row) + "\n")
            exported = run(world.first, "export")
            if exported.count(one_row["id"]) != 1:
                yield f"{one_row['id']} is not exported once"
            if one.refused + two.refused > 0:
                return
    yield "no insert went to them"


def old_days_go(world):
    """What is older than 90 days is removed; so is what another collector left
    that ended in between: entries whose rows are gone, and rows whose entries
    are."""
    before = run(world.first, "export")
    ask, number = world.cluster.ask, world.cluster.number
    old = [{**row(n), "agent": "0" * 16, "at": time.strftime(
        "%Y-%m-%dT12:00:00Z", time.gmtime(time.time() - days * 86400))}
        for n, days in ((200, 100), (210, 101), (220, 102))]
    columns = {table: ", ".join(name for name, in ask(
        f"SELECT name FROM system.columns WHERE database = 'egress25'"
        f" AND table = '{table}'")) for table in ("measurement", "report")}
    run(world.first, "import", stdin="".join(
        json.dumps(one) + "\n" for one in old))
    for table, days in (("report", 110), ("measurement", 105)):
        chosen = columns[table].replace(
            "day,", f"toDate(today() - {days}),", 1)
        if not number(f"SELECT count() FROM egress25.{table}"
                      " WHERE day >= today() - 1"):
            yield f"{table}: there is nothing to copy"
        ask(f"INSERT INTO egress25.{table} ({columns[table]}) SELECT {chosen}"
            f" FROM egress25.{table} WHERE day >= today() - 1 LIMIT 1",
            settings="insert_distributed_sync=1&insert_quorum=2")
    yield from world.first.end_problems()
    world.first.start()
    left = {table: f"SELECT count() FROM egress25.{table}"
            " WHERE day < today() - 91" for table in columns}
    if not until(lambda: not any(map(number, left.values())), 300):
        yield f"left: {[(name, number(sql)) for name, sql in left.items()]}"
    if run(world.first, "export") != before:
        yield "younger rows are not as before"


def one_away(world):
    """While a server is away, be it the one that leads, what is old is removed,
    and agents are told within seconds that a report cannot be stored now: of
    two copies both are needed."""
    cluster, number = world.cluster, world.cluster.number
    away = next(node for node in cluster.nodes if number(
        "SELECT is_leader FROM system.replicas WHERE database = 'egress25'"
        " AND table = 'touched'", node=node))
    there = next(node for node in cluster.nodes if node != away)
    agent = Agent(world.second, Key(world.folder, "away"))
    yield from expect(agent.enrol(token=run(world.first, "token")), 200)
    cluster.ask("INSERT INTO egress25.touched SELECT today() - 9,"
                " (toUnixTimestamp(now()) - 777600) * 1000, today() - 9,"
                " 'long-ago'", node=there, settings="insert_quorum=2")
    run(world.first, "import", stdin="".join(json.dumps({
        **row(1000 + 10 * n), "agent": f"{n:016x}", "at": time.strftime(
            "%Y-%m-%dT12:00:00Z", time.gmtime(time.time() - 95 * 86400))
    }) + "\n" for n in range(8)))
    left = ("SELECT count() FROM egress25.touched WHERE written < today() - 5",
            "SELECT count() FROM egress25.measurement WHERE day < today() - 91",
            "SELECT count() FROM egress25.report WHERE day < today() - 91")
    if not all(map(number, left)):
        yield "there is nothing to remove"
    cluster.do("kill", away)
    try:
        yield from world.first.end_problems()
        world.first.start()
        ends = time.monotonic() + 180
        while time.monotonic() < ends:
            report, began = agent.report(), time.monotonic()
            status = send_patiently(agent, report)
            if status not in (200, 503) or time.monotonic() - began > 40:
                yield f"{status} after {time.monotonic() - began:.1f} s"
            if not any(number(sql, node=there) for sql in left):
                return
            time.sleep(3)
        yield f"left: {[number(sql, node=there) for sql in left]}"
        yield (world.first.folder / "said").read_text()[-2000:]
    finally:
        cluster.do("run", away)
        cluster.do("wait")


def decided_last(world):
    """A decision that was made by a clock that was ahead is replaced."""
    ahead_ms = 4 * 60 * 1000
    world.cluster.ask(
        "INSERT INTO egress25.review SELECT 64999, 4, 25,"
        f" toUnixTimestamp(now()) * 1000 + {ahead_ms}, 0, 'not yet',"
        f" toUnixTimestamp(now()) * 1000 + {ahead_ms}",
        settings="insert_quorum=2")
    for what, reason, released in (("release", "seen by us", "1"),
                                   ("reject", "it was a test", "0")):
        run(world.first, "review", what, "64999", "4", "25", "--reason", reason)
        found = world.cluster.ask(
            "SELECT released, reason FROM egress25.review FINAL"
            " WHERE asn = 64999", settings="select_sequential_consistency=1")
        if found != [[released, reason]]:
            yield f"{what}: {found}"


def lists(world):
    """All that is asked is answered."""
    for n in range(12):
        it = (world.first, world.second)[n % 2]
        status = it.ask("GET", f"/v1/measurements?limit={n + 1}",
                        timeout=60)[0]
        if status != 200:
            said = (it.folder / "said").read_text().splitlines()
            yield f"{status}, while it said: {said[-3:]}"


def one_paused(world):
    """While a server is stopped, the others answer."""
    for node in (3, 1):
        world.cluster.do("pause", node)
        try:
            yield from lists(world)
        finally:
            world.cluster.do("cont", node)


def one_behind(world):
    """A server has not fetched what another one of its shard has had for more
    than a minute, and that one is stopped. Neither is run anew: 18.16 may end
    with SIGSEGV where it is, and a copy is stopped."""
    cluster, table = world.cluster, "egress25.measurement_local"

    def is_behind():
        return cluster.number(
            "SELECT absolute_delay FROM system.replicas WHERE database ="
            " 'egress25' AND table = 'measurement_local'", node=4) > 60

    columns = ",".join(name for name, in cluster.ask(
        "SELECT name FROM system.columns WHERE database = 'egress25'"
        " AND table = 'measurement_local' AND default_kind = ''"))
    cluster.ask(f"SYSTEM STOP FETCHES {table}", node=4)
    try:
        cluster.ask(
            f"INSERT INTO {table} ({columns}) SELECT {columns}"
            " FROM egress25.measurement LIMIT 1", node=3,
            settings="insert_deduplicate=0")
        if not until(is_behind, seconds=180):
            yield "it is not behind"
        cluster.do("pause", 3)
        try:
            yield from lists(world)
        finally:
            cluster.do("cont", 3)
    finally:
        cluster.ask(f"SYSTEM START FETCHES {table}", node=4)


def over_tls(world):
    """With the right certificate all is as without; with another one, or
    another name, nothing is sent: not even the password."""
    wanted = run(world.first, "export")
    other = world.folder / "other.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout",
         world.folder / "other.key", "-out", other, "-subj", "/CN=cluster",
         "-addext", "subjectAltName=DNS:localhost"], check=True,
        capture_output=True)
    for host, ca, works in (("localhost", world.cluster.certificate, True),
                            ("localhost", other, False),
                            ("127.0.0.1", world.cluster.certificate, False)):
        config = world.folder / "tls.conf"
        config.write_text(world.first.config.read_text().replace(
            world.cluster.urls(), world.cluster.https(host)) +
            f"ca-file = {ca}\n")
        try:
            found = run(SimpleNamespace(config=config), "export")
        except RuntimeError as error:
            if works or "its certificate: " not in str(error):
                yield f"{host}, {ca.name}: {error}"
            continue
        if not works or found != wanted or not wanted:
            yield f"{host}, {ca.name}: {found}, not {wanted}"


def by_token(world):
    """A token is good for one agent, whichever collector it goes to."""
    token = run(world.first, "token")
    agents = [Agent(it, Key(it.folder, "tokens"))
              for it in (world.second, world.first)]
    statuses = [agent.enrol(token=token)[0] for agent in agents]
    if statuses != [200, 403]:
        yield f"{statuses}"
    yield from expect(agents[0].enrol(token=token), 200)
    there = Agent(world.first, agents[0].key)
    there.id = agents[0].id
    yield from expect(there.whoami(), 200)


def annotated(world):
    """A remark made with one is listed by the other."""
    run(world.first, "annotate", "64500", "gone")
    run(world.first, "annotate", "64500", "")
    run(world.first, "annotate", "--kind", "remark", "64500", "we asked them")
    run(world.first, "annotate", "--by", "noc@example.net", "--kind",
        "objection", "64500", "not us")
    run(world.first, "import", "--what", "annotations", stdin=(
        '{"asn":64500,"annotation":"older","kind":"objection"}\n'))
    said = [json.loads(line) for line in run(
        world.second, "export", "--what", "annotations").splitlines()]
    if [(one["annotation"], one["by"], one["kind"]) for one in said] != [
            ("not us", "noc@example.net", "objection"),
            ("we asked them", None, "remark")]:
        yield said
    for one in said:
        at = datetime.fromisoformat(one["at"]).timestamp()
        if abs(at - time.time()) > 600:
            yield said


def upgraded(world):
    """Tables as the first version made them, with what it had to say."""
    config = world.folder / "older.conf"
    state = world.folder / "older"
    state.mkdir(mode=0o700)
    store = [line for line in world.cluster.store("older").splitlines()
             if not line.startswith("reader")]  # he may read one database
    config.write_text("\n".join(
        ["[collector]", f"state = {state}", *store, ""]))
    upgrade = [PROGRAM, "schema", "--config", config]
    subprocess.run(upgrade, check=True, capture_output=True)
    everywhere = "ON CLUSTER egress25"
    for sql in (f"DROP TABLE older.said {everywhere}",
                f"DROP TABLE older.holder {everywhere}",
                "INSERT INTO older.agent SELECT 'a', toFixedString('k', 32),"
                " '', '', 1, 0, toFixedString('t', 32), 1",
                "INSERT INTO older.agent SELECT 'b', toFixedString('l', 32),"
                " '', '', 1, 0, toFixedString('', 32), 1",
                f"TRUNCATE TABLE older.meta {everywhere}",
                "INSERT INTO older.meta VALUES ('schema', 1)",
                "INSERT INTO older.annotation VALUES"
                " (64500, 'lifted on request', 1), (64501, '', 1)"):
        world.cluster.ask(sql, timeout=120)
    told = subprocess.run(upgrade, check=True, capture_output=True, text=True)
    if not told.stdout.endswith(" now\n"):
        yield told.stdout
    said = run(SimpleNamespace(config=config), "export", "--what",
               "annotations")
    if json.loads(said) != {
            "asn": 64500, "annotation": "lifted on request", "at": None,
            "by": None, "kind": "reply"}:
        yield said
    held = world.cluster.ask(
        "SELECT substring(value, 1, 1), id FROM older.holder ORDER BY value")
    if held != [["k", "a"], ["l", "b"], ["t", "a"]]:
        yield f"keys and tokens: {held}"


def no_backup(world):
    """What this store has not says so."""
    try:
        run(world.first, "backup", "--output", world.first.folder / "copy")
    except RuntimeError as error:
        if "has backups of its own" not in str(error):
            yield str(error)
    else:
        yield "it made one"


def ends(world):
    for it in (world.first, world.second):
        yield from it.end_problems()


def unit(cluster, test):
    """A test program's rows on the cluster. A server of 18.16 may have ended
    with SIGSEGV, where ZooKeeper was slow, in the one before."""
    cluster.do("wait")
    done = subprocess.run(
        [test, cluster.urls(), cluster.password], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    failed = [line for line in done.stdout.splitlines()
              if not line.startswith("ok ")]
    if done.returncode or "\nok " not in done.stdout:
        yield "\n".join(failed)


UNIT = ("store", "store_pages", "store_changes", "store_past", "rollups",
        "registry")

ROWS = (
    ("a report through one collector is shown by the other", stored_and_shown),
    ("both collectors export the same", same_export),
    ("a report that was acknowledged is on two servers", on_two_servers),
    ("a list by pages has each row once", pages),
    ("pages have each row once among copies of it", pages_among_copies),
    ("a remark made through one collector is listed by the other", annotated),
    ("tables of the first version keep what was said", upgraded),
    ("a token is good for one agent, at whichever collector", by_token),
    ("servers are reached over TLS, with the right certificate", over_tls),
    ("a report counts once where collectors know another network of it",
     another_network),
    ("a report counts once where collectors know another name of it",
     another_name),
    ("a report counts once whose rows were taken back, and came again",
     rows_taken_back),
    ("a report counts once of which one copy was taken back", copy_taken_back),
    ("a report that was acknowledged again is there", entry_taken_back),
    ("a report counts once whose collector died or stopped in between",
     broken_off),
    ("an agent that is new, or has a new key, is known at once everywhere",
     known_at_once),
    ("an id that is made up is asked for within bounds", made_up),
    ("an agent that is revoked here is refused there", revoked),
    ("rows that were imported again are there", import_taken_back),
    ("a backup by us is refused with a reason", no_backup),
    ("a server that hangs is left for another one", one_hangs),
    ("a server whose disk is full is left for another one", one_full),
    ("old days go as a whole, also those that are gone in part", old_days_go),
    ("what was decided last counts, whatever clocks say", decided_last),
    ("a server that is away holds up neither removals nor answers", one_away),
    ("lists are there while a server is stopped", one_paused),
    ("lists are there while a server is stopped, and its copy is behind",
     one_behind),
    ("both collectors end cleanly", ends),
)


def own_ports():
    """Two clusters that start at the same moment, before a server listens."""
    one, two = Ports(50), Ports(50)
    try:
        if abs(one.first - two.first) < 50:
            yield f"both have {one.first}"
        for first in (one.first, two.first):
            with socket.socket() as server:
                server.setsockopt(
                    socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                server.bind(("127.0.0.1", first))
                server.listen()
    finally:
        one.close()
        two.close()


def units(tap):
    """On a cluster of their own, while two collectors have theirs."""
    for folder in sys.argv[2:]:
        with scratch("units") as own, Cluster(own, 1, 1) as cluster:
            for name in UNIT:
                test = Path(folder) / f"test_{name}"
                tap.run(f"the rows of test_{name} hold on a cluster",
                        lambda test=test: unit(cluster, test))


def main():
    tap = Tap()
    tap.run("clusters that start at once have ports of their own", own_ports)
    with ThreadPoolExecutor() as beside:
        waits = beside.submit(units, tap)
        with scratch("cluster") as folder, World(folder) as world:
            for sentence, check in ROWS:
                tap.run(sentence, lambda check=check: check(world))
        waits.result()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
