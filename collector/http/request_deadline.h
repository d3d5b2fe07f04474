/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_REQUEST_DEADLINE_H
#define EGRESS25_COLLECTOR_HTTP_REQUEST_DEADLINE_H

/*
 * How long each client has been sending its request. The limit is for the
 * whole request: a byte now and then does not extend it. A queue is of one
 * thread; the longest running deadline is its first. Pure.
 */

#include <stdint.h>
#include <sys/queue.h>

/* To be embedded in what waits for a request; starts zeroed. */
struct request_deadline {
	int64_t since_us; /* 0: not running */
	TAILQ_ENTRY(request_deadline) entry;
};

TAILQ_HEAD(request_deadline_queue, request_deadline);

/* Start or restart it; `now_us` is not 0 and never decreases. */
void request_deadline_start(struct request_deadline_queue *queue,
    struct request_deadline *deadline, int64_t now_us);

/* Stop it; no effect if it is not running. */
void request_deadline_stop(
    struct request_deadline_queue *queue, struct request_deadline *deadline);

/* Stop the longest running deadline and return it, if it was started at
 * `since_us` or before; else NULL. */
struct request_deadline *request_deadline_take(
    struct request_deadline_queue *queue, int64_t since_us);

#endif
