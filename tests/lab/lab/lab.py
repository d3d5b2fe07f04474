# SPDX-License-Identifier: Apache-2.0
"""A whole lab: the exchange with its name server and its mail servers."""

import os
import shutil
import subprocess
import threading

from .dns import NameServer
from .postfix import Postfix
from .pki import Authority
from .topology import Network

NOBODY = 65534
DOMAIN = "example.net"

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
        self.mtas = []
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

    def host(self, name):
        return f"{name}.{DOMAIN}"

    def site(self, name):
        site = self.network.site(name)
        self.dns.host(self.host(name), *site.addresses())
        return site

    def endpoint(self, name, kind=Postfix, **options):
        """A site with a mail server, which runs after start()."""
        server = kind(self.site(name), self.host(name), self, **options)
        self.mtas.append(server)
        return server

    def start(self):
        """Make the network, then start the servers and wait for them."""
        self.network.make()
        self.dns.start()
        for mta in self.mtas:
            mta.start()
        for mta in self.mtas:
            mta.wait()

    def vantage(self, provider, name):
        vantage = self.network.vantage(provider, name)
        self.dns.host(f"{name}.{provider.name}.example.org",
                      vantage.public4, vantage.public6)
        return vantage

    def endpoints_file(self, file_name, hosts, starttls=True, keys=None):
        """An endpoints file (contract, section 3) of {name: host}, with what
        is known of them: that they offer STARTTLS, {name: its keys}."""
        known = "starttls = yes\n" if starttls else ""
        path = self.instance.directory / f"{file_name}.endpoints"
        path.write_text("".join(
            f"[{name}]\nhost = {host}\nports = 25 587 465\n"
            f"control = 443\nkind = mx\n{known}"
            f"interval = 60\nrate = 10\n" +
            "".join(f"spki = {' '.join(each)}\n"
                    for each in [(keys or {}).get(name)] if each) + "\n"
            for name, host in hosts.items()))
        return path

    def as_user(self, argv):
        """The command that runs `argv` without privilege in the lab."""
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                AS_USER, str(self.dns.resolv_conf), *argv]

    def user_directory(self, name):
        """A directory that the ordinary user owns."""
        path = self.instance.directory / name
        path.mkdir()
        os.chown(path, NOBODY, NOBODY)
        return path

    def run_agent(self, vantage, *argv, timeout_s=120):
        """Run the agent to its end; returns the finished process."""
        return vantage.client.run(
            self.as_user([self.program("egress25-agent"), *argv]),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout_s)
