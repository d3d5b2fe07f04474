#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Both command lines as programs: exit codes, which stream says what, and what
a terminal sees. Everything happens on loopback.

usage: test_commands.py AGENT COLLECTOR
"""

import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ports import free_port
from small_servers import SERVFAIL, mail_server, name_server, whoami
from tap import Tap

AGENT, COLLECTOR, HURRY = sys.argv[1:4]
PROVIDERS = Path(__file__).resolve().parents[2] / "agent" / "providers.conf"


def unreferenced(arguments):
    """`check` asks nobody who is not named: tests do not leave the machine."""
    if arguments[:1] == ("check",) and "--references" not in arguments:
        return ("check", "--references", "never", *arguments[1:])
    return arguments


def run(program, *arguments, **options):
    options.setdefault("stdout", subprocess.PIPE)
    if program == AGENT:
        arguments = unreferenced(arguments)
    return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, timeout=60,
                          check=False, **options)


def refused(name, *arguments, code=2, says=""):
    """Problems unless it ends with `code`, one line on stderr, nothing else."""
    program = AGENT if name == "egress25-agent" else COLLECTOR
    done = run(program, *arguments)
    if done.returncode != code:
        yield f"exit code {done.returncode}, not {code}"
    if done.stdout:
        yield f"stdout: {done.stdout}"
    if not done.stderr.startswith(f"{name}: ") or done.stderr.count("\n") != 1:
        yield f"stderr is not one line of the program: {done.stderr!r}"
    if says not in done.stderr:
        yield f"stderr lacks {says!r}: {done.stderr}"


def on_terminal(*arguments, **environment):
    """All that a terminal gets to see of both streams."""
    parent, child = pty.openpty()
    process = subprocess.Popen([AGENT, *unreferenced(arguments)],
                               stdin=subprocess.DEVNULL, stdout=child,
                               stderr=child,
                               env={**os.environ, **environment})
    os.close(child)
    seen = b""
    while True:
        try:
            part = os.read(parent, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        seen += part
    os.close(parent)
    process.wait(timeout=60)
    return seen.decode()


class CheckNames:
    """What depends on DNS and on a collector, both on loopback."""

    @staticmethod
    def reasons():
        """Five reasons for no address, each with the domain's name."""
        records = {("null.example", "MX"): ["0 ."],
                   ("literal.example", "MX"): ["10 192.0.2.1"],
                   ("empty.example", "TXT"): ["nothing"],
                   ("broken.example", None): SERVFAIL}
        wanted = {
            "gone.example": "there is no domain gone.example (NXDOMAIN)",
            "empty.example": "empty.example exists and has no address",
            "broken.example":
                "the name servers of broken.example fail (SERVFAIL)",
        }
        with name_server(records) as dns:
            for name, says in wanted.items():
                done = run(AGENT, "check", "--references", "never", "--dns",
                           dns, "--ports", "25", name)
                if done.returncode != 3 or says not in done.stdout:
                    yield f"{name}: {done.stdout}"
            for name, says in (
                    ("null.example", "null.example takes no mail (null MX"),
                    ("literal.example", "the MX record of literal.example")):
                done = run(AGENT, "check", "--references", "never", "--dns",
                           dns, "--mx", name)
                if done.returncode != 3 or says not in done.stdout:
                    yield f"{name}: {done.stdout}"
        dead = run(AGENT, "check", "--references", "never", "--dns",
                   f"127.0.0.1:{free_port()}", "--ports", "25", "x.example")
        if "no name server answered when asked for x.example" not in \
                dead.stdout:
            yield dead.stdout

    @staticmethod
    def mx():
        """--mx and a mail address ask the MX hosts; a mute host hints at
        them."""
        with mail_server() as (port, _):
            records = {("example.net", "A"): ["127.0.0.9"],
                       ("example.net", "MX"): ["10 mx1.example.net"],
                       ("mx1.example.net", "A"): ["127.0.0.1"]}
            argv = ("check", "--references", "never", "--ports", str(port))
            with name_server(records) as dns:
                asked = run(AGENT, *argv, "--dns", dns, "--mx", "example.net")
                address = run(AGENT, *argv, "--dns", dns, "me@example.net.")
                mute = run(AGENT, *argv, "--dns", dns, "example.net")
        for done in (asked, address):
            if done.returncode != 0 or "example.net (MX)" not in done.stdout:
                yield done
        if "Mail for example.net goes to mx1.example.net" not in \
                mute.stdout or "--mx example.net" not in mute.stdout:
            yield mute.stdout

    @staticmethod
    def blocklists(folder):
        config = folder / "blocklists.conf"
        names = {"7.113.0.203.bl.example": ["127.0.0.2"],
                 "2.0.0.127.bl.example": ["127.0.0.2"],
                 "2.0.0.127.clean.example": ["127.0.0.2"]}
        records = {(name, "A"): found for name, found in names.items()}
        with mail_server() as (port, _), name_server(records) as dns, \
                whoami(address="203.0.113.7", family=4, asn=24940) as url:
            config.write_text(f"[agent]\ncollector = {url}\n"
                              f"dns = {dns}\n"
                              f"providers = {PROVIDERS}\n")
            done = run(AGENT, "check", "-4", "--config", str(config),
                       "--blocklists", "bl.example,clean.example,deaf.example",
                       f"127.0.0.1:{port}")
            as_json = run(AGENT, "check", "-4", "--json", "--config",
                          str(config), "--blocklists", "bl.example",
                          f"127.0.0.1:{port}")
        for line in ("bl.example: listed (127.0.0.2).",
                     "clean.example: not listed.",
                     "deaf.example: not known (it does not answer here"):
            if f"- Block list {line}" not in done.stdout:
                yield done.stdout
        said = json.loads(as_json.stdout)
        lists = said["readiness"]["families"][0]["blocklists"]
        if [(each["zone"], each["listed"], each["codes"]) for each in lists] \
                != [("bl.example", True, ["127.0.0.2"])]:
            yield lists
        provider = said["surroundings"]["provider"]
        if provider is None or not provider["policy"]:
            yield said["surroundings"]


class Check:
    @staticmethod
    def reachable():
        with mail_server() as (port, told):
            done = run(AGENT, "check", f"127.0.0.1:{port}")
        if done.returncode != 0 or done.stderr:
            yield f"{done.returncode}: {done.stderr}"
        if "\033" in done.stdout or f"Port {port} is open" not in done.stdout:
            yield done.stdout
        if not any(line.startswith("EHLO ") for line in told):
            yield f"no EHLO: {told}"
        if not all(line[:4] in ("EHLO", "QUIT") for line in told):
            yield f"more than EHLO and QUIT: {told}"
        if told.count("QUIT") * 2 != len(told):
            yield f"not a QUIT to each EHLO: {told}"

    @staticmethod
    def as_json():
        with mail_server() as (port, _):
            done = run(AGENT, "check", "--json", f"127.0.0.1:{port}")
        said = json.loads(done.stdout)
        if said["format"] != "egress25-check/1":
            yield said["format"]
        if said["report"]["format"] != "egress25-report/1":
            yield said["report"]["format"]
        if said["ports"][str(port)]["state"] != "open":
            yield said["ports"]
        if [item["outcome"] for item in said["diagnoses"]] != ["reachable"]:
            yield said["diagnoses"]
        if done.stdout.count("\n") != 1 or not done.stdout.endswith("\n"):
            yield "not one line"

    @staticmethod
    def verbose():
        """Word for word, before the table; beside JSON on stderr."""
        with mail_server() as (port, _):
            host = f"127.0.0.1:{port}"
            done = run(AGENT, "check", "--verbose", host)
            as_json = run(AGENT, "check", "--verbose", "--json", host)
        dialogue, _, table = done.stdout.partition("ENDPOINT")
        said = [line[9:] for line in dialogue.splitlines()]
        for line in ("* connected", "< 220 mx.example.net ESMTP",
                     "> EHLO [127.0.0.1]", "< 250-mx.example.net",
                     "< 250 SIZE", "> QUIT"):
            if line not in said:
                yield f"no {line!r} in {dialogue}"
        if f"127.0.0.1 port {port}\n" not in dialogue or not table:
            yield done.stdout
        if "> QUIT" not in as_json.stderr or as_json.stdout[0] != "{":
            yield f"{as_json.stdout}{as_json.stderr}"

    @staticmethod
    def nagios():
        with mail_server() as (port, _):
            done = run(AGENT, "check", "--nagios", f"127.0.0.1:{port}")
        closed = run(AGENT, "check", "--nagios", "--dns",
                     f"127.0.0.1:{free_port()}", "mx.example.net")
        wrong = run(AGENT, "check", "--nagios", "--ports", "x", "127.0.0.1")
        for one, code, word in ((done, 0, "OK"), (closed, 3, "UNKNOWN"),
                                (wrong, 3, "UNKNOWN")):
            if one.returncode != code or one.stderr or \
                    one.stdout.count("\n") != 1 or \
                    not one.stdout.startswith(f"EGRESS25 {word} - "):
                yield one
        if f"'open_{port}'=1;;;0;1 'connect_{port}'=" not in done.stdout:
            yield done.stdout

    @staticmethod
    def explain(folder):
        """A stored report gives the same again, with the rules."""
        path = folder / "report.json"
        with mail_server() as (port, _):
            host = f"127.0.0.1:{port}"
            stored = run(AGENT, "check", "--json", host).stdout
        path.write_text(stored)
        done = run(AGENT, "explain", str(path))
        if done.returncode != 0 or done.stderr or \
                f"Port {port} is open" not in done.stdout or \
                f"port {port}: reachable/open" not in done.stdout:
            yield done
        again = json.loads(run(AGENT, "explain", "--json", str(path)).stdout)
        for key in ("report", "diagnoses", "ports"):
            if again[key] != json.loads(stored)[key]:
                yield f"another {key}: {again[key]}"
        bare = json.dumps(json.loads(stored)["report"])
        piped = subprocess.run([AGENT, "explain"], input=bare, text=True,
                               stdout=subprocess.PIPE, timeout=60, check=False)
        if piped.returncode != 0 or piped.stdout != done.stdout:
            yield piped
        path.write_text(stored[:100])
        yield from refused("egress25-agent", "explain", str(path),
                           says=str(path))
        yield from refused("egress25-agent", "explain", "/nonexistent/x",
                           says="/nonexistent/x")

    @staticmethod
    def letter():
        with mail_server() as (port, _):
            done = run(AGENT, "check", "--letter", "--timeout", "5", "--dns",
                       f"127.0.0.1:{free_port()}", f"127.0.0.1:{port}")
        if done.returncode != 0 or done.stdout or \
                "no letter" not in done.stderr:
            yield done

    @staticmethod
    def wait():
        """Ends when the port opens, and looks again only after a pause."""
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        looks = []

        def serve():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                looks.append(time.monotonic())
                with peer, peer.makefile("rb") as lines:
                    if looks[-1] - looks[0] < 2:
                        continue
                    peer.sendall(b"220 mx.example.net ESMTP\r\n")
                    for line in lines:
                        if line.startswith(b"QUIT"):
                            peer.sendall(b"221 bye\r\n")
                            break
                        peer.sendall(b"250 mx.example.net\r\n")

        threading.Thread(target=serve, daemon=True).start()
        done = run(HURRY, "check", "--wait", f"127.0.0.1:{port}",
                   env={**os.environ, "EGRESS25_HURRY": "20"})
        listener.close()
        if done.returncode != 0 or f"Port {port} is open" not in done.stdout:
            yield done
        if f"port {port} is not open yet; next look in 60" not in done.stderr:
            yield done.stderr
        if len(looks) < 2 or looks[-1] - looks[0] < 2.5:
            yield looks

    @staticmethod
    def ehlo_name(folder):
        config = folder / "ehlo.conf"
        config.write_text("[agent]\nhelo = mx.example.net\n")
        with mail_server() as (port, told):
            run(AGENT, "check", "--ehlo", "probe.example.net",
                f"127.0.0.1:{port}")
            run(AGENT, "check", "--config", str(config), f"127.0.0.1:{port}")
        for name in ("probe.example.net", "mx.example.net"):
            if f"EHLO {name}" not in told:
                yield told

    @staticmethod
    def named_ports():
        """--ports asks a HOST on any port, in the mode that is said."""
        with mail_server() as (port, _), mail_server() as (other, _):
            done = run(AGENT, "check", "--json", "--ports", f"{port},{other}",
                       "127.0.0.1.")
            again = run(AGENT, "check", "--json", "--ports",
                        f"{port}/starttls,{other}/connect", "127.0.0.1")
        states = {name: each["state"]
                  for name, each in json.loads(done.stdout)["ports"].items()}
        if states != {str(port): "open", str(other): "open"}:
            yield states
        if list(json.loads(again.stdout)["ports"]) != [str(port)]:
            yield again.stdout

    @staticmethod
    def readiness(folder):
        """Without a collector and DNS: it is there, bounded, and changes no
        exit code."""
        config = folder / "check.conf"
        config.write_text("[agent]\nhelo = mx.example.net\n")
        with mail_server() as (port, _):
            argv = ("check", "--json", "--config", str(config), "--timeout",
                    "5", "--dns", f"127.0.0.1:{free_port()}",
                    f"127.0.0.1:{port}")
            never = json.loads(run(AGENT, *argv).stdout)
            done = run(AGENT, *argv, "--domain", "example.net")
        if never["readiness"] is not None:
            yield f"a HOST is named: {never['readiness']}"
        said = json.loads(done.stdout)["readiness"]
        if done.returncode != 0:
            yield f"exit code {done.returncode}"
        if [each["family"] for each in said["families"]] != [4, 6]:
            yield said
        if (said["helo"], said["helo_source"]) != (
                "mx.example.net", "configuration"):
            yield said
        if any(each["spf"] not in (None, "unknown")
               for each in said["families"]):
            yield said

    @staticmethod
    def refused():
        done = run(AGENT, "check", f"127.0.0.1:{free_port()}")
        if done.returncode != 0 or \
                "refused by the endpoint" not in done.stdout:
            yield f"{done.returncode}: {done.stdout}"

    @staticmethod
    def unresolved():
        done = run(AGENT, "check", "--dns", f"127.0.0.1:{free_port()}",
                   "--json", "mx.example.net")
        if done.returncode != 3:
            yield f"{done.returncode}: {done.stdout}{done.stderr}"
        if '"mechanism":"resolve"' not in done.stdout:
            yield done.stdout

    @staticmethod
    def timeout():
        began = time.monotonic()
        with mail_server(silent=True) as (port, _):
            done = run(AGENT, "check", "--timeout", "6", f"127.0.0.1:{port}")
        if not 4 < time.monotonic() - began < 20:
            yield f"took {time.monotonic() - began:.1f} s"
        if done.returncode != 3 or f"Port {port} could not" not in done.stdout:
            yield f"{done.returncode}: {done.stdout}"

    @staticmethod
    def endpoints(folder):
        path = folder / "endpoints.conf"
        with mail_server() as (port, _):
            path.write_text("[a]\nhost = 127.0.0.1\n"
                            f"ports = {port}/starttls\n"
                            "[b]\nhost = 127.0.0.2\n"
                            f"ports = {port}/starttls {free_port()}/starttls\n")
            done = run(AGENT, "check", "--json", "--endpoints", str(path),
                       "--ports", str(port))
        said = json.loads(done.stdout)
        names = sorted(item["endpoint"] for item in said["diagnoses"])
        if names != ["a", "b"] or list(said["ports"]) != [str(port)]:
            yield said["diagnoses"]
        yield from refused("egress25-agent", "check", "--endpoints", str(path),
                           "--ports", "26",
                           says="no endpoint of the list has port 26")

    @staticmethod
    def full_disk():
        with mail_server() as (port, _), open("/dev/full", "w") as full:
            done = run(AGENT, "check", f"127.0.0.1:{port}", stdout=full)
        if done.returncode != 4 or "cannot write" not in done.stderr:
            yield f"{done.returncode}: {done.stderr}"

    @staticmethod
    def terminal():
        with mail_server() as (port, _):
            host = f"127.0.0.1:{port}"
            seen = on_terminal("check", host, TERM="xterm", NO_COLOR="")
            plain = on_terminal("check", host, TERM="xterm", NO_COLOR="1")
            dumb = on_terminal("check", host, TERM="dumb")
            as_json = on_terminal("check", "--json", host, TERM="xterm")
        if "\r127.0.0.1" not in seen or "\033[K" not in seen:
            yield f"no progress: {seen!r}"
        if "m" not in seen.replace("\033[K", "").split("\033[")[1]:
            yield f"no colour: {seen!r}"
        if "\033[" in plain.replace("\033[K", ""):
            yield f"colour in spite of NO_COLOR: {plain!r}"
        if "\033" in dumb:
            yield f"a dumb terminal got {dumb!r}"
        if "\033" in as_json or not as_json.startswith("{"):
            yield f"--json on a terminal: {as_json!r}"


AGENT_REFUSES = (
    ("no command", []),
    ("an unknown command", ["chekc"]),
    ("an unknown option", ["check", "--jsno"]),
    ("-4 with -6", ["check", "-4", "-6", "127.0.0.1"]),
    ("an invalid host", ["check", "mx..example.net"]),
    ("only a control port", ["check", "--ports", "25/connect", "h"]),
    ("an invalid port", ["check", "--ports", "smtp", "127.0.0.1"]),
    ("--mx of an address", ["check", "--mx", "127.0.0.1"]),
    ("--mx with --endpoints",
     ["check", "--mx", "example.net", "--endpoints", "x"]),
    ("a block list that is none",
     ["check", "--blocklists", "a..b", "127.0.0.1"]),
    ("block lists without readiness",
     ["check", "--blocklists", "a.b", "--readiness", "never", "127.0.0.1"]),
    ("two forms of output", ["check", "--json", "--letter", "127.0.0.1"]),
    ("two reports", ["explain", "a", "b"]),
    ("HOST with --endpoints", ["check", "--endpoints", "x", "127.0.0.1"]),
    ("a bare EHLO name", ["check", "--ehlo", "laptop", "127.0.0.1"]),
    ("an invalid domain", ["check", "--domain", "a b"]),
    ("a domain of one label", ["check", "--domain", "example"]),
    ("a domain without readiness",
     ["check", "--domain", "example.net", "--readiness", "never"]),
    ("an unknown word for --readiness", ["check", "--readiness", "always"]),
    ("a missing configuration",
     ["check", "--config", "/nonexistent", "127.0.0.1"]),
    ("an invalid name server", ["check", "--dns", "ns.example.net", "h"]),
    ("a zero timeout", ["check", "--timeout", "0", "127.0.0.1"]),
    ("a missing endpoints file",
     ["check", "--endpoints", "/nonexistent"]),
    ("an operand of run", ["run", "--once", "now"]),
    ("a missing configuration", ["run", "--config", "/nonexistent"]),
)


def bad_config(folder):
    path = folder / "bad.conf"
    path.write_text("[agent]\ninterval = 10m\nintervall = 5m\n")
    says = f"{path}:3: unknown key 'intervall' in [agent]"
    for command in (["run", "--once"], ["enrol"], ["--check-config"]):
        yield from refused("egress25-agent", *command, "--config", str(path),
                           says=says)
    yield from refused("egress25-collector", "serve", "--config", str(path),
                       says=f"{path}:1: unknown section [agent]")


class Collector:
    def __init__(self, folder):
        self.config = str(folder / "collector.conf")
        state = folder / "state"
        state.mkdir()
        Path(self.config).write_text(f"[collector]\nstate = {state}\n")

    def run(self, *arguments):
        return run(COLLECTOR, *arguments, "--config", self.config)

    def refuses(self, *arguments, **options):
        return refused("egress25-collector", *arguments, "--config",
                       self.config, **options)

    def no_database(self):
        for command in (["verdicts"], ["agents"], ["export"]):
            yield from self.refuses(*command, code=4, says="collector.db")

    def empty(self):
        """Tokens are made, all different; an empty store lists nothing."""
        tokens = [self.run("token").stdout.strip() for _ in range(3)]
        if len(set(tokens)) != 3 or min(map(len, tokens)) < 22:
            yield f"tokens: {tokens}"
        said = json.loads(self.run("verdicts", "--format", "json").stdout)
        if said != {"items": [], "next": None}:
            yield said
        for command in (["verdicts"], ["agents"], ["export"],
                        ["agents", "--format", "json"]):
            done = self.run(*command)
            if done.returncode != 0 or done.stdout or done.stderr:
                yield f"{command}: {done}"

    def bad_usage(self):
        yield from self.refuses("revoke", "x", says="no agent 'x'")
        yield from self.refuses("revoke", says="takes ID")
        yield from self.refuses("annotate", "64500", says="ASN and TEXT")
        yield from self.refuses("annotate", "AS0", "x", says="no AS number")
        yield from self.refuses("annotate", "64500", "x" * 256, says="longer")
        yield from self.refuses("annotate", "--by", "x" * 64, "64500", "x",
                                says="--by is longer")
        yield from self.refuses("annotate", "--kind", "joke", "64500", "x",
                                says="none of: reply objection remark")
        yield from self.refuses("annotate", "--kind", "reply", "We do not.",
                                says="ASN and TEXT")
        yield from self.refuses("export", "--country", "xx", says="--country")
        yield from self.refuses("export", "--what", "all", says="none of:")
        yield from self.refuses("verdicts", "--at", "noon", says="no time")

    def annotation(self):
        done = self.run("annotate", "AS64500", "lifted on request")
        if done.returncode != 0 or done.stdout or done.stderr:
            yield done

    def check_config(self):
        done = self.run("--check-config")
        if done.returncode != 0 or not done.stdout.endswith(" fine\n"):
            yield done
        for word in ("[geo] asn", "[geo] country", "[about] contact"):
            if f"missing: {word}" not in done.stdout:
                yield f"no word of {word}: {done.stdout}"
        with open(self.config, "a") as file:
            file.write("[geo]\nasn = /nowhere/asn.mmdb\n")
        done = self.run("--check-config")
        if "/nowhere/asn.mmdb: No such file" not in done.stdout:
            yield f"no word of a file that is not there: {done.stdout}"
        with open(self.config, "a") as file:
            file.write("[tls]\ncertificate = /x\n")
        yield from self.refuses("--check-config", says="[tls]")


def main():
    tap = Tap()
    for sentence, arguments in AGENT_REFUSES:
        tap.run(f"agent: {sentence} is one line and exit code 2",
                lambda: refused("egress25-agent", *arguments))
    with tempfile.TemporaryDirectory(prefix="egress25-") as name:
        folder = Path(name)
        tap.run("a bad configuration names file and line",
                lambda: bad_config(folder))
        tap.run("check: a server that answers is open, and gets no mail",
                Check.reachable)
        tap.run("check: --json is one object on one line", Check.as_json)
        tap.run("check: --verbose shows each dialogue word for word",
                Check.verbose)
        tap.run("check: --nagios is one line with a plugin's exit code",
                Check.nagios)
        tap.run("explain: the diagnoses of a stored report, with the rules",
                lambda: Check.explain(folder))
        tap.run("check: --letter writes none if nothing is blocked",
                Check.letter)
        tap.run("check: --wait ends when the port opens", Check.wait)
        tap.run("check: five reasons for no address", CheckNames.reasons)
        tap.run("check: MX hosts are asked, or hinted at", CheckNames.mx)
        tap.run("check: block lists and the provider, by what a collector says",
                lambda: CheckNames.blocklists(folder))
        tap.run("check: --ehlo, else `helo` of the configuration, is what "
                "EHLO says", lambda: Check.ehlo_name(folder))
        tap.run("check: --ports probes a HOST on any port", Check.named_ports)
        tap.run("check: readiness, if a domain is given",
                lambda: Check.readiness(folder))
        tap.run("check: an endpoint that refuses is no filter", Check.refused)
        tap.run("check: missing DNS is not a filter", Check.unresolved)
        tap.run("check: --timeout ends everything, and names what is missing",
                Check.timeout)
        tap.run("check: --ports narrows an endpoints file",
                lambda: Check.endpoints(folder))
        tap.run("check: a full disk is not a success", Check.full_disk)
        tap.run("check: a terminal gets progress and colour, unless NO_COLOR",
                Check.terminal)
        collector = Collector(folder)
        tap.run("collector: a missing database is an internal failure",
                collector.no_database)
        tap.run("collector: an empty store", collector.empty)
        tap.run("collector: wrong usage is one line and exit code 2",
                collector.bad_usage)
        tap.run("collector: annotate is silent", collector.annotation)
        tap.run("collector: --check-config", collector.check_config)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
