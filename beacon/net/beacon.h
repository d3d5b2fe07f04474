/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_NET_BEACON_H
#define EGRESS25_BEACON_NET_BEACON_H

#include <sys/queue.h>

#include "beacon/base/options.h"
#include "beacon/metrics/metrics.h"
#include "lib/sign/sign.h"

struct event_base;
struct ssl_ctx_st;
struct client;

/* What all connections share; all but the list is the caller's. */
struct beacon {
	struct event_base *base;
	const struct beacon_options *options;
	const char *name;           /* in the greeting */
	const struct sign_key *key; /* signs receipts */
	struct ssl_ctx_st *tls;
	uint8_t spki_sha256[32];         /* of its key, for receipts */
	struct address_count *addresses; /* connections of each */
	const struct timeval *idle;      /* a common timeout of `base` */
	struct metrics metrics; /* also how many are open, and in TLS */
	LIST_HEAD(, client) clients;
};

#endif
