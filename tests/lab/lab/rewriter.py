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
"""

import fcntl
import os
import re
import struct
import subprocess
import sys

DEVICE = "rewriter"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
TCP = 6


def masked(match):
    word = match[2]
    return match[1] + b"X" * (len(word) - 1) + b"A" + match[3]


def mask(text):
    return text.replace(b"STARTTLS", b"XXXXXXXA")


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


CHANGES = {"nothing": lambda text: text, "mask": mask, "asa": asa,
           "rename": rename}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def headers(packet):
    """(offset of TCP, the pseudo header without its length) or None."""
    if packet[0] >> 4 == 4 and packet[9] == TCP:
        return (packet[0] & 15) * 4, packet[12:20] + struct.pack("!H", TCP)
    if packet[0] >> 4 == 6 and packet[6] == TCP:
        return 40, packet[8:40] + struct.pack("!H", TCP)
    return None


def rewrite(packet, change, ports):
    """In place, where it is a server's word."""
    found = headers(packet)
    if not found:
        return
    tcp, pseudo = found
    source, = struct.unpack_from("!H", packet, tcp)
    start = tcp + (packet[tcp + 12] >> 4) * 4
    text = bytes(packet[start:])
    if source not in ports or not text:
        return
    packet[start:] = change(text)
    packet[tcp + 16:tcp + 18] = b"\0\0"
    whole = pseudo + struct.pack("!H", len(packet) - tcp) + packet[tcp:]
    struct.pack_into("!H", packet, tcp + 16, checksum(whole))


def give_hop_back(packet):
    """The router counted itself before us, and will do so again behind us."""
    if packet[0] >> 4 == 6:
        packet[7] += 1
        return
    packet[8] += 1
    packet[10:12] = b"\0\0"
    size = (packet[0] & 15) * 4
    struct.pack_into("!H", packet, 10, checksum(bytes(packet[:size])))


def main():
    change, ports = CHANGES[sys.argv[1]], set(map(int, sys.argv[2:]))
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack(
        "16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", DEVICE, "up"], check=True)
    print("ready", flush=True)
    while True:
        packet = bytearray(os.read(tun, 65536))
        if packet[0] >> 4 in (4, 6):
            rewrite(packet, change, ports)
            give_hop_back(packet)
            os.write(tun, packet)


if __name__ == "__main__":
    main()
