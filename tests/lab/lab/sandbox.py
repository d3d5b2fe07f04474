#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run a program as in a sandbox whose sockets have no error queue and no limit
of hops (gVisor and others): setsockopt() does not know those options.

usage: sandbox.py PROGRAM ARGUMENT...
"""

import ctypes
import os
import struct
import sys

SETSOCKOPT = 54           # of x86_64
AUDIT_ARCH = 0xC000003E   # x86_64
ENOPROTOOPT = 92
# (level, option): IP_RECVERR, IP_TTL; IPV6_RECVERR, IPV6_UNICAST_HOPS
REFUSED = ((0, 11), (0, 2), (41, 25), (41, 16))
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000 | ENOPROTOOPT
NUMBER, ARCH, LEVEL, OPTION = 0, 4, 24, 32  # offsets in seccomp_data


def program():
    """seccomp(2)'s filter, as BPF: jumps count the instructions skipped."""
    pairs = []
    for level, option in REFUSED:
        pairs += [(LOAD, 0, 0, LEVEL), (EQUAL, 0, 3, level),
                  (LOAD, 0, 0, OPTION), (EQUAL, 0, 1, option),
                  (RETURN, 0, 0, ERRNO)]
    skip = len(pairs)
    return [(LOAD, 0, 0, ARCH), (EQUAL, 0, skip + 2, AUDIT_ARCH),
            (LOAD, 0, 0, NUMBER), (EQUAL, 0, skip, SETSOCKOPT), *pairs,
            (RETURN, 0, 0, ALLOW)]


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    code = b"".join(struct.pack("HBBI", *each) for each in program())
    buffer = ctypes.create_string_buffer(code)
    filters = struct.pack("HxxxxxxP", len(code) // 8,
                          ctypes.addressof(buffer))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
            PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filters, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
