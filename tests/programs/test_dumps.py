#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_dumps.py COLLECTOR: the files of whole days as a collector serves them
under /data/. Prints TAP."""

import email.utils
import json
import os
import re
import socket
import sys
import time

from serve_world import Collector, main_of_rows

DAYS = ("2025/12/31", "2026/02/28", "2026/11/24", "2026/11/24.2",
        "2026/11/24.10", "2026/11/25")
DAY = "/data/2026/11/25/"
TABLE = bytes(range(256)) * 1200  # more than a part
LARGE = 1 << 30                   # a hole in a file
SECRET = b"not for the public"


class World:
    def __init__(self, folder):
        self.folder, self.dumps = folder, folder / "dumps"
        for day in DAYS:
            self.day(day)
        self.tricks()
        self.collector = Collector(
            folder, f"[dumps]\ndirectory = {self.dumps}\nnightly = no\n")

    def day(self, day):
        at = self.dumps / day
        at.mkdir(parents=True)
        (at / "networks.parquet").write_bytes(TABLE)
        (at / "events.csv.gz").write_bytes(b"0123456789")
        (at / "empty.csv.gz").write_bytes(b"")
        (at / "datapackage.json").write_text('{"name": "x"}\n')
        (at / "SHA256SUMS").write_text("0  networks.parquet\n")

    def tricks(self):
        """What is in the directory and is no dump."""
        day = self.dumps / "2026/11/25"
        (self.folder / "secret").write_bytes(SECRET)
        outside = self.folder / "outside"
        outside.mkdir()
        (outside / "secret").write_bytes(SECRET)
        (self.dumps / "secret").write_bytes(SECRET)
        (self.dumps / "2024").symlink_to(outside)
        (self.dumps / "2026/10").symlink_to(outside)
        (self.dumps / "2026/11/23").symlink_to(outside)
        (self.dumps / "2026/11/26.new").mkdir()
        (self.dumps / "2026/11/26.new/secret").write_bytes(SECRET)
        (self.dumps / "2026/11/22").write_bytes(SECRET)
        (day / "link").symlink_to(self.folder / "secret")
        (day / "zero").symlink_to("/dev/zero")
        os.mkfifo(day / "fifo")
        (day / "folder").mkdir()
        (day / ".hidden").write_bytes(SECRET)
        (day / "events.csv.gz.new").write_bytes(SECRET)
        if os.geteuid() == 0:
            os.mknod(day / "device", 0o20666, os.makedev(1, 5))

    def ask(self, path, method="GET", **headers):
        return self.collector.ask(method, path, headers={
            name.replace("_", "-"): value for name, value in headers.items()})


def whole(world):
    status, body, headers = world.ask(DAY + "networks.parquet")
    if (status, body) != (200, TABLE):
        yield f"{status}, {len(body)} bytes"
    for name, wanted in (
            ("Content-Type", "application/vnd.apache.parquet"),
            ("Content-Length", str(len(TABLE))),
            ("Accept-Ranges", "bytes"),
            ("Cache-Control", "public, max-age=31536000, immutable"),
            ("Access-Control-Allow-Origin", "*"),
            ("X-Content-Type-Options", "nosniff")):
        if headers.get(name) != wanted:
            yield f"{name}: {headers.get(name)}"
    at = email.utils.parsedate_to_datetime(headers["Last-Modified"])
    file = world.dumps / "2026/11/25/networks.parquet"
    if at.timestamp() != int(file.stat().st_mtime):
        yield f"{at}"
    for name, media in (("events.csv.gz", "application/gzip"),
                        ("datapackage.json", "application/json"),
                        ("SHA256SUMS", "text/plain; charset=utf-8")):
        status, body, headers = world.ask(DAY + name)
        if status != 200 or headers["Content-Type"] != media or \
                "Content-Encoding" in headers:
            yield f"{name}: {status} {headers}"
    status, body, headers = world.ask(DAY + "empty.csv.gz")
    if (status, body, headers["Content-Length"]) != (200, b"", "0"):
        yield f"empty: {status} {headers}"


def of_head(world):
    length = str(len(TABLE))
    for more in ({}, {"Range": "bytes=0-9"}):
        status, body, headers = world.ask(
            DAY + "networks.parquet", "HEAD", **more)
        if (status, body, headers["Content-Length"]) != (200, b"", length) or \
                "Content-Range" in headers:
            yield f"{more}: {status} {headers}"


RANGES = (  # of ten bytes: what is asked for, what comes
    ("bytes=0-3", b"0123"), ("bytes=4-", b"456789"), ("bytes=-3", b"789"),
    ("bytes=9-9", b"9"), ("bytes=5-99999999999999999999", b"56789"),
    ("bytes=-99", b"0123456789"), ("Bytes= 2 - 4 ", b"234"),
    ("bytes=10-", None), ("bytes=10-12", None), ("bytes=-0", None),
    ("bytes=99999999999999999999-", None))
WHOLE = ("bytes=4-2", "bytes=0-1,5-6", "bytes=", "bytes=-", "bytes=a-b",
         "bytes=1", "bytes=--3", "bytes=0x1-4", "lines=1-2", "bytes 0-3",
         "bytes=1-2-3", "bytes=+1-4", "")


def ranges(world):
    path = DAY + "events.csv.gz"
    for asked, wanted in RANGES:
        status, body, headers = world.ask(path, Range=asked)
        if wanted is None:
            if status != 416 or headers["Content-Range"] != "bytes */10":
                yield f"{asked}: {status} {headers}"
            continue
        first = b"0123456789".index(wanted)
        said = f"bytes {first}-{first + len(wanted) - 1}/10"
        if (status, body) != (206, wanted) or \
                headers["Content-Range"] != said or \
                headers["Content-Length"] != str(len(wanted)):
            yield f"{asked}: {status} {body} {headers}"
    for asked in WHOLE:
        status, body, headers = world.ask(path, Range=asked)
        if (status, body) != (200, b"0123456789") or \
                "Content-Range" in headers:
            yield f"{asked!r}: {status} {body}"
    status, body, _ = world.ask(DAY + "networks.parquet",
                                Range="bytes=131000-262199")
    if (status, body) != (206, TABLE[131000:262200]):
        yield f"over several parts: {status}, {len(body)} bytes"
    status, body, _ = world.ask(DAY + "empty.csv.gz", Range="bytes=0-")
    if status != 416:
        yield f"of nothing: {status}"


def conditions(world):
    path = DAY + "networks.parquet"
    _, _, headers = world.ask(path)
    tag, at = headers["ETag"], headers["Last-Modified"]
    late = email.utils.formatdate(time.time() + 60, usegmt=True)
    early = email.utils.formatdate(1, usegmt=True)
    for asked, wanted in (
            ({"If-None-Match": tag}, 304), ({"If-None-Match": "*"}, 304),
            ({"If-None-Match": f'"x", W/{tag}'}, 304),
            ({"If-None-Match": '"x"'}, 200),
            ({"If-Modified-Since": at}, 304),
            ({"If-Modified-Since": late}, 304),
            ({"If-Modified-Since": early}, 200),
            ({"If-Modified-Since": "yesterday"}, 200),
            ({"If-None-Match": '"x"', "If-Modified-Since": late}, 200),
            ({"Range": "bytes=0-3", "If-Range": tag}, 206),
            ({"Range": "bytes=0-3", "If-Range": at}, 206),
            ({"Range": "bytes=0-3", "If-Range": '"x"'}, 200),
            ({"Range": "bytes=0-3", "If-Range": "W/" + tag}, 200),
            ({"Range": "bytes=0-3", "If-Range": late}, 200),
            ({"Range": "bytes=999999-", "If-Range": '"x"'}, 200),
            ({"Range": "bytes=0-3", "If-None-Match": tag}, 304)):
        status, body, headers = world.ask(path, **asked)
        if status != wanted or (status == 304 and (
                body or headers["ETag"] != tag)):
            yield f"{asked}: {status} {headers}"
    if tag.startswith("W/") or not tag.startswith('"'):
        yield f"{tag} is not strong"
    if tag == world.ask(DAY + "events.csv.gz")[2]["ETag"]:
        yield "two files have one tag"


def lists(world):
    found, path = [], "/data/index.json?limit=2"
    while path:
        status, body, headers = world.ask(path)
        page = json.loads(body)
        found += page["items"]
        link = re.match("<([^>]+)>", headers.get("Link", ""))
        path = link and link[1]
        if bool(link) != (page["next"] is not None):
            yield f"next {page['next']}, Link {headers.get('Link')}"
    there = [(one["day"], one["version"], one["path"]) for one in found]
    wanted = [("2026-11-25", 1, "/data/2026/11/25/"),
              ("2026-11-24", 10, "/data/2026/11/24.10/"),
              ("2026-11-24", 2, "/data/2026/11/24.2/"),
              ("2026-11-24", 1, "/data/2026/11/24/"),
              ("2026-02-28", 1, "/data/2026/02/28/"),
              ("2025-12-31", 1, "/data/2025/12/31/")]
    if there != wanted:
        yield f"{there}"
    files = {one["name"]: one["bytes"] for one in found[0]["files"]}
    if files != {"networks.parquet": len(TABLE), "events.csv.gz": 10,
                 "empty.csv.gz": 0, "datapackage.json": 14,
                 "SHA256SUMS": 20}:
        yield f"{files}"
    for asked, days in (("since=2026-02-28&until=2026-11-25", 4),
                        ("since=2026-11-25", 1), ("until=2026-01-01", 1)):
        items = world.collector.json(f"/data/index.json?{asked}")["items"]
        if len(items) != days:
            yield f"{asked}: {items}"
    for wrong in ("cursor=1.4.25", "cursor=2026-13-01", "limit=0"):
        status, body, _ = world.ask(f"/data/index.json?{wrong}")
        if status != 400:
            yield f"{wrong}: {status}"


def pages(world):
    """From /data/ the links lead to each file of each day, and to no other."""
    seen, waiting = set(), ["/data/"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        status, body, headers = world.ask(path)
        if status != 200:
            yield f"{path}: {status}"
        if path.endswith("/"):
            if not headers["Content-Type"].startswith("text/html"):
                yield f"{path}: {headers}"
            waiting += {link for link in re.findall(
                r'href="([^"]+)"', body.decode())} - seen - set(waiting)
    files = {path for path in seen if not path.endswith("/")}
    wanted = {f"/data/{day}/{name}" for day in DAYS for name in (
        "networks.parquet", "events.csv.gz", "empty.csv.gz",
        "datapackage.json", "SHA256SUMS")} | {"/data/index.json"}
    if files != wanted:
        yield f"{sorted(files ^ wanted)}"


def folders(world):
    """A folder without its slash is at the path with it."""
    for path in ("2026", "2026/11", "2026/11/25", "2026/11/24.10", "1999"):
        for method in ("GET", "HEAD"):
            status, _, headers = world.ask(f"/data/{path}", method)
            if (status, headers.get("Location")) != (308, f"/data/{path}/"):
                yield f"{path}: {method} {status} {headers}"
        if headers.get("Access-Control-Allow-Origin") != "*":
            yield f"{path}: {headers}"
    for path, wanted in (("2026?", 308), ("2026?x=1", 404), ("202", 404),
                         ("2026/13", 404), ("2026/11/32", 404),
                         ("2026/11/25.1", 404), ("secret", 404)):
        status, _, headers = world.ask(f"/data/{path}")
        if status != wanted:
            yield f"{path}: {status} {headers}"
    status, body, _ = world.ask("/data")
    if status != 200 or b"Daily files" in body:
        yield f"/data is a page of its own: {status}"
    if world.ask("/data/2026", "POST")[0] not in (404, 405):
        yield "POST is done"


TRICKS = (
    "secret", "../secret", "..%2fsecret", "%2e%2e/secret", "2026/../secret",
    "2026/11/../../secret", "2026/11/25/../../../../secret",
    "2026/11/25/..%2f..%2f..%2fsecret", "2026/11/25/%2e%2e%2fsecret",
    "2026/11/25/..%5csecret", "2026%2f11%2f25/secret", "/etc/passwd",
    "2026/11/25//etc/passwd", "2026/11/25/%2fetc%2fpasswd", "2024/",
    "2024/11/25/secret", "2026/10/", "2026/10/25/secret", "2026/11/23/",
    "2026/11/23/secret", "2026/11/26.new/", "2026/11/26.new/secret",
    "2026/11/22/", "2026/11/22/secret", "2026/11/25/link", "2026/11/25/zero",
    "2026/11/25/fifo", "2026/11/25/device", "2026/11/25/folder",
    "2026/11/25/folder/x", "2026/11/25/.hidden", "2026/11/25/.",
    "2026/11/25/..", "2026/11/25/events.csv.gz.new",
    "2026/11/25/events.csv.gz%00", "2026/11/25/events.csv.gz/",
    "2026/11/25/SHA256SUMS%20", "2026/11/25/" + "x" * 64,
    "2026/11/25/" + "x" * 3000, "2026/11/25.1/SHA256SUMS",
    "2026/11/25.02/SHA256SUMS", "2026/11/25.2/SHA256SUMS",
    "2026/11/2%35/../../..", "2026/1/25/SHA256SUMS", "2026/11/31/",
    "2026/11/32/", "02026/", "2026/13/", "index.json/", "2026/11/25/*")


def tricks(world):
    for path in TRICKS:
        for method in ("GET", "HEAD"):
            status, body, _ = world.ask("/data/" + path, method)
            if status not in (400, 404) or SECRET in body:
                yield f"{path}: {method} {status} {body[:40]}"
    for method in ("POST", "PUT", "DELETE"):
        status, _, _ = world.ask(DAY + "SHA256SUMS", method)
        if status != 405:
            yield f"{method}: {status}"
    status, body, _ = world.ask(DAY + "SHA256SUMS?version=2")
    if status != 400:
        yield f"a parameter: {status}"


def begin(world, path):
    """A connection that asks for a file and reads nothing yet."""
    peer = socket.create_connection(("127.0.0.1", world.collector.port))
    peer.settimeout(20)
    peer.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return peer


def status_of(collector, name):
    with open(f"/proc/{collector.process.pid}/status") as file:
        return int(re.search(rf"{name}:\s+(\d+)", file.read())[1])


def descriptors(collector):
    return len(os.listdir(f"/proc/{collector.process.pid}/fd"))


def slow_readers(world):
    path = world.dumps / "2026/11/25/measurements.parquet"
    path.touch()
    os.truncate(path, LARGE)
    world.ask(DAY + "measurements.parquet", Range="bytes=0-9")
    before = status_of(world.collector, "VmRSS"), descriptors(world.collector)
    peers = [begin(world, DAY + "measurements.parquet") for _ in range(10)]
    time.sleep(1)
    for path in ("/v1/summary", "/v1/networks", DAY + "networks.parquet",
                 "/data/index.json"):
        began = time.monotonic()
        status, _, _ = world.ask(path)
        if status != 200 or time.monotonic() - began > 20:
            yield f"{path}: {status}, {time.monotonic() - began:.1f} s"
    grown = status_of(world.collector, "VmRSS") - before[0]
    if grown > 64 << 10:
        yield f"{grown} kB more for ten readers"
    if descriptors(world.collector) > before[1] + len(peers) + 2:
        yield "they hold descriptors"
    head = peers[0].recv(65536)
    if b"Content-Length: %d" % LARGE not in head:
        yield f"{head[:400]}"
    for peer in peers:
        peer.close()


def changed(world):
    """A file that is replaced while it is read is not taken for whole."""
    path = world.dumps / "2026/11/25/history.csv.gz"
    path.touch()
    os.truncate(path, 64 << 20)
    peer = begin(world, DAY + "history.csv.gz")
    peer.recv(1000)
    os.truncate(path, 64 << 19)
    got = 0
    try:
        while more := peer.recv(1 << 20):
            got += len(more)
    except TimeoutError:
        yield "it waits"
    except OSError:
        pass
    if got >= 64 << 20:
        yield f"{got} bytes"
    path.unlink()


def old(world):
    """HTTP/1.0, nginx's own until it is told otherwise."""
    for more, status, wanted in (("", b"200", TABLE), (
            "Range: bytes=5-9\r\n", b"206", TABLE[5:10])):
        with socket.create_connection(
                ("127.0.0.1", world.collector.port), timeout=20) as peer:
            peer.sendall(f"GET {DAY}networks.parquet HTTP/1.0\r\n{more}\r\n"
                         .encode())
            head, _, body = peer.makefile("rb").read().partition(
                b"\r\n\r\n")
        if head.split()[1] != status or body != wanted or \
                b"Content-Length: %d" % len(wanted) not in head:
            yield f"{head}"


def unread(world):
    """A reader that leaves in the middle is no matter."""
    for _ in range(30):
        begin(world, DAY + "networks.parquet").close()
    status, body, _ = world.ask(DAY + "networks.parquet")
    if (status, body) != (200, TABLE):
        yield f"{status}"


def none(world):
    folder = world.folder / "none"
    folder.mkdir()
    with Collector(folder) as other:
        for path in ("/data/", "/data/index.json", DAY + "SHA256SUMS"):
            status, body, _ = other.ask("GET", path)
            if status != 404 or b"no daily files" not in body:
                yield f"{path}: {status} {body}"
        if other.ask("GET", "/data")[0] != 200:
            yield "the page is gone"
    (folder / "later").mkdir()
    with Collector(folder / "later",
                   f"[dumps]\ndirectory = {folder}/not-yet\n") as other:
        if other.json("/data/index.json")["items"]:
            yield "days of a directory that is not there"
        if other.ask("GET", "/data/")[0] != 200:
            yield "no page before the first day"


def ends(world):
    yield from world.collector.end_problems()


ROWS = (
    ("a file is served whole, with what a cache needs", whole),
    ("HEAD has the length, and knows no ranges", of_head),
    ("ranges: from to, from, the last bytes; the others are the whole",
     ranges),
    ("conditions: 304, and ranges of the same file only", conditions),
    ("the list: newest first, by pages, of a window", lists),
    ("the pages lead to each file, and to nothing else", pages),
    ("a folder without its slash is at the path with it", folders),
    ("no path leads out, to a link, a FIFO or what is being written", tricks),
    ("ten who read slowly hold up nobody, and little memory", slow_readers),
    ("a file that changes while it is read is cut", changed),
    ("HTTP/1.0 gets files and ranges", old),
    ("readers that leave", unread),
    ("a collector without a directory has no files", none),
    ("it ends in order", ends),
)


if __name__ == "__main__":
    sys.exit(main_of_rows("dumps", ROWS, World))
