#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's `run` as a daemon, on loopback: its phases, its uploads, its
plan, and its status. EGRESS25_HURRY shortens its waiting times.

usage: test_run.py AGENT COLLECTOR
"""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ending import hung_up_to_the_end
from ports import free_port
from service_world import (ERROR, NEW_KEY, SILENT, Collector, World, accepted,
                           expect, greet, name_of, wait_for)
from tap import Tap

RESTS = "next round in"
BUSY = (503, ERROR, {})
NOW = datetime.now(timezone.utc)
TRIES = 3


def at(seconds, now=None):
    moment = (now or datetime.now(timezone.utc)) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plan(*names, first=0, until=3600, interval=60, **more):
    """A plan of endpoints on loopback, each at its own address, port 2."""
    return (200, {
        "format": "egress25-plan/1", "at": at(0), "until": at(until),
        "endpoints": [{"name": name, "host": f"127.0.0.{1 + len(name)}",
                       "ports": ["2/starttls"], "control": [3], "kind": "mx",
                       "starttls": None, "spki": [], "next": at(first),
                       "interval_s": interval, "extra": 0, **more}
                      for name in names]}, {})


def visited(collector):
    return [target["endpoint"] for report in collector.reports()
            for target in report["targets"]]


class Rows(World):
    @contextmanager
    def mail_server(self, agent):
        """Make a server that greets the agent's endpoint."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            threading.Thread(target=greet, args=(listener, []),
                             daemon=True).start()
            agent.endpoints(f"[mx]\nhost = 127.0.0.1\n"
                            f"ports = {port}/starttls\ncontrol = 3\n"
                            "interval = 60\n")
            agent.ports(port)
            yield port

    def hosts_file(self, hosts, reached):
        """A collector's name that no name server knows."""
        with self.agent() as (agent, collector):
            agent.set(collector.url.replace("127.0.0.1", "collector.test"))
            with self.mail_server(agent):
                agent.endpoints("[mx]\nhost = hosted.test\nports = 2\n")
                _, log = once_with_hosts(agent, hosts)
            yield from expect("reports", len(collector.reports()), reached)
            yield from expect("the endpoint's addresses", [
                (target.get("address"), target.get("dns"))
                for report in collector.reports()
                for target in report["targets"]
                if target.get("address")], [])
            if not reached:
                yield from expect("said", "no name server is there" in log,
                                  True)

    # --- its end ---

    def ends(self, number):
        with self.agent() as (agent, _), agent.start() as process:
            wait_for(lambda: RESTS in agent.said())
            process.send_signal(number)
            yield from expect("exit code", process.wait(60), 0)

    def ends_hung_up(self):
        for _ in range(3):
            with self.agent() as (agent, _), agent.start() as process:
                wait_for(lambda: RESTS in agent.said())
                yield from expect(
                    "exit code", hung_up_to_the_end(process), 0)

    def ends_soon(self, prepare):
        """SIGTERM stops it within a second, whatever it is doing; retried,
        because the machine may be busy."""
        for last in range(TRIES):
            with self.agent() as (agent, collector), \
                    prepare(agent, collector) as is_there:
                with agent.start() as process:
                    wait_for(is_there, 20)
                    began = time.monotonic()
                    process.send_signal(signal.SIGTERM)
                    code = process.wait(60)
                    took = time.monotonic() - began
                collector.released.set()
            if code != 0:
                yield f"exit code {code}"
            if took <= 1 or code != 0:
                return
        yield f"took {took:.1f} s in the best of {last + 1} tries"

    @staticmethod
    def silent_at(path):
        @contextmanager
        def prepare(_, collector):
            collector.answers[path] = (200, SILENT, {})
            yield lambda: collector.count(path) > 0
        return prepare

    @contextmanager
    def resting(self, agent, _):
        yield lambda: RESTS in agent.said()

    @contextmanager
    def backing_off(self, agent, collector):
        collector.answers["/v1/reports"] = BUSY
        yield lambda: "next attempt in" in agent.said()

    @contextmanager
    def looking_up(self, agent, _):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dns:
            dns.bind(("127.0.0.1", 0))
            dns.settimeout(0)
            agent.config.write_text(agent.config.read_text().replace(
                "dns = 127.0.0.1:9", f"dns = 127.0.0.1:{dns.getsockname()[1]}"))
            agent.endpoints("[mx]\nhost = mx.example.net\nports = 2\n")
            yield lambda: has_come(dns)

    @contextmanager
    def connecting(self, agent, _):
        """A listener with a full queue answers no SYN."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            port = listener.getsockname()[1]
            full = [socket.create_connection(("127.0.0.1", port))]
            agent.endpoints(f"[mx]\nhost = 127.0.0.1\n"
                            f"ports = {port}/starttls\ncontrol = 3\n")
            agent.ports(port)
            yield lambda: syn_sent(port)
            full[0].close()

    @contextmanager
    def greeting(self, agent, _):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            silent.settimeout(0)
            agent.endpoints(f"[mx]\nhost = 127.0.0.1\n"
                            f"ports = {port}/starttls\ncontrol = 3\n")
            agent.ports(port)
            peers = []
            yield lambda: has_accepted(silent, peers)
            for peer in peers:
                peer.close()

    # --- its rests ---

    def rests(self):
        """The interval, plus up to a fifth."""
        with self.agent() as (agent, collector):
            agent.set(collector.url, "interval = 1000\n")
            with self.mail_server(agent), agent.start():
                rest = rest_of(agent)
            if not 900 <= rest <= 1200:
                yield f"rests for {rest} s"

    def longer_interval(self):
        """The endpoint's own interval, if it is longer."""
        with self.agent() as (agent, _), self.mail_server(agent):
            path = agent.directory / "endpoints"
            path.write_text(path.read_text().replace("= 60\n", "= 2h\n"))
            with agent.start():
                rest = rest_of(agent)
            if not 7000 <= rest <= 8640:
                yield f"rests for {rest} s"

    def restart(self):
        """A restart causes no visit before the interval is over."""
        with self.agent() as (agent, collector):
            agent.set(collector.url, "interval = 1000\n")
            with self.mail_server(agent):
                with agent.start() as process:
                    wait_for(lambda: collector.reports())
                    wait_for(lambda: RESTS in agent.said())
                    process.terminate()
                    process.wait(60)
                with agent.start() as process:
                    rest = rest_of(agent)
            yield from expect("reports", len(collector.reports()), 1)
            if not 800 <= rest <= 1200:
                yield f"rests for {rest} s"

    def again_and_again(self):
        with self.agent() as (agent, collector):
            agent.set(collector.url, "interval = 60\n")
            with self.mail_server(agent), agent.start(hurry=300):
                wait_for(lambda: len(collector.reports()) >= 5, 30)
            ids = [report["report"] for report in collector.reports()]
            yield from expect("nothing twice", len(ids), len(set(ids)))

    # --- its uploads ---

    def tries_again(self):
        """Retries do not need a new round, which would be an hour away."""
        with self.agent({"/v1/reports": BUSY}) as (agent, collector):
            agent.set(collector.url, "interval = 30d\n")
            with agent.start(hurry=100):
                wait_for(lambda: collector.count("/v1/reports") >= 4, 30)
                del collector.answers["/v1/reports"]
                wait_for(lambda: not agent.spool(), 30)
                waits = [int(each) for each in re.findall(
                    r"next attempt in (\d+) s", agent.said())]
            for number, wait in enumerate(waits[:4]):
                most = min(10 * 2 ** number, 3600)
                if not most / 2 - 1 <= wait <= most:
                    yield f"waits {waits}: number {number} is not up to {most}"
            yield from expect("reports", len({
                each["report"] for each in collector.reports()}), 1)

    def retry_after(self, text, low, high):
        answers = {"/v1/reports": (429, ERROR, {"Retry-After": text})}
        with self.agent(answers) as (agent, _), agent.start():
            wait_for(lambda: "next attempt in" in agent.said())
            wait = int(re.search(r"next attempt in (\d+) s",
                                 agent.said())[1])
            if not low <= wait <= high:
                yield f"waits for {wait} s"
            wait_for(lambda: rest_of(agent) >= low - 5)
            yield from expect("spool", len(agent.spool()), 1)

    def days_without(self):
        """The collector is away for many rounds; then every report
        arrives, once and in order."""
        port = free_port()
        with self.agent() as (agent, _), self.mail_server(agent) as mail:
            agent.set(f"http://127.0.0.1:{port}", "interval = 60\n")
            agent.ports(mail)
            with agent.start(hurry=500) as process:
                wait_for(lambda: len(agent.spool()) >= 20, 60)
                collector = Collector(port=port)
                # and the rounds go on
                wait_for(lambda: len(collector.reports()) >= 25, 60)
                process.terminate()
                process.wait(60)
            ids = [each["report"] for each in collector.reports()]
            agent.run()
            collector.stop()
            yield from expect("spool", agent.spool(), [])
            yield from expect("in order", ids, sorted(ids))
            yield from expect("twice", len(ids) - len(set(ids)), 0)

    def full_spool(self):
        """Reports dropped from a full spool are counted and logged."""
        with self.agent({"/v1/reports": BUSY}) as (agent, _):
            spool = agent.state / "spool"
            spool.mkdir(parents=True)
            agent.state.chmod(0o700)
            old = [f"{n:08}-0000-7000-8000-000000000000"
                   for n in range(10, 75)]
            for name in old:
                (spool / f"{name}.json").write_text("{}".ljust(1040000))
            with agent.start() as process:
                wait_for(lambda: RESTS in agent.said())
                process.terminate()
                process.wait(60)
            if f"the spool is full: report {old[0]} is dropped" \
                    not in agent.said():
                yield f"does not say what it drops: {agent.said()}"
            yield from expect("oldest", old[0] in agent.spool(), False)
            yield from expect("counted",
                              agent.status()[1]["spool"]["dropped"], 1)
            with agent.start() as process:
                wait_for(lambda: "next attempt in" in agent.said())
                process.terminate()
                process.wait(60)
            yield from expect("counted after a restart",
                              agent.status()[1]["spool"]["dropped"], 1)

    def killed(self):
        """After kill -9 at any moment, every spooled report arrives."""
        dice = random.Random(25)
        with self.agent({"/v1/reports": BUSY}) as (agent, collector), \
                self.mail_server(agent):
            kept, kills = set(), 0
            while kills < 20 or (len(kept) < 5 and kills < 100):
                with agent.start(hurry=1000) as process:
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
            unfinished = list(agent.state.rglob("*.new"))
            yield from expect("unfinished", unfinished, [])

    def killed_with_real(self):
        """kill -9 thirty times while it uploads to the real collector:
        every spooled report is stored, none twice."""
        dice = random.Random(26)
        with self.agent() as (agent, _), self.mail_server(agent) as mail, \
                self.real(agent.directory, f"endpoints = {agent.directory}/"
                          "endpoints\n") as (url, admin):
            agent.set(url, "interval = 60\nplan = no\n")
            agent.ports(mail)
            kept = set()
            for kill in range(30):
                with agent.start(hurry=1000) as process:
                    # later and later, for a machine that is busy
                    time.sleep(dice.uniform(0.05, 0.6 + kill / 30))
                    kept.update(agent.spool())
                    process.kill()
                    process.wait()
                kept.update(agent.spool())
            code, said = agent.run()
            yield from expect("exit code", code, 0)
            yield from expect("spool", agent.spool(), [])
            yield from expect("aside", agent.spool("refused"), [])
            rows = self.export(agent.directory)
            ids = [row["id"] for row in rows]
            reports = {each.rsplit(":", 1)[0].rsplit("/", 1)[0][:36]
                       for each in ids}
            yield from expect("rows twice", len(ids) - len(set(ids)), 0)
            yield from expect("lost", kept - reports, set())
            yield from expect("stored", len(reports), accepted(admin))
            if len(reports) < 5:
                yield f"only {len(reports)} reports: nothing is shown by that"

    def real_collector(self):
        """Its plan is followed, and a rotated key is accepted."""
        with self.agent() as (agent, _), self.mail_server(agent) as mail:
            endpoints = agent.directory / "endpoints"
            endpoints.write_text(endpoints.read_text() + "rate = 10\n")
            with self.real(agent.directory, f"endpoints = {endpoints}\n") \
                    as (url, admin):
                agent.set(url)
                agent.ports(mail)
                with agent.start(hurry=60):
                    wait_for(lambda: accepted(admin) == 1, 30)
                    status = wait_for(lambda: planned(agent))
                    code, said = agent.run("enrol", "--rotate")
                    yield from expect("rotated",
                                      (code, said.count("a new key")), (0, 1))
                    wait_for(lambda: accepted(admin) >= 3, 60)
                    if NEW_KEY not in agent.said():
                        yield f"does not say so: {agent.said()}"
                yield from expect("visited", [each["name"] for each
                                              in status["endpoints"]], ["mx"])
                agents = {row["agent"]
                          for row in self.export(agent.directory)}
                yield from expect("agents", len(agents), 1)

    def export(self, directory):
        done = subprocess.run(
            [self.programs[1], "export", "--config",
             str(directory / "collector.conf"), "--what", "measurements",
             "--format", "jsonl"], stdout=subprocess.PIPE, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    # --- its plan ---

    def follows_plan(self):
        with self.agent({"/v1/plan": plan("planned")}) as (agent, collector):
            with agent.start(hurry=100):
                wait_for(lambda: collector.reports(), 20)
                status = wait_for(lambda: planned(agent))
            yield from expect("paths", [path for path, _ in collector.seen][:4],
                              ["/v1/agents", "/v1/plan", "/v1/whoami",
                               "/v1/reports"])
            yield from expect("visited", set(visited(collector)), {"planned"})
            yield from expect("endpoints", [each["name"] for each
                                            in status["endpoints"]],
                              ["planned"])

    def waits_for_slot(self):
        answers = {"/v1/plan": plan("planned", first=1800)}
        with self.agent(answers) as (agent, collector), agent.start():
            rest = rest_of(agent)
            yield from expect("reports", len(collector.reports()), 0)
            if not 1700 <= rest <= 1800:
                yield f"rests for {rest} s"

    def wrong_clock(self):
        """Plan times are relative: a collector whose clock is a year behind
        does no harm."""
        status, body, headers = plan("planned", first=1800)
        for key in ("at", "until"):
            body[key] = body[key].replace("20", "19", 1)
        for each in body["endpoints"]:
            each["next"] = each["next"].replace("20", "19", 1)
        with self.agent({"/v1/plan": (status, body, headers)}) as (agent, _), \
                agent.start():
            rest = rest_of(agent)
            if not 1700 <= rest <= 1800:
                yield f"rests for {rest} s"

    def own_list(self, answer):
        with self.agent({"/v1/plan": answer}) as (agent, collector), \
                agent.start():
            wait_for(lambda: collector.reports(), 20)
            yield from expect("visited", set(visited(collector)), {"nobody"})

    def unwanted_plan(self):
        with self.agent({"/v1/plan": plan("planned")}) as (agent, collector):
            agent.set(collector.url, "plan = no\n")
            with agent.start():
                wait_for(lambda: collector.reports(), 20)
            yield from expect("visited", set(visited(collector)), {"nobody"})
            yield from expect("asked", collector.count("/v1/plan"), 0)

    def kept_plan(self):
        """Without a collector, the stored plan is used."""
        def forget():
            """What an agent that was killed would send once more."""
            shutil.rmtree(agent.state / "spool")
            collector.seen = []

        with self.agent({"/v1/plan": plan("planned")}) as (agent, collector):
            with agent.start(hurry=100):
                wait_for(lambda: collector.reports(), 20)
            collector.answers = {"/v1/plan": BUSY}
            forget()
            with agent.start(hurry=100):
                wait_for(lambda: collector.reports(), 20)
            yield from expect("visited", set(visited(collector)), {"planned"})
            (agent.state / "plan.json").write_text('{"format":')
            forget()
            with agent.start(hurry=100):
                wait_for(lambda: collector.reports(), 20)
                said = agent.said()
            yield from expect("visited then", visited(collector)[-1:],
                              ["nobody"])
            if "the stored plan is not used" not in said:
                yield f"a broken one is not said: {said}"

    def asks_again(self):
        """The next plan is asked for before this one expires."""
        first = plan("one", until=300, interval=100)
        with self.agent({"/v1/plan": first}) as (agent, collector), \
                agent.start(hurry=100):
            wait_for(lambda: collector.reports(), 20)
            collector.answers["/v1/plan"] = plan("two", interval=100)
            wait_for(lambda: "two" in visited(collector), 20)
        yield from ()

    # --- SIGHUP ---

    def reloads(self):
        """New endpoints are used, and those that stay keep their times."""
        with self.agent() as (agent, collector), \
                self.mail_server(agent) as mail:
            agent.set(collector.url, "interval = 1000\n")
            agent.ports(f"2 {mail}")
            with agent.start() as process:
                wait_for(lambda: len(collector.reports()) == 1)
                wait_for(lambda: not agent.spool())
                path = agent.directory / "endpoints"
                path.write_text(path.read_text() + "[new]\nhost = 127.0.0.1\n"
                                "ports = 2\ncontrol = 3\n")
                process.send_signal(signal.SIGHUP)
                wait_for(lambda: len(collector.reports()) == 2)
                yield from expect("visited", visited(collector),
                                  ["mx", "new"])
                if "configuration reloaded" not in agent.said():
                    yield f"does not say so: {agent.said()}"

    def reloads_not_at_all(self, change, why):
        with self.agent() as (agent, collector), agent.start() as process:
            wait_for(lambda: RESTS in agent.said())
            wait_for(lambda: collector.reports() and not agent.spool())
            change(agent)
            process.send_signal(signal.SIGHUP)
            wait_for(lambda: "nothing is reloaded" in agent.said())
            if why not in agent.said():
                yield f"does not say {why!r}: {agent.said()}"
            yield from expect("it goes on", process.poll(), None)
            yield from expect("reports", len(collector.reports()), 1)

    def reloads_in_round(self):
        """A running round continues, and its report goes to the newly
        configured collector."""
        with self.agent() as (agent, collector), socket.create_server(
                ("127.0.0.1", 0)) as late:
            port = late.getsockname()[1]
            agent.endpoints(f"[mx]\nhost = 127.0.0.1\n"
                            f"ports = {port}/starttls\ncontrol = 3\n")
            agent.ports(port)
            other = Collector()
            with agent.start() as process:
                late.settimeout(20)
                peer, _ = late.accept()
                agent.set(other.url)
                agent.ports(port)
                process.send_signal(signal.SIGHUP)
                wait_for(lambda: "configuration reloaded" in agent.said())
                peer.sendall(b"554 not you\r\n")
                peer.close()
                wait_for(lambda: other.reports(), 20)
            other.stop()
            yield from expect("reports", len(collector.reports()), 0)
            yield from expect("visited", visited(other), ["mx"])

    # --- what it says ---

    def one_a_state(self):
        with self.agent() as (agent, _), agent.start():
            wait_for(lambda: RESTS in agent.said())
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            if "in use by another agent" not in said:
                yield f"does not say why: {said}"

    def status(self):
        with self.agent() as (agent, collector):
            yield from expect("before the first start", agent.status(),
                              (4, None))
            with self.mail_server(agent) as port, agent.start() as process:
                wait_for(lambda: collector.reports(), 20)
                status = wait_for(lambda: uploaded(agent))
                code, _ = agent.status()
                yield from expect("exit code", code, 0)
                yield from expect("running", status["running"], True)
                yield from expect("pid", status["pid"], process.pid)
                yield from expect("agent", status["agent"],
                                  name_of(collector.seen[0][1]))
                yield from expect("spool", status["spool"]["reports"], 0)
                yield from expect("port", [(each["port"], each["state"])
                                           for each in status["ports"]],
                                  [(port, "open")])
                yield from expect("endpoint", [
                    (each["name"], each["turned_away"]) for each
                    in status["endpoints"]], [("mx", 0)])
                process.kill()
                process.wait()
            code, status = agent.status()
            yield from expect("exit code after kill -9", code, 4)
            yield from expect("running then", status["running"], False)
            status["pid"] = os.getpid()
            del status["running"]
            (agent.state / "status.json").write_text(json.dumps(status))
            yield from expect("another process with its number",
                              agent.status()[1]["running"], False)
            (agent.state / "status.json").write_text("{")
            yield from expect("a broken file", agent.status(), (2, None))

    def upload_error(self):
        with self.agent({"/v1/reports": BUSY}) as (agent, _), agent.start():
            status = wait_for(lambda: failed(agent))
            yield from expect("error", status["upload"]["error"],
                              "the collector answered 503: f: not so")
            yield from expect("reports", status["spool"]["reports"], 1)
            if not status["upload"]["retry"]:
                yield "no next attempt"

    def notifies(self):
        with self.agent() as (agent, _), socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            name = str(agent.directory / "notify")
            manager.bind(name)
            manager.settimeout(20)
            more = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"}
            with agent.start(**more) as process:
                heard = []
                hear_until(manager, heard, "READY=1")
                hear_until(manager, heard, "WATCHDOG=1")
                hear_until(manager, heard, "WATCHDOG=1")
                hear_until(manager, heard, "STATUS=idle")
                process.send_signal(signal.SIGHUP)
                hear_until(manager, heard, "RELOADING=1\nMONOTONIC_USEC=")
                hear_until(manager, heard, "READY=1")
                process.send_signal(signal.SIGTERM)
                hear_until(manager, heard, "STOPPING=1")
                yield from expect("exit code", process.wait(60), 0)

    def other_watchdog(self):
        """Another process's watchdog is not fed."""
        with self.agent() as (agent, _), socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind("\0" + str(agent.directory))
            manager.settimeout(20)
            more = {"NOTIFY_SOCKET": "@" + str(agent.directory),
                    "WATCHDOG_USEC": "2000", "WATCHDOG_PID": "1"}
            heard = []
            with agent.start(**more):
                hear_until(manager, heard, "STATUS=idle")
            if any("WATCHDOG" in each for each in heard):
                yield f"heard {heard}"

    def consent(self):
        """Logged before the first enrolment, and not at every start."""
        with self.agent() as (agent, collector):
            for times in (1, 0):
                with agent.start() as process:
                    wait_for(lambda: RESTS in agent.said())
                    process.terminate()
                    process.wait(60)
                yield from expect("said", agent.said().count(
                    f"go to {collector.url}; published are"), times)


# --- small things ---

def once_with_hosts(agent, hosts):
    """`run --once` where this is the hosts file: (exit code, log)"""
    path = agent.directory / "hosts"
    path.write_text(hosts)
    ended = subprocess.run(
        ["unshare", "-m" if os.getuid() == 0 else "-rm", "sh", "-ec",
         f'mount --bind {path} /etc/hosts; exec "$0" "$@"',
         *agent.argv("run", "--once")], text=True, timeout=30,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    return ended.returncode, ended.stderr


def rest_of(agent):
    wait_for(lambda: RESTS in agent.said())
    return int(re.findall(RESTS + r" (\d+) s", agent.said())[-1])


def has_come(dns):
    try:
        return dns.recv(512)
    except BlockingIOError:
        return None


def has_accepted(listener, peers):
    try:
        peers.append(listener.accept()[0])
    except BlockingIOError:
        pass
    return peers


def syn_sent(port):
    """Whether a socket is in SYN_SENT to this port (proc(5))."""
    return any(line.split()[2].endswith(f":{port:04X}") and
               line.split()[3] == "02" for line in
               Path("/proc/net/tcp").read_text().splitlines()[1:])


def planned(agent):
    status = agent.status()[1]
    return status if status and status["plan"]["taken"] else None


def uploaded(agent):
    status = agent.status()[1]
    return status if status and status["upload"]["last"] else None


def failed(agent):
    status = agent.status()[1]
    return status if status and status["upload"]["error"] else None


def hear_until(manager, heard, wanted):
    while True:
        heard.append(manager.recv(4096).decode())
        if heard[-1].startswith(wanted):
            return


STAGES = (
    ("enrolling", Rows.silent_at("/v1/agents")),
    ("asking for a plan", Rows.silent_at("/v1/plan")),
    ("asking for a proof", Rows.silent_at("/v1/whoami")),
    ("looking up a host", Rows.looking_up),
    ("connecting", Rows.connecting),
    ("waiting for a greeting", Rows.greeting),
    ("uploading", Rows.silent_at("/v1/reports")),
    ("waiting to upload again", Rows.backing_off),
    ("resting", Rows.resting),
)

BAD_RELOADS = (
    ("an invalid key", lambda agent: agent.config.write_text(
        agent.config.read_text() + "colour = red\n"), "colour"),
    ("an invalid endpoints file",
     lambda agent: agent.endpoints("[mx]\n"), "neither host nor domain"),
    ("another state directory", lambda agent: agent.config.write_text(
        agent.config.read_text().replace("/state\n", "/other\n")),
     "needs a restart"),
)


def daemon_rows(tap, rows):
    for stage, prepare in STAGES:
        bound = prepare.__get__(rows) if hasattr(Rows, prepare.__name__) \
            else prepare
        tap.run(f"SIGTERM ends it within a second while {stage}",
                lambda bound=bound: rows.ends_soon(bound))
    tap.run("SIGINT ends it too", lambda: rows.ends(signal.SIGINT))
    tap.run("SIGHUP while it ends does not kill it", rows.ends_hung_up)
    tap.run("the pause is the interval, plus up to a fifth", rows.rests)
    tap.run("or the endpoint's own interval, if longer",
            rows.longer_interval)
    tap.run("a restart causes no early visit", rows.restart)
    tap.run("rounds follow one another", rows.again_and_again)
    tap.run("the hosts file names the collector, and no mail server",
            lambda: rows.hosts_file("127.0.0.1 localhost collector.test\n"
                                    "127.0.0.1 hosted.test\n", 1))
    tap.run("without it DNS alone is asked",
            lambda: rows.hosts_file("127.0.0.1 localhost\n", 0))
    tap.run("two agents do not share a state directory", rows.one_a_state)


def upload_rows(tap, rows):
    tap.run("a failed upload is retried with back-off",
            rows.tries_again)
    tap.run("Retry-After in seconds is respected",
            lambda: rows.retry_after("7200", 7195, 7920))
    tap.run("Retry-After as a date is respected", lambda: rows.retry_after(
        format_datetime(datetime.now(timezone.utc) + timedelta(hours=2),
                        usegmt=True), 7000, 7920))
    tap.run("reports of days without a collector arrive once, in order",
            rows.days_without)
    tap.run("a full spool drops the oldest, counts and logs it",
            rows.full_spool)
    tap.run("reports spooled by a killed agent arrive", rows.killed)
    tap.run("killed thirty times at random, it loses and duplicates nothing",
            rows.killed_with_real)


def plan_rows(tap, rows):
    tap.run("the collector's plan is followed", rows.follows_plan)
    tap.run("the real collector plans, and accepts a rotated key under run",
            rows.real_collector)
    tap.run("a plan's first slot is waited for", rows.waits_for_slot)
    tap.run("a plan from a wrong clock works", rows.wrong_clock)
    tap.run("without a plan the endpoints file is used",
            lambda: rows.own_list((404, ERROR, {})))
    tap.run("an invalid plan is ignored",
            lambda: rows.own_list((200, {"format": "x"}, {})))
    tap.run("a plan without endpoints is ignored",
            lambda: rows.own_list(plan()))
    tap.run("no plan is asked for with `plan = no`", rows.unwanted_plan)
    tap.run("a plan survives the agent and the collector", rows.kept_plan)
    tap.run("a new plan is asked for before the old one expires",
            rows.asks_again)


def main():
    tap, rows = Tap(), Rows(*sys.argv[1:3])
    daemon_rows(tap, rows)
    upload_rows(tap, rows)
    plan_rows(tap, rows)
    tap.run("SIGHUP loads other endpoints and keeps the times",
            rows.reloads)
    for name, change, why in BAD_RELOADS:
        tap.run(f"SIGHUP with {name} changes nothing",
                lambda change=change, why=why:
                rows.reloads_not_at_all(change, why))
    tap.run("SIGHUP does not stop a round", rows.reloads_in_round)
    tap.run("status says what it does, and whether it runs", rows.status)
    tap.run("status says why an upload failed", rows.upload_error)
    tap.run("the service manager is notified", rows.notifies)
    tap.run("another process's watchdog is left alone", rows.other_watchdog)
    tap.run("what is sent and published is logged at the first start",
            rows.consent)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
