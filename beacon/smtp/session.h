/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_SMTP_SESSION_H
#define EGRESS25_BEACON_SMTP_SESSION_H

/*
 * The server's side of an SMTP session as decisions without I/O (RFC 5321): a
 * command line comes in, a reply goes out. It takes no mail: MAIL gets 550.
 *
 * A client that wants a receipt says "NOOP NONCE" before EHLO, which every
 * server takes (RFC 5321, 4.1.1.9 and 4.1.4): NONCE is 24 bytes in base64url.
 * The receipt is in the reply to EHLO.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/report/receipt_seen.h"

#define SESSION_LINE_MAX   512 /* with its line end (RFC 5321, 4.5.3.1.4) */
#define SESSION_REPLY_MAX  1024
#define SESSION_WRONG_MOST 10 /* commands that are no such, or out of order */

enum session_next {
	SESSION_READ,    /* send the reply, then read on */
	SESSION_RECEIPT, /* make a receipt; then session_greet_back() */
	SESSION_TLS,     /* send the reply; what was read behind the line is
			    to be dropped; then the handshake (RFC 3207, 4) */
	SESSION_CLOSE,   /* send the reply, and close */
};

struct session {
	const char *name;  /* borrowed: the server's */
	bool has_tls_room; /* the caller's: for one more, where not in TLS */
	bool in_tls;
	int commands_left, wrong_left;
	uint8_t nonce[RECEIPT_NONCE_SIZE]; /* zeros: none */
};

struct session_reply {
	char text[SESSION_REPLY_MAX];
	size_t length;
	enum session_next next;
	bool lacks_tls; /* it says that there is no room for TLS */
};

/* Begin, with room for TLS: the reply is the greeting. */
void session_begin(struct session *session, const char *name, int64_t commands,
    struct session_reply *reply);

/* A command line, with its line end or without. */
void session_line(struct session *session, const char *line, size_t length,
    struct session_reply *reply);

/* The reply to EHLO: `receipt` is the keyword's parameter; NULL: none could be
 * made. */
void session_greet_back(const struct session *session, const char *receipt,
    struct session_reply *reply);

/* The handshake that the session asked for ended well: what the client said
 * before is forgotten (RFC 3207, 4.2). */
void session_enter_tls(struct session *session);

/* What ends a session from outside: a line without an end, silence. */
void session_too_long(struct session_reply *reply);
void session_timeout(struct session_reply *reply);

#endif
