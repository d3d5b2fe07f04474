# SPDX-License-Identifier: Apache-2.0
"""A collector and agents in the lab, with geo data of the lab's own."""

import json
import os
import signal
import subprocess
import time
from datetime import datetime

from .http import get, get_list
from .instance import ROOT
from .lab import NOBODY
from .wait import wait_until

PORT = 8025


def make_mmdb(kind, path, lines):
    source = path.with_suffix(".csv")
    source.write_text("".join(line + "\n" for line in lines))
    subprocess.run([str(ROOT / "collector/geo/mkmmdb.pl"), kind, str(path),
                    str(source)], check=True, stderr=subprocess.PIPE)


def ranges(vantage):
    """First and last address of a vantage point's prefixes."""
    net4 = vantage.prefix4.rsplit(".", 1)[0]
    net6 = vantage.prefix6.removesuffix("::/48")
    return ((f"{net4}.0", f"{net4}.255"),
            (f"{net6}::", f"{net6}:ffff:ffff:ffff:ffff:ffff"))


class Collector:
    def __init__(self, lab, endpoints):
        self.lab, self.endpoints = lab, endpoints
        self.site = lab.network.sites["collector"]
        self.state = lab.user_directory("collector")
        self.config = lab.instance.directory / "collector.conf"
        self.process = None

    def geo(self, providers):
        """Tell each provider's number and country from its prefixes."""
        asn, country = [], []
        for provider in providers:
            for vantage in provider.vantages:
                for first, last in ranges(vantage):
                    asn.append(f"{first},{last},{provider.asn},"
                               f'"{provider.name}, a provider"')
                    country.append(f"{first},{last},{provider.country}")
        make_mmdb("asn", self.state / "asn.mmdb", asn)
        make_mmdb("country", self.state / "country.mmdb", country)

    def configure(self, state=None, path=None):
        (path or self.config).write_text(
            f"[collector]\nlisten = [::]:{PORT}\n"
            f"state = {state or self.state}\nenrol = open\n"
            f"endpoints = {self.endpoints}\n\n[geo]\n"
            f"asn = {self.state}/asn.mmdb\n"
            f"country = {self.state}/country.mmdb\n")

    def start(self):
        self.configure()
        self.log = open(self.lab.instance.directory / "collector.log", "wb")
        self.process = self.site.node.start(
            self.lab.as_user([self.lab.program("egress25-collector"), "serve",
                              "--config", str(self.config)]),
            stdout=self.log, stderr=self.log)
        wait_until(self.ready, f"the collector: {self.said()}")

    def said(self):
        path = self.lab.instance.directory / "collector.log"
        return path.read_text(errors="replace")[-3000:]

    def ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the collector ended: {self.said()}")
        try:
            return get(self.site.node, "127.0.0.1", PORT,
                       "/v1/summary")[0] == 200
        except OSError:
            return False

    def recounted(self):
        """Wait until what is stored by now is published."""
        now = time.time()

        def is_newer():
            status, _, body = self.get("/v1/countries")
            if status != 200:
                return False
            published = json.loads(body)["generated"]
            return datetime.fromisoformat(published).timestamp() > now

        wait_until(is_newer, "a new view of the collector", 70)

    def get(self, path):
        return get(self.site.node, "127.0.0.1", PORT, path)

    def list(self, path):
        return get_list(self.site.node, "127.0.0.1", PORT, path)

    def command(self, *argv, config=None, **options):
        """A command of the collector's program, by its user."""
        return self.site.node.run(
            self.lab.as_user([self.lab.program("egress25-collector"), argv[0],
                              "--config", str(config or self.config),
                              *argv[1:]]),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            **options)

    def stop(self):
        """SIGTERM; returns the exit code."""
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(15)


class Agent:
    def __init__(self, lab, vantage, endpoints, more=""):
        self.lab, self.vantage = lab, vantage
        state = lab.user_directory(f"agent-{vantage.name}")
        self.config = lab.instance.directory / f"{vantage.name}.conf"
        self.config.write_text(
            f"[agent]\ncollector = http://{lab.host('collector')}:{PORT}\n"
            f"state = {state}\nendpoints = {endpoints}\n{more}")
        os.chown(self.config, NOBODY, NOBODY)

    def run_once(self):
        return self.lab.run_agent(self.vantage, "run", "--once", "--config",
                                  str(self.config))

    def start(self):
        log = open(self.config.with_suffix(".log"), "wb")
        return self.vantage.client.start(
            self.lab.as_user([self.lab.program("egress25-agent"), "run",
                              "--config", str(self.config)]),
            stdout=log, stderr=log)
