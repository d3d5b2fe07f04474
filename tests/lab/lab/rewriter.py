#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A firewall that inspects SMTP in passing: what it forwards keeps its
endpoints, its length and its TTL, and only words of the server are changed.

usage: rewriter.py MODE PORT...

It is a TUN device that a router sends packets to, and gets them back from.

  nothing   all is left as it is
  mask      STARTTLS becomes XXXXXXXA
  asa       so does every EHLO keyword, and the greeting becomes asterisks
  rename    STARTTLS becomes a keyword that nobody knows
  receipt   a beacon's keyword is overwritten, and nothing else
"""

import asyncio
import re
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.packets import (IFF_TUN, carry, change_words, checksum,
                         mask_starttls, open_device)

DEVICE = "rewriter"


def masked(match):
    word = match[2]
    return match[1] + b"X" * (len(word) - 1) + b"A" + match[3]


def asa(text):
    if text.startswith(b"220 ") and b"ESMTP" in text:
        return b"220 " + b"*" * (len(text) - 6) + b"\r\n"
    if text.startswith(b"250-"):
        first, rest = text.split(b"\r\n", 1)
        return first + b"\r\n" + re.sub(
            rb"(?m)^(250[- ])([A-Z0-9]+)(.*)$", masked, rest)
    return text


def rename(text):
    return text.replace(b"STARTTLS", b"SMARTTLS")


def mask_receipt(text):
    return text.replace(b"XEGRESS25", b"XXXXXXXXA")


CHANGES = {"receipt": mask_receipt,
           "nothing": lambda text: text, "mask": mask_starttls, "asa": asa,
           "rename": rename}


def give_hop_back(packet):
    """The router counted itself before us, and will do so again behind us."""
    if packet[0] >> 4 == 6:
        packet[7] += 1
        return
    packet[8] += 1
    packet[10:12] = b"\0\0"
    size = (packet[0] & 15) * 4
    struct.pack_into("!H", packet, 10, checksum(bytes(packet[:size])))


async def main():
    words, ports = CHANGES[sys.argv[1]], set(map(int, sys.argv[2:]))
    tun = open_device(DEVICE, IFF_TUN)
    subprocess.run(["ip", "link", "set", DEVICE, "up"], check=True)

    def change(packet):
        if packet[0] >> 4 in (4, 6):
            change_words(packet, 0, words, ports)
            give_hop_back(packet)
    carry(asyncio.get_running_loop(), tun, tun, change)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
