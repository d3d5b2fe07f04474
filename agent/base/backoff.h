/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_BACKOFF_H
#define EGRESS25_AGENT_BASE_BACKOFF_H

/* Exponential back-off with jitter, so that a fleet does not return all at
 * once after an outage of its collector. */

#include <stdint.h>

#define BACKOFF_FIRST_MS INT64_C(10000)
#define BACKOFF_MOST_MS  INT64_C(3600000)

/* Zero-initialised; a success resets it. */
struct backoff {
	int failures; /* in a row */
};

/* Count a failure and return how long to wait before the next attempt, in ms:
 * between half and all of 10 s, 20 s, 40 s ... one hour. `asked_ms` is the
 * server's Retry-After, 0 if it sent none; the wait is never shorter, and at
 * most a tenth longer. `random` may be any value. */
int64_t backoff_fail(
    struct backoff *backoff, int64_t asked_ms, uint32_t random);

#endif
