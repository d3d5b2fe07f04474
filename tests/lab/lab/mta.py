# SPDX-License-Identifier: Apache-2.0
"""Real mail servers, without installing them on the machine.

A server's Debian packages are unpacked into build/lab/roots/NAME. It runs
chrooted into an overlay of these files over the machine's own, with mounts
and processes of its own; nothing it writes outlives it.
"""

import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from .instance import ROOT
from .wait import wait_for_port

ROOTS = ROOT / "build" / "lab" / "roots"

# $0 is where the overlay is put together, $1 the unpacked packages, $2 the
# files that go on top, $3 the server. The packages are copied, since the layers
# of an overlay may not hold each other.
LAUNCH = """
set -e
mount -t tmpfs -o mode=755 lab "$0"
mkdir "$0/up" "$0/work" "$0/root"
cp -a "$1/." "$2/." "$0/up/"
mount -t overlay -o "lowerdir=/,upperdir=$0/up,workdir=$0/work" lab "$0/root"
mount -t proc proc "$0/root/proc"
mount --bind /dev "$0/root/dev"
mount -t tmpfs lab "$0/root/tmp"
mount -t tmpfs lab "$0/root/run"
chmod 1777 "$0/root/tmp"
cd "$0/root"
exec chroot . /bin/sh -c "$3"
"""


def apt(*argv, **options):
    return subprocess.run(argv, check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, **options).stdout


def needed_packages(packages):
    """These, and what they need that the machine does not have."""
    plan = apt("apt-get", "--simulate", "--no-install-recommends", "install",
               *packages)
    return sorted(set(packages) | set(re.findall(r"^Inst (\S+)", plan, re.M)))


def download(packages, into):
    try:
        wanted = needed_packages(packages)
        apt("apt-get", "--quiet=2", "download", *wanted, cwd=into)
    except subprocess.CalledProcessError:
        apt("apt-get", "--quiet=2", "update")
        wanted = needed_packages(packages)
        apt("apt-get", "--quiet=2", "download", *wanted, cwd=into)


def unpack(package, root):
    """Like dpkg-deb -x, but over merged directories (/lib is usr/lib)."""
    process = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package],
                               stdout=subprocess.PIPE)
    subprocess.run(["tar", "-C", root, "-xp", "--keep-directory-symlink"],
                   check=True, stdin=process.stdout)
    process.stdout.close()
    if process.wait():
        raise RuntimeError(f"{package}: cannot be unpacked")


def unpacked_root(name, packages):
    """The directory with these packages' files; made where it is missing."""
    root = ROOTS / name
    if root.exists():
        return root
    print(f"# unpacking {', '.join(packages)} for the lab", flush=True)
    shutil.rmtree(ROOTS / f"{name}.new", ignore_errors=True)
    new = ROOTS / f"{name}.new"
    new.mkdir(parents=True)
    for directory in ("bin", "sbin", "lib", "lib64"):
        (new / "usr" / directory).mkdir(parents=True)
        (new / directory).symlink_to(f"usr/{directory}")
    files = ROOTS / f"{name}.packages"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    download(packages, files)
    for package in sorted(files.glob("*.deb")):
        unpack(str(package), str(new))
    shutil.rmtree(files)
    new.rename(root)
    return root


class Mta:
    """A mail server in a site's namespace; a kind of server is a subclass
    with `packages` and start()."""

    def __init__(self, site, host, lab, ports):
        self.site, self.host, self.ports = site, host, ports
        self.root = unpacked_root(type(self).__name__.lower(), self.packages)
        self.directory = lab.instance.directory / site.name
        self.files = self.directory / "files"
        self.files.mkdir(parents=True)
        (self.directory / "overlay").mkdir()
        self.file("etc/resolv.conf", lab.dns.resolv_conf.read_text())
        self.file("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")
        certificate, key = lab.authority.issue(site.name, host)
        self.file("etc/lab/certificate.pem", certificate.read_text())
        self.file("etc/lab/key.pem", key.read_text(), 0o600)

    def file(self, path, text, mode=0o644):
        target = self.files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def accounts(self, lines):
        for path, more in lines.items():
            self.file(path, Path("/", path).read_text() + more)

    def launch(self, command):
        log = open(self.directory / "console.log", "wb")
        self.process = self.site.node.start(
            ["unshare", "--mount", "--propagation", "private", "--pid",
             "--fork", "--kill-child", "sh", "-c", LAUNCH,
             str(self.directory / "overlay"), str(self.root),
             str(self.files), command], stdout=log, stderr=log)

    def console(self):
        return (self.directory / "console.log").read_text(errors="replace")

    def wait(self):
        for port in self.ports:
            for address in self.site.addresses():
                wait_for_port(self.site.node, address, int(port))

    def stop(self):
        self.process.kill()
        self.process.wait()
