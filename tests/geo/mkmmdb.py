#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ranges in, addresses out: collector/geo/mkmmdb.pl and Debian's mmdblookup."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from tap import Tap

ASN = "autonomous_system_number"
NAME = "autonomous_system_organization"

# sentence, kind, lines, address, path of fields, value (None: not there)
GOOD = (
    ("the first address of a range", "asn", ["192.0.2.0,192.0.2.9,64496,a"],
     "192.0.2.0", [ASN], "64496"),
    ("the last address of a range", "asn", ["192.0.2.0,192.0.2.9,64496,a"],
     "192.0.2.9", [ASN], "64496"),
    ("the address behind a range", "asn", ["192.0.2.0,192.0.2.9,64496,a"],
     "192.0.2.10", [ASN], None),
    ("an IPv6 range", "asn", ["2001:db8::,2001:db8::ffff,64497,b"],
     "2001:db8::25", [ASN], "64497"),
    ("a quoted name with a comma and quotes", "asn",
     ['192.0.2.0,192.0.2.9,64496,"a, ""b"""'], "192.0.2.1", [NAME],
     '"a, "b""'),
    ("a name outside ASCII", "asn", ["192.0.2.0,192.0.2.9,64496,Türk"],
     "192.0.2.1", [NAME], '"Türk"'),
    ("the greatest number", "asn", ["192.0.2.0,192.0.2.9,4294967295,a"],
     "192.0.2.1", [ASN], "4294967295"),
    ("a country", "country", ["192.0.2.0,192.0.2.9,NL"], "192.0.2.1",
     ["country", "iso_code"], '"NL"'),
)

BAD = (
    ("a number that is none", "asn", "192.0.2.0,192.0.2.9,AS1,a"),
    ("a number that is too great", "asn", "192.0.2.0,192.0.2.9,4294967296,a"),
    ("an address that is none", "asn", "192.0.2.0,192.0.2,64496,a"),
    ("a range from behind", "asn", "192.0.2.9,192.0.2.0,64496,a"),
    ("a range over both families", "asn", "192.0.2.9,2001:db8::,64496,a"),
    ("a line that is too short", "asn", "192.0.2.0,192.0.2.9"),
    ("a country of three letters", "country", "192.0.2.0,192.0.2.9,NLD"),
)


def make(work, kind, lines):
    source, output = work / "ranges.csv", work / "out.mmdb"
    source.write_text("".join(line + "\n" for line in lines))
    return output, subprocess.run(
        [str(ROOT / "collector/geo/mkmmdb.pl"), kind, str(output),
         str(source)], capture_output=True, text=True)


def good(work, kind, lines, address, fields, value):
    output, done = make(work, kind, lines)
    if done.returncode:
        yield done.stderr
        return
    said = subprocess.run(["mmdblookup", "--file", str(output), "--ip",
                           address, *fields], capture_output=True, text=True)
    found = said.stdout.strip().rpartition(" <")[0] or None
    if found != value:
        yield f"{address} gives {found!r}, not {value!r}"


def bad(work, kind, line):
    fine = "192.0.2.100,192.0.2.101," + ("NL" if kind == "country" else "1,a")
    output, done = make(work, kind, [fine, line])
    if done.returncode == 0:
        yield "it is taken"
    if "ranges.csv:2: " not in done.stderr:
        yield f"the place is not named: {done.stderr!r}"
    if output.exists():
        yield "a database was made all the same"


def main():
    tap = Tap()
    for sentence, *row in GOOD:
        with tempfile.TemporaryDirectory() as work:
            tap.run(f"mmdb: {sentence}", lambda: good(Path(work), *row))
    for sentence, *row in BAD:
        with tempfile.TemporaryDirectory() as work:
            tap.run(f"mmdb: {sentence} is said with its line",
                    lambda: bad(Path(work), *row))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
