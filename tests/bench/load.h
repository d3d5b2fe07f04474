/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_BENCH_LOAD_H
#define EGRESS25_TESTS_BENCH_LOAD_H

/*
 * Load on an HTTP server of this machine over keep-alive connections, one
 * request on each at a time; bounded in count and in time.
 */

#include <stdint.h>

#include "lib/base/buf.h"

/* Append the whole request of that number, counted from 0. */
typedef void load_make(void *arg, size_t number, struct buf *request);

struct load_plan {
	uint16_t port; /* of 127.0.0.1 */
	size_t connections;
	size_t count_max;
	int64_t run_us;
	double rate; /* requests a second; 0: each as soon as one is answered */
	bool from_due;
	load_make *make;
	void *arg;
};

struct load_result {
	size_t sent;
	size_t accepted;   /* 2xx */
	size_t told_later; /* 429 or 503 with Retry-After */
	size_t failed;     /* any other answer, or none */
	int64_t took_us;   /* until the last answer */
	/* Of what was accepted; with a `rate` and `from_due`, from when it was
	 * due, else from when it was sent. */
	int64_t p50_us, p99_us, longest_us;
};

/* Run it. What was sent is waited for, at most 30 s. 0 or -errno. */
int load_run(const struct load_plan *plan, struct load_result *result);

/* One request, one reply: its status, or -errno; `body` is appended to. */
int load_ask(uint16_t port, const struct buf *request, struct buf *body);

#endif
