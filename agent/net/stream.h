/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_STREAM_H
#define EGRESS25_AGENT_NET_STREAM_H

/*
 * A TCP connection of a probe, in the clear or in TLS: no caller asks which.
 * One call is one system call or one record; the caller's loop does the rest.
 */

#include "agent/net/tls_bio.h"
#include "lib/report/observe.h"

struct ssl_ctx_st;

/* How one read, write or handshake step ended. */
enum stream_result {
	STREAM_MOVED,
	STREAM_WAIT, /* for what stream_waits_for_write() says */
	STREAM_FIN,
	STREAM_RST,
	STREAM_NOT_TLS, /* an alert, or bytes that are not TLS */
	STREAM_SILENT   /* the kernel gave up: nothing was acknowledged */
};

/* Zero-initialised but for `fd`. */
struct stream {
	int fd; /* -1: none */
	bool in_tls;
	struct ssl_st *session; /* NULL: in the clear */
	struct tls_bio bio;
	int soft_errno; /* of an ICMP error about a connection that goes on */
	int sys_errno;  /* that ended it; 0: none */
	int alert;      /* AlertDescription received, plus 1; 0: none */
};

/* What the kernel shall notice by itself once connected: a peer that no longer
 * acknowledges anything, after STREAM_SILENT_MS (RFC 1122, 4.2.3.6; RFC
 * 5482). */
#define STREAM_SILENT_MS 6000
void stream_watch_peer(const struct stream *stream);

/* Give it a TLS session to `host`. 0 or -ENOMEM. */
int stream_begin_tls(
    struct stream *stream, struct ssl_ctx_st *context, const char *host);

/* A turn of the loop begins. */
void stream_begin_turn(struct stream *stream);

enum stream_result stream_shake_hands(struct stream *stream);
enum stream_result stream_send_once(
    struct stream *stream, const char *bytes, size_t length, size_t *sent);
enum stream_result stream_read_once(
    struct stream *stream, char *bytes, size_t size, size_t *got);

/* What a call that returned STREAM_WAIT waits for, where `usual` is what such
 * a call waits for in the clear. */
bool stream_waits_for_write(const struct stream *stream, bool usual);

/* TLS holds bytes that the loop does not know of: read before waiting. */
bool stream_has_more(const struct stream *stream);

/* What came where TLS was expected and is not TLS, as far as kept. Returns its
 * length; 0: nothing, or it was TLS. */
size_t stream_plain_bytes(const struct stream *stream, const char **bytes);

/* Say goodbye in TLS, if that is spoken. */
void stream_say_goodbye(struct stream *stream);

/* Free what it owns, and close. */
void stream_free(struct stream *stream);

#endif
