# SPDX-License-Identifier: Apache-2.0
"""A site with a beacon: a real egress25-beacon."""

import subprocess

from .wait import wait_for_port

PORTS = (25, 587, 465, 443)


class Beacon:
    """`without`: ports that something else serves there; `apart`: it is in a
    network of its own."""

    def __init__(self, name, lab, without=(), apart=True):
        self.site = lab.site(name, apart)
        self.ports = [port for port in PORTS if port not in without]
        self.program = lab.program("egress25-beacon")
        self.directory = lab.instance.directory / f"beacon-{name}"
        self.directory.mkdir()
        self.conf = self.directory / "beacon.conf"
        words = " ".join("443/starttls" if port == 443 else str(port)
                         for port in self.ports)
        self.conf.write_text(
            f"[beacon]\nname = {lab.host(name)}\nports = {words}\n"
            f"state = {self.directory}/state\n"
            "[limits]\nconnections-address = 0\n")
        self.key = subprocess.run(
            [self.program, "key", "--config", str(self.conf)], check=True,
            stdout=subprocess.PIPE, text=True).stdout
        lab.beacons[name] = self.key
        lab.mtas.append(self)

    def start(self):
        log = open(self.directory / "log", "wb")
        self.site.node.start(
            [self.program, "serve", "--config", str(self.conf)],
            stdout=log, stderr=log)

    def wait(self):
        for port in self.ports:
            for address in self.site.addresses():
                wait_for_port(self.site.node, address, port)
