/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PROXY_HEADER_H
#define EGRESS25_COLLECTOR_HTTP_PROXY_HEADER_H

/*
 * What a proxy says before a connection's own bytes: whom it speaks for. Both
 * versions of "The PROXY protocol" (HAProxy, doc/proxy-protocol.txt). Whether
 * the proxy is to be believed is the caller's to know.
 */

#include <stddef.h>
#include <sys/types.h>

#include "lib/base/addr.h"

/* The longest header that is taken; one of version 2 may carry TLVs, which are
 * passed over. */
#define PROXY_HEADER_MAX 4096

struct proxy_header {
	struct addr client; /* absent: LOCAL, UNKNOWN or no IP address; then
			       the connection is the proxy's own */
	uint16_t port;
};

/* Read the header that `bytes` begin with. Its length; 0: what is there may
 * become one, more must come; -EINVAL: it is none, or one that is wrong. */
ssize_t proxy_header_read(
    const void *bytes, size_t length, struct proxy_header *out);

#endif
