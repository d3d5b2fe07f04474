/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_EVENT_H
#define EGRESS25_COLLECTOR_RECORD_EVENT_H

/*
 * A change of what is published of a network (contract, section 5). It is
 * written once, and never changes. Plain data.
 */

#include "collector/record/network.h"

#define EVENT_ID_SIZE 17 /* 16 hex digits, and NUL */

struct event {
	char id[EVENT_ID_SIZE];
	int64_t at_ms; /* when it was published */
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	enum network_state from, to; /* from `insufficient`: it was new */
	enum network_level level;    /* of `to`, as is what follows */
	int64_t vantage_points;      /* network_lines() */
	char because[NETWORK_BECAUSE_SIZE];
};

/* Set the event's id, a hash of network, day, `from` and `to`: collectors that
 * saw the same give it the same one. A network has no two such changes on one
 * day. */
void event_identify(struct event *event);

/* Which events are wanted; a field that is zero does not filter. Start with
 * event_filter_init(). */
struct event_filter {
	uint32_t asn;
	char country[3];
	uint8_t family;
	uint16_t port;
	int to;                     /* enum network_state; -1: any */
	int64_t since_ms, until_ms; /* in [since, until) */
};

/* A filter that every event passes. */
void event_filter_init(struct event_filter *filter);

/* Anything but 0 ends the list, and is what the function that lists returns. */
typedef int event_visit(void *arg, const struct event *event);

#endif
