# SPDX-License-Identifier: Apache-2.0
"""The lab's name server: a dnsmasq that knows the lab and nothing else."""

import ipaddress
from pathlib import Path

from .wait import wait_for_port

FAILING = Path(__file__).with_name("servfail.py")
FAILING_PORT = 5300


class NameServer:
    def __init__(self, network, site):
        self.site = site
        self.directory = network.instance.directory / "dns"
        self.hosts = self.directory / "hosts"
        self.hosts.mkdir(parents=True)
        self.records = []
        self.resolv_conf = self.directory / "resolv.conf"
        self.resolv_conf.write_text(
            f"nameserver {site.address4}\nnameserver {site.address6}\n"
            "options timeout:2 attempts:2\n")

    def host(self, name, *addresses):
        """A, AAAA and PTR; also while the server runs."""
        text = "".join(f"{address} {name}\n" for address in addresses)
        new = self.directory / f"{name}.new"
        new.write_text(text)
        new.rename(self.hosts / name)

    def mx(self, domain, preference, host):
        self.records.append(f"mx-host={domain},{host},{preference}")

    def address(self, name, address):
        """A or AAAA alone."""
        self.records.append(f"address=/{name}/{address}")

    def ptr(self, address, name):
        """PTR alone; several of one address are several names."""
        pointer = ipaddress.ip_address(address).reverse_pointer
        self.records.append(f"ptr-record={pointer},{name}")

    def raw(self, name, kind, data):
        """A record of any type, its data in hexadecimal."""
        self.records.append(f"dns-rr={name},{kind},{data}")

    def failing(self, domain):
        """A domain whose own name servers answer SERVFAIL."""
        self.records.append(f"server=/{domain}/127.0.0.1#{FAILING_PORT}")

    def txt(self, name, *strings):
        """One TXT record, of strings that DNS keeps apart."""
        quoted = ",".join(f'"{each}"' for each in strings)
        self.records.append(f"txt-record={name},{quoted}")

    def start(self):
        config = self.directory / "dnsmasq.conf"
        config.write_text("\n".join([
            "keep-in-foreground", "no-resolv", "no-hosts", "no-poll",
            "user=root", "pid-file=", "log-facility=-", "local-ttl=60",
            "bind-interfaces", "local=/net/", "local=/arpa/", "local=/com/",
            "local=/org/", "local=/test/", "local=/example/",
            f"hostsdir={self.hosts}",
        ] + self.records) + "\n")
        log = open(self.directory / "dnsmasq.log", "wb")
        self.site.node.start([str(FAILING), str(FAILING_PORT)], stdout=log,
                             stderr=log)
        self.site.node.start(["dnsmasq", f"--conf-file={config}"],
                             stdout=log, stderr=log)
        wait_for_port(self.site.node, self.site.address4, 53)
