/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_TRANSCRIPT_H
#define EGRESS25_AGENT_MEASURE_TRANSCRIPT_H

/*
 * Each dialogue word for word, for a person who asks to see it (`check
 * --verbose`). Nothing is kept here: lines go to a listener as they pass.
 */

#include "lib/report/observe.h"

struct transcript_line {
	const struct addr *address;
	uint16_t port;
	char side;   /* '>' sent (inside TLS, as plain text), '<' received, '*'
		      * an event */
	bool is_end; /* the last event of this attempt */
	const char *bytes; /* of an event: a sentence */
	size_t length;
	int64_t us; /* since the attempt began */
};

/* Where lines go; `line` is borrowed until `add` returns. */
struct transcript {
	void (*add)(void *arg, const struct transcript_line *line);
	void *arg;
};

/* One attempt's part of a transcript. Zero-initialised, it hears nothing. */
struct transcript_part {
	const struct transcript *to; /* borrowed; NULL: nobody listens */
	struct addr address;
	uint16_t port;
	int64_t began_us; /* on clock_mono_us() */
};

void transcript_bytes(const struct transcript_part *part, char side,
    const char *bytes, size_t length);
void transcript_event(const struct transcript_part *part, const char *what);

/* The TLS handshake ended well. */
void transcript_tls(
    const struct transcript_part *part, const struct tls_seen *tls);

/* The attempt is over, with this result. */
void transcript_end(
    const struct transcript_part *part, const struct probe_seen *seen);

#endif
