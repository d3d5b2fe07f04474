# SPDX-License-Identifier: Apache-2.0
"""The main job, end to end: three providers, one drops port 25, one resets
it, one is open; agents report over the lab's network, and the collector says
which.
"""

import csv
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.filters import drop, reset
from lab.fleet import Agent, Collector
from lab.topology import HOP_ENDPOINT, HOP_PROVIDER
from matrix.row import ENDPOINTS, OPEN, PORTS, filtered

CONTROL = 443


@dataclass(frozen=True)
class Isp:
    name: str
    asn: int
    country: str
    filters: tuple
    port25: object     # what every measurement of port 25 is
    state: str         # what its network is called for port 25, with evidence


# AS numbers for documentation (RFC 5398).
ISPS = (
    Isp("open", 64496, "NL", (), OPEN, "open"),
    Isp("dropping", 64497, "BR", (drop("provider", 25),),
        filtered("drop", HOP_PROVIDER),
        "filtered"),
    Isp("resetting", 64498, "JP", (reset("provider", 25),),
        filtered("reset", HOP_PROVIDER),
        "filtered"),
)
HOUSEHOLDS = ("a", "b", "c")


class Job:
    def __init__(self, lab):
        self.lab = lab
        for name in ENDPOINTS:
            lab.endpoint(name)
        lab.site("collector")
        self.providers = {}
        for isp in ISPS:
            provider = lab.network.provider(isp.name, isp.asn, isp.country)
            self.providers[isp] = provider
            for household in HOUSEHOLDS:
                lab.vantage(provider, f"{isp.name}-{household}")
        lab.start()
        endpoints = lab.endpoints_file(
            "all", {name: lab.host(name) for name in ENDPOINTS})
        self.collector = Collector(lab, endpoints)
        self.collector.geo(self.providers.values())
        self.collector.start()
        self.agents = {}
        for isp, provider in self.providers.items():
            for vantage in provider.vantages:
                self.agents[vantage] = Agent(lab, vantage, endpoints)
        for isp, provider in self.providers.items():
            for each in isp.filters:
                each.apply(provider.vantages[0], lab)

    def measure(self, number):
        """One round of every provider's household of that number."""
        vantages = [provider.vantages[number]
                    for provider in self.providers.values()]
        with ThreadPoolExecutor(len(vantages)) as pool:
            ended = pool.map(lambda v: self.agents[v].run_once(), vantages)
            for vantage, done in zip(vantages, list(ended)):
                if done.returncode:
                    yield (f"{vantage.name}: exit code {done.returncode}: "
                           f"{done.stderr[-2000:]}")

    def networks(self, households, released=False):
        """What is wrong with /v1/networks after so many households; all
        accusations are held until they are released, for all agents are of
        today."""
        self.collector.recounted()
        found = {(each["asn"], each["family"], each["port"]): each
                 for each in self.collector.list("/v1/networks")}
        for isp in ISPS:
            for family in (4, 6):
                for port in PORTS:
                    network = found.pop((isp.asn, family, port), None)
                    name = f"AS{isp.asn} IPv{family} port {port}"
                    if network is None:
                        yield f"{name}: not listed"
                        continue
                    yield from self.network(
                        name, isp, port, (households, released), network)
        for key in found:
            yield f"{key}: listed, but never measured"

    def network(self, name, isp, port, stage, network):
        households, released = stage
        state = isp.state if port == 25 else "open"
        if households < (3 if state == "filtered" else 2):
            state = "insufficient"
        if state == "filtered" and not released:
            state = "insufficient"
            if "Held for review" not in network["because"]:
                yield f"{name} is not held: {network['because']}"
        if network["state"] != state:
            yield f"{name}: {network['state']}, not {state}"
        want = {"country": isp.country, "vantage_points": households,
                "prefixes": households, "endpoints": len(ENDPOINTS)}
        got = {key: network[key] for key in want}
        if got != want:
            yield f"{name}: {got}, not {want}"

    def release(self):
        """Each network that filters waits for it, and no other."""
        done = self.collector.command("review", "--format", "json")
        listed = {(each["asn"], each["family"], each["port"])
                  for each in json.loads(done.stdout)["items"]}
        want = {(isp.asn, family, 25) for isp in ISPS
                if isp.state == "filtered" for family in (4, 6)}
        if listed != want:
            yield f"held: {sorted(listed)}, not {sorted(want)}"
        for each in sorted(want):
            done = self.collector.command(
                "review", "release", *map(str, each), "--reason",
                "this filter was built")
            if done.returncode:
                yield f"{each}: {done.stderr}"

    def outcomes(self, rows, households):
        """Which (ASN, family, port) has which diagnoses, and no others."""
        found, prefixes, seen = {}, {}, {}
        for row in rows:
            key = (row["asn"], row["family"], row["port"])
            found.setdefault(key, set()).add(
                (row["outcome"], row["mechanism"], row["where"],
                 row["after_hop"]))
            prefixes.setdefault(key[:2], set()).add(row["prefix"])
            seen.setdefault(key, set()).add((row["agent"], row["endpoint"]))
            if row["attributed"] is not True:
                yield f"{row['id']}: not attributed"
            if row["outcome"] == "filtered" and \
                    row["endpoint_hops"] != HOP_ENDPOINT:
                yield f"{row['id']}: endpoint_hops {row['endpoint_hops']}"
        for isp, provider in self.providers.items():
            for family in (4, 6):
                want = {getattr(vantage, f"prefix{family}")
                        for vantage in provider.vantages[:households]}
                got = prefixes.get((isp.asn, family))
                if got != want:
                    yield f"AS{isp.asn}: prefixes {got}, not {want}"
                for port in PORTS + (CONTROL,):
                    yield from self.outcome(
                        isp, family, port, found, seen, households)
        for key in found:
            yield f"{key}: measured, but not asked for"

    def outcome(self, isp, family, port, found, seen, households):
        key = (isp.asn, family, port)
        each = isp.port25 if port == 25 else OPEN
        want = {(each.outcome, each.mechanism, each.where, each.after_hop)}
        if port == CONTROL:
            want = {(None,) * 4}
        got = found.pop(key, None)
        if got != want:
            yield f"{key}: {got}, not {want}"
        pairs = len(seen.get(key, ()))
        if pairs != households * len(ENDPOINTS):
            yield f"{key}: {pairs} pairs of agent and endpoint"

    def measurements(self, households):
        return list(self.outcomes(
            self.collector.list("/v1/measurements?limit=100"), households))

    def export(self, what, form):
        done = self.collector.command("export", "--what", what,
                                      "--format", form)
        if done.returncode:
            raise RuntimeError(f"export: {done.returncode}: {done.stderr}")
        return done.stdout

    def export_jsonl(self):
        text = self.export("measurements", "jsonl")
        rows = [json.loads(line) for line in text.splitlines()]
        yield from self.outcomes(rows, len(HOUSEHOLDS))
        api = {row["id"]: row
               for row in self.collector.list("/v1/measurements")}
        if api != {row["id"]: row for row in rows}:
            yield "the API has other rows than the export"
        for provider in self.providers.values():
            for vantage in provider.vantages:
                for secret in (f'"{vantage.public4}"', vantage.public6,
                               "192.168.1.", "fd00:1:"):
                    if secret in text:
                        yield f"{secret} of {vantage.name} is in the export"

    def export_csv(self):
        rows = list(csv.DictReader(
            io.StringIO(self.export("measurements", "csv"))))
        api = {row["id"]: row
               for row in self.collector.list("/v1/measurements")}
        if {row["id"] for row in rows} != set(api):
            yield "the CSV has other rows than the API"
        for row in rows:
            for key, value in api.get(row["id"], {}).items():
                if key in ("outcome", "mechanism", "where", "endpoint") and \
                        row[key] != (value or ""):
                    yield f"{row['id']}: {key} is {row[key]!r}, not {value!r}"

    def export_networks(self):
        rows = [json.loads(line)
                for line in self.export("networks", "jsonl").splitlines()]
        api = self.collector.list("/v1/networks")
        if sorted(map(str, rows)) != sorted(map(str, api)):
            yield "the export's networks are not the API's"

    def import_again(self):
        """Export, import elsewhere: the same verdicts, byte for byte."""
        lab = self.lab
        config = lab.instance.directory / "again.conf"
        self.collector.configure(lab.user_directory("again"), config)
        rows = lab.instance.directory / "rows.jsonl"
        rows.write_text(self.export("measurements", "jsonl"))
        for _ in range(2):
            done = self.collector.command("import", str(rows), config=config)
            if done.returncode:
                yield f"import: {done.returncode}: {done.stderr[-1000:]}"
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        said = [self.collector.command("verdicts", "--format", "json", "--at",
                                       now, config=each).stdout
                for each in (None, config)]
        if said[0] != said[1] or "filtered" not in said[0]:
            yield f"{said[0][:1000]}\nis not\n{said[1][:1000]}"

    def page(self):
        status, headers, body = self.collector.get("/")
        if status != 200 or b"<script" not in body:
            yield f"{status}: {body[:200]!r}"
        policy = headers.get("Content-Security-Policy", "")
        for part in ("default-src 'none'", "script-src 'self'",
                     "style-src 'self'"):
            if part not in policy:
                yield f"the policy lacks {part}: {policy}"

    def stop(self):
        code = self.collector.stop()
        if code != 0:
            yield f"exit code {code}: {self.collector.said()}"


def run(tap, lab):
    job = Job(lab)
    one, every = 1, len(HOUSEHOLDS)
    tap.run("job: one agent a provider enrols, proves itself, reports",
            lambda: job.measure(0))
    tap.run("job: one vantage point convicts no network",
            lambda: job.networks(one))
    tap.run("job: its measurements are what the filters do",
            lambda: job.measurements(one))
    tap.run("job: a second agent of each provider reports",
            lambda: job.measure(1))
    tap.run("job: two say that a network is open, and accuse none",
            lambda: job.networks(2))
    tap.run("job: a third agent of each provider reports",
            lambda: job.measure(2))
    tap.run("job: what three see is held while the collector is young",
            lambda: job.networks(every))
    tap.run("job: its operator releases what is held", job.release)
    tap.run("job: /v1/networks names the networks and their states",
            lambda: job.networks(every, True))
    tap.run("job: /v1/measurements has which outcomes where",
            lambda: job.measurements(every))
    tap.run("job: the export as JSON lines says the same, and no address",
            job.export_jsonl)
    tap.run("job: the export as CSV says the same", job.export_csv)
    tap.run("job: the export of the networks is the API's",
            job.export_networks)
    tap.run("job: export and import give the same verdicts",
            job.import_again)
    tap.run("job: the collector serves its page under a strict policy",
            job.page)
    tap.run("job: the collector ends well on SIGTERM", job.stop)
