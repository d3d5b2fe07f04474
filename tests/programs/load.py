# SPDX-License-Identifier: Apache-2.0
"""A small fleet under load: each agent resends a report until it is
acknowledged. The acknowledged reports are then compared with what the collector
has stored."""

import base64
import hashlib
import http.client
import json
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import \
    Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)

from serve_world import Collector, ends_well

ROOT = Path(__file__).resolve().parents[2]
LIST = '("@method" "@path" "content-digest")'
ASN, PORTS = 64500, (25, 587, 443)
AGAIN_S = 0.02


def make_geo(folder):
    """Configuration with a geo database that has loopback as a network."""
    for what, row in (("asn", f"127.0.0.0,127.255.255.255,{ASN},Loopback"),
                      ("country", "127.0.0.0,127.255.255.255,NL")):
        (folder / f"{what}.csv").write_text(row + "\n")
        subprocess.run([ROOT / "collector" / "geo" / "mkmmdb.pl", what,
                        folder / f"{what}.mmdb", folder / f"{what}.csv"],
                       check=True, stderr=subprocess.DEVNULL)
    return (f"[geo]\nasn = {folder}/asn.mmdb\n"
            f"country = {folder}/country.mmdb\n")


@contextmanager
def started(folder, name, kind=Collector, more=""):
    """A collector that attributes loopback; it must exit cleanly."""
    (folder / name).mkdir()
    with ends_well(kind(folder / name, more + make_geo(folder / name))) as it:
        yield it


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def public_of(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


class Reporter(threading.Thread):
    """An agent in a thread, with its own connection."""

    def __init__(self, collector):
        super().__init__(daemon=True)
        self.collector, self.peer = collector, None
        self.key = Ed25519PrivateKey.generate()
        self.public = public_of(self.key)
        self.id = hashlib.sha256(self.public).hexdigest()[:32]
        self.proof, self.ending = None, threading.Event()
        self.acknowledged, self.again, self.repeats = [], 0, 0
        self.longest_s, self.statuses = 0, {}

    def signed(self, keyid, method, path, body):
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        digest = f"sha-256=:{digest}:"
        params = f'{LIST};created={int(time.time())};keyid="{keyid}"'
        base = (f'"@method": {method}\n"@path": {path}\n"content-digest": '
                f'{digest}\n"@signature-params": {params}')
        seal = base64.b64encode(self.key.sign(base.encode())).decode()
        return {"Content-Digest": digest, "Signature-Input": f"s={params}",
                "Signature": f"s=:{seal}:"}

    def ask(self, method, path, body=b"", keyid=None):
        """(status, object), or None without an answer."""
        try:
            if self.peer is None:
                self.peer = self.collector.connection(self.collector.port,
                                                      timeout=30)
            self.peer.request(method, path, body or None,
                              self.signed(keyid or self.id, method, path,
                                          body))
            reply = self.peer.getresponse()
            return reply.status, json.loads(reply.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return None

    def close(self):
        if self.peer is not None:
            self.peer.close()
        self.peer = None

    def until_answered(self, *question, **more):
        """Repeat the request until it is answered with 200."""
        while True:
            answer = self.ask(*question, **more)
            status = answer[0] if answer else None
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 200:
                return answer[1]
            if status is not None and status not in (429, 503):
                raise RuntimeError(f"{question[:2]}: {answer}")
            self.again += 1
            time.sleep(AGAIN_S)

    def enrol(self):
        body = json.dumps({"public_key": base64.b64encode(
            self.public).decode()}).encode()
        self.until_answered("POST", "/v1/agents", body, keyid="enrol")
        self.source = self.until_answered("GET", "/v1/whoami")

    def change_key(self):
        fresh = Ed25519PrivateKey.generate()
        public = base64.b64encode(public_of(fresh)).decode()
        text = f"egress25-key/1\n{self.id}\n{public}\n".encode()
        self.until_answered("POST", "/v1/agents/key", json.dumps({
            "public_key": public, "possession": base64.b64encode(
                fresh.sign(text)).decode()}).encode())
        self.key = fresh

    def report(self):
        now = stamp(time.time())
        return {
            "format": "egress25-report/1", "report": str(uuid.uuid4()),
            "agent": self.id, "software": "test", "started": now,
            "ended": now, "sources": [{
                "family": 4, "address": self.source["address"],
                "proof": self.source["proof"]}],
            "targets": [{
                "endpoint": "mx1", "host": "mx1.example",
                "address": "192.0.2.25", "family": 4, "at": now,
                "probes": [{"port": port, "mode": "connect" if port == 443
                            else "starttls", "ended": "connect"
                            if port == 443 else "done", "failure": None,
                            "ms": {"connect": 1.5}} for port in PORTS],
                "paths": []}]}

    def run(self):
        while not self.ending.is_set():
            report = self.report()
            began = time.monotonic()
            answer = self.until_answered("POST", "/v1/reports",
                                         json.dumps(report).encode())
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            self.repeats += answer["duplicate"]
            self.acknowledged.append(report["report"])
        self.close()


class Fleet:
    """Reporters that run inside a `with`; at its end every report they sent has
    been acknowledged."""

    def __init__(self, collector, size=4):
        self.collector = collector
        self.reporters = [Reporter(collector) for _ in range(size)]

    def __enter__(self):
        for each in self.reporters:
            each.enrol()
        for each in self.reporters:
            each.start()
        return self

    def __exit__(self, *_):
        for each in self.reporters:
            each.ending.set()
        latest = time.monotonic() + 60
        for each in self.reporters:
            each.join(max(0, latest - time.monotonic()))

    def count(self):
        return sum(len(each.acknowledged) for each in self.reporters)

    def total(self, what):
        return sum(getattr(each, what) for each in self.reporters)

    def balance(self, what, rows_more=0):
        """Yields problems; prints what was compared."""
        yield from balance(self.collector, what,
                           [report for each in self.reporters
                            for report in each.acknowledged], rows_more)
        alive = [each for each in self.reporters if each.is_alive()]
        if alive:
            yield f"{len(alive)} agents got no answer in the end"


def balance(collector, what, acknowledged, rows_more=0):
    """Compare acknowledged reports with stored rows, counts and totals;
    `rows_more` rows of other reports are expected too. Yields problems."""
    rows = [json.loads(line)["id"] for line in collector.ask(
        "GET", "/v1/measurements?format=jsonl")[1].splitlines()]
    of_report = {}
    for row in set(rows):
        report = row.partition(":")[0]
        of_report[report] = of_report.get(report, 0) + 1
    lost = [report for report in acknowledged
            if of_report.get(report) != len(PORTS)]
    known = set(acknowledged)
    others = sum(count for report, count in of_report.items()
                 if report not in known)
    collector.recounted()
    counted = sum(item["probes"] for item in
                  collector.json("/v1/networks")["items"]
                  if item["asn"] == ASN)
    total = collector.json("/v1/summary")["measurements"]
    print(f"# {what}: {len(acknowledged)} reports acknowledged, "
          f"{len(acknowledged) - len(lost)} of them stored whole, "
          f"{len(rows) - len(set(rows))} rows twice, {others} rows of "
          f"others; {counted} probes counted for the verdicts")
    if not acknowledged:
        yield "nothing was acknowledged"
    if lost:
        yield f"lost: {lost[:3]}"
    if len(rows) != len(set(rows)):
        yield "rows are there twice"
    if others != rows_more:
        yield f"{others} rows of others, not {rows_more}"
    if total != len(rows):
        yield f"the summary says {total} rows, {len(rows)} are listed"
    if counted != 2 * len(known):
        yield f"{counted} probes are counted, not {2 * len(known)}"
