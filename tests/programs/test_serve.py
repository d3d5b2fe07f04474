#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_serve.py COLLECTOR: requests of agents and others to a real collector on
loopback. Prints TAP."""

import gzip
import json
import re
import signal
import socket
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

from serve_world import (Agent, Collector, Key, count, expect, main_of_rows,
                         signature)

MANUAL = Path(__file__).parents[2] / "collector" / "egress25-collector.8"


class Rows:
    def __init__(self, folder):
        self.collector = collector = Collector(folder)
        self.agent = Agent(collector, Key(folder, "agent"))
        self.stranger = Key(folder, "stranger")

    def enrols(self):
        yield from expect(self.agent.enrol(contact="me"), 200)
        first = self.agent.id
        yield from expect(self.agent.enrol(), 200, agent=first)

    def enrols_own_key_only(self):
        yield from expect(self.agent.enrol(key=self.stranger), 401)

    def bad_key(self):
        body = b'{"public_key":"AAAA"}'
        yield from expect(
            self.collector.ask("POST", "/v1/agents", body), 400,
            field="public_key")

    def whoami(self):
        yield from expect(self.collector.ask("GET", "/v1/whoami"), 200,
                          address="127.0.0.1", family=4)
        reply = self.agent.whoami()
        yield from expect(reply, 200, address="127.0.0.1", family=4,
                          agent=self.agent.id)
        if "proof" not in json.loads(reply[1]):
            yield "no proof"

    def forwarded(self):
        reply = self.collector.ask("GET", "/v1/whoami", None,
                                   {"X-Forwarded-For": "203.0.113.9"})
        yield from expect(reply, 200, address="127.0.0.1")

    def accepted(self):
        before = count(self.collector)
        report = self.agent.report()
        yield from expect(self.agent.send(report), 200, accepted=2,
                          duplicate=False)
        yield from expect(self.agent.send(report), 200, accepted=0,
                          duplicate=True)
        if count(self.collector) != before + 2:
            yield f"{count(self.collector) - before} rows more, not 2"

    def row(self):
        rows = self.collector.json("/v1/measurements?port=25")["items"]
        want = {"endpoint": "mx1", "address": "192.0.2.25",
                "outcome": "reachable", "mechanism": "open",
                "attributed": True, "prefix": "127.0.0.0/24",
                "connect_ms": 1.5}
        got = {key: rows[0].get(key) for key in want}
        if got != want:
            yield f"{got}, not {want}"
        if self.agent.id in json.dumps(rows):
            yield "the agent's name is published"

    def gzipped(self):
        yield from expect(self.agent.send(
            self.agent.report(), {"Content-Encoding": "gzip"},
            gzip.compress), 200, accepted=2)

    def bomb(self):
        bomb = gzip.compress(b" " * 50_000_000)
        yield from expect(self.agent.send(
            bomb, {"Content-Encoding": "gzip"}), 413)

    def broken_gzip(self):
        yield from expect(self.agent.send(
            self.agent.report(), {"Content-Encoding": "gzip"},
            lambda body: gzip.compress(body)[:-9]), 400)

    def encoding(self):
        yield from expect(self.agent.send(
            self.agent.report(), {"Content-Encoding": "br"}), 415)

    def too_large(self):
        try:
            reply = self.collector.ask(
                "POST", "/v1/reports", b" " * (3 << 20))
        except OSError:
            return  # cut off in the middle of it
        if reply[0] != 413:
            yield f"{reply[0]}, not 413"

    def stranger_signs(self):
        yield from expect(self.agent.send(
            self.agent.report(), key=self.stranger), 401)

    def tampered(self):
        report = self.agent.report()
        body = json.dumps(report).encode()
        signed = signature(self.agent.key, self.agent.id, "POST",
                           "/v1/reports", body)
        yield from expect(self.collector.ask(
            "POST", "/v1/reports", body.replace(b"mx1", b"mx2"), signed),
            401, field="Content-Digest")

    def unsigned(self):
        yield from expect(self.collector.ask(
            "POST", "/v1/reports", b"{}"), 401, field="Content-Digest")

    def old_signature(self):
        yield from expect(self.agent.send(
            self.agent.report(), created=int(time.time()) - 3600), 401,
            field="Signature-Input")

    def other_agent(self):
        yield from expect(self.agent.send(
            self.agent.report(agent="0" * 32)), 400, field="agent")

    def field(self):
        report = self.agent.report()
        report["targets"][0]["probes"][0]["port"] = 70000
        yield from expect(self.agent.send(report), 400,
                          field="targets[0].probes[0].port")

    def time_of_target(self):
        report = self.agent.report()
        report["targets"][0]["at"] = "2020-01-01T00:00:00Z"
        yield from expect(self.agent.send(report), 400,
                          field="targets[0].at", message="over 30 days old")

    def not_json(self):
        yield from expect(self.agent.send(b"{"), 400)

    def rows_of(self, report):
        """Others may be of the same second, and be listed before it."""
        rows = [row for row in self.collector.json("/v1/measurements")["items"]
                if row["report"] == report["report"]]
        if len(rows) != 2:
            raise RuntimeError(f"{len(rows)} rows of {report['report']}")
        return rows

    def no_proof(self):
        report = self.agent.report(sources=[])
        yield from expect(self.agent.send(report), 200, accepted=2)
        for row in self.rows_of(report):
            if row["attributed"] or row["prefix"] or row["asn"]:
                yield f"attributed without a proof: {row}"

    def stolen_proof(self):
        report = self.agent.report()
        report["sources"][0]["address"] = "203.0.113.9"
        yield from expect(self.agent.send(report), 200)
        for row in self.rows_of(report):
            if row["attributed"]:
                yield f"attributed to an address it never had: {row}"

    def queries(self):
        for path, field in (("/v1/networks?colour=red", "colour"),
                            ("/v1/networks/AS0", "asn"),
                            ("/v1/measurements?limit=0", "limit"),
                            ("/v1/measurements?cursor=1.2", "cursor"),
                            ("/v1/summary?asn=1", "asn")):
            for problem in expect(self.collector.ask("GET", path), 400,
                                  field=field):
                yield f"{path}: {problem}"

    def nowhere(self):
        yield from expect(self.collector.ask("GET", "/v1/nothing"), 404)
        status = self.collector.ask("GET", "/../etc/passwd")[0]
        if status != 404:
            yield f"/../etc/passwd: {status}"
        reply = self.collector.ask("DELETE", "/v1/networks")
        yield from expect(reply, 405)
        if reply[2].get("Allow") != "GET, HEAD, OPTIONS":
            yield f"Allow: {reply[2].get('Allow')}"

    def other_sites(self):
        """Pages of other sites read what is for all, and nothing else."""
        for method, path, wanted in (
                ("GET", "/v1/networks", "*"), ("HEAD", "/v1/about", "*"),
                ("GET", "/v1/networks?colour=red", "*"),
                ("OPTIONS", "/v1/networks/64500", "*"),
                ("GET", "/v1/plan", None), ("OPTIONS", "/v1/reports", None)):
            headers = self.collector.ask(method, path)[2]
            if headers.get("Access-Control-Allow-Origin") != wanted:
                yield f"{method} {path}: {headers}"
        status, body, headers = self.collector.ask("OPTIONS", "/v1/networks")
        if (status, body, headers.get("Allow")) != (
                204, b"", "GET, HEAD, OPTIONS"):
            yield f"OPTIONS: {status} {body} {headers}"

    def described(self):
        """An answer that is not as described would be seen."""
        path = "/v1/summary"
        answer = self.collector.json(path)
        for wrong in ({**answer, "colour": "red"}, {**answer, "agents": "1"},
                      {key: answer[key] for key in answer if key != "last"}):
            try:
                self.collector.check_described(
                    "GET", path, 200, json.dumps(wrong).encode(),
                    {"Content-Type": "application/json"})
            except AssertionError:
                continue
            yield f"{wrong} was taken"

    def one_report(self):
        """A report is there in its public form, without its source."""
        report = self.agent.report()
        yield from expect(self.agent.send(report), 200)
        status, body, _ = self.collector.ask(
            "GET", f"/v1/reports/{report['report']}")
        if status != 200:
            yield f"{status}: {body}"
            return
        found = json.loads(body)
        ports = [probe["port"] for probe in found["targets"][0]["probes"]]
        if (found["id"], ports) != (report["report"], [25, 443]):
            yield f"{found}"
        if b"127.0.0.1" in body or self.agent.id.encode() in body:
            yield f"it names its source: {body}"
        yield from expect(self.collector.ask(
            "GET", "/v1/reports/00000000-0000-7000-8000-000000000000"), 404)

    def feed(self):
        """Atom that a parser of XML reads (RFC 4287, section 4.1.1)."""
        status, body, headers = self.collector.ask(
            "GET", "/v1/events.atom?port=25&country=DE")
        if headers["Content-Type"] != "application/atom+xml; charset=utf-8":
            yield f"{status}: {headers}"
        root = ElementTree.fromstring(body)
        atom = "{http://www.w3.org/2005/Atom}"
        there = [child.tag for child in root]
        if root.tag != f"{atom}feed":
            yield f"the root is {root.tag}"
        for name in ("id", "title", "updated", "author"):
            if there.count(atom + name) != 1:
                yield f"{there.count(atom + name)} of {name}"

    def manual(self):
        """The man page lists the routes that there are."""
        listed = set(re.findall(r"^\.It Li (/\S+)$", MANUAL.read_text(), re.M))
        there = set(self.collector.json("/openapi.json")["paths"])
        if listed != there:
            yield f"{sorted(listed ^ there)} is not in both"

    def pages_of_rows(self):
        ids, path = [], "/v1/measurements?limit=3"
        for _ in range(50):
            status, body, headers = self.collector.ask("GET", path)
            page = json.loads(body)
            ids += [row["id"] for row in page["items"]]
            if page["next"] is None:
                break
            link = headers["Link"]
            path = link[1:link.index(">")]
        if len(ids) != len(set(ids)) or len(ids) != count(self.collector):
            yield f"{len(ids)} rows on all pages, {len(set(ids))} different"

    def streamed(self):
        lines = self.collector.ask(
            "GET", "/v1/measurements?format=jsonl")[1].splitlines()
        if len(lines) != count(self.collector):
            yield f"{len(lines)} lines"
        csv = self.collector.ask(
            "GET", "/v1/measurements?format=csv")[1].split(b"\r\n")
        if len(csv) != count(self.collector) + 2:
            yield f"{len(csv)} lines of CSV"
        if not csv[0].startswith(b"schema_version,id,at,"):
            yield f"header {csv[0]!r}"

    def tagged(self):
        status, body, headers = self.collector.ask("GET", "/v1/networks")
        again = self.collector.ask(
            "GET", "/v1/networks", None, {"If-None-Match": headers["ETag"]})
        if (again[0], again[1]) != (304, b""):
            yield f"{again[0]} with {len(again[1])} bytes"
        head = self.collector.ask("HEAD", "/v1/networks")
        if (head[0], head[1]) != (200, b""):
            yield f"HEAD: {head[0]} with {len(head[1])} bytes"

    def coded(self):
        """Again and again, so that each reader has kept it."""
        path = "/v1/history?days=92&keys=" + ",".join(
            f"{asn}.4.25" for asn in range(64500, 64564))
        for _ in range(20):
            plain = self.collector.ask("GET", path)
            zipped = self.collector.ask(
                "GET", path, None, {"Accept-Encoding": "gzip"})
            if zipped[0] != 200:
                yield f"{zipped[0]}: {zipped[1][:200]}"
            if zipped[2].get("Content-Encoding") != "gzip":
                yield f"no gzip: {zipped[2]}"
                return
            if zipped[2]["ETag"] == plain[2]["ETag"] \
                    and gzip.decompress(zipped[1]) != plain[1]:
                yield "gzip says something else"
            again = self.collector.ask("GET", path, None, {
                "Accept-Encoding": "gzip", "If-None-Match": plain[2]["ETag"]})
            if again[0] != 304 and again[2]["ETag"] == plain[2]["ETag"]:
                yield f"{again[0]} of what is known"

    def admin(self):
        for path in ("/healthz", "/readyz"):
            reply = self.collector.ask("GET", path,
                                       port=self.collector.admin)
            if reply[0] != 200:
                yield f"{path}: {reply[0]}"
        text = self.collector.ask(
            "GET", "/metrics", port=self.collector.admin)[1].decode()
        for line in ("egress25_reports_accepted_total ",
                     "egress25_reports_duplicate_total 1",
                     'egress25_reports_refused_total{reason="signature"} '):
            if line not in text:
                yield f"no {line}"
        if self.collector.ask("GET", "/metrics")[0] != 404:
            yield "metrics are for all"

    def gone(self):
        before = count(self.collector)
        body = json.dumps(self.agent.report()).encode()
        signed = signature(self.agent.key, self.agent.id, "POST",
                           "/v1/reports", body)
        head = "".join(f"{key}: {value}\r\n" for key, value in signed.items())
        for _ in range(20):
            with socket.create_connection(
                    ("127.0.0.1", self.collector.port)) as peer:
                peer.sendall(f"POST /v1/reports HTTP/1.1\r\nHost: x\r\n{head}"
                             f"Content-Length: {len(body)}\r\n\r\n".encode()
                             + body)
        for _ in range(100):
            if count(self.collector) == before + 2:
                return
            time.sleep(0.05)
        yield f"{count(self.collector) - before} rows more, not 2"

    def killed(self):
        before = count(self.collector)
        report = self.agent.report()
        yield from expect(self.agent.send(report), 200, duplicate=False)
        self.collector.end(signal.SIGKILL)
        self.collector.start()
        if count(self.collector) != before + 2:
            yield f"{count(self.collector) - before} rows more, not 2"
        yield from expect(self.agent.send(report), 200, duplicate=True)

    def reloads(self):
        config = self.collector.config.read_text()
        self.collector.config.write_text(config + "colour = red\n")
        self.collector.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        yield from expect(self.collector.ask("GET", "/v1/summary"), 200)
        self.collector.config.write_text(
            config + "trusted-proxies = 127.0.0.0/8\n")
        self.collector.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        reply = self.collector.ask(
            "GET", "/v1/whoami", None,
            {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
        yield from expect(reply, 200, address="203.0.113.9")

    def ends_hung_up(self):
        for _ in range(3):
            code, log = self.collector.end_hung_up()
            if code != 0:
                yield f"exit code {code}: {log[-500:]}"
            self.collector.start()

    def ends(self):
        code, complaints = self.collector.end(signal.SIGTERM)
        if code != 0:
            yield f"exit code {code}"
        if "Sanitizer" in complaints or "runtime error" in complaints:
            yield complaints


SENTENCES = (
    ("an agent that enrols again is the same agent", Rows.enrols),
    ("no agent enrols a key it does not own", Rows.enrols_own_key_only),
    ("an invalid key is refused", Rows.bad_key),
    ("whoami gives the address, and a proof of it to an agent", Rows.whoami),
    ("X-Forwarded-For from just anyone is ignored", Rows.forwarded),
    ("a report is accepted once", Rows.accepted),
    ("its row is attributed and diagnosed, under a pseudonym", Rows.row),
    ("a gzipped report is accepted", Rows.gzipped),
    ("a gzip bomb is refused", Rows.bomb),
    ("a truncated gzip is refused", Rows.broken_gzip),
    ("an unknown encoding is refused", Rows.encoding),
    ("a body over the limit is refused", Rows.too_large),
    ("a signature with a stranger's key is refused", Rows.stranger_signs),
    ("a changed body is refused", Rows.tampered),
    ("a report without a signature is refused", Rows.unsigned),
    ("a signature of an hour ago is refused", Rows.old_signature),
    ("a report in another agent's name is refused", Rows.other_agent),
    ("a wrong field is named", Rows.field),
    ("a target dated another year is refused", Rows.time_of_target),
    ("a body that is not JSON is refused", Rows.not_json),
    ("without a proof a report is stored but not attributed",
     Rows.no_proof),
    ("a proof for another address is not accepted", Rows.stolen_proof),
    ("an invalid query names its parameter", Rows.queries),
    ("unknown paths and methods get their status", Rows.nowhere),
    ("pages of other sites may read what is for all", Rows.other_sites),
    ("a report has a public form", Rows.one_report),
    ("changes are a feed that parsers read", Rows.feed),
    ("an answer that is not as described is seen", Rows.described),
    ("the man page lists each route", Rows.manual),
    ("pages of a list hold every row once", Rows.pages_of_rows),
    ("JSON lines and CSV hold every row", Rows.streamed),
    ("an ETag saves the reply, HEAD the body", Rows.tagged),
    ("gzip says the same, and has the same ETag", Rows.coded),
    ("health, readiness and metrics, for the admin only", Rows.admin),
    ("kill -9 after the answer loses nothing", Rows.killed),
    ("clients that disconnect do no harm", Rows.gone),
    ("SIGHUP applies all of the configuration or none", Rows.reloads),
    ("SIGHUP while it ends does not kill it", Rows.ends_hung_up),
    ("SIGTERM stops it cleanly", Rows.ends),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("serve", SENTENCES, Rows))
