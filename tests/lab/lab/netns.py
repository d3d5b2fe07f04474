# SPDX-License-Identifier: Apache-2.0
"""Network namespaces and the links between them, made in bulk."""

import contextlib
import ctypes
import os
import re
import socket
import subprocess

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)

# A lab wants answers from every hop, at once and always.
SYSCTLS = {
    "ipv4/icmp_ratelimit": 0,
    "ipv4/icmp_msgs_per_sec": 100000,
    "ipv4/icmp_msgs_burst": 100000,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv6/icmp/ratelimit": 0,
    "ipv6/conf/all/disable_ipv6": 0,
    "ipv6/conf/default/disable_ipv6": 0,
    "ipv6/conf/default/accept_dad": 0,
    "ipv6/conf/default/accept_ra": 0,
}
ROUTER_SYSCTLS = {"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1}
MAY_BE_ABSENT = {"ipv4/icmp_msgs_per_sec", "ipv4/icmp_msgs_burst"}


@contextlib.contextmanager
def inside(namespace):
    """Let this thread, and what it starts, be in a namespace."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        enter_path(f"/run/netns/{namespace}")
        try:
            yield
        finally:
            enter(own)
    finally:
        os.close(own)


def enter_path(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        enter(fd)
    finally:
        os.close(fd)


def enter(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def feed(argv, text, what):
    """Run a tool that reads its orders from stdin."""
    done = subprocess.run(argv, input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        line = re.search(r":(\d+)", done.stdout)
        order = text.splitlines()[int(line[1]) - 1] if line else ""
        raise RuntimeError(f"{what}: {done.stdout.strip()}: {order}")


def mac(link, end):
    """Of one end of a lab's link: locally administered."""
    return f"02:25:00:{link >> 8:02x}:{link & 255:02x}:{end:02x}"


class Node:
    """One namespace: a host or a router."""

    def __init__(self, instance, name, router=False):
        self.at = {}      # device: its addresses
        self.instance, self.name, self.router = instance, name, router
        self.ns = instance.namespace(name)
        self.orders = []  # of `ip -batch`, in the namespace
        self.rules = ""   # of nft
        self.late_sysctls = {}

    def address(self, device, *prefixes):
        self.at.setdefault(device, []).extend(
            prefix.split("/")[0] for prefix in prefixes)
        for prefix in prefixes:
            nodad = " nodad" if ":" in prefix else ""
            self.orders.append(f"addr add {prefix} dev {device}{nodad}")

    def route(self, to, via, device=None):
        if to == "default":
            to = "::/0" if ":" in via else "0.0.0.0/0"
        dev = f" dev {device}" if device else ""
        self.orders.append(f"route add {to} via {via}{dev}")

    def know(self, device, addresses, mac_address):
        """Neighbours that need not be asked for: the kernel's table of those
        that must be is one for all namespaces, and small."""
        self.orders += [f"neigh add {address} lladdr {mac_address} "
                        f"dev {device} nud permanent" for address in addresses]

    def nft(self, text):
        """Load rules now."""
        with inside(self.ns):
            feed(["nft", "-f", "-"], text, f"nft in {self.name}")

    def sysctl(self, values):
        with inside(self.ns):
            for key, value in values.items():
                try:
                    with open(f"/proc/sys/net/{key}", "w") as out:
                        out.write(str(value))
                except FileNotFoundError:
                    if key not in MAY_BE_ABSENT:
                        raise

    def ip(self, lines, flags=()):
        with inside(self.ns):
            feed(["ip", *flags, "-batch", "-"], "\n".join(lines) + "\n",
                 f"ip in {self.name}")

    def configure(self):
        """Carry out what was ordered since the last time."""
        self.ip(["link set lo up"] + self.orders)
        self.orders = []
        self.sysctl(self.late_sysctls)
        if self.rules:
            self.nft(self.rules)
            self.rules = ""

    def run(self, argv, **options):
        with inside(self.ns):
            return subprocess.run(argv, text=True, stdin=subprocess.DEVNULL,
                                  **options)

    def start(self, argv, **options):
        """A process that lives no longer than the lab."""
        options.setdefault("stdin", subprocess.DEVNULL)
        with inside(self.ns):
            return self.instance.started(
                subprocess.Popen(argv, start_new_session=True, **options))

    def connect(self, host, port, timeout_s=10):
        """A connected socket that belongs to the namespace."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with inside(self.ns):
            sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(timeout_s)
        sock.connect((host, port))
        return sock


class Plan:
    """Nodes and links to be made together: few processes, little time."""

    def __init__(self, instance):
        self.instance, self.nodes, self.links = instance, [], []
        self.bridged = []  # ends that a switch joins

    def node(self, name, router=False):
        node = Node(self.instance, name, router)
        self.nodes.append(node)
        return node

    def link(self, node, device, peer, peer_device):
        self.links.append((node, device, peer, peer_device))
        for end, name in ((node, device), (peer, peer_device)):
            end.orders.append(f"link set {name} up")

    def across(self, node, device, peer, peer_device):
        """Ends that see each other by a switch."""
        self.bridged.append((node, device, peer, peer_device))

    def know_across(self):
        macs = {}
        for number, (node, device, peer, peer_device) in enumerate(self.links):
            macs[node, device] = mac(number, 0)
            macs[peer, peer_device] = mac(number, 1)
        for node, device, peer, peer_device in self.bridged:
            node.know(device, peer.at[peer_device], macs[peer, peer_device])
            peer.know(peer_device, node.at[device], macs[node, device])

    def make(self):
        """Make it; nodes that were there before get their new links too."""
        if self.nodes:
            feed(["ip", "-batch", "-"],
                 "".join(f"netns add {node.ns}\n" for node in self.nodes),
                 "namespaces")
        for node in self.nodes:
            node.sysctl(SYSCTLS)
            if node.router:
                node.sysctl(ROUTER_SYSCTLS)
        feed(["ip", "-batch", "-"], "".join(
            f"link add {device} address {mac(number, 0)} netns {node.ns} "
            f"type veth peer name {peer_device} address {mac(number, 1)} "
            f"netns {peer.ns}\n"
            for number, (node, device, peer, peer_device)
            in enumerate(self.links)), "links")
        for number, (node, device, peer, peer_device) in enumerate(self.links):
            node.know(device, peer.at.get(peer_device, ()), mac(number, 1))
            peer.know(peer_device, node.at.get(device, ()), mac(number, 0))
        self.know_across()
        ends = [end for link in self.links for end in (link[0], link[2])]
        for node in dict.fromkeys(self.nodes + ends):
            node.configure()
