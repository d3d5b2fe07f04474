# SPDX-License-Identifier: Apache-2.0
"""A real collector on loopback, agents that talk to it, and the common main()
of the test programs that use them. The collector's path is the first
argument."""

import base64
import hashlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from described import Description
from ending import hung_up_to_the_end
from ports import free_port
from tap import Tap

PROGRAM = sys.argv[1]
IMPORTED, NETWORKS = 30000, 1500
LIST = '("@method" "@path" "content-digest")'
ENDPOINTS = "".join(f"[mx{n}]\nhost = mx{n}.example\ncontrol = 443\n"
                    for n in range(4))


class Key:
    """An agent's Ed25519 key, made and used with openssl(1)."""

    def __init__(self, folder, name):
        self.path = folder / f"{name}.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out",
                        self.path], check=True, stderr=subprocess.DEVNULL)
        der = subprocess.run(["openssl", "pkey", "-in", self.path, "-pubout",
                              "-outform", "DER"], check=True,
                             stdout=subprocess.PIPE).stdout
        self.public = der[-32:]

    def sign(self, data):
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return subprocess.run(
                ["openssl", "pkeyutl", "-sign", "-inkey", self.path, "-rawin",
                 "-in", file.name], check=True,
                stdout=subprocess.PIPE).stdout


def signature(key, keyid, method, path, body, created=None):
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    digest = f"sha-256=:{digest}:"
    params = f'{LIST};created={created or int(time.time())};keyid="{keyid}"'
    base = (f'"@method": {method}\n"@path": {path}\n'
            f'"content-digest": {digest}\n"@signature-params": {params}')
    signed = base64.b64encode(key.sign(base.encode())).decode()
    return {"Content-Digest": digest, "Signature-Input": f"s={params}",
            "Signature": f"s=:{signed}:"}


class Collector:
    """`serve` on loopback. As a context manager it is killed at the end if it
    is still running."""

    described = None
    patience_s = 10  # until it answers
    tls = None  # an SSLContext for the public port

    def __init__(self, folder, more=""):
        self.folder = folder
        self.port, self.admin = free_port(), free_port()
        self.config = folder / "collector.conf"
        if "endpoints =" not in more:
            (folder / "endpoints.conf").write_text(ENDPOINTS)
            more = f"endpoints = {folder}/endpoints.conf\n{more}"
        self.config.write_text(
            f"[collector]\nlisten = 127.0.0.1:{self.port}\n"
            f"admin = 127.0.0.1:{self.admin}\nstate = {folder}/state\n{more}")
        self.start()

    def command(self):
        return [PROGRAM, "serve", "--config", self.config]

    def environment(self):
        """Additions to the collector's environment."""
        return {}

    def start(self):
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL,
            stderr=open(self.folder / "said", "wb"),
            env={**os.environ, **self.environment()})
        for _ in range(10 * self.patience_s):
            try:
                if self.ask("GET", "/v1/summary")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError("the collector did not answer within "
                           f"{self.patience_s} s")

    def connection(self, port, timeout=10):
        if self.tls is not None and port == self.port:
            return http.client.HTTPSConnection(
                "127.0.0.1", port, timeout=timeout, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, port=None,
            timeout=10):
        peer = self.connection(port or self.port, timeout)
        try:
            peer.request(method, path, body, headers or {})
            reply = peer.getresponse()
            answer = reply.status, reply.read(), dict(reply.getheaders())
        finally:
            peer.close()
        if port is None and path != "/openapi.json":
            self.check_described(method, path, *answer)
        return answer

    def check_described(self, method, path, status, body, headers):
        """Each answer is as /openapi.json says."""
        if "Content-Encoding" in headers:
            return
        if Collector.described is None:
            Collector.described = Description(
                self.ask("GET", "/openapi.json")[1])
        Collector.described.check_answer(
            method, path, status, headers.get("Content-Type", ""), body)

    def json(self, path):
        return json.loads(self.ask("GET", path)[1])

    def now(self):
        """By its own clock."""
        return datetime.now(timezone.utc)

    def recounted(self):
        """Wait until all that is stored by now is published, which takes a
        minute at most; what was published by a clock that was ahead is no
        answer."""
        now, published = self.now(), ""
        ends = time.monotonic() + 300
        while time.monotonic() < ends:
            status, body, _ = self.ask("GET", "/v1/countries")
            if status == 200:
                published = json.loads(body)["generated"]
                if now < datetime.fromisoformat(published) <= self.now():
                    return
            time.sleep(0.1)
        raise RuntimeError(f"published is what was there at {published}")

    def end(self, how):
        """(exit code, log)"""
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        return self.process.returncode, (self.folder / "said").read_text()

    def end_hung_up(self):
        """(exit code, log), with SIGHUP until it has ended."""
        code = hung_up_to_the_end(self.process)
        return code, (self.folder / "said").read_text()

    def end_problems(self):
        """Stop it with SIGTERM; returns what is wrong with its exit."""
        code, log = self.end(signal.SIGTERM)
        if code or "Sanitizer" in log or "runtime error" in log:
            return [f"exit code {code}: {log}"]
        return []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)


class Agent:
    """An agent's requests, valid ones and others."""

    def __init__(self, collector, key):
        self.collector, self.key = collector, key
        self.id = None

    def enrol(self, key=None, **more):
        body = json.dumps({"public_key":
                           base64.b64encode(self.key.public).decode(),
                           **more}).encode()
        reply = self.collector.ask(
            "POST", "/v1/agents", body,
            signature(key or self.key, "enrol", "POST", "/v1/agents", body))
        if reply[0] == 200:
            self.id = json.loads(reply[1])["agent"]
        return reply

    def change_key(self, new, by=None, possession=None):
        public = base64.b64encode(new.public).decode()
        text = f"egress25-key/1\n{self.id}\n{public}\n".encode()
        body = json.dumps({
            "public_key": public,
            "possession": base64.b64encode(
                (possession or new).sign(text)).decode()}).encode()
        return self.collector.ask(
            "POST", "/v1/agents/key", body,
            signature(by or self.key, self.id, "POST", "/v1/agents/key",
                      body))

    def whoami(self):
        return self.collector.ask(
            "GET", "/v1/whoami", None,
            signature(self.key, self.id, "GET", "/v1/whoami", b""))

    def report(self, **changes):
        source = json.loads(self.whoami()[1])
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        report = {
            "format": "egress25-report/1", "report": str(uuid.uuid4()),
            "agent": self.id, "software": "test", "started": now,
            "ended": now,
            "sources": [{"family": 4, "address": source["address"],
                         "proof": source["proof"]}],
            "targets": [{
                "endpoint": "mx1", "host": "mx1.example",
                "address": "192.0.2.25", "family": 4, "at": now,
                "probes": [{"port": 25, "mode": "starttls", "ended": "done",
                            "failure": None, "ms": {"connect": 1.5}},
                           {"port": 443, "mode": "connect",
                            "ended": "connect", "failure": None}],
                "paths": []}]}
        report.update(changes)
        return report

    def send(self, report, headers=None, encode=None, key=None, created=None):
        body = (report if isinstance(report, bytes)
                else json.dumps(report).encode())
        if encode:
            body = encode(body)
        signed = signature(key or self.key, self.id, "POST", "/v1/reports",
                           body, created)
        return self.collector.ask("POST", "/v1/reports", body,
                                  {**signed, **(headers or {})})


def expect(reply, status, **said):
    """Yields what is wrong with a reply: its status or its fields."""
    if reply[0] != status:
        yield f"{reply[0]}, not {status}: {reply[1][:200]!r}"
        return
    found = json.loads(reply[1])
    found = found.get("error", found)
    for key, value in said.items():
        if found.get(key) != value:
            yield f"{key}: {found.get(key)!r}, not {value!r}"


def count(collector):
    """The measurements that are stored by now, as its file counts them: what
    /v1/summary says is of what was published last."""
    path = collector.folder / "state" / "collector.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        return file.execute("SELECT measurements FROM total").fetchone()[0]


def gauge(collector, name):
    text = collector.ask("GET", "/metrics", port=collector.admin)[1].decode()
    for line in text.splitlines():
        if line.startswith(f"egress25_{name} "):
            return float(line.split()[1])
    raise KeyError(name)


def until(true, seconds=10):
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def proc(collector, file):
    return Path(f"/proc/{collector.process.pid}/{file}").read_text()


def resident_mb(collector):
    line = next(line for line in proc(collector, "status").splitlines()
                if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def run(collector, *command, stdin=None):
    """Run a command of this collector; returns its output."""
    done = subprocess.run(
        [PROGRAM, command[0], "--config", collector.config, *command[1:]],
        input=stdin, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def revoke(collector, agent):
    """Revoke an agent that the collector knows, and wait until that counts:
    it is another process that says so."""
    for _ in range(8):
        agent.whoami()
    said = run(collector, "revoke", agent.id)
    time.sleep(5)
    return said


def all_recounted(*collectors):
    """Each counts at times of its own: wait for all of them at once."""
    with ThreadPoolExecutor(len(collectors)) as pool:
        list(pool.map(lambda it: it.recounted(), collectors))


@contextmanager
def ends_well(collector):
    """Use a collector; it must exit cleanly afterwards."""
    with collector:
        yield collector
        problems = collector.end_problems()
        if problems:
            raise RuntimeError(problems[0])


@contextmanager
def started(folder, name, more="", enrolled=True):
    """A collector in its own folder, with an agent; must exit cleanly."""
    (folder / name).mkdir()
    with ends_well(Collector(folder / name, more)) as collector:
        agent = Agent(collector, Key(folder / name, "agent"))
        if enrolled:
            agent.enrol()
        yield collector, agent


def row(number):
    """A row to import, of IMPORTED over NETWORKS, network after network."""
    per_network = IMPORTED // NETWORKS
    return {
        "schema_version": 1,
        "id": f"{uuid.UUID(int=number // 10 + 1)}:{number % 10}",
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                            time.gmtime(time.time() - number % 3600)),
        "agent": f"{number % 7:016x}",
        "asn": 64496 + number // per_network,
        "network": f"Network {number // per_network}", "country": "NL",
        "prefix": f"192.0.{number % 200}.0/24", "family": 4,
        "endpoint": f"mx{number % 3}", "address": "192.0.2.25", "port": 25,
        "mode": "starttls", "ended": "done", "failure": None,
        "outcome": "reachable", "mechanism": "open", "attributed": True}


@contextmanager
def locked(collector):
    """Hold a write lock on the collector's database."""
    path = collector.folder / "state" / "collector.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


# --- main() ---

@contextmanager
def scratch(name):
    """A temporary folder."""
    with tempfile.TemporaryDirectory(prefix=f"egress25-{name}-") as path:
        yield Path(path)


def run_rows(tap, rows, *arguments):
    """Run (sentence, check) pairs as check(*arguments)."""
    for sentence, check in rows:
        tap.run(sentence, partial(check, *arguments))


def main_of_rows(name, rows, world=None):
    """main() for such rows. They are called with a temporary folder, or with
    world(folder), an object whose `collector` is killed at the end."""
    tap = Tap()
    with scratch(name) as folder:
        if world is None:
            run_rows(tap, rows, folder)
        else:
            made = world(folder)
            with made.collector:
                run_rows(tap, rows, made)
    return tap.end()
