# SPDX-License-Identifier: Apache-2.0
"""One lab: its unique name, its directory, and the record of all it made.

Every namespace, process and directory is written into the record before it
is used, so that clean() can remove what a killed lab has left.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
RECORDS = ROOT / "build" / "lab" / "instances"


def process_start(pid):
    """When a process began, in ticks since boot; None: there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2:].split()
    return None if fields[0] == "Z" else fields[19]


def is_alive(pid, start):
    return start is not None and process_start(pid) == start


class Instance:
    def __init__(self):
        self.id = f"e25-{secrets.token_hex(3)}"
        RECORDS.mkdir(parents=True, exist_ok=True)
        self.record_path = RECORDS / self.id
        self.lock = threading.Lock()
        # Whole at once: a record without an owner is a dead one's to clean().
        begun = RECORDS / f"new-{self.id}"
        begun.write_text(f"owner {os.getpid()} {process_start(os.getpid())}\n")
        begun.rename(self.record_path)
        self.directory = Path(tempfile.gettempdir()) / self.id
        self.note("directory", self.directory)
        self.directory.mkdir(mode=0o755)

    def note(self, *words):
        line = " ".join(map(str, words)) + "\n"
        with self.lock, open(self.record_path, "a", encoding="utf-8") as out:
            out.write(line)

    def namespace(self, name):
        """The full name of a namespace of this lab."""
        full = f"{self.id}-{name}"
        self.note("netns", full)
        return full

    def started(self, process):
        self.note("pid", process.pid, process_start(process.pid))
        return process

    def end(self):
        remove(self.record_path)

    def __enter__(self):
        def stop(number, frame):
            self.end()
            os._exit(128 + number)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, stop)
        return self

    def __exit__(self, *exc):
        self.end()


def read_record(path):
    """{"netns": [[name]...], "pid": [[pid, start]...], ...}"""
    found = {"owner": [], "netns": [], "pid": [], "directory": []}
    for line in path.read_text().splitlines():
        kind, *words = line.split(" ")
        if kind in found and words:
            found[kind].append(words)
    return found


def end_processes(pids):
    """End them at once; `pids` are (pid, start) pairs."""
    for pid, start in pids:
        if is_alive(pid, start):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    until = time.monotonic() + 5
    while time.monotonic() < until and \
            any(is_alive(pid, start) for pid, start in pids):
        reap()
        time.sleep(0.01)


def reap():
    """Collect our own ended children, or they stay as zombies."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def in_namespaces(names):
    """Whoever still lives in a namespace of ours, as (pid, start) pairs."""
    pids = []
    for name in names:
        done = subprocess.run(["ip", "netns", "pids", name], text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        pids += [(pid, process_start(pid)) for pid in done.stdout.split()]
    return pids


def remove(record_path):
    """Remove everything that a record names, and the record."""
    record = read_record(record_path)
    names = [words[0] for words in record["netns"]
             if re.fullmatch(r"e25-[0-9a-f]{6}-[\w.-]+", words[0])]
    end_processes([tuple(words) for words in record["pid"]])
    end_processes(in_namespaces(names))
    subprocess.run(["ip", "-batch", "-", "-force"], text=True,
                   input="".join(f"netns del {name}\n" for name in names),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for (path,) in record["directory"]:
        if re.search(r"/e25-[0-9a-f]{6}$", path):
            shutil.rmtree(path, ignore_errors=True)
    record_path.unlink(missing_ok=True)


def clean(say):
    """Remove what labs have left whose owner is gone."""
    for path in sorted(RECORDS.glob("e25-*")) if RECORDS.exists() else []:
        owner = read_record(path)["owner"]
        if owner and is_alive(*owner[0]):
            say(f"{path.name} is in use by process {owner[0][0]}")
        else:
            say(f"removing {path.name}")
            remove(path)
