/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_METRICS_METRICS_H
#define EGRESS25_BEACON_METRICS_METRICS_H

/*
 * The beacon's metrics in Prometheus's text format, with the prefix
 * egress25_beacon_. None says anything of a single client.
 */

#include <stdint.h>

#include "lib/base/buf.h"

/* Which limit a connection, or its TLS, was too much for. */
enum metrics_limit { LIMIT_CONNECTIONS, LIMIT_ADDRESS, LIMIT_TLS, LIMIT_COUNT };

/* Start from zeroes. */
struct metrics {
	int64_t connections; /* accepted, within the limits */
	int64_t refused[LIMIT_COUNT];
	int64_t dialogues;         /* connections that said EHLO */
	int64_t receipts;          /* signed */
	int64_t handshakes;        /* of TLS, done */
	int64_t handshakes_failed; /* begun, and never done */
	int64_t timeouts;          /* connections whose time was over */
	int64_t open, open_tls;    /* gauges: connections; of these in TLS */
};

/* Append the text of all metrics. Memory that ran out shows as `out->failed`.
 */
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
