/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_NETWORK_DETAIL_H
#define EGRESS25_COLLECTOR_RECORD_NETWORK_DETAIL_H

/* What differs inside a network, and a report that shows it (contract, section
 * 5). Plain data. */

#include "collector/record/network_words.h"
#include "collector/record/row.h"

#define NETWORK_PARTS_MAX 32

/* Blocked lines that stop there. */
struct network_stop_at {
	enum where where;
	int64_t vantage_points;
};

struct network_part {
	char prefix[ADDR_TEXT_SIZE];
	enum network_state state; /* open, filtered or, of both, partial */
	int64_t vantage_points;
};

struct network_destination {
	char endpoint[ROW_ENDPOINT_SIZE];
	enum outcome outcome; /* reachable or filtered */
};

/* What differs inside a network. */
struct network_detail {
	struct network_stop_at stops[WHERE_COUNT]; /* most lines first */
	size_t nstops, nparts, ndestinations; /* NETWORK_PARTS_MAX at most */
	struct network_part *parts;
	struct network_destination *destinations;
};

/* A copy with all that it points to in one block, for the caller to free; NULL:
 * out of memory. */
struct network_detail *network_detail_copy(const struct network_detail *detail);

/* The bytes of such a copy. */
size_t network_detail_bytes(const struct network_detail *detail);

/* A report that shows what a network's state is: the newest of those that come
 * nearest. */
struct network_typical {
	char report[ROW_ID_SIZE]; /* its UUID; "": none is known */
	enum where where;
	int after_hop; /* OBSERVE_ABSENT: not known */
};

#endif
