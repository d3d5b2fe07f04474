#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A name server that fails: every question is answered with SERVFAIL.

usage: servfail.py PORT
"""

import socket
import sys

RESPONSE, SERVFAIL = 0x80, 2


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", int(sys.argv[1])))
    while True:
        question, sender = sock.recvfrom(4096)
        answer = bytearray(question)
        answer[2] |= RESPONSE
        answer[3] = answer[3] & 0xF0 | SERVFAIL
        sock.sendto(answer, sender)


if __name__ == "__main__":
    main()
