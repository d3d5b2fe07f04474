#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Put a process into a control group whose programs may not reach a port.

usage: cgroup.py connect|egress PORT PID

`connect`: connect() is refused, as a policy of a container runtime or a
security module does it; `egress`: packets are dropped as they leave, as
systemd's IPAddressDeny= does it. The group is removed when the process has
ended. For root, in a mount namespace of its own.
"""

import ctypes
import os
import select
import socket
import struct
import sys

BPF = 321  # of x86_64
PROG_LOAD, PROG_ATTACH = 5, 8
# (type of program, types of attachment); linux/bpf.h
KINDS = {"connect": (18, (10, 11)), "egress": (8, (1,))}
LOAD_WORD, LOAD_HALF, SET, COPY = 0x61, 0x69, 0xB7, 0xBF
EQUAL, NOT_EQUAL, ADD, CALL, EXIT = 0x15, 0x55, 0x07, 0x85, 0x95
LOAD_BYTES = 26  # the helper bpf_skb_load_bytes()
USER_PORT, PROTOCOL = 24, 16  # offsets in bpf_sock_addr, __sk_buff
ETH_P_IPV6 = 0x86DD
HEADER4, HEADER6, DPORT = 20, 40, 2

ROOT = "/mnt"  # in this mount namespace alone
libc = ctypes.CDLL(None, use_errno=True)


def step(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("=BBhi", code, src << 4 | dst, off, imm)


def deny_if(port, register):
    """0 denies; the port is in network byte order."""
    return (step(SET, 0, imm=1) +
            step(NOT_EQUAL, register, off=1, imm=socket.htons(port)) +
            step(SET, 0, imm=0) + step(EXIT))


def of_connect(port):
    return step(LOAD_WORD, 2, 1, USER_PORT) + deny_if(port, 2)


def of_egress(port):
    return (step(LOAD_WORD, 7, 1, PROTOCOL) +
            step(SET, 2, imm=HEADER4 + DPORT) +
            step(NOT_EQUAL, 7, off=1, imm=socket.htons(ETH_P_IPV6)) +
            step(SET, 2, imm=HEADER6 + DPORT) +
            step(COPY, 3, 10) + step(ADD, 3, imm=-8) + step(SET, 4, imm=2) +
            step(CALL, imm=LOAD_BYTES) +
            step(EQUAL, 0, off=2) + step(SET, 0, imm=1) + step(EXIT) +
            step(LOAD_HALF, 2, 10, -8) + deny_if(port, 2))


def bpf(command, values):
    buffer = ctypes.create_string_buffer(values, 128)
    found = libc.syscall(BPF, command, buffer, 128)
    if found < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command})")
    return found


def load(kind, attachment, code):
    text = ctypes.create_string_buffer(code)
    licence = ctypes.create_string_buffer(b"GPL")
    return bpf(PROG_LOAD, struct.pack(
        "=IIQQIIQII16sII", kind, len(code) // 8, ctypes.addressof(text),
        ctypes.addressof(licence), 0, 0, 0, 0, 0, b"", 0, attachment))


def remove_after(pid, group):
    """In the background, without the descriptors that others wait for."""
    ended = os.pidfd_open(pid)
    if os.fork():
        return
    os.setsid()
    for fd in (0, 1, 2):
        os.close(fd)
    select.select([ended], [], [])
    os.rmdir(group)
    os._exit(0)


def main():
    what, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if libc.mount(b"none", ROOT.encode(), b"cgroup2", 0, None):
        raise OSError(ctypes.get_errno(), "cgroup2")
    group = f"{ROOT}/e25-{pid}"
    os.mkdir(group)
    fd = os.open(group, os.O_RDONLY)
    kind, attachments = KINDS[what]
    code = (of_connect if what == "connect" else of_egress)(port)
    for each in attachments:
        bpf(PROG_ATTACH,
            struct.pack("=IIII", fd, load(kind, each, code), each, 0))
    remove_after(pid, group)
    with open(f"{group}/cgroup.procs", "w") as out:
        out.write(str(pid))


if __name__ == "__main__":
    main()
