/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PROXY_HEADER_H
#define EGRESS25_COLLECTOR_HTTP_PROXY_HEADER_H

/*
 * The header in which a proxy names its client before the connection's own
 * bytes: versions 1 and 2 of "The PROXY protocol" (HAProxy,
 * doc/proxy-protocol.txt). The caller decides if the proxy is trusted. Pure.
 */

#include <stddef.h>
#include <sys/types.h>

#include "lib/base/addr.h"

/* The longest header that is accepted. TLVs of version 2 are skipped. */
#define PROXY_HEADER_MAX 4096

struct proxy_header {
	struct addr client; /* absent if LOCAL, UNKNOWN or not IP: the client
			       is the proxy itself */
	uint16_t port;
};

/* Read the header at the start of `bytes`. Its length; 0: it may be incomplete,
 * more bytes are needed; -EINVAL: there is none, or it is malformed. */
ssize_t proxy_header_read(
    const void *bytes, size_t length, struct proxy_header *out);

#endif
