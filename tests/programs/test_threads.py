#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_threads.py COLLECTOR: a collector that was built with ThreadSanitizer
takes reports, changes keys, answers reads of all kinds, reloads and ends, all
at once; not one report of the sanitizer is passed over. Prints TAP."""

import http.client
import random
import signal
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from load import Fleet, Reporter, make_geo
from serve_world import PROGRAM, Collector, main_of_rows, until

SECONDS = 12
ENDINGS = 4
READS = ("/v1/networks", "/v1/networks?format=csv", "/v1/networks/64500",
         "/v1/measurements?format=jsonl", "/v1/measurements?limit=50",
         "/v1/measurements?format=csv&port=25", "/v1/summary",
         "/v1/networks?group=family&format=columns", "/v1/countries",
         "/v1/networks?sort=name&q=net&limit=20", "/openapi.json",
         "/v1/endpoints", "/v1/whoami", "/v1/none", "/")
ADMIN = ("/metrics", "/readyz", "/healthz")


def fixed_addresses():
    """ThreadSanitizer needs its addresses; some kernels give them away."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    works = subprocess.run(["setarch", "-R", "true"], **quiet).returncode == 0
    return ["setarch", "-R"] if works else []


class Watched(Collector):
    def command(self):
        return [*fixed_addresses(), *super().command()]

    def environment(self):
        return {"TSAN_OPTIONS": "exitcode=66 second_deadlock_stack=1 "
                "history_size=4"}


class Reader(threading.Thread):
    """Asks one thing after another; now and then it leaves before the
    answer."""

    def __init__(self, it, seed):
        super().__init__(daemon=True)
        self.it, self.dice = it, random.Random(seed)
        self.ending, self.answers = threading.Event(), 0

    def run(self):
        while not self.ending.is_set():
            port, paths = self.dice.choice(((self.it.port, READS),) * 4
                                           + ((self.it.admin, ADMIN),))
            peer = self.it.connection(port, timeout=20)
            try:
                for _ in range(3):
                    peer.request("GET", self.dice.choice(paths))
                    if self.dice.random() < 0.1:
                        break
                    peer.getresponse().read()
                    self.answers += 1
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
            finally:
                peer.close()


class Reloader(threading.Thread):
    """SIGHUP again and again, each time with other settings."""

    def __init__(self, it):
        super().__init__(daemon=True)
        self.it, self.ending, self.count = it, threading.Event(), 0
        self.text = it.config.read_text()

    def run(self):
        while not self.ending.wait(0.1):
            self.count += 1
            self.it.config.write_text(self.text.replace(
                "[limits]\n", "[limits]\nrequest = "
                f"{30 + self.count % 2}s\n").replace(
                    "/0.", f"/{self.count % 2}."))
            self.it.process.send_signal(signal.SIGHUP)


ENDPOINTS = "\n".join(
    f"[mx{number}]\nhost = mx{number}.example\nports = 25 587"
    for number in range(5))


class WatchedTls(Watched):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE


def make_certificates(folder):
    """Two, between which a reload changes."""
    for number in range(2):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes",
             "-subj", f"/CN=mx{number}.example", "-keyout",
             folder / f"{number}.key", "-out", folder / f"{number}.pem"],
            check=True, stderr=subprocess.DEVNULL)
    return f"[tls]\ncertificate = {folder}/0.pem\nkey = {folder}/0.key\n"


@contextmanager
def started(folder, name, kind=Watched):
    folder = folder / name
    folder.mkdir()
    (folder / "endpoints").write_text(ENDPOINTS)
    more = f"endpoints = {folder}/endpoints\n" + make_geo(folder) \
        + "[limits]\nworkers = 4\nkey-changes = 0\n"
    if kind.tls is not None:
        more += make_certificates(folder)
    with kind(folder, more) as it:
        yield it


def shortened(log):
    return "\n".join(line for line in log.splitlines()
                     if not line.endswith("reloaded"))[:8000]


def ended(it):
    """Stop it; what the sanitizer said."""
    it.process.send_signal(signal.SIGTERM)
    it.process.wait(timeout=60)
    log = (it.folder / "said").read_text()
    if "ThreadSanitizer" in log or it.process.returncode:
        yield f"exit code {it.process.returncode}: {shortened(log)}"
    if not any("signal" in line for line in log.splitlines()):
        yield f"it did not end by itself: {log[-500:]}"


@contextmanager
def busy(it, size=3):
    """A fleet, readers, and reloads."""
    others = [Reader(it, number) for number in range(4)] + [Reloader(it)]
    with Fleet(it, size) as fleet:
        for each in others:
            each.start()
        yield fleet, others
        for each in others:
            each.ending.set()
        for each in others:
            each.join(30)


def all_at_once(folder, kind=Watched):
    changes = 0
    with started(folder, f"busy-{kind.__name__}", kind) as it:
        with busy(it) as (fleet, others):
            ends = time.monotonic() + SECONDS
            while time.monotonic() < ends:
                stranger = Reporter(it)
                stranger.enrol()
                stranger.change_key()
                stranger.until_answered("GET", "/v1/plan")
                stranger.close()
                changes += 1
        answers = sum(each.answers for each in others[:-1])
        print(f"# {fleet.count()} reports, {answers} answers, "
              f"{others[-1].count} reloads, {changes} changes of keys")
        yield from ended(it)
        if not (fleet.count() and answers and others[-1].count and changes):
            yield "nothing was done"
        if b"__tsan_init" not in Path(PROGRAM).read_bytes():
            yield "it was not built with ThreadSanitizer"


def endings(folder):
    for number in range(ENDINGS):
        with started(folder, f"ends{number}") as it:
            with busy(it) as (fleet, _):
                until(lambda: fleet.count() > 3 * number, 20)
                yield from ended(it)
                for each in fleet.reporters:
                    each.ending.set()
                    each.ask = lambda *_, **__: (200, {"duplicate": False})


ROWS = (
    ("no data race while it takes reports, answers and reloads", all_at_once),
    ("none where it does so in TLS, with other certificates each time",
     lambda folder: all_at_once(folder, WatchedTls)),
    (f"none while it ends in the midst of it, {ENDINGS} times", endings),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("threads", ROWS))
