/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_NETWORK_H
#define EGRESS25_COLLECTOR_RECORD_NETWORK_H

/*
 * The published record of a network, which is an (ASN, family, port): the
 * verdict on it, and what is known of its ASN. Plain data: verdict/ fills it,
 * format.h prints it.
 */

#include "collector/record/row.h"

enum network_state {
	STATE_OPEN,
	STATE_FILTERED,
	STATE_PARTIAL,
	STATE_INTERCEPTED,
	STATE_INCONSISTENT,
	STATE_INSUFFICIENT,
	STATE_COUNT
};

/* The state's word in the contract; "" for a value that is not a state. */
const char *network_state_word(enum network_state state);

/* The state with that word, or -1. */
int network_state_from_word(const char *word);

/* Read an AS number, "64500" or "AS64500". False: it is not one. */
bool network_parse_asn(const char *text, uint32_t *asn);

#define NETWORK_OUTCOMES_MAX 24

struct network_outcome {
	enum outcome outcome;
	enum mechanism mechanism;
	int64_t count; /* of probes */
};

/* The verdict on a network, with the figures it rests on. */
struct network_verdict {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	enum network_state state;
	enum mechanism mechanism; /* MECHANISM_COUNT: none to name */
	enum where where;
	double confidence; /* 0 to 1 */
	/* The share of vantage points that are blocked, 0 to 1, with its 95 %
	 * confidence interval. */
	double blocked_low, blocked_mid, blocked_high;
	int64_t vantage_points, prefixes, endpoints, probes;
	int64_t since_ms, last_ms; /* the first and the last probe; 0: none */
	struct network_outcome outcomes[NETWORK_OUTCOMES_MAX]; /* by count */
	size_t noutcomes;
	char because[300];
};

/* An ASN: name and country from its newest rows, and the operator's remark. */
struct network_info {
	uint32_t asn;
	char name[ROW_NETWORK_SIZE];
	char country[3];
	char annotation[256];
};

struct network_record {
	struct network_verdict verdict;
	struct network_info info;
};

#endif
