/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_BACKOFF_H
#define EGRESS25_AGENT_BASE_BACKOFF_H

#include <stdint.h>

/*
 * How long to wait before the next try after one that failed: doubled with
 * every failure in a row and bounded, with jitter, so that a fleet that lost
 * its collector does not come back as one. Starts as zeroes; so does a try
 * that went well leave it.
 */
struct backoff {
	int failures; /* in a row */
};

#define BACKOFF_FIRST_MS INT64_C(10000)
#define BACKOFF_MOST_MS  INT64_C(3600000)

/* A try failed. Returns the wait in ms: half to all of 10 s, 20 s, 40 s ...
 * one hour; where the other side said `asked_ms` (0: it did not), never less
 * than that, and up to a tenth more. `random` is anything. */
int64_t backoff_fail(
    struct backoff *backoff, int64_t asked_ms, uint32_t random);

#endif
