# SPDX-License-Identifier: Apache-2.0
"""A ClickHouse cluster on loopback, and collectors that keep their rows there.
The collector's path is the first argument."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "programs"))
from serve_world import PROGRAM, Collector

PASSWORD = "secret"
# No quorum now; one before is not complete, or not here; only readable now.
WAITS = re.compile(r"Code: (285|286|289|242),")
GEO = "127.0.0.0,127.255.255.255,64500,Own\n"


class Ports:
    """So many ports in a row, which nobody else gets until close(): of a socket
    that is bound, but does not listen, only those can have the port who set
    SO_REUSEADDR, as these servers do; a strict bind, as here, fails."""

    def __init__(self, count):
        for first in range(22000, 32000, 100):
            self.held = []
            try:
                for port in range(first, first + count):
                    self.hold(port)
            except OSError:
                self.close()
                continue
            self.first = first
            return
        raise RuntimeError("no ports are free")

    def hold(self, port):
        held = socket.socket()
        self.held.append(held)
        held.bind(("127.0.0.1", port))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def close(self):
        for held in self.held:
            held.close()


class Cluster:
    """As a context manager it is stopped at the end."""

    def __init__(self, folder, shards=2, replicas=2):
        self.folder, self.replicas = folder / "cluster", replicas
        self.shards = range(1, shards + 1)
        self.nodes = range(1, shards * replicas + 1)
        self.ports = Ports(10 * (len(self.nodes) + 1))
        self.port = self.ports.first
        self.environment = {
            **os.environ, "DIR": str(self.folder), "PORT": str(self.port),
            "SHARDS": str(shards), "REPLICAS": str(replicas)}
        self.certificate = folder / "cluster" / "tls.crt"
        self.password = folder / "password"
        self.password.write_text(PASSWORD + "\n")
        try:
            self.do("start")
        except subprocess.CalledProcessError:
            self.stop()  # ZooKeeper may run
            raise

    def do(self, *what):
        subprocess.run([HERE / "cluster", *map(str, what)], check=True,
                       env=self.environment)

    def shard(self, number):
        """Its servers."""
        return range((number - 1) * self.replicas + 1,
                     number * self.replicas + 1)

    def url(self, node):
        return f"http://127.0.0.1:{self.port + 10 * node + 1}"

    def https(self, host):
        """All servers over TLS; their certificate is for localhost alone."""
        return " ".join(f"https://{host}:{self.port + 10 * node + 4}"
                        for node in self.nodes)

    def urls(self):
        return " ".join(map(self.url, self.nodes))

    def ask(self, sql, node=1, timeout=30, settings=""):
        """What a server answers, its lines split at tabs. One that waits for
        others, or for what they have already, is asked until it need not."""
        request = urllib.request.Request(
            f"{self.url(node)}/?{settings}", sql.encode(),
            {"X-ClickHouse-User": "egress25", "X-ClickHouse-Key": PASSWORD})
        ends = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(request, timeout=timeout) as reply:
                    return [line.split("\t")
                            for line in reply.read().decode().splitlines()]
            except urllib.error.HTTPError as error:
                said = error.read().decode(errors="replace")
                if not WAITS.match(said) or time.monotonic() > ends:
                    raise OSError(f"server {node}: {said}") from error
            time.sleep(0.2)

    def number(self, sql, **how):
        return int(self.ask(sql, **how)[0][0])

    def waiting(self):
        """What servers try in vain to have, and why."""
        for node in self.nodes:
            for row in self.ask(
                    "SELECT table, new_part_name, num_tries, last_exception "
                    "FROM system.replication_queue WHERE last_exception != ''",
                    node=node):
                yield f"server {node}: {row}"

    def taken_back(self):
        """How many parts servers took back that did not reach their quorum."""
        return len(list(self.folder.glob("n*/data/data/*/*/detached/noq*")))

    def store(self, database, more=""):
        """The section of a collector's configuration."""
        return (f"[store]\nbackend = clickhouse\nurl = {self.urls()}\n"
                f"user = egress25\npassword-file = {self.password}\n"
                f"reader = egress25_read\n"
                f"reader-password-file = {self.password}\n"
                f"quorum = {min(2, self.replicas)}\n"
                f"database = {database}\n{more}")

    def __enter__(self):
        return self

    def stop(self):
        self.do("stop")
        self.ports.close()

    def __exit__(self, *_):
        self.stop()


def make_geo(folder, geo=GEO):
    """The configuration's section for a file that knows loopback."""
    (folder / "asn.csv").write_text(geo)
    subprocess.run(
        [HERE.parent.parent / "collector" / "geo" / "mkmmdb.pl", "asn",
         folder / "asn.mmdb", folder / "asn.csv"], check=True,
        stderr=subprocess.DEVNULL)
    return f"[geo]\nasn = {folder}/asn.mmdb\n"


class ClusterCollector(Collector):
    """`serve` with its rows in `database`. The tables are made first; `like`
    is another one whose secret it shares."""

    patience_s = 60

    def __init__(self, cluster, folder, database="egress25", like=None,
                 more="", geo=GEO):
        self.cluster = cluster
        folder.mkdir()
        if like is not None:
            (folder / "state").mkdir(mode=0o700)
            shutil.copy(like.folder / "state" / "secret", folder / "state")
        super().__init__(
            folder, more + make_geo(folder, geo) + cluster.store(database))

    def start(self):
        ends = time.monotonic() + 60
        while True:
            done = subprocess.run(
                [PROGRAM, "schema", "--config", self.config],
                capture_output=True, text=True)
            if done.returncode == 0:
                break
            if time.monotonic() > ends:
                raise RuntimeError(done.stderr)
            time.sleep(1)
        self.begin()
        super().start()

    def begin(self):
        """What is done between `schema` and `serve`."""
