#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's `run` and `enrol` as programs, on loopback: against a collector
that is scripted, that is not there, and that is the real one.

usage: test_service.py AGENT COLLECTOR
"""

import base64
import gzip
import hashlib
import json
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tap import Tap

ADDRESS = "203.0.113.7"
ERROR = {"error": {"field": "f", "message": "not so"}}
WAITS = "1 reports wait in the spool: "


class Collector:
    """Answers as told: {path: (status, object or text, headers)}; else well.
    All that it was asked is in `seen`."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.seen = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                collector.answer(self, b"")

            def do_POST(self):
                size = int(self.headers["Content-Length"])
                collector.answer(self, self.rfile.read(size))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def answer(self, handler, body):
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        body = json.loads(body) if body else None
        self.seen.append((handler.path, body))
        status, said, headers = self.answers.get(handler.path,
                                                 (200, None, {}))
        if said is None:
            said = self.well(handler.path, body)
        if not isinstance(said, str):
            said = json.dumps(said)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said.encode())

    @staticmethod
    def well(path, body):
        if path == "/v1/agents":
            return {"agent": name_of(body)}
        if path == "/v1/whoami":
            return {"address": ADDRESS, "family": 4, "proof": "p"}
        return {"accepted": 1, "duplicate": False}

    def count(self, path):
        return sum(1 for seen, _ in self.seen if seen == path)

    def reports(self):
        return [body for path, body in self.seen if path == "/v1/reports"]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def name_of(enrolment):
    key = base64.b64decode(enrolment["public_key"])
    return hashlib.sha256(key).hexdigest()[:32]


class Agent:
    """An agent in a directory of its own. Nothing listens at its endpoint."""

    def __init__(self, program, directory):
        self.program, self.directory = program, directory
        self.state = directory / "state"
        self.config = directory / "agent.conf"
        (directory / "endpoints").write_text(
            "[nobody]\nhost = 127.0.0.1\nports = 2\ncontrol = 3\n")

    def set(self, collector, more=""):
        self.config.write_text(
            f"[agent]\ncollector = {collector}\nstate = {self.state}\n"
            f"endpoints = {self.directory}/endpoints\nports = 2\n"
            f"dns = 127.0.0.1:9\n{more}")

    def argv(self, *words):
        return [self.program, *words, "--config", str(self.config)]

    def run(self, *words):
        """(exit code, what it said)"""
        ended = subprocess.run(self.argv(*(words or ("run", "--once"))),
                               stderr=subprocess.PIPE, text=True, timeout=30,
                               stdin=subprocess.DEVNULL)
        return ended.returncode, ended.stderr

    @contextmanager
    def start(self):
        log = open(self.directory / "log", "w+", encoding="utf-8")
        process = subprocess.Popen(self.argv("run"), stderr=log,
                                   stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            log.close()

    def said(self):
        return (self.directory / "log").read_text()

    def spool(self, where=""):
        return sorted(path.stem for path in
                      (self.state / "spool" / where).glob("*.json"))


class Rows:
    def __init__(self, agent_program, collector_program):
        self.programs = agent_program, collector_program

    @contextmanager
    def agent(self, answers=None):
        directory = Path(tempfile.mkdtemp(prefix="egress25-service-"))
        collector = Collector(answers)
        agent = Agent(self.programs[0], directory)
        agent.set(collector.url)
        try:
            yield agent, collector
        finally:
            collector.stop()
            shutil.rmtree(directory)

    # --- one round ---

    def well(self):
        with self.agent() as (agent, collector):
            code, said = agent.run()
            report = collector.reports()[0]
            key = agent.state / "agent.key"
            yield from expect("exit code", code, 0)
            yield from expect("paths", [path for path, _ in collector.seen],
                              ["/v1/agents", "/v1/whoami", "/v1/reports"])
            yield from expect("agent", report["agent"],
                              name_of(collector.seen[0][1]))
            yield from expect("sources", report["sources"],
                              [{"family": 4, "address": ADDRESS,
                                "proof": "p"}])
            yield from expect("targets", len(report["targets"]), 1)
            yield from expect("spool", agent.spool(), [])
            yield from expect("key's mode", key.stat().st_mode & 0o7777, 0o600)
            for word in (collector.url, "prefix", "no mail"):
                if word not in said:
                    yield f"the first start does not say {word!r}: {said}"

    def second_start(self):
        with self.agent() as (agent, collector):
            agent.run()
            code, _ = agent.run()
            yield from expect("exit code", code, 0)
            yield from expect("enrolments", collector.count("/v1/agents"), 1)
            yield from expect("reports", len(collector.reports()), 2)

    def away(self):
        with self.agent() as (agent, collector):
            agent.set("http://127.0.0.1:4")
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("spool", len(agent.spool()), 1)
            if WAITS + "this agent is not enrolled" not in said:
                yield f"does not say what waits: {said}"
            agent.run()
            kept = agent.spool()
            agent.set(collector.url)
            code, _ = agent.run()
            sent = [report["report"] for report in collector.reports()]
            yield from expect("exit code then", code, 0)
            yield from expect("oldest first", sent[:2], kept)
            yield from expect("all", len(sent), 3)
            yield from expect("spool then", agent.spool(), [])
            names = {report["agent"] for report in collector.reports()}
            yield from expect("names", names, {name_of(next(
                body for path, body in collector.seen
                if path == "/v1/agents"))})

    def enrolment_refused(self):
        with self.agent({"/v1/agents": (503, ERROR, {})}) as (agent,
                                                              collector):
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("spool", len(agent.spool()), 1)
            yield from expect("reports sent", len(collector.reports()), 0)
            yield from expect("rounds", said.count("round over"), 1)

    def unknown(self):
        """Enrolled once more in a cycle, not for ever."""
        answers = {"/v1/whoami": (401, ERROR, {}),
                   "/v1/reports": (401, ERROR, {})}
        with self.agent(answers) as (agent, collector):
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("enrolments", collector.count("/v1/agents"), 2)
            yield from expect("rounds", said.count("round over"), 1)
            yield from expect("spool", len(agent.spool()), 1)
            yield from expect("aside", agent.spool("refused"), [])

    def unknown_at_upload(self):
        """The enrolment that the upload asks for fails: no second round."""
        with self.agent() as (agent, collector):
            agent.run()
            collector.answers = {"/v1/reports": (401, ERROR, {}),
                                 "/v1/agents": (503, ERROR, {})}
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("rounds", said.count("round over"), 1)
            yield from expect("spool", len(agent.spool()), 1)

    def kept(self, status, said, headers=None):
        """What is no word of a collector sets nothing aside."""
        answers = {"/v1/reports": (status, said, headers or {})}
        with self.agent(answers) as (agent, _):
            code, _ = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("spool", len(agent.spool()), 1)
            yield from expect("aside", agent.spool("refused"), [])

    def refused(self):
        answers = {"/v1/reports": (400, ERROR, {})}
        with self.agent(answers) as (agent, _):
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("spool", agent.spool(), [])
            yield from expect("aside", len(agent.spool("refused")), 1)
            if "can never be accepted" not in said or "not so" not in said:
                yield f"does not say why: {said}"

    def no_collector(self):
        with self.agent() as (agent, _):
            agent.set("")
            code, _ = agent.run()
            yield from expect("exit code", code, 0)
            yield from expect("spool", len(agent.spool()), 1)

    def moved(self):
        with self.agent() as (agent, first):
            agent.run()
            other = Collector()
            agent.set(other.url)
            code, _ = agent.run()
            other.stop()
            yield from expect("exit code", code, 0)
            yield from expect("enrolments", other.count("/v1/agents"), 1)

    def broken_identity(self):
        with self.agent() as (agent, _):
            agent.run()
            path = agent.state / "identity.json"
            path.write_text('{"agent":')
            code, said = agent.run()
            yield from expect("exit code", code, 2)
            if str(path) not in said:
                yield f"does not name the file: {said}"

    def ehlo(self):
        """The public address is what EHLO says, and no mail is sent."""
        with self.agent() as (agent, _), socket.create_server(
                ("127.0.0.1", 0)) as listener:
            heard = []
            port = listener.getsockname()[1]
            threading.Thread(target=greet, args=(listener, heard),
                             daemon=True).start()
            (agent.directory / "endpoints").write_text(
                f"[mx]\nhost = 127.0.0.1\nports = {port}/starttls\n"
                "control = 3\n")
            agent.config.write_text(agent.config.read_text().replace(
                "ports = 2", f"ports = {port}"))
            agent.run()
            yield from expect("heard", heard[:2],
                              [f"EHLO [{ADDRESS}]", "QUIT"])

    # --- enrol ---

    def enrols(self):
        with self.agent() as (agent, collector):
            code, _ = agent.run("enrol", "--token", "secret")
            yield from expect("exit code", code, 0)
            yield from expect("token", collector.seen[0][1]["token"], "secret")
            yield from expect("asked", len(collector.seen), 1)
            agent.run()
            yield from expect("enrolments", collector.count("/v1/agents"), 1)

    def enrol_refused(self):
        with self.agent({"/v1/agents": (403, ERROR, {})}) as (agent, _):
            code, said = agent.run("enrol")
            yield from expect("exit code", code, 2)
            if "enrolment: the collector answered 403: not so" not in said:
                yield f"does not say why: {said}"

    def enrol_away(self):
        with self.agent() as (agent, _):
            agent.set("http://127.0.0.1:4")
            code, _ = agent.run("enrol")
            yield from expect("exit code", code, 4)

    # --- the daemon ---

    def ends(self, number):
        with self.agent() as (agent, _), agent.start() as process:
            wait_for(lambda: "the next round is in" in agent.said())
            began = time.monotonic()
            process.send_signal(number)
            yield from expect("exit code", process.wait(5), 0)
            if time.monotonic() - began > 1:
                yield f"took {time.monotonic() - began:.1f} s"

    def ends_in_round(self):
        with self.agent() as (agent, _), socket.create_server(
                ("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            (agent.directory / "endpoints").write_text(
                f"[silent]\nhost = 127.0.0.1\nports = {port}/starttls\n"
                "control = 3\n")
            agent.config.write_text(agent.config.read_text().replace(
                "ports = 2", f"ports = {port}"))
            with agent.start() as process:
                silent.settimeout(10)
                peer, _ = silent.accept()
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                yield from expect("exit code", process.wait(5), 0)
                if time.monotonic() - began > 1:
                    yield f"took {time.monotonic() - began:.1f} s"
                peer.close()

    def rests(self):
        """The interval, a tenth more or less."""
        with self.agent() as (agent, collector):
            agent.set(collector.url, "interval = 1000\n")
            with agent.start():
                rest = rest_of(agent)
            if not 900 <= rest <= 1100:
                yield f"rests for {rest} s"

    def retry_after(self):
        answers = {"/v1/reports": (429, ERROR, {"Retry-After": "7200"})}
        with self.agent(answers) as (agent, _), agent.start():
            yield from expect("rest", rest_of(agent), 7200)
            yield from expect("spool", len(agent.spool()), 1)

    def one_a_state(self):
        with self.agent() as (agent, _), agent.start():
            wait_for(lambda: "the next round is in" in agent.said())
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            if "another agent has it" not in said:
                yield f"does not say why: {said}"

    def killed(self):
        """kill -9 at any moment: what was kept arrives."""
        dice = random.Random(25)
        busy = {"/v1/reports": (503, ERROR, {})}
        with self.agent(busy) as (agent, collector):
            kept, kills = set(), 0
            while kills < 20 or (len(kept) < 5 and kills < 100):
                with agent.start() as process:
                    # later and later, for a machine that is busy
                    time.sleep(dice.uniform(0.01, 0.3 + kills / 40))
                    process.kill()
                    process.wait()
                kept.update(agent.spool())
                kills += 1
            yield from expect("kept enough to tell", len(kept) >= 5, True)
            collector.answers, collector.seen = {}, []
            code, _ = agent.run()
            sent = {report["report"] for report in collector.reports()}
            yield from expect("exit code", code, 0)
            yield from expect("lost", kept - sent, set())
            yield from expect("spool", agent.spool(), [])
            unfinished = list((agent.state / "spool").glob("*.new"))
            yield from expect("unfinished", unfinished, [])

    # --- with the real collector ---

    @contextmanager
    def real(self, directory):
        state = directory / "collector"
        state.mkdir(exist_ok=True)
        port, admin = free_port(), free_port()
        config = directory / "collector.conf"
        config.write_text(
            f"[collector]\nlisten = 127.0.0.1:{port}\n"
            f"admin = 127.0.0.1:{admin}\nstate = {state}\nweb = no\n")
        log = open(directory / "collector.log", "w", encoding="utf-8")
        process = subprocess.Popen(
            [self.programs[1], "serve", "--config", str(config)], stdout=log,
            stderr=log, stdin=subprocess.DEVNULL)
        try:
            wait_for(lambda: answers(port))
            yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{admin}"
        finally:
            process.terminate()
            process.wait(10)
            log.close()

    def real_collector(self):
        with self.agent() as (agent, _):
            agent.set("http://127.0.0.1:4")
            agent.run()
            agent.run()
            with self.real(agent.directory) as (url, admin):
                agent.set(url)
                code, said = agent.run()
                yield from expect("exit code", code, 0)
                yield from expect("spool", agent.spool(), [])
                yield from expect("aside", agent.spool("refused"), [])
                yield from expect("accepted", accepted(admin), 3)
                if code:
                    yield said

    def real_collector_forgot(self):
        """A new database: the agent enrols anew, and nothing is lost."""
        with self.agent() as (agent, _):
            with self.real(agent.directory) as (url, _):
                agent.set(url)
                agent.run()
            name = (agent.state / "identity.json").read_text()
            shutil.rmtree(agent.directory / "collector")
            with self.real(agent.directory) as (url, admin):
                agent.set(url)
                (agent.state / "identity.json").write_text(re.sub(
                    "http://[^\"]*", url, name))
                code, said = agent.run()
                yield from expect("exit code", code, 0)
                yield from expect("accepted", accepted(admin), 1)
                if "enrolling again" not in said:
                    yield f"did not enrol again: {said}"


# --- small things ---

def expect(what, got, wanted):
    if got != wanted:
        yield f"{what}: {got!r}, not {wanted!r}"


def wait_for(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.02)


def rest_of(agent):
    wait_for(lambda: "the next round is in" in agent.said())
    return int(re.search(r"the next round is in (\d+) s", agent.said())[1])


def greet(listener, heard):
    """A server without STARTTLS, for one connection after the other."""
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer, peer.makefile("rw", newline="\r\n") as lines:
            try:
                lines.write("220 mx.example.net ESMTP\r\n")
                lines.flush()
                for line in lines:
                    heard.append(line.strip())
                    lines.write("250 mx.example.net\r\n")
                    lines.flush()
            except OSError:
                pass


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def accepted(admin):
    text = urllib.request.urlopen(f"{admin}/metrics", timeout=5).read()
    found = re.search(rb"^egress25_reports_accepted_total (\d+)$", text, re.M)
    return int(found[1]) if found else text.decode()


def main():
    tap, rows = Tap(), Rows(*sys.argv[1:3])
    tap.run("a round is enrolled, proven, reported", rows.well)
    tap.run("a second start is enrolled already", rows.second_start)
    tap.run("reports wait for a collector that is away, oldest first",
            rows.away)
    tap.run("a report waits where enrolment is refused",
            rows.enrolment_refused)
    tap.run("an agent that stays unknown enrols again once", rows.unknown)
    tap.run("one that is unknown at upload makes no second round",
            rows.unknown_at_upload)
    tap.run("a captive portal takes no report",
            lambda: rows.kept(302, "", {"Location": "http://127.0.0.1:4/"}))
    tap.run("a 200 without an acknowledgement takes no report",
            lambda: rows.kept(200, "<html>"))
    tap.run("a collector in trouble takes no report",
            lambda: rows.kept(503, ERROR))
    tap.run("a wrong path takes no report", lambda: rows.kept(404, ERROR))
    tap.run("a report that is refused for good is set aside", rows.refused)
    tap.run("without a collector reports are kept", rows.no_collector)
    tap.run("another collector is enrolled at anew", rows.moved)
    tap.run("an identity that is broken is named", rows.broken_identity)
    tap.run("EHLO says the public address", rows.ehlo)
    tap.run("enrol makes the agent known, with its token", rows.enrols)
    tap.run("enrol that is refused says why", rows.enrol_refused)
    tap.run("enrol at a collector that is away fails", rows.enrol_away)
    tap.run("SIGTERM ends a resting agent within a second",
            lambda: rows.ends(signal.SIGTERM))
    tap.run("SIGINT too", lambda: rows.ends(signal.SIGINT))
    tap.run("SIGTERM ends a round within a second", rows.ends_in_round)
    tap.run("the rest is the interval, a tenth more or less", rows.rests)
    tap.run("Retry-After is respected", rows.retry_after)
    tap.run("two agents do not share a state directory", rows.one_a_state)
    tap.run("what a killed agent had kept arrives", rows.killed)
    tap.run("the real collector takes all that waited", rows.real_collector)
    tap.run("a collector that forgot the agent learns it again",
            rows.real_collector_forgot)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
