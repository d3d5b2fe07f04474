/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_SERVER_H
#define EGRESS25_TESTS_SUPPORT_SERVER_H

/* A scripted server on a loopback address: one connection, in a thread. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/addr.h"

struct ssl_ctx_st;
struct ssl_st;

enum server_step_kind {
	SERVER_END,     /* record what the client says until it closes; close */
	SERVER_SAY,     /* send the text */
	SERVER_DRIP,    /* send it in one-byte segments */
	SERVER_HEAR,    /* wait for a line from the client */
	SERVER_WATCH,   /* for 200 ms: record "early;" if the client speaks,
			 * "gone;" if it closes */
	SERVER_TAKE,    /* wait for bytes, not for a line */
	SERVER_TLS,     /* do a TLS handshake */
	SERVER_FIN,     /* close at once */
	SERVER_RST,     /* reset at once */
	SERVER_FLOOD,   /* repeat the text until sending fails, or 1 GB */
	SERVER_TRICKLE, /* send 20 bytes a second until sending fails */
	SERVER_TICKETS, /* TLS session tickets until that fails, or 1 GB */
	SERVER_REKEYS,  /* TLS key updates until that fails, or 1 GB */
};

struct server_step {
	enum server_step_kind kind;
	const char *text;
	size_t length; /* 0: up to the NUL */
};

#define SERVER_STEPS_MAX 16

struct server {
	struct addr address;
	uint16_t port;
	const struct server_step *steps; /* borrowed */
	struct ssl_ctx_st *tls;          /* borrowed */
	char said[1024]; /* by the client; a line end is ';', TLS "tls;" */
	uint64_t sent;   /* bytes */
	struct ssl_st *session;
	int listener, fd;
	pthread_t thread;
};

/* Listen on `host` and run the steps with the first client. Every wait ends
 * after 5 s. A failure aborts. */
void server_start(struct server *server, const char *host,
    const struct server_step *steps, struct ssl_ctx_st *tls);

/* Wait for it to finish; then `said` is complete. */
void server_join(struct server *server);

/* Listen with a full accept queue: SYNs go unanswered. */
void server_start_full(struct server *server, int fillers[8]);
void server_stop_full(struct server *server, int fillers[8]);

/* Listen and never answer: the kernel accepts up to `most` connections. */
void server_start_silent(struct server *server, int most);
void server_stop_silent(struct server *server);

#endif
