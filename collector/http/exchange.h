/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_EXCHANGE_H
#define EGRESS25_COLLECTOR_HTTP_EXCHANGE_H

/*
 * One request and its reply. The listener hands each exchange to its dispatch
 * callback, which makes the reply at once and calls exchange_send(), or passes
 * the exchange to another thread, which makes the reply later and calls
 * exchange_post(). Either is called once; from then on the exchange belongs to
 * its loop again. A client may leave meanwhile: the exchange stays valid, and
 * its reply is dropped.
 *
 * A reply that is a stream comes back for each part: once a part was sent,
 * `refill` gets the exchange, and has the next one made in the same two ways. A
 * part that is empty is not sent, and ends the stream only if it is the last.
 */

#include "collector/base/mailbox.h"
#include "collector/http/reply.h"

struct evhttp_request;
struct exchange;
struct peer;

typedef void exchange_step(struct exchange *exchange);

struct exchange {
	struct message message;       /* first; exchange_post()'s */
	STAILQ_ENTRY(exchange) entry; /* a queue's, while it is passed on */
	struct request request;       /* valid as long as the exchange */
	struct reply reply;
	int64_t ready_us; /* when its loop was told of it (clock_mono_us()) */
	/* The dispatcher's. `finish` (or NULL): called on the loop before the
	 * reply is sent or dropped. `refill`: see above; for streams only. */
	exchange_step *finish, *refill;
	request_handler *handler;
	void *arg;
	bool is_scan; /* read_pool_put()'s */
	/* The module's. */
	struct mailbox *mailbox;
	struct peer *peer;             /* NULL: the client left */
	struct evhttp_request *evhttp; /* NULL: the client left */
	struct request_header *headers;
	char *text;
	struct evbuffer *body;
	struct buf part; /* of a stream: the next to send */
	bool is_settled, is_away, is_started, has_more;
};

/* Begin an exchange of this peer. `mailbox` is its loop's. The client is found
 * with `trusted`. NULL: out of memory; the request is still the caller's. */
struct exchange *exchange_begin(struct peer *peer,
    struct evhttp_request *evhttp, const struct prefix_list *trusted,
    struct mailbox *mailbox);

/* Finish the reply as far as a thread can that does not have the connection: a
 * stream's next part is made with `server`. Before exchange_post(), on a thread
 * that reads the store. */
void exchange_prepare(struct exchange *exchange, struct server *server);

/* Send the reply, or the stream's next part. On the loop's thread. */
void exchange_send(struct exchange *exchange);

/* Free the request's body, where nobody needs it any more: what is to be done
 * may wait long. On the loop's thread, before the reply. */
void exchange_drop_body(struct exchange *exchange);

/* Have the loop call exchange_send(). From any thread. */
void exchange_post(struct exchange *exchange);

/* The reply cannot be made now: a 503 with Retry-After and this message; or if
 * a part of a stream was sent, the connection is cut. Before exchange_send() or
 * exchange_post(). */
void exchange_refuse(
    struct exchange *exchange, int retry_after_s, const char *message);

/* The client left in the middle of it (peers_new()). */
void exchange_abandon(struct exchange *exchange);

#endif
