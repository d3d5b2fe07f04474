/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_SPF_RECORD_H
#define EGRESS25_AGENT_READINESS_SPF_RECORD_H

/*
 * The syntax of an SPF record (RFC 7208, 4.5, 4.6 and 12): parses untrusted
 * text into terms. Pure.
 */

#include "lib/base/addr.h"

#define SPF_TERM_SIZE 64 /* of a term as it is shown to a person */

enum spf_result {
	SPF_PENDING,
	SPF_NONE,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_NEUTRAL,
	SPF_UNKNOWN, /* temporary or permanent error, a macro, ptr */
};

enum spf_kind {
	/* Mechanisms. */
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	/* Modifiers. */
	SPF_REDIRECT,
	SPF_EXP,
	SPF_OTHER, /* an unknown modifier: ignored */
};

struct spf_term {
	enum spf_kind kind;
	enum spf_result result; /* of a mechanism that matches */
	char domain[256];       /* "" none; no final dot */
	bool has_macro;         /* the domain contains a macro (section 7) */
	struct addr network;    /* ip4, ip6 */
	unsigned prefix4, prefix6;
	char text[SPF_TERM_SIZE]; /* as written, cut to fit */
};

/* True: the TXT record is an SPF version 1 record. */
bool spf_is_record(const char *text);

enum spf_read { SPF_READ_TERM, SPF_READ_END, SPF_READ_WRONG };

/* Skip blanks, parse the term at `*at`, and move past it. Start at
 * `record + SPF_VERSION_LENGTH`. SPF_READ_WRONG: bad syntax; only `text` is
 * set. */
#define SPF_VERSION_LENGTH 6
enum spf_read spf_read_term(const char **at, struct spf_term *term);

/* Check the syntax of a whole record, as RFC 7208, 4.6, wants before any of it
 * is evaluated. False: `wrong` is the term with bad syntax, or a modifier that
 * appears twice. */
bool spf_check_record(const char *record, char wrong[SPF_TERM_SIZE]);

#endif
