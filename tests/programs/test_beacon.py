#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The beacon as a program: what it says, what it signs, and what it bears.

usage: test_beacon.py BEACON UNIT
"""

import base64
import contextlib
import hashlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from beacon_world import Beacon, Talk, read
from ending import hung_up_to_the_end
from ports import free_port
from tap import Tap
from unit_files import analyze_rows, forbidden_calls, settings

PROGRAM, UNIT = sys.argv[1:3]
Beacon.program = PROGRAM
TREE = Path(__file__).resolve().parents[2]
NONCE = bytes(range(1, 25))
CONTEXT = b"egress25-receipt/1\n"
DER_HEAD = bytes.fromhex("302a300506032b6570032100")
WANTED = {
    "Type": "notify", "DynamicUser": "yes",
    "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE",
    "AmbientCapabilities": "CAP_NET_BIND_SERVICE",
    "NoNewPrivileges": "yes", "StateDirectory": "egress25-beacon",
    "StateDirectoryMode": "0700", "ProtectSystem": "strict",
}


def is_signed(raw, key):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "key").write_bytes(DER_HEAD + key)
        (folder / "text").write_bytes(CONTEXT + raw[:-64])
        (folder / "signature").write_bytes(raw[-64:])
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER",
             "-inkey", folder / "key", "-rawin", "-in", folder / "text",
             "-sigfile", folder / "signature"],
            stdout=subprocess.DEVNULL).returncode == 0


def wrong(seen, wanted):
    return [f"{name}: {seen[name]} and not {value}"
            for name, value in wanted.items() if seen[name] != value]


def receipt_of(talk, beacon, port, family=4):
    """What is wrong with the receipt that this dialogue gets."""
    name = base64.urlsafe_b64encode(NONCE).decode()
    if talk.say(f"NOOP {name}")[0][:3] != "250":
        yield "NOOP was refused"
    seen, raw = read(talk.say("EHLO client.example"))
    key = beacon.key()
    address = socket.inet_pton(
        socket.AF_INET if family == 4 else socket.AF_INET6, talk.source[0])
    line = b"EHLO client.example\r\n"
    yield from wrong(seen, {
        "version": 2, "key": hashlib.sha256(key).digest()[:8],
        "nonce": NONCE, "family": family, "address": address.ljust(16, b"\0"),
        "client_port": talk.source[1], "port": port, "ttl": 64,
        "length": len(line), "digest": hashlib.sha256(line).digest(),
        "spki": bytes.fromhex(beacon.keys()[1])})
    if abs(seen["at"] / 1000 - time.time()) > 60:
        yield f"at {seen['at']}"
    if not is_signed(raw, key):
        yield "the signature is not valid"
    if is_signed(raw[:50] + b"x" + raw[51:], key):
        yield "this test would take any signature"


def clear(beacon):
    talk = Talk(beacon)
    if not talk.greeting[0].startswith("220 b.example.net ESMTP"):
        yield f"{talk.greeting}"
    yield from receipt_of(talk, beacon, beacon.clear)
    if talk.say("MAIL FROM:<a@example.net>")[0][:3] != "550":
        yield "MAIL was not refused"
    if talk.say("QUIT")[0][:3] != "221" or talk.socket.recv(1):
        yield "QUIT did not end it"


def over_ipv6(beacon):
    talk = Talk(beacon, host="::1")
    yield from receipt_of(talk, beacon, beacon.clear, family=6)


def start_tls(beacon):
    talk = Talk(beacon)
    if "250-STARTTLS" not in talk.say("EHLO c"):
        yield "no STARTTLS"
    talk.start_tls()
    yield from receipt_of(talk, beacon, beacon.clear)


def implicit_tls(beacon):
    yield from receipt_of(Talk(beacon, beacon.tls, tls=True), beacon,
                          beacon.tls)


def smuggled(beacon):
    """Bytes behind STARTTLS are dropped, not taken for TLS's."""
    talk = Talk(beacon)
    talk.socket.sendall(b"STARTTLS\r\nNOOP smuggled\r\nMAIL FROM:<>\r\n")
    if talk.reply()[0][:3] != "220":
        yield "STARTTLS was refused"
    talk.file.close()
    talk.wrap()
    talk.file = talk.socket.makefile("rb")
    if not talk.say("EHLO c")[0].startswith("250-b.example.net"):
        yield "the first reply in TLS is not EHLO's"


def slow_bytes(beacon):
    talk = Talk(beacon)
    for byte in b"EHLO slow\r\n":
        talk.socket.sendall(bytes([byte]))
        time.sleep(0.01)
    seen, _ = read(talk.reply())
    if seen["digest"] != hashlib.sha256(b"EHLO slow\r\n").digest():
        yield "another digest"
    if seen["nonce"] != bytes(24):
        yield "a nonce that nobody said"


def all_at_once(beacon):
    talk = Talk(beacon)
    talk.socket.sendall(b"EHLO a\r\nRSET\r\nEHLO b\r\nQUIT\r\n")
    codes = [talk.reply()[-1][:3] for _ in range(4)]
    if codes != ["250", "250", "250", "221"]:
        yield f"{codes}"


def endless_line(beacon):
    talk = Talk(beacon)
    talk.socket.sendall(b"x" * 5000)
    if talk.reply()[0][:3] != "500":
        yield "not refused"
    with contextlib.suppress(ConnectionResetError):
        if talk.socket.recv(1):
            yield "not closed"


def control_bytes(beacon):
    """NUL and others in a line are no command, and cut none short."""
    talk = Talk(beacon)
    for line in (b"EHLO a\0b\r\n", b"\0EHLO a\r\n", b"NOOP \xff\r\n",
                 b"EHLO a\rQUIT\r\n"):
        talk.socket.sendall(line)
        said = talk.reply()
        if len(said) != 1 or said[0][:3] != "500":
            yield f"{line}: {said}"
    if talk.say("EHLO a")[0][:3] != "250":
        yield "it does not go on"


def injected(beacon):
    """A man in the middle adds commands behind STARTTLS, in one segment and in
    the next one (CVE-2011-0411): nothing of it is answered in TLS."""
    for gap in (0, 0.2):
        talk = Talk(beacon)
        talk.socket.sendall(b"STARTTLS\r\n" + b"NOOP x\r\n" * (gap == 0))
        if talk.reply()[0][:3] != "220":
            yield "STARTTLS was refused"
        time.sleep(gap)
        if gap:
            talk.socket.sendall(b"NOOP in the clear\r\n")
        talk.file.close()
        try:
            talk.wrap()
            talk.file = talk.socket.makefile("rb")
            said = talk.say("EHLO c")
        except OSError:  # what is no TLS ends the handshake
            continue
        if gap or not said[0].startswith("250-b.example.net"):
            yield f"after {gap} s: {said}"


def nonce_before_tls(beacon):
    """What was said in the clear is forgotten (RFC 3207, 4.2)."""
    talk = Talk(beacon)
    talk.say(f"NOOP {base64.urlsafe_b64encode(NONCE).decode()}")
    talk.start_tls()
    seen, _ = read(talk.say("EHLO c"))
    if seen["nonce"] != bytes(24):
        yield "a nonce from the clear is in the receipt"


def renegotiates(beacon):
    """TLS 1.2's renegotiation by a client is refused (CVE-2011-1473). OpenSSL's
    takes no greeting once it has begun: it begins when it has that."""
    said = b""
    with subprocess.Popen(
            ["timeout", "20", "openssl", "s_client", "-tls1_2", "-connect",
             f"127.0.0.1:{beacon.tls}"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
        for line in client.stdout:
            said += line
            if line.startswith(b"220 "):
                client.stdin.write(b"R\n")
                client.stdin.flush()
    if b"RENEGOTIATING" not in said:
        yield "the client did not try"
    if b"no renegotiation" not in said:
        yield f"it is not refused: {said[-400:]}"


def never_reads(beacon):
    """Clients that ask and do not read hold no more than their socket."""
    held = [Talk(beacon) for _ in range(20)]
    for talk in held:
        talk.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError, OSError):
            for _ in range(2000):
                talk.socket.send(b"EHLO client.example\r\n" * 40)
    if Talk(beacon).greeting[0][:3] != "220":
        yield "another client waits for them"
    kilobytes = resident(beacon)
    if kilobytes > 60 * 1024 and not is_sanitized():
        yield f"{kilobytes} kB"
    for talk in held:
        talk.socket.close()


def half_open(beacon):
    """Handshakes that end there, and TLS that is begun and left."""
    held = [socket.create_connection(("127.0.0.1", port))
            for port in (beacon.clear, beacon.tls) for _ in range(14)]
    for each in held[14:]:
        each.sendall(b"\x16\x03\x01\x02\x00")
    began = time.monotonic()
    if Talk(beacon).greeting[0][:3] != "220":
        yield "another client is refused"
    if time.monotonic() - began > 20:
        yield "another client waits for them"
    for each in held:
        each.close()


def resident(beacon):
    status = Path(f"/proc/{beacon.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def is_sanitized():
    return b"__asan_init" in Path(PROGRAM).read_bytes()


def limits(folder):
    with Beacon(folder, "connections-address = 3\nidle = 2\nsession = 4\n"
                ) as beacon:
        held = [Talk(beacon) for _ in range(3)]
        if Talk(beacon).greeting[0][:3] != "421":
            yield "a fourth connection of an address was taken"
        if Talk(beacon, host="::1").greeting[0][:3] != "220":
            yield "another address was refused"
        if held[0].reply()[0][:3] != "421":
            yield "silence was not ended"
        held[1].socket.close()
        held[2].socket.close()
        talk = Talk(beacon)
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 45:
                talk.socket.sendall(b"x")
                time.sleep(0.5)
        if time.monotonic() - began > 30:
            yield "a drip of bytes held the connection"
    if beacon.code != 0:
        yield f"it ended with {beacon.code}"


def full_of_tls(folder):
    """A beacon with no room for TLS says nothing that looks like a network's
    doing: no reply to EHLO without STARTTLS, no reset."""
    with Beacon(folder, "tls-sessions = 1\n") as beacon:
        held, early = Talk(beacon), Talk(beacon)
        early.say("EHLO c")
        held.start_tls()
        held.say("EHLO c")
        if early.say("STARTTLS")[0][:3] != "454":
            yield "TLS was begun beyond the limit"
        late = Talk(beacon)
        if late.say("EHLO c")[-1][:3] != "421" or late.socket.recv(1):
            yield "EHLO was answered beyond the limit"
        yield from alerted(beacon)
        held.close()
        for _ in range(400):
            again = Talk(beacon).say("EHLO c")
            if "250-STARTTLS" in again:
                return
            time.sleep(0.05)
        yield f"with room again: {again}"


def alerted(beacon):
    """Where TLS comes first it ends with an alert."""
    try:
        Talk(beacon, beacon.tls, tls=True)
        yield "TLS was begun beyond a limit"
    except ssl.SSLError as error:
        if "ALERT_INTERNAL_ERROR" not in str(error):
            yield f"{error}"
    except OSError as error:
        yield f"no alert: {error}"


def full_of_connections(folder):
    with Beacon(folder, "connections = 1\n") as beacon:
        # The first connection of all may not have ended yet.
        for _ in range(400):
            held = Talk(beacon)
            if held.greeting[0][:3] == "220":
                break
            time.sleep(0.05)
        if Talk(beacon).greeting[0][:3] != "421":
            yield "a second connection was taken"
        for _ in range(20):
            yield from alerted(beacon)
        held.close()


def same_keys(folder):
    """A restart keeps both keys, and no file is for others to read."""
    found = []
    for _ in range(2):
        with Beacon(folder) as beacon:
            talk = Talk(beacon, beacon.tls, tls=True)
            der = talk.socket.getpeercert(binary_form=True)
            pem = ssl.DER_cert_to_PEM_cert(der)
            public = subprocess.run(
                ["openssl", "x509", "-noout", "-pubkey"], input=pem,
                text=True, check=True, stdout=subprocess.PIPE).stdout
            digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(public.replace(
                "PUBLIC KEY", "CERTIFICATE"))).hexdigest()
            if beacon.keys()[1] != digest:
                yield f"key says {beacon.keys()[1]}, TLS shows {digest}"
            found.append((beacon.key(), public))
    if found[0] != found[1]:
        yield f"{found}"
    for path in (folder / "state").iterdir():
        if path.stat().st_mode & 0o077:
            yield f"{path} may be read by others"


def certificate(folder, name):
    """Lines of a configuration with a new certificate."""
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj",
         f"/CN={name}", "-out", paths[0], "-keyout", paths[1]], check=True,
        stderr=subprocess.DEVNULL)
    return f"certificate = {paths[0]}\nkey = {paths[1]}\n"


def shows(beacon):
    """The certificate's name in bytes of DER, by TLS first."""
    talk = Talk(beacon, beacon.tls, tls=True)
    return talk.socket.getpeercert(binary_form=True)


def reload(beacon, old, new, word):
    """SIGHUP with another text in the configuration; what is said of it."""
    text = beacon.conf.read_text()
    if old not in text:
        raise RuntimeError(f"{old} is not in {text}")
    beacon.conf.write_text(text.replace(old, new))
    log = beacon.folder / "said"
    before = len(log.read_text())
    beacon.process.send_signal(signal.SIGHUP)
    for _ in range(400):
        said = log.read_text()[before:]
        if word in said:
            return
        time.sleep(0.05)
    raise RuntimeError(f"{said!r} has no {word!r}")


def ends_hung_up(folder):
    for _ in range(3):
        with Beacon(folder) as beacon:
            code = hung_up_to_the_end(beacon.process)
            if code != 0:
                yield f"exit code {code}"


def reloads(folder):
    with Beacon(folder) as beacon:
        clear, secret = Talk(beacon), Talk(beacon, beacon.tls, tls=True)
        key = beacon.key()
        (folder / "state" / "receipt.key").unlink()
        more = certificate(folder, "renewed.example")
        reload(beacon, "name = b.", f"{more}name = c.", ": reloaded")
        if b"renewed.example" not in shows(beacon):
            yield "the old certificate is shown"
        if not Talk(beacon).greeting[0].startswith("220 c.example.net"):
            yield "the old name is said"
        for name, talk in ("clear", clear), ("TLS", secret):
            if talk.say("NOOP")[0][:3] != "250":
                yield f"a connection in {name} was lost"
        _, raw = read(clear.say("EHLO client.example"))
        if beacon.key() == key or not is_signed(raw, beacon.key()):
            yield "the old key signs"
        reload(beacon, "[limits]\n", "[limits]\nconnections-address = 2\n",
               ": reloaded")
        if Talk(beacon).greeting[0][:3] != "421":
            yield "a new limit does not hold"
    if beacon.code != 0:
        yield f"it ended with {beacon.code}"


def reloads_nothing(old, new, word):
    """What is wrong is said, and all goes on as before."""
    def check(folder):
        beacon = Beacon(folder)
        beacon.conf.write_text(beacon.conf.read_text().replace(
            "[limits]\n", certificate(folder, "first.example") + "[limits]\n"))
        with beacon:
            reload(beacon, old, new, word)
            if b"first.example" not in shows(beacon):
                yield "another certificate is shown"
            if not Talk(beacon).greeting[0].startswith("220 b.example.net"):
                yield "another name is said"
    return check


def scrape(port, what="GET /metrics"):
    """The status, and {metric with its labels: value}."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(f"{what} HTTP/1.0\r\n\r\n".encode())
        head, _, text = one.makefile(newline="").read().partition(
            "\r\n\r\n")
    found = dict(re.findall(r"^egress25_beacon_(\S+) (\d+)$", text, re.M))
    return head.split()[1], text, {name: int(value)
                                   for name, value in found.items()}


def promtool(text):
    tool = next((path for path in (
        TREE / "build/peers/prometheus/usr/bin/promtool",
        Path("/usr/bin/promtool")) if path.exists()), "promtool")
    done = subprocess.run([tool, "check", "metrics"], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60)
    if done.returncode or done.stdout:
        yield f"promtool: {done.stdout}"


def busy(beacon):
    """Five connections of which one is refused; what must be counted."""
    first, second = Talk(beacon), Talk(beacon)
    first.say("EHLO c")
    first.say("EHLO c")
    second.say("EHLO c")
    second.start_tls()
    second.say("EHLO c")
    with socket.create_connection(("127.0.0.1", beacon.tls)) as one:
        one.settimeout(20)
        one.sendall(b"no hello of TLS\r\n")
        with contextlib.suppress(ConnectionResetError):
            while one.recv(4096):
                pass
    third = Talk(beacon)
    if Talk(beacon).greeting[0][:3] != "421":
        raise RuntimeError("a fourth connection was taken")
    wanted = {
        "connections_total": 4, "connections_open": 3, "tls_sessions_open": 1,
        'refused_total{limit="connections"}': 0,
        'refused_total{limit="connections-address"}': 1,
        'refused_total{limit="tls-sessions"}': 0,
        "dialogues_total": 2, "receipts_signed_total": 4,
        'tls_handshakes_total{result="done"}': 1,
        'tls_handshakes_total{result="failed"}': 1, "timeouts_total": 0}
    return [first, second, third], wanted


def metered(folder):
    port = free_port()
    with Beacon(folder, f"metrics = 127.0.0.1:{port}\n[limits]\n"
                "connections-address = 3\n") as beacon:
        if not settled(port, {"connections_open": 0}):
            yield "the first connection stays"
        before = scrape(port)[2]
        talks, wanted = busy(beacon)
        wanted["connections_total"] += before["connections_total"]
        if not settled(port, wanted):
            yield from wrong(scrape(port)[2], wanted)
        for talk in talks:
            talk.close()
        if not settled(port, {"connections_open": 0, "tls_sessions_open": 0}):
            yield "what is closed counts as open"
        yield from promtool(scrape(port)[1])
        for what, status in (("GET /", "404"), ("POST /metrics", "501")):
            if scrape(port, what)[0] != status:
                yield f"{what}: {scrape(port, what)[0]}"


def counts_refused_tls(folder):
    """Refused before TLS begins is refused as well."""
    port = free_port()
    with Beacon(folder, f"metrics = 127.0.0.1:{port}\n[limits]\n"
                "tls-sessions = 1\n") as beacon:
        first = Talk(beacon, beacon.tls, tls=True)
        first.say("EHLO c")
        yield from wrong(scrape(port)[2],
                         {'refused_total{limit="tls-sessions"}': 0})
        second = Talk(beacon)
        second.say("EHLO c")
        yield from wrong(scrape(port)[2],
                         {'refused_total{limit="tls-sessions"}': 1})
        with contextlib.suppress(OSError):
            Talk(beacon, beacon.tls, tls=True)
        if not settled(port, {'refused_total{limit="tls-sessions"}': 2}):
            yield from wrong(scrape(port)[2],
                             {'refused_total{limit="tls-sessions"}': 2})
        first.close()
        second.close()


def settled(port, wanted):
    """Does it come to count that, within 20 s?"""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        now = scrape(port)[2]
        if all(now[name] == value for name, value in wanted.items()):
            return True
        time.sleep(0.02)
    return False


def refuses(folder, line, instead, words):
    """A configuration with another line."""
    beacon = Beacon(folder)
    beacon.conf.write_text(re.sub(
        rf"^{line} = .*$", instead, beacon.conf.read_text(), flags=re.M))
    done = subprocess.run(
        [PROGRAM, "serve", "--config", str(beacon.conf)],
        stderr=subprocess.PIPE, text=True, timeout=20)
    if done.returncode != 2 or words not in done.stderr:
        yield f"{done.returncode}: {done.stderr}"


def says(unit):
    found = settings(unit)
    for key, value in WANTED.items():
        if found.get(key) != [value]:
            yield f"{key}={found.get(key)}"


def calls(unit, folder):
    folder.chmod(0o777)
    trace = folder / "trace"
    before = ["setpriv", "--reuid", "65534", "--regid", "65534",
              "--clear-groups", "env", "ASAN_OPTIONS=detect_leaks=0",
              "strace", "-f", "-qq", "-o", str(trace)]
    with Beacon(folder, before=before) as beacon:
        talk = Talk(beacon)
        talk.say("EHLO c")
        talk.start_tls()
        talk.say("QUIT")
        pid = int(trace.read_text().split()[0])
        subprocess.run(["kill", str(pid)], check=True)
        beacon.process.wait(20)
    yield from forbidden_calls(unit, trace.read_text().splitlines())


def scratch():
    return tempfile.TemporaryDirectory(prefix="egress25-beacon-")


def main():
    tap, unit = Tap(), Path(UNIT)
    with scratch() as name, Beacon(Path(name)) as beacon:
        for sentence, check in (
                ("a dialogue in the clear gets a true receipt", clear),
                ("so does one over IPv6", over_ipv6),
                ("so does EHLO in TLS", start_tls),
                ("so does a port that speaks TLS first", implicit_tls),
                ("what comes behind STARTTLS in the clear is dropped",
                 smuggled),
                ("a command in single bytes is one command", slow_bytes),
                ("commands that come together are answered in turn",
                 all_at_once),
                ("a line without an end is refused", endless_line),
                ("NUL and other bytes are no commands", control_bytes),
                ("commands added behind STARTTLS are not answered in TLS",
                 injected),
                ("TLS forgets the nonce", nonce_before_tls),
                ("a client cannot renegotiate TLS", renegotiates),
                ("clients that do not read hold up nobody", never_reads),
                ("nor do handshakes that are left", half_open)):
            tap.run(sentence, lambda check=check: check(beacon))
    for sentence, check in (
            ("connections, silence and time have limits", limits),
            ("without room for TLS it looks like no filter", full_of_tls),
            ("nor does it without room for connections", full_of_connections),
            ("a restart keeps the keys, and `key` prints both", same_keys),
            ("SIGHUP brings certificate, keys, name and limits", reloads),
            ("and does not kill it while it ends", ends_hung_up),
            ("a configuration that is wrong is not reloaded",
             reloads_nothing("name = b.", "nome = c.", "nome")),
            ("nor is a certificate that is gone", reloads_nothing(
                "first.example.pem", "none.pem", "none.pem")),
            ("nor other ports", reloads_nothing(
                "/starttls ", "/starttls 1/tls ", "needs a restart")),
            ("what it does is counted for Prometheus", metered),
            ("so is TLS that is refused because there is too much of it",
             counts_refused_tls),
            ("an address of metrics that is none is refused",
             lambda folder: refuses(
                 folder, "name", "metrics = localhost:9125",
                 "'localhost:9125' is no ADDRESS:PORT")),
            ("a bad address is said with its line", lambda folder: refuses(
                folder, "addresses", "addresses = ::1 here",
                "beacon.conf:3: addresses: 'here' is no address")),
            ("a certificate without its key is refused",
             lambda folder: refuses(
                 folder, "name", "certificate = c.pem",
                 "certificate and key go together")),
            ("a certificate that is none is refused", lambda folder: refuses(
                folder, "name", f"certificate = {__file__}\nkey = k.pem",
                "no certificate in PEM")),
            ("its filter allows every system call that serve makes",
             lambda folder: calls(unit, folder))):
        with scratch() as name:
            tap.run(sentence, lambda check=check, name=name: check(Path(name)))
    tap.run("the unit has the required settings", lambda: says(unit))
    analyze_rows(tap, unit, PROGRAM)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
