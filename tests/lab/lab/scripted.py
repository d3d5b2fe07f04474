# SPDX-License-Identifier: Apache-2.0
"""Servers for what no real one does: see closing.py."""

from pathlib import Path

from .wait import wait_for_port


class Closing:
    """Ends its connections without a word, on every port."""
    ports = ("25", "465", "587", "443")

    def __init__(self, site, host, lab, mode="close"):
        self.site, self.mode = site, mode

    def start(self):
        self.site.node.start([str(Path(__file__).with_name("closing.py")),
                              self.mode, *self.ports])
        return self

    def wait(self):
        for port in self.ports:
            for address in self.site.addresses():
                wait_for_port(self.site.node, address, int(port))
