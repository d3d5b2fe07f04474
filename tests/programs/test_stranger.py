#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_stranger.py COLLECTOR: a client that knows /openapi.json alone draws
requests from its schemas, with a fixed seed: what they allow is answered as
they say, what they do not is refused by name. Prints TAP."""

import csv
import http.client
import io
import json
import random
import re
import sys
import time
import uuid
from re import _parser as regex
from urllib.parse import quote

from described import Description
from serve_world import Collector, main_of_rows, run

SEED = 20261127
DRAWN = 16  # requests a path, besides each bound
TEXT = "ab Z09é中😀%&+=\"<>'`;#?/\\"
DAY_S = 86400
# Just outside what a pattern says.
OUTSIDE = {
    "country": ("D", "DEU", "D1", "ÄÖ"),
    "keys": ("0.4.25", "4294967296.4.25", "64500.5.25", "64500.4.0",
             "64500.4.65536", "64500.4", "64500.4.25.1"),
    "id": ("0" * 35, "0" * 37, "G" * 36),
    "year": ("1969", "0000", "026", "20266"),
    "month": ("00", "13", "1", "011"),
    "day": ("00", "32", "1", "25.1", "25.0", "25.1000"),
    "file": (".hidden", "x" * 64, "a%b"),
}
TIMES = ("2026-02-30", "2026-13-01", "0000-01-01", "2026-11-24T24:00:00Z",
         "2026-11-24T08:60:00Z", "2026-11-24T08:00:00", "2026-11-24T08:00Z",
         "2026-11-24T08:00:00+24:00", "24.11.2026", "now", "1764000000")


# --- a collector with rows ---

def imported():
    """Ten days of six networks, one of which began to filter on the way, and
    two that are stopped behind another."""
    cases = ({"outcome": "reachable", "mechanism": "open", "ended": "done",
              "smtp_code": 250, "connect_ms": 12.345},
             {"outcome": "filtered", "mechanism": "drop", "where": "path",
              "ended": "connect", "failure": "timeout", "after_hop": 3})
    for n in range(1800):
        which, day = n % 6, n // 6 % 10
        at = time.time() - DAY_S * day - n
        yield {"schema_version": 2, "id": f"{uuid.UUID(int=n + 1)}:0",
               "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
               "agent": f"{which}{n // 60 % 6:015x}", "asn": 64500 + which // 2,
               "network": ("Provider, \"one\"", "=Zürich", "Third")[which // 2],
               "country": ("DE", "NL", "FR")[which // 2],
               "prefix": f"198.51.{n // 60 % 6}.0/24",
               "family": 6 if which == 3 else 4, "endpoint": f"mx{n // 6 % 3}",
               "address": "192.0.2.9", "port": 587 if which in (1, 5) else 25,
               "mode": "starttls", "attributed": True,
               "report": str(uuid.UUID(int=n + 1)),
               "after_asn": 64510 if which > 3 else None,
               **cases[which > 3 or which == 0 and day < 7]}


class Filled(Collector):
    patience_s = 60

    def start(self):
        (self.folder / "state").mkdir()
        rows = self.folder / "rows.jsonl"
        rows.write_text("".join(json.dumps(row) + "\n" for row in imported()))
        run(self, "import", rows)
        super().start()


class World:
    def __init__(self, folder):
        day = folder / "dumps/2026/11/25"
        day.mkdir(parents=True)
        (day / "SHA256SUMS").write_text("0  networks.parquet\n")
        self.collector = Filled(
            folder, "retention = 100d\n[limits]\nreads-address = 0\n"
            f"[dumps]\ndirectory = {folder}/dumps\nnightly = no\n")
        self.described = Description(self.collector.ask(
            "GET", "/openapi.json")[1])
        self.peer = http.client.HTTPConnection(
            "127.0.0.1", self.collector.port, timeout=30)
        self.count = 0

    def get(self, path):
        self.count += 1
        try:
            self.peer.request("GET", path)
            reply = self.peer.getresponse()
            return (reply.status, reply.getheader("Content-Type", ""),
                    reply.read())
        except (http.client.HTTPException, OSError) as wrong:
            self.peer.close()
            raise AssertionError(f"{path}: {wrong!r}") from None

    def reads(self):
        """(path, parameters) of what anybody may read."""
        for path, operations in self.described.document["paths"].items():
            read = operations.get("get")
            if read and not read.get("description", "").startswith("Signed"):
                yield path, read["parameters"]


# --- values ---

def text_of(random, parsed):
    """A text that a pattern matches."""
    made = ""
    for kind, value in parsed:
        if kind is regex.LITERAL:
            made += chr(value)
        elif kind is regex.IN:
            which, more = random.choice(value)
            made += chr(random.randint(*more) if which is regex.RANGE else more)
        elif kind is regex.MAX_REPEAT:
            least, most, inner = value
            most = min(most, least + 60)
            made += "".join(text_of(random, inner)
                            for _ in range(random.randint(least, most)))
        elif kind is regex.SUBPATTERN:
            made += text_of(random, value[3])
        elif kind is regex.BRANCH:
            made += text_of(random, random.choice(value[1]))
        elif kind is not regex.AT:
            raise ValueError(f"a pattern with {kind}")
    return made


def time_of(random, form):
    date = f"{random.randint(1, 9999):04}-{random.randint(1, 12):02}-" \
           f"{random.randint(1, 28):02}"
    if random.random() < .7:
        at = time.time() - random.randint(-2, 20) * DAY_S
        date = time.strftime("%Y-%m-%d", time.gmtime(at))
    if form == "date":
        return date
    parts = random.choice(("", ".5", ".123456789"))
    zone = random.choice(("Z", "+00:00", "-23:59", "+05:30"))
    return f"{date}T{random.randint(0, 23):02}:{random.randint(0, 59):02}:" \
           f"{random.randint(0, 60):02}{parts}{zone}"


def value_of(random, schema):
    """A value that the schema allows, as text."""
    if schema["type"] == "array":
        many = min(random.choice((1, 1, 2, 3, schema["maxItems"])),
                   schema["maxItems"])
        return ",".join(value_of(random, schema["items"]) for _ in range(many))
    if "examples" in schema and random.random() < .6:
        return str(random.choice(schema["examples"]))
    if "enum" in schema:
        return str(random.choice(schema["enum"]))
    if schema["type"] == "integer":
        return str(random.randint(schema["minimum"], schema["maximum"]))
    if "anyOf" in schema:
        return time_of(random, random.choice(schema["anyOf"])["format"])
    if "maxLength" not in schema:
        return text_of(random, regex.parse(schema["pattern"]))
    return "".join(random.choices(TEXT, k=random.randint(
        schema["minLength"], schema["maxLength"])))


def bounds_of(random, schema):
    """The outermost values that the schema allows."""
    if schema["type"] == "array":
        yield from bounds_of(random, schema["items"])
        yield ",".join(value_of(random, schema["items"])
                       for _ in range(schema["maxItems"]))
    elif "enum" in schema:
        yield from map(str, schema["enum"])
    elif schema["type"] == "integer":
        yield from (str(schema["minimum"]), str(schema["maximum"]))
    elif "anyOf" in schema:
        yield from ("0001-01-01", "9999-12-31T23:59:60Z",
                    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
    elif "maxLength" in schema:
        yield from ("%" * schema["maxLength"], "😀" * schema["maxLength"],
                    "x" * schema["minLength"])


def wrong_of(random, name, schema):
    """Values that the schema does not allow, most of them by one."""
    if schema["type"] == "array":
        item = schema["items"]
        good = value_of(random, item)
        for wrong in wrong_of(random, name, item):
            yield wrong
            yield f"{good},{wrong}"
        yield ",".join(value_of(random, item)
                       for _ in range(schema["maxItems"] + 1))
        return
    yield ""
    if "enum" in schema:
        words = [str(word) for word in schema["enum"]]
        for word in words:
            yield from (wrong for wrong in (word + "0", word[:-1], f" {word}")
                        if wrong not in words)
    elif schema["type"] == "integer":
        yield from (str(schema["minimum"] - 1), str(schema["maximum"] + 1),
                    f"{schema['minimum']}.0", "1e1", "-1", "0x1", "one",
                    str(1 << 32), str(1 << 64))
    elif "anyOf" in schema:
        yield from TIMES
    elif "maxLength" in schema:
        yield from (letter * (schema["maxLength"] + 1) for letter in "x中")
    else:
        good = value_of(random, schema)
        yield from (*OUTSIDE[name], "~" + good, good + "~")


# --- requests ---

def request(path, parameters, values):
    """The target of a request with these values by name, and a value of its own
    for whatever else is needed."""
    query = []
    for one in parameters:
        value = values.get(one["name"])
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", quote(value, safe=""))
        elif value is not None:
            query.append(f"{one['name']}={quote(value, safe=',')}")
    return path + ("?" + "&".join(query) if query else "")


def needed(random, parameters):
    return {one["name"]: value_of(random, one["schema"]) for one in parameters
            if one.get("required")}


def cursors_apart(parameters):
    """A cursor is what a list said, not any text of its form."""
    return [one for one in parameters if one["name"] != "cursor"]


def once(pairs):
    """A JSON object, of which no member is there twice."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise AssertionError(f"twice: {[name for name, _ in pairs]}")
    return dict(pairs)


def read_rows(media, body):
    if media.startswith("application/json"):
        return json.loads(body, object_pairs_hook=once)
    if media.startswith("text/csv"):
        rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
        if {len(row) for row in rows} != {len(rows[0])}:
            raise AssertionError("rows of several lengths")
    return {}


def is_said(parameters, values, answer):
    """A refusal that the words of its parameter announce: what it may be beside
    another one, or a limit that the refusal names."""
    field, message = answer["error"]["field"], answer["error"]["message"]
    words = next((one["description"] for one in parameters
                  if one["name"] == field), "")
    announced = [name for name in values if name != field]
    announced += re.findall(r"[0-9]{2,}", message)
    return field in values and any(
        re.search(rf"\b{word}\b", words) for word in announced)


def check_answer(world, path, parameters, values):
    """Ask; the answer, or what is wrong with it is raised."""
    target = request(path, parameters, values)
    status, media, body = world.get(target)
    try:
        world.described.check_answer("GET", target, status, media, body)
        answer = read_rows(media, body)
    except (AssertionError, ValueError) as wrong:
        raise AssertionError(f"{target}: {wrong}") from None
    if status == 400 and not is_said(parameters, values, answer) or \
            status == 404 and "{" not in path or \
            status not in (200, 400, 404):
        raise AssertionError(f"{target}: {status} {body[:200]!r}")
    return answer


def refused(world, target, name):
    status, media, body = world.get(target)
    if status != 400:
        return f"{target}: {status}, not 400"
    world.described.check_answer("GET", target, status, media, body)
    field = json.loads(body)["error"]["field"]
    return None if field == name else f"{target}: the field is {field}"


def reported(world, asked):
    """Run what yields requests; yields what is wrong with them."""
    random.seed(SEED)
    before = world.count
    for check, *arguments in asked(world):
        try:
            wrong = check(*arguments)
            if isinstance(wrong, str):
                yield wrong
        except AssertionError as error:
            yield str(error)
    if world.count - before < 300 and asked is not pages:
        yield f"only {world.count - before} requests"


# --- what is asked ---

def drawn(world):
    for path, parameters in world.reads():
        parameters = cursors_apart(parameters)
        for _ in range(DRAWN):
            values = needed(random, parameters)
            for one in parameters:
                if one["in"] == "query" and random.random() < .35:
                    values[one["name"]] = value_of(random, one["schema"])
            yield check_answer, world, path, parameters, values
        for one in parameters:
            for value in bounds_of(random, one["schema"]):
                values = {**needed(random, parameters), one["name"]: value}
                yield check_answer, world, path, parameters, values


def pages(world):
    """Each list from page to page, however it is asked for."""
    def walk(path, parameters, values):
        for _ in range(3):
            answer = check_answer(world, path, parameters, values)
            if not answer.get("next"):
                return None
            values = {**values, "cursor": answer["next"]}
        return None

    def is_taken(path, parameters, values):
        answer = check_answer(world, path, parameters, {**values, "limit": "1"})
        return None if answer["next"] else f"{path}: one row alone"

    for path, parameters in world.reads():
        names = {one["name"] for one in parameters}
        if "cursor" not in names or path.startswith("/data/"):
            continue
        values = {one["name"]: "64500" for one in parameters
                  if one["in"] == "path"}
        if "limit" in names and not path.endswith(".atom"):
            yield is_taken, path, parameters, values
        for _ in range(DRAWN):
            values = {one["name"]: value_of(random, one["schema"])
                      for one in cursors_apart(parameters)
                      if one.get("required") or random.random() < .2}
            values.pop("group", None)
            values["limit"] = "1"
            if "limit" not in names:
                del values["limit"]
            yield walk, path, parameters, values


def outside(world):
    for path, parameters in world.reads():
        for one in parameters:
            for value in wrong_of(random, one["name"], one["schema"]):
                if one["in"] == "path" and value == "":
                    continue  # another path
                values = {**needed(random, parameters), one["name"]: value}
                yield (refused, world, request(path, parameters, values),
                       one["name"])
            if one["in"] == "query":
                values[one["name"]] = value_of(random, one["schema"])
                target = request(path, parameters, values)
                yield (refused, world, f"{target}&{one['name']}=1",
                       one["name"])
            forms = one["schema"].get("enum") if one["name"] == "format" else ()
            for form in forms:  # streams, too, and nothing is sent of them
                if form != "columns":
                    values = {**needed(random, parameters), "format": form,
                              "cursor": "1.2.3.4.5.6"}
                    yield (refused, world, request(path, parameters, values),
                           "cursor")
        values = needed(random, parameters)
        for name in ("no_such", "Limit", "q[]", "_"):
            target = request(path, parameters, values)
            more = "&" if "?" in target else "?"
            yield (refused, world, f"{target}{more}{quote(name)}=1", name)


SENTENCES = (
    ("what the schemas allow is answered as they say",
     lambda world: reported(world, drawn)),
    ("so is each page of each list",
     lambda world: reported(world, pages)),
    ("what the schemas do not allow is refused by name",
     lambda world: reported(world, outside)),
)

if __name__ == "__main__":
    sys.exit(main_of_rows("stranger", SENTENCES, World))
