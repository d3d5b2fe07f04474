/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_LISTEN_SOCKET_H
#define EGRESS25_COLLECTOR_HTTP_LISTEN_SOCKET_H

#include <stddef.h>

#include "lib/base/err.h"

/*
 * Sockets that listen on one "ADDRESS:PORT", a socket a thread: the kernel
 * spreads new connections over them (SO_REUSEPORT), so that no thread takes
 * what another one has to accept, and none takes all. Port 0 is any free one,
 * the same for all. Nobody else has the address: -EADDRINUSE, also where who
 * has it would share it. 0, -EINVAL or -errno; then none is open.
 */
int bound_open(const char *where, int *fds, size_t count, struct err *err);

/* "http://192.0.2.1:8025", as the socket has it. */
char *bound_format(int fd, const char *scheme, char text[80]);

#endif
