#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""relay.py PORT NAMESPACE: let a browser on this machine see the lab.

Listens on 127.0.0.1:PORT of the machine, and connects what comes to the same
port of 127.0.0.1 in the namespace. The listener is made before the process
enters the namespace, so that every later socket belongs to the lab.
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
    port, namespace = int(sys.argv[1]), sys.argv[2]
    listener = socket.create_server(("127.0.0.1", port))
    enter_path(f"/run/netns/{namespace}")
    asyncio.run(serve(listener, port))


if __name__ == "__main__":
    main()
