/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_DIALOG_H
#define EGRESS25_AGENT_MEASURE_DIALOG_H

/*
 * The SMTP dialogue of one probe as decisions without I/O: bytes and the time
 * come in, one action comes out. It never says MAIL, RCPT, VRFY or AUTH, says
 * nothing before the whole greeting (RFC 5321, 3.1; a multi-line 220- too),
 * one command at a time, and ends with QUIT wherever an SMTP conversation is
 * still possible, also where EHLO was not answered in time (RFC 5321,
 * 4.1.1.10).
 *
 *	port 25, 587:	banner - EHLO - STARTTLS - TLS - EHLO - QUIT	RFC 3207
 *	port 465:	TLS - banner - EHLO - QUIT			RFC 8314
 *
 * (465: the greeting in TLS counts as stage banner, its EHLO as ehlo-tls.) A
 * beacon is told a nonce in a NOOP before EHLO; its receipt is kept. A server
 * that does not know EHLO (500, 502) is told HELO. What ended the dialogue, a
 * reply or bytes that are none, is kept in seen->reply. Bytes that came in the
 * clear behind the reply to STARTTLS end the dialogue as `protocol`: they would
 * be taken for the server's words inside TLS (CVE-2011-0411).
 */

#include "lib/report/observe.h"

#define DIALOG_LINE_MAX     8192 /* a longer reply line is `protocol` */
#define DIALOG_LINE_KEPT    512 /* of a line is looked at (RFC 5321, 4.5.3.1) */
#define DIALOG_REPLY_MAX    100 /* more lines in one reply is `protocol` */
#define DIALOG_COMMAND_MAX  300
#define DIALOG_QUIT_MS      2000 /* patience for the reply to QUIT */
#define DIALOG_QUIT_LATE_MS 300  /* where EHLO had none before */

enum dialog_phase {
	DIALOG_BANNER,
	DIALOG_NONCE,
	DIALOG_EHLO,
	DIALOG_HELO, /* where EHLO is not known (RFC 5321, 3.2) */
	DIALOG_STARTTLS,
	DIALOG_TLS,
	DIALOG_EHLO_TLS,
	DIALOG_QUIT, /* what was found is settled; only manners are left */
	DIALOG_OVER,
	DIALOG_PHASES
};

/* What the caller must do next. */
enum dialog_want {
	DIALOG_WANT_BYTES, /* read; call dialog_tick() at the deadline */
	DIALOG_WANT_SEND,  /* send `bytes`, then read */
	DIALOG_WANT_TLS,   /* start the handshake as a client */
	DIALOG_WANT_CLOSE, /* over: close, and take the result */
};

struct dialog_action {
	enum dialog_want want;
	const char *bytes; /* borrowed until the next call */
	size_t length;
	int64_t deadline_us; /* on the caller's monotonic clock */
};

/* How a connection ended under us. */
enum dialog_close { DIALOG_CLOSED_FIN, DIALOG_CLOSED_RST };

struct dialog_options {
	enum port_mode mode; /* starttls or tls */
	char ehlo[256];      /* a domain name or an address literal */
	char nonce[33];      /* for a beacon, in base64url; "": none */
	int banner_ms;       /* patience for the greeting */
	int reply_ms;        /* for every other reply, and for TLS */
	int64_t deadline_us; /* of the whole probe: cuts all the others */
};

struct dialog {
	struct dialog_options options;
	enum dialog_phase phase;
	bool in_tls;
	int64_t phase_began_us;
	int64_t phase_deadline_us;
	struct probe_seen *seen; /* borrowed: where the findings go */
	char line[DIALOG_LINE_KEPT];
	size_t line_length; /* of all of it */
	int reply_lines, reply_code;
	bool offers_starttls;
	char reply[OBSERVE_TEXT_SIZE]; /* text of the reply so far */
	char command[DIALOG_COMMAND_MAX];
};

/* Begin when the connection stands. `seen` was set up by probe_seen_init()
 * and must outlive the dialog. An EHLO name ends at its first blank or control
 * character. */
struct dialog_action dialog_start(struct dialog *dialog,
    const struct dialog_options *options, struct probe_seen *seen,
    int64_t now_us);

/* Bytes came: decrypted ones once TLS stands. `length` is at least 1. */
struct dialog_action dialog_bytes(
    struct dialog *dialog, const char *bytes, size_t length, int64_t now_us);

/* The handshake begins only now: the caller's delay is not the server's. */
struct dialog_action dialog_tls_begins(struct dialog *dialog, int64_t now_us);

/* The handshake that was asked for ended well. The caller fills seen->tls. */
struct dialog_action dialog_tls_done(struct dialog *dialog, int64_t now_us);

/* The handshake failed, or TLS did later: an alert, or bytes that are not TLS.
 * The latter, as far as known, are kept as the reply. */
struct dialog_action dialog_not_tls(
    struct dialog *dialog, const char *bytes, size_t length, int64_t now_us);

/* The connection ended. */
struct dialog_action dialog_closed(
    struct dialog *dialog, enum dialog_close how, int64_t now_us);

/* Nothing more will come, though the connection did not end: a timeout now. */
struct dialog_action dialog_silent(struct dialog *dialog, int64_t now_us);

/* The deadline passed (or has not yet: then WANT_BYTES, go on waiting). */
struct dialog_action dialog_tick(struct dialog *dialog, int64_t now_us);

#endif
