/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_HISTORY_H
#define EGRESS25_COLLECTOR_RECORD_HISTORY_H

/*
 * What was published of a network, an (ASN, family, port), at the end of a UTC
 * day. It is written once, and never changes. Plain data.
 */

#include "collector/record/network.h"

struct history_day {
	int32_t day; /* since 1970, UTC */
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	enum network_state state;
	enum network_level level;
	enum mechanism mechanism; /* MECHANISM_COUNT: none to name */
	int64_t vantage_points;   /* network_lines() */
	/* As in network_verdict. */
	double blocked_low, blocked_mid, blocked_high;
};

/* Which days are wanted: those in [since_day, until_day). */
struct history_filter {
	uint32_t asn; /* 0: all networks */
	uint8_t family;
	uint16_t port; /* 0: any, as with the family */
	int32_t since_day, until_day;
};

/* Anything but 0 ends the list, and is what the function that lists returns. */
typedef int history_visit(void *arg, const struct history_day *day);

#endif
