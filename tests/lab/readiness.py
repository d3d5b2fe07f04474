# SPDX-License-Identifier: Apache-2.0
"""Runs the rows of readiness_rows.py: `check --json` against what must come.

Every row is a household, and the lab's name server has its records.
"""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

from lab.fleet import PORT, Collector
from lab.lab import NOBODY
from readiness_rows import ROWS

SIDE_BY_SIDE = 4
ENDPOINTS = ("mx1", "mx2", "mx3")


def places_of(vantage):
    return {"n": vantage.name, "v4": vantage.public4, "v6": vantage.public6}


def filled(value, places):
    return value.format(**places) if isinstance(value, str) else value


def add_record(dns, line):
    kind, name, value = line.split(" ", 2)
    if kind == "PTR":
        dns.ptr(name, value)
    elif kind == "TXT":
        dns.txt(name, *value.split("|"))
    elif kind == "MX":
        dns.mx(name, 10, value)
    else:
        dns.address(name, value)


class Readiness:
    def __init__(self, lab):
        self.lab = lab
        for name in ENDPOINTS:
            lab.endpoint(name)
        lab.site("collector")
        provider = lab.network.provider("isp", 64496, "NL")
        self.places = []
        for number, row in enumerate(ROWS):
            vantage = lab.network.vantage(provider, f"r{number}")
            self.places.append((row, vantage))
            for line in row.zone:
                add_record(lab.dns, filled(line, places_of(vantage)))
        lab.start()
        sites = lab.network.sites
        self.endpoints = {
            family: lab.endpoints_file(f"all{family}", {
                name: sites[name].addresses((family,))[0]
                for name in ENDPOINTS}) for family in (4, 6)}
        self.collector = Collector(lab, self.endpoints[4])
        self.collector.geo([provider])
        self.collector.start()
        for row, vantage in self.places:
            for each in row.filters:
                each.apply(vantage, lab)

    def config(self, row, vantage):
        """The agent's configuration; the collector that is down has a name
        and an address, where nobody listens."""
        urls = {"": "", "up": f"http://{self.lab.host('collector')}:{PORT}",
                "down": f"http://{self.lab.host('mx1')}:{PORT}"}
        path = self.lab.instance.directory / f"{vantage.name}.conf"
        path.write_text(f"[agent]\ncollector = {urls[row.collector]}\n")
        os.chown(path, NOBODY, NOBODY)
        return path

    def argv(self, row, vantage):
        argv = [filled(each, places_of(vantage)) for each in row.argv]
        family = 4 if "-4" in argv else 6
        if row.hosts:
            argv.append(self.lab.network.sites["mx1"].addresses((family,))[0])
        else:
            argv += ["--endpoints", str(self.endpoints[family])]
        return ["check", "--json", "--references", "never", "--config",
                str(self.config(row, vantage)), *argv]

    def run(self, row, vantage):
        began = time.monotonic()
        done = self.lab.run_agent(vantage, *self.argv(row, vantage))
        took_s = time.monotonic() - began
        if done.returncode != row.exit:
            yield f"exit code {done.returncode}, not {row.exit}"
        if done.stderr:
            yield f"on stderr: {done.stderr[-2000:]}"
        if took_s > row.most_s:
            yield f"it took {took_s:.1f} s, more than {row.most_s}"
        found = json.loads(done.stdout)["readiness"]
        if row.expected is None or found is None:
            if found != row.expected:
                yield f"it is {found}, not {row.expected}"
            return
        yield from self.compare("it", row.expected, found, vantage)
        families = {each["family"]: each for each in found["families"]}
        for family, expected in row.families.items():
            yield from self.compare(f"IPv{family}", expected,
                                    families[family], vantage)

    @staticmethod
    def compare(what, expected, found, vantage):
        for key, value in expected.items():
            want = filled(value, places_of(vantage))
            if key not in found or found[key] != want:
                yield (f"{what}: {key} is {found.get(key)}, not {want} "
                       f"({found['because']}; {found['spf_because']})")


def text_output(readiness, tap):
    """The same in words, and what to do."""
    row, vantage = readiness.places[1]
    argv = [each for each in readiness.argv(row, vantage) if each != "--json"]
    done = readiness.lab.run_agent(vantage, *argv)
    for part in ("Is this address fit to send mail from?",
                 f"IPv6: {vantage.public6}, this host's own address.",
                 f"ask the provider to set the PTR record of "
                 f"{vantage.public6} to mx.{vantage.name}.example.net"):
        if part not in done.stdout:
            yield f"{part!r} is not in {done.stdout!r}"


def run(tap, lab):
    readiness = Readiness(lab)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for row, vantage in readiness.places:
            pool.submit(tap.run, f"readiness: {row.sentence}",
                        lambda place=(row, vantage): readiness.run(*place))
        pool.submit(tap.run, "readiness: words and what to do, for a person",
                    lambda: text_output(readiness, tap))
