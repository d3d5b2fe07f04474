#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_foreign.py COLLECTOR: a client written only from RFC 8941, 9421, 9530,
9112 and 8032, against a real collector on loopback: what they allow is
accepted, what they forbid is refused, and every acknowledged report is stored.
Prints TAP."""

import base64
import gzip
import hashlib
import json
import secrets
import socket
import subprocess
import sys
import time
import uuid

from serve_world import PROGRAM, Collector, Tap, run_rows, scratch

# --- Ed25519 (RFC 8032, 5.1), slow and short ---

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P
BASE_X = 0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def powers():
    point = BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P
    for _ in range(256):
        yield point
        point = add(point, point)


POWERS = list(powers())


def multiple(scalar):
    """That multiple of the base point, as 32 bytes."""
    total = 0, 1, 1, 0
    for bit, point in enumerate(POWERS):
        if scalar >> bit & 1:
            total = add(total, point)
    inverse = pow(total[2], -1, P)
    x, y = total[0] * inverse % P, total[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


class Key:
    def __init__(self):
        digest = hashlib.sha512(secrets.token_bytes(32)).digest()
        self.scalar = int.from_bytes(digest[:32], "little")
        self.scalar = self.scalar & (1 << 254) - 8 | 1 << 254
        self.prefix = digest[32:]
        self.public = multiple(self.scalar)

    def sign(self, message):
        nonce = number(self.prefix, message) % L
        point = multiple(nonce)
        rest = number(point, self.public, message) * self.scalar + nonce
        return point + (rest % L).to_bytes(32, "little")


# --- messages ---

def text(data):
    return base64.b64encode(data).decode()


def sha256(body):
    return f"sha-256=:{text(hashlib.sha256(body).digest())}:"


def sha512(body):
    return f"sha-512=:{text(hashlib.sha512(body).digest())}:"


def request(method, target, headers, body):
    lines = [f"{method} {target} HTTP/1.1", "Host: collector"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def read_reply(file):
    """The status and the body; None if the connection was closed."""
    line, headers = file.readline(), {}
    if not line:
        return None
    while (field := file.readline().strip()):
        name, _, value = field.decode().partition(":")
        headers[name.lower()] = value.strip()
    return int(line.split()[1]), file.read(
        int(headers.get("content-length", 0)))


LIST = '("@method" "@path" "content-digest")'
METHOD, PATH, DIGEST = '"@method"', '"@path"', '"content-digest"'


class Signed:
    """The signature of a request, any part of which can be changed."""

    def __init__(self, client, body, **more):
        self.key, self.body = client.key, body
        self.method, self.path, self.label = "POST", "/v1/reports", "sig1"
        self.created, self.keyid = int(time.time()), client.id
        self.digest = sha256(body)
        self.components = (METHOD, PATH, DIGEST)
        self.params = ';created={created};keyid="{keyid}"'
        self.__dict__.update(more)

    def parameters(self):
        return "({})".format(" ".join(self.components)) + self.params.format(
            created=self.created, keyid=self.keyid)

    def input(self):
        return f"{self.label}={self.parameters()}"

    def signature(self):
        values = {METHOD: self.method, PATH: self.path, DIGEST: self.digest}
        lines = [f"{name}: {values[name]}" for name in self.components]
        lines.append(f'"@signature-params": {self.parameters()}')
        return f"{self.label}=:" + text(
            self.key.sign("\n".join(lines).encode())) + ":"

    def headers(self):
        return [("Content-Digest", self.digest),
                ("Signature-Input", self.input()),
                ("Signature", self.signature())]


class Client:
    def __init__(self, collector):
        self.collector, self.key, self.id = collector, Key(), "enrol"
        self.accepted = 0
        body = json.dumps({"public_key": text(self.key.public)}).encode()
        self.id = self.exchange(self.whole(Signed(
            self, body, path="/v1/agents")))[0][1]["agent"]
        self.source = self.exchange(self.whole(Signed(
            self, b"", method="GET", path="/v1/whoami")))[0][1]

    def whole(self, signed, headers=None, target=None, body=None, more=()):
        body = signed.body if body is None else body
        headers = signed.headers() if headers is None else headers
        return request(signed.method, target or signed.path, [
            *headers, *more, ("Content-Length", len(body))], body)

    def exchange(self, data, replies=1, source=("127.0.0.1", 0)):
        with socket.create_connection(("127.0.0.1", self.collector.port), 20,
                                      source) as peer:
            peer.sendall(data)
            file, found = peer.makefile("rb"), []
            for _ in range(replies):
                reply = read_reply(file)
                if reply is None:
                    break
                found.append((reply[0], json.loads(reply[1] or b"{}")))
                self.accepted += found[-1][1].get("accepted", 0)
            return found

    def report(self, **changes):
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        probe = {"port": 25, "mode": "starttls", "ended": "done",
                 "failure": None, "ms": {}}
        return json.dumps({
            "format": "egress25-report/1", "report": str(uuid.uuid4()),
            "agent": self.id, "software": "foreign/1", "started": now,
            "ended": now,
            "sources": [{"family": 4, "address": self.source["address"],
                         "proof": self.source["proof"]}],
            "targets": [{"endpoint": "mx1", "host": "mx1.example",
                         "address": "192.0.2.25", "family": 4, "at": now,
                         "probes": [probe, {**probe, "port": 587}],
                         "paths": []}], **changes}).encode()

    def signed(self, **more):
        return Signed(self, more.pop("body", None) or self.report(), **more)


# --- what the RFCs allow ---

def wire(name, old, new):
    """Send a header changed, signed as it was."""
    def change(client):
        signed = client.signed()
        return client.whole(signed, [
            (key, value.replace(old, new) if key == name else value)
            for key, value in signed.headers()])
    return change


def variant(**more):
    return lambda client: client.whole(client.signed(**more))


def lasting(seconds):
    return lambda client: client.whole(client.signed(
        params=';created={created};expires=%d;keyid="{keyid}"' % (
            seconds and time.time() + seconds)))


def with_digest(make):
    def change(client):
        body = client.report()
        return client.whole(client.signed(body=body, digest=make(body)))
    return change


def digest_lines(client):
    body = client.report()
    signed = client.signed(body=body, digest=f"{sha512(body)}, {sha256(body)}")
    return client.whole(signed, [
        ("Content-Digest", sha512(body)), ("Content-Digest", sha256(body)),
        *signed.headers()[1:]])


def beside(order, lines):
    """Add another signature: before or after, on one line or on two."""
    def change(client):
        signed = client.signed()
        digest, *ours = signed.headers()
        other = [("Signature-Input",
                  'proxy=("@authority" "x-a";sf);created=1;keyid="p"'),
                 ("Signature", "proxy=:AAAA:")]
        pairs = [(other[i], ours[i])[::order] for i in (0, 1)]
        if lines == 1:
            return client.whole(signed, [digest, *(
                (a[0], f"{a[1]}, {b[1]}") for a, b in pairs)])
        return client.whole(signed, [digest, *pairs[0], *pairs[1]])
    return change


def zipped(coding):
    def change(client):
        body = gzip.compress(client.report())
        return client.whole(client.signed(body=body),
                            more=[("Content-Encoding", coding)])
    return change


def chunked(client):
    signed = client.signed()
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (
        signed.body[:7], signed.body[7:300], signed.body[300:]))
    return request("POST", "/v1/reports", [
        *signed.headers(), ("Transfer-Encoding", "chunked")],
        body + b"0\r\n\r\n")


def aimed(target, **more):
    return lambda client: client.whole(client.signed(**more), target=target)


ALLOWED = (
    ("the plainest signature", variant()),
    ("a label of every kind of character", variant(label="*a-1_b.c")),
    ("components in another order", variant(components=(DIGEST, PATH, METHOD))),
    ("keyid before created, alg first",
     variant(params=';alg="ed25519";keyid="{keyid}";created={created}')),
    ("nonce, tag and unknown parameters", variant(
        params=';created={created};nonce="a\\"b";keyid="{keyid}";tag="x";z')),
    ("expires a minute from now", lasting(60)),
    ("created four minutes ago", lambda client: client.whole(
        client.signed(created=int(time.time()) - 240))),
    ("spaces around the list", wire("Signature-Input", "sig1", "  sig1")),
    ("spaces inside the list are not signed",
     wire("Signature-Input", '"@path" ', '  "@path"   ')),
    ("spaces before a parameter are not signed",
     wire("Signature-Input", ";created", ";  created")),
    ("sha-512 before sha-256", with_digest(
        lambda body: f"{sha512(body)}, {sha256(body)}")),
    ("sha-512 after sha-256", with_digest(
        lambda body: f"{sha256(body)}, {sha512(body)}")),
    ("parameters of a digest", with_digest(
        lambda body: f"{sha256(body)};a=1;b")),
    ("a digest on two lines", digest_lines),
    ("another signature after ours", beside(-1, 1)),
    ("another signature before ours", beside(1, 1)),
    ("another signature after ours, on separate lines", beside(-1, 2)),
    ("another signature before ours, on separate lines", beside(1, 2)),
    ("gzip", zipped("gzip")),
    ("GZIP", zipped("GZIP")),
    ("chunks", chunked),
    ("a target in absolute form", aimed("http://collector/v1/reports")),
)

# --- what they forbid ---


def altered(client):
    signed = client.signed()
    return client.whole(signed, body=signed.body.replace(b"587", b"465"))


def altered_with_digest(client):
    signed = client.signed()
    headers = signed.headers()
    body = signed.body.replace(b"587", b"465")
    return client.whole(signed, [("Content-Digest", sha256(body)),
                                 *headers[1:]], body=body)


def malleable(client):
    """S plus the order of the group (RFC 8032, 5.1.7)."""
    signed = client.signed()
    *headers, (name, value) = signed.headers()
    raw = base64.b64decode(value[6:-1])
    high = int.from_bytes(raw[32:], "little") + L
    return client.whole(signed, [*headers, (name, "sig1=:" + text(
        raw[:32] + high.to_bytes(32, "little")) + ":")])


FORBIDDEN = (
    ("a changed body", altered),
    ("changed body and digest", altered_with_digest),
    ("signed for another path", aimed("/v1/reports", path="/v1/agents")),
    ("signed for another method", lambda client: request(
        "POST", "/v1/reports",
        [*(signed := client.signed(method="GET")).headers(),
         ("Content-Length", len(signed.body))], signed.body)),
    ("signed by another key", variant(key=Key())),
    ("another agent's keyid", variant(keyid="0" * 32)),
    ("signed as an enrolment", variant(keyid="enrol")),
    ("S beyond the order of the group", malleable),
    ("without the path", variant(components=(METHOD, DIGEST))),
    ("without the digest", variant(components=(METHOD, PATH))),
    ("without created", variant(params=';keyid="{keyid}"')),
    ("created an hour ago", variant(created=int(time.time()) - 3600)),
    ("created in an hour", variant(created=int(time.time()) + 3600)),
    ("created before 1970", variant(created=-5)),
    ("expired a minute ago", lasting(-60)),
    ("expired in 1970", lasting(0)),
    ("another algorithm",
     variant(params=';created={created};keyid="{keyid}";alg="hmac-sha256"')),
    ("sha-512 alone", with_digest(sha512)),
    ("two digests under one name", with_digest(
        lambda body: f"{sha256(body)}, {sha256(b'')}")),
    ("only another signature", lambda client: client.whole(
        client.signed(), [("Content-Digest", sha256(b"")),
                          ("Signature-Input", 'p=("@authority");created=1'),
                          ("Signature", "p=:AAAA:")])),
)


def allowed(client, make):
    data = make(client)
    for expected in ({"accepted": 2, "duplicate": False},
                     {"accepted": 0, "duplicate": True}):
        found = client.exchange(data)
        if found != [(200, expected)]:
            yield f"{found}, not {expected}"


def forbidden(client, make):
    found = client.exchange(make(client))
    if [status for status, _ in found] != [401]:
        yield f"{found}"


# --- connections, agents, counts ---

def pipelined(client):
    data = b"".join(client.whole(client.signed()) for _ in range(8))
    found = client.exchange(data, 8)
    if found != [(200, {"accepted": 2, "duplicate": False})] * 8:
        yield f"{found}"


def continued(client):
    data = client.whole(client.signed(), more=[("Expect", "100-continue")])
    head, _, body = data.partition(b"\r\n\r\n")
    with socket.create_connection(
            ("127.0.0.1", client.collector.port), 20) as peer:
        file = peer.makefile("rb")
        peer.sendall(head + b"\r\n\r\n")
        first = read_reply(file)
        peer.sendall(body)
        second = read_reply(file)
    if (first and first[0], second and second[0]) != (100, 200):
        yield f"{first}, {second}"
    else:
        client.accepted += json.loads(second[1])["accepted"]


def two_lengths(client):
    signed = client.signed()
    found = client.exchange(client.whole(
        signed, more=[("Content-Length", len(signed.body) - 9)]))
    if len(found) > 1:
        yield f"{found}"


def gone(client):
    """A client that did not wait for the answer repeats the request."""
    for _ in range(10):
        data = client.whole(client.signed())
        with socket.create_connection(
                ("127.0.0.1", client.collector.port)) as peer:
            peer.sendall(data)
        found = client.exchange(data)
        client.accepted += 2 * found[0][1].get("duplicate", False)
        if found[0][0] != 200:
            yield f"{found}"


def of_another(client):
    other = Client(client.collector)
    body = client.report()
    found = client.exchange(client.whole(client.signed(body=body)))
    theirs = other.exchange(other.whole(other.signed(body=body)))
    if (found[0][0], theirs[0][0]) != (200, 400):
        yield f"{found}, {theirs}"
    theirs = other.exchange(other.whole(other.signed(body=other.report(
        report=json.loads(body)["report"]))))
    if theirs[0][0] != 409:
        yield f"by another agent, under the same id: {theirs}"


def small_order(client):
    """Under the neutral point as the key, this signature fits anything."""
    body = json.dumps({"public_key": text(b"\1" + bytes(31))}).encode()
    signed = client.signed(body=body, path="/v1/agents", keyid="enrol")
    *headers, _ = signed.headers()
    found = client.exchange(client.whole(signed, [
        *headers, ("Signature", f"sig1=:{text(bytes([1]) + bytes(63))}:")]))
    if found[0][0] != 401:
        yield f"{found}"


def exported(client):
    return subprocess.run(
        [PROGRAM, "export", "--what", "measurements", "--format", "jsonl",
         "--config", client.collector.config], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, check=True).stdout.splitlines()


def counts(client):
    ids = [json.loads(line)["id"] for line in exported(client)]
    client.collector.recounted()
    total = client.collector.json("/v1/summary")["measurements"]
    if not len(set(ids)) == len(ids) == client.accepted == total:
        yield (f"{client.accepted} acknowledged, {len(ids)} stored, "
               f"{len(set(ids))} of them differ, {total} counted")
    print(f"# {client.accepted} acknowledged, {len(ids)} stored")


REST = (
    ("pipelined requests are answered in order",
     pipelined),
    ("Expect: 100-continue is answered", continued),
    ("two lengths smuggle no request in", two_lengths),
    ("a client that leaves before the answer loses nothing", gone),
    ("no agent reports for another, or changes its reports", of_another),
    ("a small-order key is refused", small_order),
    ("every acknowledged report is stored and counted once", counts),
)


def main():
    tap = Tap()
    with scratch("foreign") as folder, Collector(folder) as collector:
        client = Client(collector)
        for sentence, make in ALLOWED:
            tap.run(f"taken: {sentence}",
                    lambda make=make: allowed(client, make))
        for sentence, make in FORBIDDEN:
            tap.run(f"refused: {sentence}",
                    lambda make=make: forbidden(client, make))
        run_rows(tap, REST, client)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
