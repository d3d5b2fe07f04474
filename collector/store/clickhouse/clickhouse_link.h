/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_LINK_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_LINK_H

/* A TCP connection, with TLS or without, for one thread that may block: each
 * call ends at a deadline, soon after `interrupted` is set, or with -EHOSTDOWN
 * when the other side is not alive. */

#include "lib/base/err.h"
#include "lib/http/httpc.h"

struct ssl_ctx_st;
struct ssl_st;

struct link {
	int fd; /* -1: not connected */
	struct ssl_st *tls;
	int64_t deadline_us; /* clock_mono_us() */
	int64_t first_us;    /* until then the first byte must be there, or this
				ends with -ETIME; 0: whenever it comes */
	const _Atomic bool *interrupted; /* borrowed; or NULL */
	/* Asked whenever nothing has moved for a second: is it worth waiting?
	 * NULL: it is. */
	bool (*is_alive)(void *arg);
	void *arg;
};

/* A link that is not connected. */
void link_init(struct link *link);

/* Connect before the deadline; `tls` is for https. 0, -ETIMEDOUT, -ECANCELED
 * or -errno with a sentence. */
int link_connect(struct link *link, const struct httpc_url *url,
    struct ssl_ctx_st *tls, struct err *err);

/* Has the other side closed it, or sent what nobody asked for? */
bool link_is_stale(const struct link *link);

/* Send all bytes. 0 or -errno. */
int link_send(struct link *link, const void *bytes, size_t length);

/* Receive some bytes. How many, 0 at the end, or -errno. */
ssize_t link_receive(struct link *link, void *bytes, size_t size);

/* Close it; a link that is not connected is allowed. */
void link_close(struct link *link);

#endif
