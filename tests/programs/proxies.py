# SPDX-License-Identifier: Apache-2.0
"""nginx, HAProxy and Caddy on loopback, configured as doc/proxies says; only
addresses, certificates and what a service has around it are replaced. They are
Debian's, unpacked (./dev) or installed."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
UNPACKED = ROOT / "build" / "peers"  # a folder a package
EXAMPLES = ROOT / "doc" / "proxies"


def program(name):
    for folder in ("usr/sbin", "usr/bin"):
        if (UNPACKED / name / folder / name).exists():
            return UNPACKED / name / folder / name
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        raise RuntimeError(f"{name} is not here: ./dev test unpacks it")
    return found


def environment(folder):
    libraries = [str(each) for each in UNPACKED.glob("*/usr/lib/*-linux-gnu*")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries),
            "HOME": str(folder), "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder)}


def replaced(text, *pairs):
    """Each of the pairs must be there."""
    for old, new in pairs:
        if old not in text:
            raise RuntimeError(f"the example has no {old!r}")
        text = text.replace(old, new)
    return text


def without(text, *words):
    """Without the lines that have one of the words; there are some of each."""
    for word in words:
        if word not in text:
            raise RuntimeError(f"the example has no {word!r}")
    return "\n".join(line for line in text.split("\n")
                     if not any(word in line for word in words))


def nginx(folder, port, collector):
    example = replaced(
        without((EXAMPLES / "nginx.conf").read_text(), "ssl_certificate",
                "listen [::]"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:8025", f"127.0.0.1:{collector}"))
    path = folder / "nginx.conf"
    temporary = "".join(f"{what}_temp_path {folder}/{what};\n" for what in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path.write_text(
        "worker_processes 1;\ndaemon off;\nmaster_process off;\n"
        f"pid {folder}/pid;\nerror_log {folder}/error.log;\n"
        "events { worker_connections 256; }\n"
        f"http {{\naccess_log off;\n{temporary}{example}\n}}\n")
    return [program("nginx"), "-p", folder, "-e", folder / "error.log", "-c",
            path]


def haproxy(folder, port, collector):
    example = replaced(
        without((EXAMPLES / "haproxy.cfg").read_text(), "bind [::]"),
        ("bind :443 ssl crt /etc/ssl/collector.example.pem",
         f"bind 127.0.0.1:{port}"),
        ("127.0.0.1:8025", f"127.0.0.1:{collector}"))
    path = folder / "haproxy.cfg"
    path.write_text(f"global\n\tmaxconn 256\n\n{example}")
    return [program("haproxy"), "-db", "-f", path]


def caddy(folder, port, collector):
    example = replaced(
        (EXAMPLES / "Caddyfile").read_text(),
        ("collector.example {", f"http://127.0.0.1:{port} {{\n"
         "\tbind 127.0.0.1"),
        ("127.0.0.1:8025", f"127.0.0.1:{collector}"))
    # The host name that clients send is no matter here.
    example = example.replace(f"http://127.0.0.1:{port}", f":{port}", 1)
    path = folder / "Caddyfile"
    path.write_text(f"{{\nadmin off\n}}\n{example}")
    return [program("caddy"), "run", "--config", path, "--adapter",
            "caddyfile"]


ALL = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy}


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def proxy(name, folder, port, collector, more=None):
    """One of them listens on `port` in front of a collector's port. `more`
    changes its configuration's text."""
    folder.mkdir()
    command = ALL[name](folder, port, collector)
    if more is not None:
        path = next(each for each in command if Path(each).suffix in (
            ".conf", ".cfg") or Path(each).name == "Caddyfile")
        path.write_text(more(path.read_text()))
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=said, stderr=said,
                                   env=environment(folder))
    try:
        for _ in range(200):
            if answers(port) or process.poll() is not None:
                break
            time.sleep(0.05)
        if process.poll() is not None or not answers(port):
            raise RuntimeError((folder / "said").read_text())
        yield
    finally:
        process.kill()
        process.wait()
