# SPDX-License-Identifier: Apache-2.0
"""Servers for what no real one does, and for what needs no real one: all of a
lab's in one process, servers.py."""

import json
import subprocess
from pathlib import Path

from .wait import wait_until

PROGRAM = Path(__file__).with_name("servers.py")
# What an ordinary server has on its ports; of "connect" nothing is wanted but
# the handshake.
USUAL = {25: "good", 465: "good", 587: "good", 443: "connect"}


def start_program(instance, program, values):
    """A program that reads a file of JSON and says when it is ready; returns
    where it goes on to write."""
    config = instance.directory / f"{program.name}.json"
    config.write_text(json.dumps(values))
    log = config.with_suffix(".log")
    with open(log, "wb") as out:
        process = instance.started(subprocess.Popen(
            ["python3", str(program), str(config)], stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True))

    def ready():
        ended = process.poll() is not None
        said = log.read_text()
        if ended and "ready\n" not in said:
            raise RuntimeError(f"{program.name}: {said}")
        return "ready\n" in said
    wait_until(ready, program.name, 60)
    return log


class Servers:
    def __init__(self, instance):
        self.instance, self.listeners, self.log = instance, [], None

    def listen(self, node, addresses, port, manner, certificate, **more):
        """`certificate`: (certificate, key, ...); `more`: tls (implicit),
        name (of the server)."""
        for address in addresses:
            self.listeners.append({
                "namespace": node.ns, "address": address, "port": port,
                "manner": manner, "certificate": str(certificate[0]),
                "key": str(certificate[1]), **more})

    def start(self):
        self.log = start_program(self.instance, PROGRAM, self.listeners)

    def complaints(self):
        """What they have to say about their visitors."""
        if self.log is None:
            return []
        return [line for line in self.log.read_text().splitlines()
                if line != "ready"]
