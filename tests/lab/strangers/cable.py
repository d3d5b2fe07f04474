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
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.netns import enter_path
from lab.packets import (ETHERNET, IFF_TAP, carry, change_words,
                         mask_starttls, open_device)


def open_end(namespace, device):
    enter_path(f"/run/netns/{namespace}")
    return open_device(device, IFF_TAP)


def changing(mask):
    def change(frame):
        if mask:
            change_words(frame, ETHERNET, mask_starttls, mask["ports"],
                         mask["addresses"])
    return change


async def main():
    loop = asyncio.get_running_loop()
    for cable in json.loads(Path(sys.argv[1]).read_text()):
        one, other = (open_end(*end) for end in cable["ends"])
        change, delay_s = changing(cable["mask"]), cable["delay_ms"] / 1000
        carry(loop, one, other, change, delay_s)
        carry(loop, other, one, change, delay_s)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
