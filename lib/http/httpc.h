/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_HTTP_HTTPC_H
#define EGRESS25_LIB_HTTP_HTTPC_H

#include "lib/base/addr.h"
#include "lib/base/err.h"

struct event_base;
struct ssl_ctx_st;

/* The parts of "https://host:port/base". */
struct httpc_url {
	bool tls;
	char host[256];
	uint16_t port;
	char base[256]; /* path prefix, without a trailing slash */
};

/* Parse an http or https URL without user, query and fragment. 0 or -EINVAL. */
int httpc_parse_url(const char *text, struct httpc_url *url, struct err *err);

struct httpc_header {
	const char *name, *value; /* NULL name ends a list */
};

struct httpc_request {
	const struct httpc_url *url;        /* copied */
	struct addr address;                /* of `url->host`; connect here */
	const char *method, *path;          /* path after url->base; copied */
	const struct httpc_header *headers; /* copied; may be NULL */
	const void *body;                   /* copied */
	size_t body_length;
	size_t reply_bytes_max;
	int timeout_s;          /* from connect to the end of the reply */
	struct ssl_ctx_st *tls; /* for https: a verifying context; borrowed */
};

/* The reply; valid until the callback returns. */
struct httpc_reply {
	int status;      /* 0: there was no reply */
	const char *why; /* status 0: the reason, in words */
	const char *body;
	size_t body_length;
	int retry_after_s; /* Retry-After, at most a day; 0: none */
	struct addr local; /* the connection's local address, or absent */
};

typedef void httpc_done(void *arg, const struct httpc_reply *reply);

/* Send one request on a connection of its own. `done` is called exactly once,
 * from the event loop, unless the request is cancelled. NULL: out of memory. */
struct httpc;
struct httpc *httpc_start(struct event_base *base,
    const struct httpc_request *request, httpc_done *done, void *arg);

/* Cancel: no callback will come. NULL is allowed. */
void httpc_cancel(struct httpc *httpc);

#endif
