#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What README and the man page show of `check` is what it prints.

Usage: test_pictures.py AGENT

The round is that of the laboratory behind a provider that drops port 25, as a
stored report; `explain` prints of it what `check` does, and then the rules."""

import json
import pathlib
import subprocess
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import Tap  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
AT = "2026-11-26T08:00:00.000Z"
ROUTERS = ["192.168.1.1", "198.18.3.1", "198.18.4.1", "198.18.5.1"]
TITLE = "How far each port gets to "


def hops(answering):
    """Of all between, each asked as often as the agent asks."""
    return [{"ttl": ttl, "address": router, "ms": 1.5, "asked": 8,
             "answered": 8} if ttl <= answering else
            {"ttl": ttl, "address": None, "asked": 8, "answered": 0}
            for ttl, router in enumerate(ROUTERS, 1)]


def spoken(port, mode):
    """A dialogue that passed, of a server that wants TLS before a login."""
    stages = (["connect", "tls", "banner", "ehlo"] if mode == "tls" else
              ["connect", "banner", "ehlo", "starttls", "tls", "ehlo-tls"])
    words = ["SIZE"] if mode == "tls" else ["SIZE", "STARTTLS"]
    return {"port": port, "mode": mode, "ended": "done", "failure": None,
            "ms": {stage: 2.5 for stage in stages},
            "smtp": {"code": 220, "text": "ESMTP", "capabilities": words,
                     "tls_capabilities": ["AUTH"]},
            "tls": {"version": "TLSv1.3", "verify": "ok"}}


def dropped():
    return {"port": 25, "mode": "starttls", "ended": "connect",
            "failure": "timeout", "ms": {"connect": 3500.0},
            "host": {"retransmitted": 2, "failed": 0, "looped": 0}}


def control():
    return {"port": 443, "mode": "connect", "ended": "connect",
            "failure": None, "ms": {"connect": 2.5}}


def target(host, address):
    return {"endpoint": host, "host": host, "address": address, "family": 4,
            "at": AT, "own_address": "private",
            "probes": [dropped(), dropped(), dropped(),
                       spoken(587, "starttls"), spoken(465, "tls"), control()],
            "paths": [{"port": 25, "reached": False, "answer_ttl": None,
                       "hops": hops(2)},
                      {"port": 443, "reached": True, "answer_ttl": 5,
                       "hops": hops(4)}]}


REPORT = {"format": "egress25-report/1",
          "report": "01930000-0000-7000-8000-000000000001",
          "agent": "a" * 16, "software": "egress25-agent/test",
          "started": AT, "ended": AT, "sources": [],
          "targets": [target("mx1.example.net", "192.0.2.10"),
                      target("mx2.example.net", "192.0.2.18")]}


def printed(agent):
    done = subprocess.run([agent, "explain"], input=json.dumps(REPORT),
                          text=True, stdout=subprocess.PIPE, timeout=120,
                          check=True)
    return done.stdout


def picture_of(text):
    """Its lines, from the title to the first blank one."""
    return (TITLE + text.split(TITLE, 1)[1]).split("\n\n")[0].rstrip()


def readme_block():
    """The first indented block: the command, and what it prints."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines)
                 if line.startswith("    $ egress25-agent check"))
    last = next(i for i in range(first, len(lines))
                if lines[i] and not lines[i].startswith("    "))
    block = textwrap.dedent("\n".join(lines[first:last])).strip()
    return block.split("\n", 1)


def man_picture():
    text = (ROOT / "agent/egress25-agent.1").read_text(encoding="utf-8")
    return (TITLE + text.split(TITLE, 1)[1]).split("\n.Ed")[0]


def main():
    tap = Tap()
    out = printed(sys.argv[1])

    def readme():
        command, shown = readme_block()
        for one in REPORT["targets"]:
            if one["host"] not in command:
                yield f"{command}: not {one['host']}"
        if not out.startswith(shown + "\n"):
            yield f"README shows\n{shown}\nand printed is\n{out}"

    def man():
        if man_picture() != picture_of(out):
            yield f"the man page shows\n{man_picture()}\nand printed is\n" \
                  f"{picture_of(out)}"

    def lanes():
        ports = [line.split()[0] for line in picture_of(out).splitlines()[2:]]
        if ports != ["25", "587", "465", "443"]:
            yield ports

    tap.run("README shows what `check` prints", readme)
    tap.run("the man page shows the picture that `check` prints", man)
    tap.run("the picture has the mail ports, and then the control", lanes)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
