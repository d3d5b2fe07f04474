#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Links between namespaces that take time, or that change what they carry:
TAP devices, and this process between them.

usage: cable.py CABLES.json

Each cable has: ends (two of [namespace, device]), delay_ms (one way), and mask:
null, or {ports, addresses}: an offer of STARTTLS from there is overwritten in
place, as an inspecting firewall does.
"""

import asyncio
import fcntl
import ipaddress
import json
import os
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.netns import enter_path

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
ETHERNET = 14
TCP = 6


def open_tap(namespace, device):
    enter_path(f"/run/netns/{namespace}")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack(
        "16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def split(frame):
    """(source, destination, where TCP begins, where it ends) or None."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and frame[23] == TCP:
        begin = ETHERNET + (frame[14] & 15) * 4
        end = ETHERNET + struct.unpack("!H", frame[16:18])[0]
        return frame[26:30], frame[30:34], begin, end
    if kind == b"\x86\xdd" and frame[20] == TCP:
        end = ETHERNET + 40 + struct.unpack("!H", frame[18:20])[0]
        return frame[22:38], frame[38:54], ETHERNET + 40, end
    return None


def masked(frame, mask):
    parts = split(frame)
    if parts is None:
        return frame
    source, destination, begin, end = parts
    port = struct.unpack("!H", frame[begin:begin + 2])[0]
    segment = frame[begin:end]
    if port not in mask["ports"] or b"STARTTLS" not in segment or \
            str(ipaddress.ip_address(source)) not in mask["addresses"]:
        return frame
    segment = bytearray(segment.replace(b"STARTTLS", b"XXXXXXXA"))
    segment[16:18] = b"\0\0"
    pseudo = source + destination + struct.pack("!HBBH", 0, 0, TCP,
                                                len(segment))
    struct.pack_into("!H", segment, 16, checksum(pseudo + bytes(segment)))
    return frame[:begin] + bytes(segment) + frame[end:]


def put(tap, frame):
    try:
        os.write(tap, frame)
    except OSError:
        pass  # full, or not up yet: frames may be lost


def carry(loop, source, target, cable):
    def ready():
        try:
            frame = os.read(source, 65536)
        except OSError:
            return
        if cable["mask"]:
            frame = masked(frame, cable["mask"])
        loop.call_later(cable["delay_ms"] / 1000, put, target, frame)
    loop.add_reader(source, ready)


async def main():
    loop = asyncio.get_running_loop()
    for cable in json.loads(Path(sys.argv[1]).read_text()):
        one, other = (open_tap(*end) for end in cable["ends"])
        carry(loop, one, other, cable)
        carry(loop, other, one, cable)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
