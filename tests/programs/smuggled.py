# SPDX-License-Identifier: Apache-2.0
"""Attempts to have one request taken for two: the bytes, and what a collector
that is asked directly has to say."""

VICTIM = "203.0.113.9"

# A sentence, what comes before the inner request, what after it, the status.
# `{n}` is the inner request's length, `{x}` the same in hexadecimal.
POST = "POST /v1/reports HTTP/1.1\r\nHost: x\r\n"
CHUNK = "\r\n{x}\r\n"
LAST = "\r\n0\r\n\r\n"

METHODS = [
    (f"{method} with a length", f"{method} {target} HTTP/1.1\r\nHost: x\r\n"
     "Content-Length: {n}\r\n\r\n", "", status)
    for method, target, status in (
        ("HEAD", "/v1/whoami", 400), ("GET", "/v1/whoami", 400),
        ("GET", "/v1/plan", 400), ("HEAD", "/v1/summary", 400),
        ("OPTIONS", "/v1/whoami", 400), ("OPTIONS", "*", 400),
        ("DELETE", "/v1/whoami", 400), ("TRACE", "/v1/whoami", 501),
        ("CONNECT", "x:443", 501), ("POST", "/v1/whoami", 400),
        ("POST", "/v1/plan", 400), ("PUT", "/v1/whoami", 400),
        ("LOCK", "/v1/whoami", 501), ("head", "/v1/whoami", 501))
] + [
    (f"{method} with chunks", f"{method} /v1/whoami HTTP/1.1\r\nHost: x\r\n"
     "Transfer-Encoding: chunked\r\n" + CHUNK, LAST, status)
    for method, status in (("HEAD", 400), ("GET", 400), ("OPTIONS", 400),
                           ("DELETE", 400), ("TRACE", 501))
]

LENGTHS = [
    (f"lengths: {text!r}", POST + text + "\r\n\r\n", "", 400)
    for text in (
        "Content-Length: 0\r\nContent-Length: {n}",
        "Content-Length: {n}\r\nContent-Length: 0",
        "Content-Length: {n}\r\ncontent-length: {n}",
        "Content-Length: 0, {n}", "Content-Length: {n}, {n}",
        "Content-Length: +{n}", "Content-Length: -{n}",
        "Content-Length: 0x{x}", "Content-Length: 0{n}",
        "Content-Length: {n}.0", "Content-Length:", "Content-Length:  {n}",
        "Content-Length: {n} ", "Content-Length:\t{n}",
        "Content-Length: 0 {n}", "Content-Length: {n}\x0b",
        "Content-Length: 18446744073709551616",
        "Content-Length : {n}", "Content-Length\t: {n}",
        " Content-Length: {n}", "Content-Length\r\n: {n}",
        "Content-Length:\r\n {n}", "X: y\r\n\tContent-Length: {n}",
        "X: y\nContent-Length: {n}", "X: y\rContent-Length: {n}",
        "X: y\0\r\nContent-Length: {n}", "Content-\0Length: {n}",
        "Content-Length: {n}\r", "\rContent-Length: {n}")
]

CODINGS = [
    (f"codings: {text!r}", POST + text + "\r\n" + CHUNK, LAST, 400)
    for text in (
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: Chunked", "Transfer-Encoding: chunked ",
        "Transfer-Encoding:  chunked", "Transfer-Encoding:\tchunked",
        "Transfer-Encoding: \x0bchunked", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \"chunked\"", "Transfer-Encoding:",
        "Transfer-Encoding:\r\n chunked", "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\0", "Transfer-Encoding\0: chunked",
        "Transfer-Encoding: cow\r\nContent-Length: 5")
]

CHUNKS = [
    (f"chunks: {begin!r}", POST + "Transfer-Encoding: chunked\r\n\r\n" + begin,
     end, 400)
    for begin, end in (
        ("0x{x}\r\n", LAST), ("+{x}\r\n", LAST), ("-1\r\n", LAST),
        (" {x}\r\n", LAST), ("{x} \r\n", LAST), ("{x};a=b\r\n", LAST),
        ("{x};\n", LAST), ("{x}\n", LAST), ("{x}\r", LAST),
        ("1\r\nab\r\n", LAST), ("1\r\na\n0\r\n\r\n", ""), ("\r\n{x}\r\n", LAST),
        ("10000000000000000\r\n", LAST), ("g\r\n", LAST),
        ("0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n", ""))
]

OTHERS = [
    ("HTTP/1.0 with chunks", "POST /v1/reports HTTP/1.0\r\nHost: x\r\n"
     "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n" + CHUNK, LAST,
     400),
    ("HEAD that awaits to be asked", "HEAD /v1/whoami HTTP/1.1\r\nHost: x\r\n"
     "Expect: 100-continue\r\nContent-Length: {n}\r\n\r\n", "", 400),
    ("HEAD after an empty line", "\r\nHEAD /v1/whoami HTTP/1.1\r\nHost: x\r\n"
     "Content-Length: {n}\r\n\r\n", "", 400),
    ("a connection that is to change", "HEAD /v1/whoami HTTP/1.1\r\nHost: x\r\n"
     "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: {n}\r\n\r\n", "",
     400),
    ("a length that is a matter of the connection",
     "HEAD /v1/whoami HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, "
     "Content-Length\r\nContent-Length: {n}\r\n\r\n", "", 400),
    ("another proxy's target", "HEAD http://x/v1/whoami HTTP/1.1\r\nHost: x\r\n"
     "Content-Length: {n}\r\n\r\n", "", 400),
    ("two Hosts", "GET /v1/whoami HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "",
     400),
    ("no Host", "GET /v1/whoami HTTP/1.1\r\nX: y\r\n\r\n", "", 400),
    ("a request line that ends in LF", "GET /v1/whoami HTTP/1.1\nHost: x\n\n",
     "", 400),
    ("a blank in the target", "GET /v1/whoami HTTP/1.1\rX: y HTTP/1.1\r\n"
     "Host: x\r\n\r\n", "", 400),
    ("no version", "GET /v1/whoami\r\n\r\n", "", 400),
    ("an encoded line end in the target", "GET /v1/whoami?%0d%0aX:%20y "
     "HTTP/1.1\r\nHost: x\r\n\r\n", "", 400),
    ("bytes that are not UTF-8", "GET /v1/whoami HTTP/1.1\r\nHost: x\r\n"
     "X: \xff\xfe\r\n\r\n", "", 400),
]

# These have a body that is read as one; what is in it is no request.
READ = [
    ("a report of a request", POST + "Content-Length: {n}\r\n\r\n", "", 401),
    ("a report of a request in chunks", POST + "Transfer-Encoding: chunked\r\n"
     + CHUNK, LAST, 401),
]

REFUSED = METHODS + LENGTHS + CODINGS + CHUNKS + OTHERS


def filled(attempt, inner):
    """The bytes of an attempt around an inner request."""
    _, before, after, _ = attempt
    before = before.replace("{n}", str(len(inner))).replace(
        "{x}", f"{len(inner):x}")
    return before.encode("latin-1") + inner + after.encode("latin-1")
