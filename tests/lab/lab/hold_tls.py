#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""hold_tls.py ADDRESS PORT: begin TLS with a server that speaks SMTP, and hold
it; "held" is printed when it has begun."""

import signal
import socket
import ssl
import sys


def main():
    one = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
    lines = one.makefile("rb")
    lines.readline()
    one.sendall(b"STARTTLS\r\n")
    if not lines.readline().startswith(b"220"):
        sys.exit("no TLS")
    lines.close()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    held = context.wrap_socket(one)
    print("held", held.version(), flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
