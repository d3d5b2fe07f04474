# SPDX-License-Identifier: Apache-2.0
"""Packets on their way through this process: TUN and TAP devices, what is
changed in a server's words, and the loop that carries them."""

import fcntl
import ipaddress
import os
import struct

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_TAP, IFF_NO_PI = 0x0001, 0x0002, 0x1000
ETHERNET = 14  # bytes before the IP header of a TAP device's frames
TCP = 6
MOST = 65536


def open_device(name, kind):
    """A TUN or TAP device of this namespace, as a descriptor."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF,
                struct.pack("16sH22x", name.encode(), kind | IFF_NO_PI))
    return device


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp_of(packet, ip):
    """(source, destination, where TCP begins, where it ends) of the packet
    whose IP header begins at `ip`, or None."""
    version = packet[ip] >> 4 if len(packet) > ip + 20 else 0
    if version == 4 and packet[ip + 9] == TCP:
        size, = struct.unpack_from("!H", packet, ip + 2)
        return (packet[ip + 12:ip + 16], packet[ip + 16:ip + 20],
                ip + (packet[ip] & 15) * 4, ip + size)
    if version == 6 and packet[ip + 6] == TCP:
        size, = struct.unpack_from("!H", packet, ip + 4)
        return (packet[ip + 8:ip + 24], packet[ip + 24:ip + 40], ip + 40,
                ip + 40 + size)
    return None


def change_words(packet, ip, change, ports, addresses=None):
    """Let `change` have what a server says from these ports (and, if given,
    these addresses); its length stays."""
    found = tcp_of(packet, ip)
    if found is None:
        return
    source, destination, tcp, end = found
    port, = struct.unpack_from("!H", packet, tcp)
    start = tcp + (packet[tcp + 12] >> 4) * 4
    text = bytes(packet[start:end])
    if port not in ports or not text or addresses is not None and \
            str(ipaddress.ip_address(bytes(source))) not in addresses:
        return
    packet[start:end] = change(text)
    packet[tcp + 16:tcp + 18] = b"\0\0"
    pseudo = source + destination + struct.pack("!HBBH", 0, 0, TCP, end - tcp)
    struct.pack_into("!H", packet, tcp + 16,
                     checksum(bytes(pseudo + packet[tcp:end])))


def mask_starttls(text):
    return text.replace(b"STARTTLS", b"XXXXXXXA")


def carry(loop, source, target, change, delay_s=0):
    """Pass on what comes out of `source`, changed in place."""
    def put(packet):
        try:
            os.write(target, packet)
        except OSError:
            pass  # full, or not up yet: packets may be lost

    def ready():
        try:
            packet = bytearray(os.read(source, MOST))
        except OSError:
            return
        change(packet)
        if delay_s:
            loop.call_later(delay_s, put, packet)
        else:
            put(packet)
    loop.add_reader(source, ready)
