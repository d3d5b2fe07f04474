#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""newer.py LIBRARY UNIT-TESTS: the store's tests on a current ClickHouse, as a
library (libchdb.so, from npm). It has one server and no ZooKeeper: tables are
made without copies and shards, and a table's part of a shard is the table; all
else runs as the collector wrote it. Prints TAP."""

import ctypes
import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "programs")]
from serve_world import scratch
from tap import Tap

UNIT = ("store", "store_pages", "store_changes", "store_past", "rollups",
        "registry")
OURS = {"query", "query_id", "wait_end_of_query"}


class Engine:
    """The library. One statement at a time."""

    def __init__(self, library, folder):
        self.library = ctypes.CDLL(library)
        self.lock = threading.Lock()
        for name, result, *kinds in (
                ("chdb_connect", ctypes.POINTER(ctypes.c_void_p),
                 ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)),
                ("chdb_query_n", ctypes.c_void_p, ctypes.c_void_p,
                 ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p,
                 ctypes.c_size_t),
                ("chdb_result_buffer", ctypes.c_void_p, ctypes.c_void_p),
                ("chdb_result_length", ctypes.c_size_t, ctypes.c_void_p),
                ("chdb_result_error", ctypes.c_char_p, ctypes.c_void_p),
                ("chdb_destroy_query_result", None, ctypes.c_void_p)):
            function = getattr(self.library, name)
            function.restype, function.argtypes = result, kinds
        words = [b"clickhouse", f"--path={folder}/data".encode()]
        self.connection = self.library.chdb_connect(
            len(words), (ctypes.c_char_p * len(words))(*words))

    def ask(self, text):
        """The answer's bytes, or the error's sentence as text."""
        result = self.library.chdb_query_n(
            self.connection.contents, text, len(text), b"TSV", 3)
        error = self.library.chdb_result_error(result)
        length = self.library.chdb_result_length(result)
        answer = ctypes.string_at(self.library.chdb_result_buffer(result),
                                  length) if length else b""
        self.library.chdb_destroy_query_result(result)
        return error.decode(errors="replace") if error else answer

    def run(self, sql, rows, settings):
        """The same, with settings that hold for this statement alone."""
        sql = alone(sql)
        if sql is None:
            return b""
        with self.lock:
            for name, value in settings:
                answer = self.ask(f"SET {name} = {value}".encode())
                if isinstance(answer, str):
                    return answer
            answer = self.ask(sql.encode() + b"\n" + rows)
            for name, _ in settings:
                self.ask(f"SET {name} = DEFAULT".encode())
        return answer


def alone(sql):
    """A statement for one server; None: it has nothing to do."""
    if "ENGINE = Distributed" in sql or sql.startswith("KILL QUERY"):
        return None
    sql = re.sub(r" ON CLUSTER \w+", "", sql)
    sql = re.sub(r"ReplicatedReplacingMergeTree\('[^']*', '[^']*'(?:, )?",
                 "ReplacingMergeTree(", sql)
    return re.sub(r"\b(\w+)_local\b", r"\1", sql)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A test that ends leaves its connections."""


def handler(engine, seen):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.give(200, b"Ok.\n")

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = parse_qsl(urlsplit(self.path).query)
            sql = dict(asked).get("query")
            if sql is None:
                sql, body = body.decode(), b""
            seen.append(sql)
            answer = engine.run(sql, body, [
                pair for pair in asked if pair[0] not in OURS])
            if isinstance(answer, bytes):
                self.give(200, answer)
            else:
                self.give(500, answer.encode())

        def give(self, status, answer):
            self.send_response(status)
            code = re.match(rb"Code: (\d+)", answer)
            if status != 200 and code:
                self.send_header("X-ClickHouse-Exception-Code",
                                 code[1].decode())
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler


def unit(test, url, password):
    done = subprocess.run(
        [test, url, password], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    if done.returncode or "\nok " not in done.stdout:
        yield "\n".join(line for line in done.stdout.splitlines()
                        if not line.startswith("ok "))


def main():
    tap, seen, began = Tap(), [], time.monotonic()
    library, units = sys.argv[1], Path(sys.argv[2])
    with scratch("newer") as folder:
        password = folder / "password"
        password.write_text("secret\n")
        engine = Engine(library, folder)
        version = engine.ask(b"SELECT version()")
        server = Server(("127.0.0.1", 0), handler(engine, seen))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        for name in UNIT:
            tap.run(f"the rows of test_{name} hold on a current version",
                    lambda name=name: unit(units / f"test_{name}", url,
                                           password))
        server.shutdown()
    print(f"# ClickHouse {version.decode().strip()}: {len(seen)} statements "
          f"in {time.monotonic() - began:.0f} s", flush=True)
    status = tap.end()
    os._exit(status)  # the library's threads do not end by themselves


if __name__ == "__main__":
    main()
