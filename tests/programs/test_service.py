#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's `run --once` and `enrol` as programs, on loopback: against a
scripted collector, none, and the real one.

usage: test_service.py AGENT COLLECTOR
"""

import base64
import re
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service_world import (ADDRESS, ERROR, NEW_KEY, SILENT, WAITS, Collector,
                           World, accepted, expect, greet, name_of, refuse,
                           wait_for)
from tap import Tap


class Rows(World):
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
            for word in (collector.url, "prefix", "never sends mail"):
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
            yield from expect("rounds", said.count("round complete"), 1)

    def unknown(self):
        """It enrols again once a round, not for ever."""
        answers = {"/v1/whoami": (401, ERROR, {}),
                   "/v1/reports": (401, ERROR, {})}
        with self.agent(answers) as (agent, collector):
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("enrolments", collector.count("/v1/agents"), 2)
            yield from expect("rounds", said.count("round complete"), 1)
            yield from expect("spool", len(agent.spool()), 1)
            yield from expect("aside", agent.spool("refused"), [])

    def unknown_at_upload(self):
        """An upload leads to an enrolment that fails: no second round."""
        with self.agent() as (agent, collector):
            agent.run()
            collector.answers = {"/v1/reports": (401, ERROR, {}),
                                 "/v1/agents": (503, ERROR, {})}
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("rounds", said.count("round complete"), 1)
            yield from expect("spool", len(agent.spool()), 1)

    def kept(self, status, said, headers=None):
        """An answer that is not a collector's sets no report aside."""
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
            if "was refused" not in said or "400: f: not so" not in said:
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
        """EHLO has the public address, and no mail is sent."""
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

    def never_hurries(self):
        """The program itself knows no such variable."""
        real = Path(self.programs[0]).parents[2] / "agent/egress25-agent"
        if b"EGRESS25_HURRY" in real.read_bytes():
            yield "it is in the program"
        if b"EGRESS25_HURRY" not in Path(self.programs[0]).read_bytes():
            yield "and not where it should be: this test shows nothing"

    # --- reports that are too big ---

    @contextmanager
    def many(self, count, answers=None):
        """An agent of so many endpoints, all turned away by one server."""
        with self.agent(answers) as (agent, collector), socket.create_server(
                ("0.0.0.0", 0), backlog=512) as listener:
            refuse(listener)
            port = listener.getsockname()[1]
            agent.endpoints("".join(
                f"[e{n}]\nhost = 127.1.{n // 250}.{1 + n % 250}\n"
                f"ports = {port}/starttls\n" for n in range(count)))
            agent.config.write_text(agent.config.read_text().replace(
                "\nports = 2", f"\nports = {port}") + "trace = never\n")
            yield agent, collector

    def all_arrive(self, collector, count, reports, least=1):
        """Each endpoint once, in as many reports with different names."""
        sent = [report for report in collector.reports()
                if report["report"] not in self.too_large]
        names = [target["endpoint"] for report in sent
                 for target in report["targets"]]
        ids = {report["report"] for report in sent}
        yield from expect("endpoints", len(set(names)), count)
        yield from expect("twice", len(names) - len(set(names)), 0)
        yield from expect("reports", len(sent), reports)
        yield from expect("names", len(ids), reports)
        yield from expect("began at", len({report["started"] for report
                                           in sent}), 1)
        for report in sent:
            if len(report["targets"]) < least:
                yield f"a report of {len(report['targets'])} targets alone"

    too_large = frozenset()

    def big_round(self):
        with self.many(700) as (agent, collector):
            code, said = agent.run()
            yield from expect("exit code", code, 0)
            yield from self.all_arrive(collector, 700, 2, 300)
            if "the round is sent as 2 reports" not in said:
                yield f"does not say so: {said}"

    def proxy_limit(self, said):
        """413: the report is halved until it passes."""
        answers = {"/v1/reports": [(413, said, {}), (413, said, {}),
                                   (200, None, {}), (413, said, {}),
                                   (200, None, {})]}
        with self.many(8, answers) as (agent, collector):
            code, told = agent.run()
            yield from expect("exit code", code, 0)
            yield from expect("spool", agent.spool(), [])
            yield from expect("aside", agent.spool("refused"), [])
            tried = collector.reports()
            self.too_large = {tried[n]["report"] for n in (0, 1, 3)}
            yield from self.all_arrive(collector, 8, 4)
            self.too_large = frozenset()
            if "is too large: it is sent as two" not in told:
                yield f"does not say so: {told}"

    def one_target_too_large(self, said, waits, aside):
        with self.agent({"/v1/reports": (413, said, {})}) as (agent, _):
            agent.run()
            yield from expect("spool", len(agent.spool()), waits)
            yield from expect("aside", len(agent.spool("refused")), aside)

    def passes_over(self, answer, sent):
        """A refused report is passed over, said, and retried."""
        answers = {"/v1/reports": [answer, answer, (200, None, {})]}
        with self.agent(answers) as (agent, _):
            agent.run()
            stuck = agent.spool()
            yield from expect("waits", len(stuck), 1)
            code, said = agent.run()
            yield from expect("exit code", code, 4)
            yield from expect("waits", len(agent.spool()), 2 - sent)
            yield from expect("still", agent.spool()[0], stuck[0])
            if sent and "waits, and later ones go on: the collector " \
                    f"answered {answer[0]}" not in said:
                yield f"does not say so: {said}"
            code, _ = agent.run()
            yield from expect("exit code then", code, 0)
            yield from expect("spool", agent.spool(), [])

    def retries_stuck(self):
        """In one process: the stuck report follows the later ones."""
        with self.agent({"/v1/reports": (413, "<html>", {})}) as (agent, at):
            agent.run()
            agent.run()
            first, second = [report["report"] for report in at.reports()][1:]
            before = len(at.reports())
            at.answers["/v1/reports"] = [(413, "<html>", {}), (200, None, {})]
            with agent.start(hurry=20):
                wait_for(lambda: not agent.spool())
            names = [report["report"] for report in at.reports()[before:]]
            yield from expect("first", names[:2], [first, second])
            if first not in names[2:]:
                yield f"the order of uploads: {names}"

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
            if ("enrolment failed: the collector answered 403: f: not so"
                    not in said):
                yield f"does not say why: {said}"

    def enrol_away(self):
        with self.agent() as (agent, _):
            agent.set("http://127.0.0.1:4")
            code, _ = agent.run("enrol")
            yield from expect("exit code", code, 4)

    # --- another key ---

    @contextmanager
    def enrolled(self, key_answers=None):
        with self.agent() as (agent, collector):
            agent.run("enrol")
            if key_answers:
                collector.answers[KEY_PATH] = key_answers
            yield agent, collector, keys(agent)[0]

    def rotates(self):
        with self.enrolled() as (agent, collector, old):
            code, said = agent.run("enrol", "--rotate")
            yield from expect("exit code", code, 0)
            new, waiting = keys(agent)
            yield from expect("the key is another one", new != old, True)
            yield from expect("waiting", waiting, None)
            yield from expect("keys asked for", asked_keys(collector), [new])
            if collector.name not in said:
                yield f"does not say who has it: {said}"
            code, _ = agent.run()
            yield from expect("exit code then", code, 0)
            yield from expect("enrolments", collector.count("/v1/agents"), 1)
            yield from expect("name", collector.reports()[0]["agent"],
                              collector.name)

    def rotation_fails(self, answer, wanted):
        """The old key stays, and the next attempt sends the same new one."""
        with self.enrolled([answer]) as (agent, collector, old):
            code, said = agent.run("enrol", "--rotate")
            yield from expect("exit code", code, wanted)
            key, waiting = keys(agent)
            yield from expect("key", key, old)
            yield from expect("waiting", waiting, asked_keys(collector)[0])
            if "key rotation failed" not in said:
                yield f"does not say so: {said}"
            collector.answers = {}
            code, _ = agent.run("enrol", "--rotate")
            yield from expect("exit code then", code, 0)
            yield from expect("key then", keys(agent), (waiting, None))

    def answer_lost(self):
        """The new key is in force, and only it."""
        answers = [(401, ERROR, {}), (200, None, {})]
        with self.enrolled(answers) as (agent, collector, _):
            code, _ = agent.run("enrol", "--rotate")
            yield from expect("exit code", code, 0)
            asked = asked_keys(collector)
            yield from expect("asked", len(asked), 2)
            yield from expect("keys", keys(agent), (asked[0], None))
            yield from expect("for the same", asked[0], asked[1])

    def killed_in_rotation(self):
        with self.enrolled([(200, SILENT, {})]) as (agent, collector, old):
            process = subprocess.Popen(agent.argv("enrol", "--rotate"),
                                       stderr=subprocess.DEVNULL)
            wait_for(lambda: collector.count(KEY_PATH))
            process.kill()
            process.wait()
            key, waiting = keys(agent)
            yield from expect("key", key, old)
            yield from expect("on disk before it was asked for", waiting,
                              asked_keys(collector)[0])
            collector.answers = {}
            code, said = agent.run()
            yield from expect("exit code of run", code, 0)
            yield from expect("run finished it", keys(agent), (waiting, None))
            yield from expect("first", [path for path, _ in collector.seen][2:],
                              [KEY_PATH, "/v1/whoami", "/v1/reports"])
            if "key rotation finished" not in said:
                yield f"does not say so: {said}"

    def rotated_under_run(self):
        """A running service picks up a key rotated by a command."""
        with self.agent() as (agent, collector), agent.start(hurry=1000):
            wait_for(lambda: collector.reports())
            agent.run("enrol", "--rotate")
            collector.answers["/v1/whoami"] = [(401, ERROR, {}),
                                               (200, None, {})]
            wait_for(lambda: NEW_KEY in agent.said(), 30)
            count = len(collector.reports())
            wait_for(lambda: len(collector.reports()) > count, 30)
            yield from expect("enrolments", collector.count("/v1/agents"), 1)

    def rotates_nothing(self):
        with self.agent() as (agent, _):
            code, said = agent.run("enrol", "--rotate")
            yield from expect("exit code", code, 2)
            yield from expect("waiting", keys(agent)[1], None)
            if "not enrolled" not in said:
                yield f"does not say why: {said}"

    # --- with the real collector ---

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
        """A new database: the agent enrols again, and no report is lost."""
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


KEY_PATH = "/v1/agents/key"


def keys(agent):
    """The public keys of agent.key and agent.key.next, or None."""
    return tuple(public_key(agent.state / name)
                 for name in ("agent.key", "agent.key.next"))


def public_key(path):
    if not path.exists():
        return None
    done = subprocess.run(["openssl", "pkey", "-in", str(path), "-pubout",
                           "-outform", "DER"], stdout=subprocess.PIPE,
                          check=True)
    return base64.b64encode(done.stdout[-32:]).decode()


def asked_keys(collector):
    return [body["public_key"] for path, body in collector.seen
            if path == KEY_PATH]


def main():
    tap, rows = Tap(), Rows(*sys.argv[1:3])
    tap.run("a round: enrolment, source proof, report", rows.well)
    tap.run("a second start needs no enrolment", rows.second_start)
    tap.run("reports wait for an unreachable collector, oldest first",
            rows.away)
    tap.run("a report waits if enrolment is refused",
            rows.enrolment_refused)
    tap.run("an agent that stays unknown enrols again once", rows.unknown)
    tap.run("an agent unknown at upload runs no second round",
            rows.unknown_at_upload)
    for status in (400, 403, 413):
        tap.run(f"a proxy's {status} of one report holds no later one back",
                lambda: rows.passes_over((status, "<html>", {}), 1))
    for status, headers in ((429, {}), (503, {}), (403, {"Retry-After": "9"})):
        tap.run(f"a proxy's {status} {headers or ''}holds all back",
                lambda: rows.passes_over((status, "<html>", headers), 0))
    tap.run("a report that was passed over is sent again", rows.retries_stuck)
    tap.run("a captive portal acknowledges no report",
            lambda: rows.kept(302, "", {"Location": "http://127.0.0.1:4/"}))
    tap.run("a 200 without an acknowledgement removes no report",
            lambda: rows.kept(200, "<html>"))
    tap.run("a 503 removes no report",
            lambda: rows.kept(503, ERROR))
    tap.run("a 404 removes no report", lambda: rows.kept(404, ERROR))
    tap.run("a report that is refused for good is set aside", rows.refused)
    tap.run("a round of 700 targets is sent as two reports", rows.big_round)
    tap.run("a report that is too large for a proxy is halved",
            lambda: rows.proxy_limit("<html>"))
    tap.run("and one that is too large for the collector",
            lambda: rows.proxy_limit(ERROR))
    tap.run("one target that is too large for a proxy waits",
            lambda: rows.one_target_too_large("<html>", 1, 0))
    tap.run("one that the collector itself refuses is set aside",
            lambda: rows.one_target_too_large(ERROR, 0, 1))
    tap.run("without a collector reports are kept", rows.no_collector)
    tap.run("a different collector means a new enrolment", rows.moved)
    tap.run("a broken identity file is named", rows.broken_identity)
    tap.run("EHLO has the public address", rows.ehlo)
    tap.run("no environment variable shortens its waits",
            rows.never_hurries)
    tap.run("enrol registers the agent, with its token", rows.enrols)
    tap.run("a refused enrolment says why", rows.enrol_refused)
    tap.run("enrolment at an unreachable collector fails", rows.enrol_away)
    tap.run("enrol --rotate changes the key and keeps the name", rows.rotates)
    tap.run("a collector's 503 changes no key",
            lambda: rows.rotation_fails((503, ERROR, {}), 4))
    tap.run("nor does a refusal",
            lambda: rows.rotation_fails((400, ERROR, {}), 2))
    tap.run("nor an answer for another agent",
            lambda: rows.rotation_fails((200, {"agent": "b"}, {}), 4))
    tap.run("a rotation whose answer was lost is completed",
            rows.answer_lost)
    tap.run("an interrupted rotation is completed by run",
            rows.killed_in_rotation)
    tap.run("a running service picks up the new key", rows.rotated_under_run)
    tap.run("an agent that is not enrolled has no key to rotate",
            rows.rotates_nothing)
    tap.run("the real collector accepts all waiting reports",
            rows.real_collector)
    tap.run("a collector that lost its agents enrols them again",
            rows.real_collector_forgot)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
