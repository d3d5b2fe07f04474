/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_LISTEN_SOCKET_H
#define EGRESS25_COLLECTOR_HTTP_LISTEN_SOCKET_H

#include <stddef.h>

#include "lib/base/err.h"

/*
 * Open `count` sockets that listen on one "ADDRESS:PORT". They share it with
 * SO_REUSEPORT, so the kernel spreads new connections over them: one socket
 * for each thread. "ADDRESS" alone is a free port, the same for all. The
 * address is not shared with other processes: -EADDRINUSE if one has it, even
 * one that set SO_REUSEPORT. 0, -EINVAL or -errno; on failure all sockets are
 * closed.
 */
int listen_socket_open(
    const char *where, int *fds, size_t count, struct err *err);

/* Format the socket's own address as "http://192.0.2.1:8025". Returns `text`.
 */
char *listen_socket_format(int fd, const char *scheme, char text[80]);

#endif
