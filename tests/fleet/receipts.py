#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What beacons' receipts are worth to the verdict: the same reports of patient
liars, with the beacons' keys on the list and without, as verdicts have them.

    receipts.py RECEIPT_WORLDS COLLECTOR

Truth is what was built (receipt_worlds.c). Prints TAP.
"""
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tap import Tap

WORLDS, COLLECTOR = sys.argv[1:3]
MKMMDB = HERE.parents[1] / "collector/geo/mkmmdb.pl"
KINDS = ("open, no liars", "filtered, no liars", "open, careless liars",
         "open, careful liars", "filtered, liars with forged opens")
EACH, FIRST = 11, 64600
ACCUSED = ("filtered", "intercepted", "partial")


def run(*words):
    return subprocess.run(list(map(str, words)), check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def judge(how):
    """{kind: how many networks are in which state}, and what was said."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "asn.csv").write_text("".join(
            f"11.{n}.0.0,11.{n}.255.255,{FIRST + n},Network {n}\n"
            for n in range(len(KINDS) * EACH)) + "".join(
            f"45.{n}.0.0,45.{n}.255.255,{64900 + n},Beacon {n}\n"
            for n in range(6)))
        run(MKMMDB, "asn", folder / "asn.mmdb", folder / "asn.csv")
        folder.chmod(0o700)
        said = run(WORLDS, folder, how).strip()
        conf = folder / "collector.conf"
        conf.write_text(f"[collector]\nstate = {folder}\nretention = 0\n")
        items = json.loads(run(COLLECTOR, "verdicts", "--config", conf,
                               "--format", "json"))["items"]
    states = {kind: Counter() for kind in KINDS}
    for item in items:
        if item["port"] == 25 and item["asn"] < FIRST + EACH * len(KINDS):
            states[KINDS[(item["asn"] - FIRST) // EACH]][item["state"]] += 1
    return states, said


def accused(states, kind):
    return sum(states[kind][state] for state in ACCUSED)


def main():
    tap = Tap()
    found = {}
    for how in ("without", "with"):
        found[how], said = judge(how)
        tap.say(f"{how} receipts: {said}")
        for kind in KINDS:
            tap.say(f"  {kind}: " + ", ".join(
                f"{count} {state}"
                for state, count in sorted(found[how][kind].items())))
    for sentence, how, kind, want in (
        ("without receipts patient liars accuse open networks", "without",
         KINDS[2], EACH),
        ("with them, denying what beacons signed accuses none", "with",
         KINDS[2], 0),
        ("who leaves receipts out is not refuted", "with", KINDS[3], EACH),
        ("without receipts made-up opens hide filters", "without", KINDS[4],
         0),
        ("with them they hide none", "with", KINDS[4], EACH),
        ("open networks stay open without liars", "with", KINDS[0], 0),
        ("and filters are found", "with", KINDS[1], EACH),
    ):
        number = accused(found[how], kind)
        tap.row(sentence, [] if number == want else
                [f"{number} of {EACH} are accused, not {want}"])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
