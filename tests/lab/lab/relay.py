#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""relay.py FD NAMESPACE PORT: let a browser on this machine see the lab.

FD is a listener of the machine; what comes there is connected to PORT of
127.0.0.1 in the namespace, which this process enters.
"""

import asyncio
import socket
import sys

from netns import enter_path


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def serve(listener, port):
    async def connected(reader, writer):
        try:
            there = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, there[1]), copy(there[0], writer))
        writer.close()
        there[1].close()

    server = await asyncio.start_server(connected, sock=listener)
    await server.serve_forever()


def main():
    listener = socket.socket(fileno=int(sys.argv[1]))
    enter_path(f"/run/netns/{sys.argv[2]}")
    asyncio.run(serve(listener, int(sys.argv[3])))


if __name__ == "__main__":
    main()
