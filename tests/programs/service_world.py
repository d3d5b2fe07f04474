# SPDX-License-Identifier: Apache-2.0
"""What the tests of `run` and `enrol` share: a scripted collector, a real one,
and an agent in a directory of its own."""

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
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
from ports import free_port

ADDRESS = "203.0.113.7"
ERROR = {"error": {"field": "f", "message": "not so"}}
WAITS = "1 waiting in the spool: "
NEW_KEY = "another process has replaced the key"
SILENT = object()
NO_PLAN = (404, ERROR, {})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class Collector:
    """Answers as scripted: {path: (status, object or text, headers)}, or a
    list of these, whose last one repeats; other paths succeed. All requests
    are in `seen`."""

    def __init__(self, answers=None, port=0):
        self.answers = answers or {}
        self.seen = []
        self.name = None
        self.released = threading.Event()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                collector.answer(self, b"")

            def do_POST(self):
                size = int(self.headers["Content-Length"])
                collector.answer(self, self.rfile.read(size))

        self.server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def answer(self, handler, body):
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        body = json.loads(body) if body else None
        self.seen.append((handler.path, body))
        answer = self.answers.get(
            handler.path,
            NO_PLAN if handler.path == "/v1/plan" else (200, None, {}))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        status, said, headers = answer
        if said is SILENT:
            self.released.wait(30)
            return
        if said is None:
            said = self.well(handler.path, body)
        if not isinstance(said, str):
            said = json.dumps(said)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        try:
            handler.wfile.write(said.encode())
        except OSError:  # the agent was killed
            pass

    def well(self, path, body):
        if path == "/v1/agents":
            self.name = name_of(body)
            return {"agent": self.name}
        if path == "/v1/agents/key":
            return {"agent": self.name}
        if path == "/v1/whoami":
            return {"address": ADDRESS, "family": 4, "proof": "p"}
        return {"accepted": 1, "duplicate": False}

    def count(self, path):
        return sum(1 for seen, _ in self.seen if seen == path)

    def reports(self):
        return [body for path, body in self.seen if path == "/v1/reports"]

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


def name_of(enrolment):
    key = base64.b64decode(enrolment["public_key"])
    return hashlib.sha256(key).hexdigest()[:32]


class Agent:
    """An agent in its own directory. Nothing listens at its endpoint."""

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
            "plan-networks = 127.0.0.0/8\nplan-ports = 2 3\n"
            f"dns = 127.0.0.1:9\n{more}")

    def argv(self, *words):
        return [self.program, *words, "--config", str(self.config)]

    def run(self, *words):
        """(exit code, log)"""
        ended = subprocess.run(self.argv(*(words or ("run", "--once"))),
                               stderr=subprocess.PIPE, text=True, timeout=30,
                               stdin=subprocess.DEVNULL)
        return ended.returncode, ended.stderr

    @contextmanager
    def start(self, hurry=1, **more):
        """`run`, with its waiting times divided by `hurry`."""
        log = open(self.directory / "log", "w+", encoding="utf-8")
        process = subprocess.Popen(
            self.argv("run"), stderr=log, stdin=subprocess.DEVNULL,
            env={**os.environ, "EGRESS25_HURRY": str(hurry), **more})
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            log.close()

    def said(self):
        return (self.directory / "log").read_text()

    def endpoints(self, text):
        (self.directory / "endpoints").write_text(text)

    def ports(self, number):
        allowed = " ".join(dict.fromkeys(f"2 3 {number}".split()))
        self.config.write_text(self.config.read_text().replace(
            "\nports = 2\n", f"\nports = {number}\n").replace(
            "plan-ports = 2 3\n", f"plan-ports = {allowed}\n"))

    def status(self):
        """(exit code, the object)"""
        ended = subprocess.run(self.argv("status", "--json"), timeout=30,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL)
        return ended.returncode, json.loads(ended.stdout or "null")

    def spool(self, where=""):
        return sorted(path.stem for path in
                      (self.state / "spool" / where).glob("*.json"))


class World:
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

    @contextmanager
    def real(self, directory, more=""):
        state = directory / "collector"
        state.mkdir(exist_ok=True)
        port, admin = free_port(), free_port()
        config = directory / "collector.conf"
        config.write_text(
            f"[collector]\nlisten = 127.0.0.1:{port}\n"
            f"admin = 127.0.0.1:{admin}\nstate = {state}\nweb = no\n"
            f"{more}")
        log = open(directory / "collector.log", "w", encoding="utf-8")
        process = subprocess.Popen(
            [self.programs[1], "serve", "--config", str(config)], stdout=log,
            stderr=log, stdin=subprocess.DEVNULL)
        try:
            wait_for(lambda: answers(port))
            yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{admin}"
        finally:
            process.terminate()
            process.wait(60)
            log.close()


def expect(what, got, wanted):
    if got != wanted:
        yield f"{what}: {got!r}, not {wanted!r}"


def wait_for(holds, seconds=30):
    """Poll `holds()` until it is true; returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.02)


def greet(listener, heard):
    """A server without STARTTLS that takes connections one by one."""
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


def refuse(server, *peers):
    """Answer these connections, and all later ones, with 554."""
    def serve():
        try:
            for peer in peers:
                peer.sendall(b"554 no\r\n")
                peer.close()
            while True:
                peer, _ = server.accept()
                peer.sendall(b"554 no\r\n")
                peer.close()
        except OSError:
            pass  # the row is over

    threading.Thread(target=serve, daemon=True).start()


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
