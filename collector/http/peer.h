/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_PEER_H
#define EGRESS25_COLLECTOR_HTTP_PEER_H

/*
 * A peer: everything that is known of one accepted connection, from its first
 * byte to its end. How its bytes arrive, plain or in TLS, is its operations
 * table's (peer_plain.h, peer_tls.h). A PROXY header (proxy_header.h) comes
 * before anything else, TLS too.
 */

#include <sys/types.h>

#include "collector/http/request_deadline.h"
#include "collector/http/request_head.h"
#include "lib/base/addr.h"
#include "lib/base/buf.h"
#include "lib/base/prefixes.h"

struct bufferevent;
struct evbuffer_cb_entry;
struct event_base;
struct evhttp_connection;
struct exchange;
struct memory_account;
struct peer;
struct ssl_ctx_st;

/* What applies to all peers of a loop; may change between two events. */
struct peer_rules {
	struct prefix_list trusted; /* proxies that are believed */
	int64_t request_us;         /* to send a whole request; 0: no limit */
	int64_t body_most;          /* a larger body is refused with 413 */
	int64_t memory_most;        /* that all loops hold; 0: no limit */
	int64_t address_most;       /* connections of an address; 0: no limit */
	struct ssl_ctx_st *tls;     /* borrowed; NULL: no TLS */
};

struct peer_ops {
	/* Make the bufferevent; its socket is set later, and it closes it.
	 * NULL: out of memory. */
	struct bufferevent *(*open)(struct peer *peer, struct event_base *base);
	/* Forget `header`: the peer ends before its PROXY header was read. */
	void (*end_header)(struct peer *peer);
	/* Take what has come behind what the bufferevent has read; as recv(2)
	 * without waiting. NULL: only the bufferevent can. */
	ssize_t (*read_on)(struct peer *peer, char *out, size_t size);
	/* Bytes that the connection holds besides what it sends and is sent,
	 * about. NULL: none worth counting. */
	int64_t (*own_bytes)(const struct peer *peer);
};

/* What it sends (peer_input.h); starts zeroed. */
struct peer_input {
	struct buf held; /* not yet handed to evhttp */
	struct evbuffer_cb_entry *hook;
	struct request_head head; /* of what `held` begins with, unless zero */
	struct request_chunks chunks;
	size_t handed;    /* bytes of the request that evhttp has */
	int64_t to_skip;  /* bytes of a body that is too large */
	bool is_busy;     /* the hook itself changes the input */
	bool is_begun;    /* evhttp has a head, to say "100 Continue" */
	bool is_answered; /* evhttp has all of it; the reply was not sent */
	bool is_over;     /* nothing more is taken from this peer */
	bool is_heard;    /* evhttp has the empty request */
	bool is_head;     /* which is for HEAD */
	int status;       /* to refuse the request with; 0: it is good */
	const char *why;
};

/* What it holds (peer_memory.h); starts zeroed. */
struct memory_held {
	int64_t bytes;
	bool is_passing;         /* of a request or reply, not its own alone */
	TAILQ_ENTRY(peer) entry; /* unless `bytes` is 0 */
};

struct peer {
	const struct peer_rules *rules;
	struct memory_account *account; /* of its loop */
	struct peers *peers;            /* all of its loop */
	const struct peer_ops *ops;
	struct bufferevent *bev;
	struct peer_input input;
	struct memory_held memory;
	struct evbuffer_cb_entry *output_hook;
	void *header;        /* of `ops`, until the PROXY header was read */
	bool is_header_read; /* or it is known that there is none */
	struct addr client;  /* from the PROXY header; absent: it named none */
	int64_t since_us;    /* when it was accepted */
	bool is_newcomer;    /* its address was not looked at yet */
	struct addr counted; /* among its address's connections; or absent */
	bool is_cut;         /* shut down; evhttp has not noticed yet */
	struct request_deadline deadline;
	/* NULL until its first whole request: evhttp does not show the
	 * connection before, nor tell when it ends. The peer holds a reference
	 * to `bev` until then. */
	struct evhttp_connection *connection;
	struct exchange *exchange; /* the request in flight; NULL: none */
	TAILQ_ENTRY(peer) arrival; /* while `connection` is NULL */
	LIST_ENTRY(peer) bucket;
};

/* End the connection in the middle of a request or reply: the client knows
 * that what it got is not all (RFC 9112, 8). on_leave() follows. */
void peer_cut(struct peer *peer);

/* For the operations: read the first bytes of the connection on `fd`. The
 * length of the PROXY header (0: there is none), after which the peer's header
 * phase is over; -EAGAIN: more bytes are needed. */
ssize_t peer_read_header(
    struct peer *peer, int fd, const void *bytes, size_t length);

#endif
