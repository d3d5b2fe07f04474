# SPDX-License-Identifier: Apache-2.0
"""A whole lab: the exchange with its name server and its mail servers."""

import os
import shutil
import subprocess
import threading
from pathlib import Path

from .dns import NameServer
from .postfix import Postfix
from .pki import Authority
from .scripted import USUAL, Servers
from .topology import Network

NOBODY = 65534
SANDBOX = Path(__file__).with_name("sandbox.py")

# Run a program as an ordinary user behind the lab's resolv.conf ($0).
AS_USER = ('mount --bind "$0" /etc/resolv.conf && exec setpriv '
           f'--reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs '
           '--inh-caps=-all --bounding-set=-all "$@"')


class Lab:
    def __init__(self, instance, build):
        self.instance, self.build = instance, build
        self.network = Network(instance)
        self.authority = Authority(instance.directory)
        self.dns = NameServer(self.network, self.network.site("dns"))
        self.programs = instance.directory / "bin"
        self.programs.mkdir()
        self.mtas, self.servers = [], Servers(instance)
        self.beacons = {}  # name: the line of an endpoints file
        self.lock = threading.Lock()

    def program(self, name):
        """A built program where any user may run it."""
        path = self.programs / name
        with self.lock:
            if not path.exists():
                folder = name.removeprefix("egress25-")
                shutil.copy(self.build / folder / name, path)
                path.chmod(0o755)
        return str(path)

    def another_authority(self, name):
        """Of somebody on the way."""
        folder = self.instance.directory / name
        folder.mkdir()
        return Authority(folder)

    def host(self, name):
        """Every site is somebody else's, and so is its domain."""
        return f"mx.{name}.example"

    def site(self, name, apart=False, within=None):
        site = self.network.site(name, apart, within)
        self.dns.host(self.host(name), *site.addresses())
        return site

    def endpoint(self, name, kind=Postfix, **options):
        """A site with a mail server, which runs after start()."""
        server = kind(self.site(name), self.host(name), self, **options)
        self.mtas.append(server)
        return server

    def scripted(self, name, ports=USUAL, tls=(465,), behind=(), within=None,
                 apart=False, certificate=None):
        """A site with scripted servers: {port: manner}, and where TLS comes
        first. `behind`: of (hops, ports...), what it sends on; `within`: the
        site that is the router before it; `apart`: in a network of its own;
        `certificate`: where it has not one of its own."""
        site = self.site(name, apart, within)
        for hops, *sent_on in behind:
            self.network.behind(site, hops, *sent_on)
        self.serve(site, name, ports, tls, certificate)
        return site

    def scripted_at(self, name, ports, tls=(465,)):
        """Scripted servers on a site that is there."""
        self.serve(self.network.sites[name], name, ports, tls)

    def serve(self, site, name, ports, tls, certificate=None):
        if certificate is None:
            certificate = self.authority.issue(name, self.host(name))
        for port, manner in ports.items():
            node, addresses = site.server_of(port)
            self.servers.listen(node, addresses, port, manner, certificate,
                                tls=port in tls, name=self.host(name))

    def start(self):
        """Make the network, then start the servers and wait for them."""
        self.network.make()
        self.dns.start()
        if self.servers.listeners:
            self.servers.start()
        for mta in self.mtas:
            mta.start()
        for mta in self.mtas:
            mta.wait()

    def vantage(self, provider, name, line="home"):
        vantage = self.network.vantage(provider, name, line)
        self.dns.host(f"{name}.{provider.name}.example.org",
                      vantage.public4, vantage.public6)
        return vantage

    def endpoints_file(self, file_name, hosts, starttls=True, keys=None,
                       domains=None, ports=(25, 587, 465), control=(443,)):
        """An endpoints file (contract, section 3) of {name: host} and {name:
        domain}, with what is known of them: that they offer STARTTLS, {name:
        its keys}."""
        more = f"ports = {' '.join(map(str, ports))}\n"
        if control:
            more += f"control = {' '.join(map(str, control))}\n"
        if starttls:
            more += "starttls = yes\n"
        more += "interval = 60\nrate = 10\n"
        path = self.instance.directory / f"{file_name}.endpoints"
        path.write_text("".join(
            f"[{name}]\n{key} = {value}\n{more}{self.kind(name)}" +
            "".join(f"spki = {' '.join(each)}\n"
                    for each in [(keys or {}).get(name)] if each) + "\n"
            for key, values in (("host", hosts), ("domain", domains or {}))
            for name, value in values.items()))
        return path

    def kind(self, name):
        if name in self.beacons:
            return f"kind = beacon\n{self.beacons[name]}"
        return "kind = mx\n"

    def as_user(self, argv, resolv_conf=None, before=""):
        """The command that runs `argv` without privilege in the lab;
        `before` is done first, by root."""
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                before + AS_USER, str(resolv_conf or self.dns.resolv_conf),
                *argv]

    def user_directory(self, name):
        """A directory that the ordinary user owns."""
        path = self.instance.directory / name
        path.mkdir()
        os.chown(path, NOBODY, NOBODY)
        return path

    def run_agent(self, vantage, *argv, timeout_s=120, sandbox=False, **how):
        """Run the agent to its end, or as in sandbox.py; returns the finished
        process. `how`: see as_user()."""
        program = [str(SANDBOX)] * sandbox + [self.program("egress25-agent")]
        return vantage.client.run(
            self.as_user([*program, *argv], **how),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout_s)
