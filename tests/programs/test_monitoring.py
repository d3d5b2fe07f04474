#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_monitoring.py COLLECTOR AGENT BEACON: what Prometheus and Grafana are
given is what the programs have. Prints TAP; needs promtool."""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from beacon_world import Beacon, Talk
from ports import free_port
from serve_world import Agent, Collector, Key, expect, main_of_rows, row, run

AGENT, Beacon.program = sys.argv[2:4]
TREE = Path(__file__).resolve().parents[2]
BOARDS = TREE / "dashboards" / "grafana"
RULES = TREE / "dashboards" / "prometheus"
CONTAINER = TREE / "packaging" / "container"
PROMTOOL = next((path for path in (
    TREE / "build/peers/prometheus/usr/bin/promtool",
    Path("/usr/bin/promtool")) if path.exists()), "promtool")
# What Grafana puts into a query.
FILLED = {"$__rate_interval": "5m", "$instance": ".*", "${port}": "25",
          "${state}": "filtered"}


def promtool(*words, stdin=None, folder=None):
    """What it complains of."""
    done = subprocess.run([PROMTOOL, *words], input=stdin, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          cwd=folder, timeout=60)
    if done.returncode or stdin is not None and done.stdout:
        yield f"promtool {' '.join(map(str, words))}: {done.stdout}"


def filled(text):
    for name, value in FILLED.items():
        text = text.replace(name, value)
    return text


def targets(board):
    for panel in json.loads((BOARDS / board).read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target


def variables(board):
    """The queries that fill its menus from Prometheus."""
    for one in json.loads((BOARDS / board).read_text())["templating"]["list"]:
        if one["type"] == "query":
            yield one["label"], one["query"]["query"]


def names_in(expression):
    return set(re.findall(r"\begress25_\w+", re.sub(
        r'"[^"]*"', '""', expression)))


def selectors(expression):
    """Each metric that it asks for with labels, and these: (label, operator,
    value). Those that Prometheus adds are left out."""
    for name, text in re.findall(r"\b(egress25_\w+)\{([^}]*)\}", expression):
        yield name, [one for one in re.findall(
            r'(\w+)(=~|!=|!~|=)"([^"]*)"', text)
            if one[0] not in ("instance", "job")]


def alerts():
    """{alert: expression} of the rules, which are plain enough for this."""
    found, name = {}, None
    for line in (RULES / "egress25.rules.yml").read_text().splitlines():
        match = re.match(r"\s*(?:- )?(alert|expr|for|labels): ?(.*)", line)
        if match and match[1] == "alert":
            name = match[2]
            found[name] = ""
        elif match and match[1] == "expr":
            found[name] = match[2]
            continue
        elif name and not match and line.startswith(" " * 10) and \
                found[name].startswith(">-"):
            found[name] += " " + line.strip()
    return found


def beacon_metrics(folder):
    """What a beacon says after a dialogue."""
    port = free_port()
    folder.mkdir()
    with Beacon(folder, f"metrics = 127.0.0.1:{port}\n[limits]\n") as beacon:
        Talk(beacon).say("EHLO client.example")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics",
                                    timeout=20) as reply:
            return reply.read().decode()


class Rows:
    def __init__(self, folder):
        self.folder = folder
        self.beacon_text = beacon_metrics(folder / "beacon")
        self.collector = Collector(folder)
        agent = Agent(self.collector, Key(folder, "agent"))
        if agent.enrol()[0] != 200 or agent.send(agent.report())[0] != 200:
            raise RuntimeError("no report was taken")
        rows = [{**row(number), "at": time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime())} for number in range(40)]
        run(self.collector, "import",
            stdin="".join(json.dumps(one) + "\n" for one in rows))
        self.collector.recounted()
        self.collector.json("/v1/measurements")
        self.text = self.collector.ask(
            "GET", "/metrics", port=self.collector.admin)[1].decode()

    def sound(self):
        yield from promtool("check", "metrics", stdin=self.text)

    def agents_sound(self):
        config = self.folder / "agent.conf"
        config.write_text(f"[agent]\nstate = {self.folder}/agent-state\n")
        self.agent_text = subprocess.run(
            [AGENT, "status", "--prometheus", "--config", config],
            stdout=subprocess.PIPE, text=True, check=True).stdout
        yield from promtool("check", "metrics", stdin=self.agent_text)
        if "egress25_agent_up 0" not in self.agent_text:
            yield self.agent_text

    def counted(self):
        """Acks and reads are timed."""
        for name in ("ack_seconds_count", "read_seconds_count"):
            match = re.search(rf"^egress25_{name} (\d+)$", self.text, re.M)
            if not match or int(match[1]) < 2:
                yield f"{name}: {match and match[1]}"

    def beacon_sound(self):
        yield from promtool("check", "metrics", stdin=self.beacon_text)
        if "egress25_beacon_dialogues_total 1" not in self.beacon_text:
            yield self.beacon_text

    def unlabelled(self, expression):
        """Labels, and values of them, that a metric does not have: of those
        that collector and beacon say."""
        text = self.text + self.beacon_text
        for name, labels in selectors(expression):
            if not re.search(rf"^{name}\b", text, re.M):
                continue
            for label, operator, value in labels:
                value = "[^\"]*" if "~" in operator else re.escape(value)
                if not re.search(rf'^{name}{{.*?\b{label}="{value}"', text,
                                 re.M):
                    yield f"{name} has no {label}={value}"

    def asked(self, sentence, expression):
        """What an expression asks for and does not exist."""
        for unknown in names_in(expression) - self.known():
            yield f"{sentence}: {unknown}"
        for wrong in self.unlabelled(expression):
            yield f"{sentence}: {wrong}"

    def known(self):
        """The names of all metrics: the collector's and the beacon's from
        their own mouths, the agent's from the source, since a fresh agent has
        no ports yet."""
        source = (TREE / "agent/service/status_metrics.c").read_text()
        return set(re.findall(r"^(egress25_\w+)", self.text +
                              self.beacon_text, re.M)) | {
            "egress25_agent_" + name for name in re.findall(
                r'(?:prometheus_\w+|timestamp)\(\s*&?to,\s*"(\w+)"',
                source)}

    def rules_sound(self):
        yield from promtool("check", "rules", RULES / "egress25.rules.yml")
        yield from promtool("test", "rules", "egress25.test.yml",
                            folder=RULES)

    def rules_known(self):
        found = alerts()
        if len(found) < 10:
            yield f"only {list(found)}"
        for name, expression in found.items():
            if not names_in(expression) and "up{" not in expression:
                yield f"{name}: {expression}"
            yield from self.asked(name, expression)

    def rules_tested(self):
        """Each alert is seen to fire."""
        tests = (RULES / "egress25.test.yml").read_text()
        for name in alerts():
            if not re.search(rf"alertname: {name}\n\s+exp_alerts:\n\s+- ",
                             tests):
                yield f"{name} fires in no test"

    def containers(self):
        """compose.yaml puts both files into one folder."""
        folder = self.folder / "prometheus"
        folder.mkdir()
        for file in (CONTAINER / "prometheus.yml",
                     RULES / "egress25.rules.yml"):
            shutil.copy(file, folder)
        yield from promtool("check", "config", folder / "prometheus.yml")

    def jobs_scraped(self):
        """What an alert calls a job is set up somewhere under that name."""
        told = (CONTAINER / "prometheus.yml").read_text() + \
            (TREE / "doc/running-a-beacon.md").read_text()
        jobs = set(re.findall(r'job="([^"]*)"', " ".join(alerts().values())))
        for job in jobs:
            if f"job_name: {job}\n" not in told:
                yield f"nobody is told to scrape {job}"
        if len(jobs) < 2:
            yield f"only {jobs}"

    def board(self, name):
        rules = "groups:\n- name: board\n  rules:\n"
        for number, (title, target) in enumerate(targets(name)):
            expression = filled(target["expr"])
            rules += f"  - record: board:query{number}\n" \
                     f"    expr: {json.dumps(expression)}\n"
            yield from self.asked(title, expression)
        for label, query in variables(name):
            yield from self.asked(label, query)
        (self.folder / "board.yml").write_text(rules)
        yield from promtool("check", "rules", self.folder / "board.yml")

    def fleet_board(self):
        yield from self.board("fleet.json")

    def beacons_board(self):
        """Of it, nothing that the beacon counts is left out."""
        yield from self.board("beacons.json")
        shown = set().union(*(names_in(target["expr"])
                              for _, target in targets("beacons.json")))
        for name in set(re.findall(r"^(egress25_\w+)", self.beacon_text,
                                   re.M)) - shown:
            yield f"no panel shows {name}"

    def networks_board(self):
        for title, target in targets("networks.json"):
            query = "&".join(f"{name}={filled(value)}"
                             for name, value in target["params"]
                             if name != "state")
            reply = self.collector.ask("GET", f"{target['urlPath']}?{query}")
            for _ in range(50):
                if reply[0] != 503:  # the networks are being counted
                    break
                time.sleep(0.1)
                reply = self.collector.ask(
                    "GET", f"{target['urlPath']}?{query}")
            yield from expect(reply, 200)
            items = json.loads(reply[1])["items"]
            if not items:
                yield f"{title}: no rows"
                continue
            for field in target["fields"]:
                member = field["jsonPath"].removeprefix("$.items[*].")
                if member not in items[0]:
                    yield f"{title}: {member}"

    def states_exist(self):
        board = json.loads((BOARDS / "networks.json").read_text())
        for variable in board["templating"]["list"]:
            if variable["name"] != "state":
                continue
            for state in variable["query"].split(","):
                yield from expect(self.collector.ask(
                    "GET", f"/v1/networks?state={state}"), 200)


SENTENCES = (
    ("promtool finds nothing wrong with the collector's metrics", Rows.sound),
    ("nor with the agent's", Rows.agents_sound),
    ("nor with the beacon's", Rows.beacon_sound),
    ("what acknowledgements and answers take is counted", Rows.counted),
    ("the alerts do what their tests say", Rows.rules_sound),
    ("each alert fires in a test", Rows.rules_tested),
    ("each alert asks for metrics and labels that exist", Rows.rules_known),
    ("each job that an alert names is set up in an example",
     Rows.jobs_scraped),
    ("the containers' Prometheus takes its configuration, with our rules",
     Rows.containers),
    ("each query of the fleet's dashboard is valid, and of metrics that exist",
     Rows.fleet_board),
    ("so is each of the beacons' dashboard, which shows all that they count",
     Rows.beacons_board),
    ("each column of the networks' dashboard is in the API",
     Rows.networks_board),
    ("its states are the API's", Rows.states_exist),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("monitoring", SENTENCES, Rows))
