/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_HTTP_HTTPC_H
#define EGRESS25_LIB_HTTP_HTTPC_H

#include "lib/base/addr.h"
#include "lib/base/err.h"

struct event_base;
struct ssl_ctx_st;

/* "https://host:port/base" in parts. */
struct httpc_url {
	bool tls;
	char host[256];
	uint16_t port;
	char base[256]; /* path without a trailing slash; often "" */
};

/* Only http and https, no user, no query, no fragment. */
int httpc_parse_url(const char *text, struct httpc_url *url, struct err *err);

struct httpc_header {
	const char *name, *value; /* NULL name ends a list */
};

struct httpc_request {
	const struct httpc_url *url; /* copied */
	struct addr address;         /* connect here; `url->host` is the name */
	const char *method, *path;   /* path behind url->base; copied */
	const struct httpc_header *headers; /* copied; may be NULL */
	const void *body;                   /* copied */
	size_t body_length;
	size_t reply_bytes_max;
	int timeout_s;          /* for all of it */
	struct ssl_ctx_st *tls; /* for https: verifies; borrowed */
};

/* `status` 0: no answer came and `why` says why. All is borrowed until the
 * callback returns. */
struct httpc_reply {
	int status;
	const char *why;
	const char *body;
	size_t body_length;
	int retry_after_s; /* from Retry-After, at most a day; 0: none */
	struct addr local; /* the local address of the connection, if known */
};

typedef void httpc_done(void *arg, const struct httpc_reply *reply);

/* Send one request on a connection of its own. `done` is called exactly once,
 * from the loop, unless the call is cancelled. NULL: no memory. */
struct httpc;
struct httpc *httpc_start(struct event_base *base,
    const struct httpc_request *request, httpc_done *done, void *arg);

/* Give it up: no callback will come. NULL is allowed. */
void httpc_cancel(struct httpc *httpc);

#endif
