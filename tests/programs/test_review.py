#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_review.py COLLECTOR: an accusation that rests only on new agents is held
until somebody has looked at it. Prints TAP."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from serve_world import PROGRAM, main_of_rows

TODAY = int(time.time() // 86400)
ACCUSED = 64500


def stamp(day, second):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z",
                         time.gmtime(day * 86400 + second))


def row(number, day, agent, asn, outcome):
    mechanism = "drop" if outcome == "filtered" else (
        "open" if outcome == "reachable" else "no-control")
    return {
        "schema_version": 2, "at": stamp(day, number % 3),
        "id": f"01930000-0000-7000-8000-{agent * 1000 + TODAY - day:012d}"
              f":{number}",
        "agent": f"{agent:016x}", "asn": asn, "family": 4, "port": 25,
        "prefix": f"203.0.{agent}.0/24", "endpoint": f"mx{number}",
        "address": f"192.0.2.{number + 1}", "mode": "starttls",
        "ended": "connect", "outcome": outcome, "mechanism": mechanism,
        "where": "path" if outcome == "filtered" else None,
        "attributed": True}


class World:
    """AS64500 is filtered for agents 1 to 4, who came `ages` days ago; the
    collector began `began` days ago, with agent 9 in another network. `local`:
    they enrolled here."""

    def __init__(self, folder, local, ages=(40, 40, 40, 40), began=300):
        state = folder / "state"
        state.mkdir(parents=True)
        self.config = folder / "collector.conf"
        self.config.write_text(f"[collector]\nstate = {state}\n")
        rows = [row(0, TODAY - began, 9, 64999, "unknown")]
        for agent, age in enumerate(ages, 1):
            rows.append(row(0, TODAY - age, agent, ACCUSED, "unknown"))
            rows += [row(number, TODAY - ago, agent, ACCUSED, "filtered")
                     for ago in range(1, 8) for number in range(3)]
        self.run("import", stdin="".join(json.dumps(r) + "\n" for r in rows))
        with closing(sqlite3.connect(state / "collector.db")) as database:
            if local:  # as if they had sent the rows themselves
                database.execute("UPDATE vantage SET local = 1")
            database.commit()

    def run(self, *command, stdin=None, code=0):
        done = subprocess.run(
            [PROGRAM, command[0], "--config", self.config, *command[1:]],
            input=stdin, capture_output=True, text=True, timeout=60)
        if done.returncode != code:
            raise RuntimeError(f"{command}: {done.returncode}, {done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def published(self):
        lines = self.run("export", "--what", "networks").splitlines()
        return next(item for item in map(json.loads, lines)
                    if item["asn"] == ACCUSED)

    def verdict(self):
        items = json.loads(self.run("verdicts", "--format", "json"))["items"]
        return next(item for item in items if item["asn"] == ACCUSED)

    def reviews(self):
        return json.loads(self.run("review", "--format", "json"))["items"]


def held(folder):
    it = World(folder / "held", True)
    if it.published()["state"] != "insufficient" \
            or "Held for review" not in it.published()["because"] \
            or it.published()["wrong"] is not None:
        yield f"{it.published()}"
    if it.verdict()["state"] != "filtered":
        yield f"what rows say: {it.verdict()}"
    listed = it.reviews()
    if [(each["asn"], each["family"], each["port"], each["review"],
         each["state"]) for each in listed] != [
             (ACCUSED, 4, 25, "held", "filtered")]:
        yield f"listed: {listed}"
    if f"AS{ACCUSED} " not in it.run("review"):
        yield "it is not in the text"


def founders(folder):
    """Who came with a collector is as old as it, and no older."""
    for name, local, ages, began, state in (
            ("young", True, (40, 39, 38, 40), 40, "insufficient"),
            ("nobody was before", True, (40, 40, 40, 40), 40, "insufficient"),
            ("a day short of it", True, (89, 88, 89, 89), 89, "insufficient"),
            ("grown", True, (90, 89, 88, 90), 90, "filtered"),
            ("imported", False, (40, 39, 38, 40), 40, "filtered")):
        it = World(folder / f"{name}, {began} days", local, ages, began)
        if it.verdict()["state"] != "filtered":
            yield f"{name}: what rows say: {it.verdict()}"
        if it.published()["state"] != state:
            yield f"{name}: {it.published()}"
        held_here = [each["asn"] for each in it.reviews()]
        if held_here != ([ACCUSED] if state == "insufficient" else []):
            yield f"{name}: listed: {held_here}"


def decided(folder):
    it = World(folder / "decided", True)
    it.run("review", "reject", f"{ACCUSED}", "4", "25", "--reason",
           "one owner with many names")
    if it.published()["state"] != "insufficient" or \
            "Rejected on review: one owner" not in it.published()["because"]:
        yield f"{it.published()}"
    it.run("review", "release", f"AS{ACCUSED}", "4", "25", "--reason",
           "known by phone")
    if it.published()["state"] != "filtered" or \
            "Released on review: known by" not in it.published()["because"]:
        yield f"{it.published()}"
    if [(each["review"], each["reason"]) for each in it.reviews()] != [
            ("released", "known by phone")]:
        yield f"{it.reviews()}"
    it.run("review", "release", "64501", "4", "25", "--reason", "x")
    it.run("review", "reject", f"{ACCUSED}", "6", "25", "--reason", "x")
    it.run("review", "reject", f"{ACCUSED}", "4", "587", "--reason", "x")
    if it.published()["state"] != "filtered":
        yield "the decision about another network counts here"


def not_held(folder):
    for name, local, ages in (
            ("imported", False, (40, 40, 40, 40)),
            ("one is older", True, (40, 40, 40, 90)),
            ("they came with the collector", True, (294, 295, 296, 300))):
        it = World(folder / name, local, ages)
        if it.published()["state"] != "filtered" or it.reviews():
            yield f"{name}: {it.published()['because']}, {it.reviews()}"


def refused(folder):
    it = World(folder / "refused", True)
    for command, says in (
            (("release", "64500", "4", "25"), "--reason"),
            (("release", "64500", "4", "25", "--reason", ""), "--reason"),
            (("release", "64500", "4", "25", "--reason", "x" * 101), "100"),
            (("release", "64500", "4", "25", "--reason", "a\x1bb"), "plain"),
            (("free", "64500", "4", "25", "--reason", "x"), "neither"),
            (("release", "ASx", "4", "25", "--reason", "x"), "AS number"),
            (("release", "64500", "5", "25", "--reason", "x"), "family"),
            (("release", "64500", "4", "0", "--reason", "x"), "port"),
            (("release", "64500"), "ASN, FAMILY, PORT")):
        said = it.run("review", *command, code=2)
        if says not in said or said.count("\n") != 1:
            yield f"{command}: {said}"
    if it.published()["state"] != "insufficient":
        yield "one of them was taken"


ROWS = (
    ("what only new agents see is held, and listed", held),
    ("so is what those see who came with a collector that is young", founders),
    ("who decides is heard, and the reason is published", decided),
    ("imports and agents that are older need no review", not_held),
    ("a decision without reason, or of no network, is refused", refused),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("review", ROWS))
