#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_crashes.py COLLECTOR FAULTY AGENT: a real collector under load that is
killed, whose clients are killed, whose disk fails and whose clock steps. Each
row compares the acknowledged reports with what is stored. Prints TAP."""

import errno
import json
import mmap
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from load import Fleet, Reporter, balance, started
from serve_world import Collector, gauge, locked, main_of_rows, until

FAULTY = sys.argv[2] if len(sys.argv) > 2 else None
AGENT = sys.argv[3] if len(sys.argv) > 3 else None
KILLS, CLIENTS_KILLED, AGENTS_KILLED = 50, 60, 25
YEAR_S = 365 * 86400
DISK_MB, SPARE_MB, BALLAST_MB = 64, 20, 45


class Faults:
    """The faults that FAULTY injects (faulty.c)."""

    def __init__(self, path):
        path.write_bytes(bytes(24))
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), 24)
        self.path = path

    def set(self, ahead_s=0, write=0, sync=0):
        self.map[:] = struct.pack("=qqq", ahead_s, write, sync)


class FaultyCollector(Collector):
    def __init__(self, folder, more):
        self.faults = Faults(folder / "faults")
        super().__init__(folder, more)

    def environment(self):
        options = os.environ.get("ASAN_OPTIONS", "")
        return {"LD_PRELOAD": FAULTY, "FAULTY": str(self.faults.path),
                "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0"}


class BoxedCollector(Collector):
    """In its own mount namespace, with DISK_MB for its state: more than a log
    of SQLite that grows to its bound, or the disk stays full without ballast
    where a row takes long."""

    def command(self):
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        return ["unshare", "-m" if os.getuid() == 0 else "-rm", "sh", "-ec",
                f"mount -t tmpfs -o size={DISK_MB}m,mode=700 small {state}; "
                'exec "$0" "$@"', *super().command()]

    def disk(self):
        return Path(f"/proc/{self.process.pid}/root{self.folder}/state")


# --- who is killed ---

def killed(folder):
    dice = random.Random(25)
    with started(folder, "killed") as it:
        with Fleet(it) as fleet:
            for _ in range(KILLS):
                before = fleet.count()
                until(lambda: fleet.count() > before)
                time.sleep(dice.uniform(0, 0.1))
                complaints = it.end(signal.SIGKILL)[1]
                if "Sanitizer" in complaints:
                    yield complaints
                it.start()
        print(f"# {fleet.total('again')} requests were sent again, "
              f"{fleet.total('repeats')} of them were there already")
        yield from fleet.balance(f"{KILLS} kills of the collector")
        if fleet.total("again") < KILLS / 2:
            yield "the kills met hardly a request"


def killed_agents(folder):
    """Clients killed while sending; their reports are then sent again."""
    dice = random.Random(26)
    with started(folder, "agents") as it:
        agent = Reporter(it)
        agent.enrol()
        bodies = [json.dumps(agent.report()).encode()
                  for _ in range(CLIENTS_KILLED)]
        for body in bodies:
            request = raw_request(agent, body)
            child = os.fork()
            if child == 0:
                trickle(it.port, request)
                os._exit(0)
            time.sleep(dice.uniform(0, 0.02))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        repeats = [agent.until_answered("POST", "/v1/reports", body)
                   for body in bodies]
        print(f"# {sum(each['duplicate'] for each in repeats)} of "
              f"{CLIENTS_KILLED} had come through before the kill")
        yield from balance(it, f"{CLIENTS_KILLED} kills of clients",
                           [json.loads(body)["report"] for body in bodies])


def killed_programs(folder):
    """The real agent, killed while it probes, spools and uploads."""
    dice = random.Random(28)
    endpoints = folder / "endpoints"
    endpoints.write_text(
        "[nobody]\nhost = 127.0.0.1\nports = 2\ncontrol = 3\n")
    with started(folder, "programs",
                 more=f"endpoints = {endpoints}\n") as it:
        state, config = it.folder / "agent", it.folder / "agent.conf"
        config.write_text(
            f"[agent]\ncollector = http://127.0.0.1:{it.port}\nstate = "
            f"{state}\nendpoints = {endpoints}\nports = 2\nplan = no\n")

        def run_agent(kill_after=None):
            process = subprocess.Popen(
                [AGENT, "run", "--once", "--config", config],
                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                process.wait(kill_after)
            except subprocess.TimeoutExpired:
                process.kill()
            return process.communicate()[1].decode()

        began = time.monotonic()
        run_agent()
        whole_s = time.monotonic() - began
        spooled, kills = set(), 0
        while kills < AGENTS_KILLED or (not spooled and kills < 100):
            kills += 1
            run_agent(dice.uniform(0.3, 1.1) * whole_s)
            spooled |= {path.stem for path in (state / "spool").glob("*.json")}
        said = run_agent()
        rows = [json.loads(line) for line in it.ask(
            "GET", "/v1/measurements?format=jsonl")[1].splitlines()]
        stored = {row["id"].partition(":")[0] for row in rows}
        accepted = gauge(it, "reports_accepted_total")
        repeats = gauge(it, "reports_duplicate_total")
        left = list((state / "spool").glob("*.json"))
        print(f"# {kills} kills of the agent: {len(spooled)} reports "
              f"were left in its spool, {len(spooled & stored)} of them are "
              f"stored, of {len(stored)} in all, {repeats:.0f} came twice")
        if left or not spooled <= stored:
            yield f"not stored: {spooled - stored}, left: {left}; {said}"
        if accepted != len(stored) or len({row["id"] for row in rows}) \
                != len(rows):
            yield f"{accepted} accepted, {len(stored)} stored"
        if not spooled:
            yield "no kill came between a report and its acknowledgement"


def raw_request(agent, body):
    head = "".join(f"{key}: {value}\r\n" for key, value in
                   agent.signed(agent.id, "POST", "/v1/reports",
                                body).items())
    return (f"POST /v1/reports HTTP/1.1\r\nHost: x\r\n{head}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def trickle(port, request):
    with socket.create_connection(("127.0.0.1", port)) as peer:
        for at in range(0, len(request), 100):
            peer.sendall(request[at:at + 100])
            time.sleep(0.001)
        peer.recv(1)


# --- the disk ---

def fill(path):
    """Write until the disk is full; returns the bytes written."""
    size = 0
    with open(path, "wb", buffering=0) as file:
        for step in (1 << 16, 512):
            try:
                while True:
                    size += file.write(bytes(step))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return size


def refused_for(it, fleet, seconds=1):
    """Nothing is acknowledged for a while, and the reply says so."""
    time.sleep(0.2)
    before = fleet.count()
    time.sleep(seconds)
    if fleet.count() != before:
        yield f"{fleet.count() - before} reports were acknowledged meanwhile"
    if it.ask("GET", "/readyz", port=it.admin)[0] != 503:
        yield "it says that it is ready"
    if it.ask("GET", "/healthz", port=it.admin)[0] != 200:
        yield "it is not alive"
    if it.ask("GET", "/v1/summary")[0] != 200:
        yield "it answers no readers"
    if not sum(each.statuses.get(503, 0) for each in fleet.reporters):
        yield "nobody was told to come later"


def goes_on(it, fleet):
    before = fleet.count()
    if not until(lambda: fleet.count() > before + 20):
        yield "nothing is acknowledged any more"
    if not until(lambda: it.ask("GET", "/readyz", port=it.admin)[0] == 200):
        yield "it is not ready again"


def disk_full(folder):
    with started(folder, "full", BoxedCollector,
                 "[limits]\nfree-space = 0\n") as it:
        with Fleet(it) as fleet:
            for _ in range(3):
                yield from goes_on(it, fleet)
                if fill(it.disk() / "ballast") == 0:
                    yield "the disk was full already"
                yield from refused_for(it, fleet)
                (it.disk() / "ballast").unlink()
            yield from goes_on(it, fleet)
        yield from fleet.balance("a disk that was full three times")


def disk_fails(folder):
    with started(folder, "fails", FaultyCollector) as it:
        with Fleet(it) as fleet:
            for name, faults in (
                    ("read-only", {"write": errno.EROFS}),
                    ("writes fail", {"write": errno.EIO}),
                    ("syncs fail", {"sync": errno.EIO}),
                    ("over quota", {"write": errno.EDQUOT})):
                yield from goes_on(it, fleet)
                it.faults.set(**faults)
                for problem in refused_for(it, fleet):
                    yield f"{name}: {problem}"
                it.faults.set()
            yield from goes_on(it, fleet)
            # What was acknowledged must outlive the process, too.
            it.end(signal.SIGKILL)
            it.start()
        yield from fleet.balance(
            "a database that was read-only, and a disk with errors")


def not_ready(it, word, seconds=5):
    """Whether /readyz fails within `seconds`, with that word in its reason."""
    def says():
        reply = it.ask("GET", "/readyz", port=it.admin)
        return reply[0] == 503 and word in reply[1].decode() \
            and "Retry-After" in reply[2]
    return until(says, seconds)


def ready(it, seconds=15):
    return until(
        lambda: it.ask("GET", "/readyz", port=it.admin)[0] == 200, seconds)


def nearly_full(folder):
    with started(folder, "nearly", BoxedCollector,
                 f"[limits]\nfree-space = {SPARE_MB}M\n") as it:
        with Fleet(it, 1) as fleet:
            if not ready(it):
                yield "not ready at first"
            ballast = it.disk() / "ballast"
            ballast.write_bytes(bytes(BALLAST_MB << 20))
            if not not_ready(it, "the disk is nearly full"):
                yield "a disk that is nearly full: ready"
            before = fleet.count()
            if not until(lambda: fleet.count() > before + 5):
                yield "it takes nothing, although the disk is not full yet"
            ballast.unlink()
            if not ready(it):
                yield "not ready with room again"
            if gauge(it, "ready") != 1 \
                    or gauge(it, "store_free_bytes") < SPARE_MB << 20:
                yield "the metrics say otherwise"
        yield from fleet.balance("a disk that was nearly full")


def trouble_ahead(folder):
    more = "[limits]\nconnections = 200\nconnections-address = 0\n"
    with started(folder, "ahead", more=more) as it:
        with Fleet(it, 1) as fleet:
            asn = it.folder / "asn.mmdb"
            asn.rename(it.folder / "away")
            if not not_ready(it, "a geo database cannot be read"):
                yield "a geo database that is gone: ready"
            if gauge(it, "geo_sound") != 0:
                yield "the metrics say otherwise"
            (it.folder / "away").rename(asn)
            if not ready(it):
                yield "not ready with geo data again"
            room = gauge(it, "descriptors_most") - gauge(it, "descriptors")
            crowd = [socket.create_connection(("127.0.0.1", it.port))
                     for _ in range(int(room * 0.94))]
            if not not_ready(it, "nearly all connections are taken"):
                yield "connections that are nearly all taken: ready"
            for peer in crowd:
                peer.close()
            if not ready(it):
                yield "not ready with connections again"
        yield from fleet.balance("trouble that was only ahead")


def stuck(folder):
    """Another process holds the database: a transaction does not end."""
    with started(folder, "stuck") as it:
        with Fleet(it, 2) as fleet:
            until(lambda: fleet.count() > 5)
            with locked(it):
                if not not_ready(it, "a transaction does not end"):
                    yield "a transaction that does not end: ready"
            if not not_ready(it, "transactions are slow"):
                yield "a transaction that was slow: ready"
            if not ready(it, 20):
                yield "not ready again"
        yield from fleet.balance("a database that was locked")


# --- the clock ---

def clock_steps(folder):
    with started(folder, "clock", FaultyCollector, "retention = 90d\n") as it:
        with Fleet(it) as fleet:
            for ahead_s in (-60, 60, 0):
                it.faults.set(ahead_s=ahead_s)
                yield from goes_on(it, fleet)
        for ahead_s in (YEAR_S, -YEAR_S, 3600):
            it.faults.set(ahead_s=ahead_s)
            answer = fleet.reporters[0].ask(
                "POST", "/v1/reports",
                json.dumps(fleet.reporters[0].report()).encode())
            if answer is None or answer[0] != 401:
                yield f"{ahead_s} s ahead: {answer}, not 401"
        it.faults.set(ahead_s=YEAR_S)
        time.sleep(1)
        if gauge(it, "reports_expired_total") != 0:
            yield "a clock a year ahead removed reports"
        it.faults.set()
        yield from fleet.balance("a clock that stepped")


ROWS = (
    (f"{KILLS} times kill -9 under load lose and double nothing", killed),
    ("clients killed in mid-request lose and duplicate nothing",
     killed_agents),
    ("an agent killed repeatedly loses and duplicates nothing",
     killed_programs),
    ("a full disk that is freed again loses and duplicates nothing",
     disk_full),
    ("a database that is read-only, writes and syncs that fail, lose nothing",
     disk_fails),
    ("/readyz fails before the disk is full", nearly_full),
    ("/readyz fails without geo data, and before connections run out",
     trouble_ahead),
    ("/readyz fails while a transaction hangs", stuck),
    ("a clock that steps loses nothing and removes nothing", clock_steps),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("crashes", ROWS))
