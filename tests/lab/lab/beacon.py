# SPDX-License-Identifier: Apache-2.0
"""A site with a beacon: a real egress25-beacon."""

import re
import shutil
import subprocess
from pathlib import Path

from .wait import wait_for_port

PORTS = (25, 587, 465, 443)
HOLD = Path(__file__).with_name("hold_tls.py")
LONG = "idle = 1d\nsession = 1d\n"


class Beacon:
    """`without`: ports that something else serves there; `apart`: it is in a
    network of its own; `full`: it has no room for TLS; `renewed`: ports that
    show a new key of TLS already; `within`: the site that is the router before
    it."""

    def __init__(self, name, lab, without=(), apart=True, full=False,
                 renewed=(), within=None):
        self.site, self.full = lab.site(name, apart, within), full
        self.name, self.host = name, lab.host(name)
        self.program = lab.program("egress25-beacon")
        self.folder = lab.instance.directory
        self.ports = [port for port in PORTS if port not in without]
        self.confs = [self.configure(f"beacon-{name}", set(self.ports) -
                                     set(renewed))]
        self.keys = self.print_keys(self.confs[0])
        if renewed:
            self.confs.append(self.configure(f"renewed-{name}", renewed))
            shutil.copy(self.folder / f"beacon-{name}/state/receipt.key",
                        self.folder / f"renewed-{name}/state")
        lab.beacons[name] = "".join(self.keys)
        lab.mtas.append(self)

    def configure(self, name, ports):
        directory = self.folder / name
        (directory / "state").mkdir(parents=True, mode=0o700)
        words = " ".join("443/starttls" if port == 443 else str(port)
                         for port in ports)
        conf = directory / "beacon.conf"
        conf.write_text(
            f"[beacon]\nname = {self.host}\nports = {words}\n"
            f"state = {directory}/state\n"
            "[limits]\nconnections-address = 0\n" +
            ("tls-sessions = 1\n" + LONG) * self.full)
        return conf

    def print_keys(self, conf):
        """Lines of an endpoints file: the key of receipts, and of TLS."""
        done = subprocess.run([self.program, "key", "--config", str(conf)],
                              check=True, stdout=subprocess.PIPE, text=True)
        return re.fullmatch(r"(receipt-key = \S+\n)(spki = \S+\n)",
                            done.stdout).groups()

    def start(self):
        for conf in self.confs:
            log = open(conf.with_name("log"), "wb")
            self.site.node.start(
                [self.program, "serve", "--config", str(conf)],
                stdout=log, stderr=log)

    def wait(self):
        for port in self.ports:
            for address in self.site.addresses():
                wait_for_port(self.site.node, address, port)
        if self.full:
            self.fill()

    def fill(self):
        holder = self.site.node.start(
            [str(HOLD), self.site.addresses()[0], str(self.ports[0])],
            stdout=subprocess.PIPE)
        if not holder.stdout.readline().startswith(b"held"):
            raise RuntimeError(f"{self.name}: nobody holds TLS")
