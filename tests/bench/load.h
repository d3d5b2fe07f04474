/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_BENCH_LOAD_H
#define EGRESS25_TESTS_BENCH_LOAD_H

/*
 * An HTTP load generator for a server on this machine: keep-alive connections,
 * one request at a time on each, bounded in number and in time.
 */

#include <stdint.h>

#include "lib/base/buf.h"

/* Append request `number`, counted from 0. */
typedef void load_make(void *arg, size_t number, struct buf *request);

/* What came back for request `number`: its status and its body, which is valid
 * until this returns. */
typedef void load_take(void *arg, size_t number, int status, const char *body);

struct load_plan {
	uint16_t port; /* of 127.0.0.1 */
	size_t connections;
	size_t count_max;
	int64_t run_us;
	double rate; /* requests per second; 0: as fast as they are answered */
	bool from_due;
	load_make *make;
	load_take *take; /* or NULL */
	void *arg;
};

struct load_result {
	size_t sent;
	size_t accepted;   /* 2xx */
	size_t told_later; /* 429 or 503 with Retry-After */
	size_t failed;     /* any other answer, or none */
	int64_t took_us;   /* until the last answer */
	/* Latency of accepted requests, measured from when one was due (`rate`
	 * and `from_due`), else from when it was sent. */
	int64_t p50_us, p99_us, longest_us;
};

/* Run it, and wait up to 30 s for the last answers. 0 or -errno. */
int load_run(const struct load_plan *plan, struct load_result *result);

/* Send one request. Returns the status, or -errno; appends to `body`. */
int load_ask(uint16_t port, const struct buf *request, struct buf *body);

#endif
