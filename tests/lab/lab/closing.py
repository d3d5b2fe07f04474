#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A server that takes connections and ends them without a word.

usage: closing.py MODE PORT...

  close  an orderly end, whatever the client still says
  reset  a reset, at once
  mute   nothing, until the client goes
"""

import socket
import struct
import sys
import threading

LIFE_S = 100  # of one connection, at most


def end(peer, mode):
    with peer:
        peer.settimeout(LIFE_S)
        if mode == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            return
        if mode == "close":
            peer.shutdown(socket.SHUT_WR)
        try:
            while peer.recv(65536):
                pass
        except OSError:
            pass  # it went away


def listen(port, mode):
    for family, address in ((socket.AF_INET, "0.0.0.0"),
                            (socket.AF_INET6, "::")):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(64)
        threading.Thread(target=accept_all, args=(listener, mode)).start()


def accept_all(listener, mode):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=end, args=(peer, mode), daemon=True).start()


def main():
    for port in sys.argv[2:]:
        listen(int(port), sys.argv[1])


if __name__ == "__main__":
    main()
