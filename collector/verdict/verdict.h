/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_VERDICT_H
#define EGRESS25_COLLECTOR_VERDICT_VERDICT_H

/*
 * From rollups to the state of a network = (ASN, family, port). Pure: the
 * same rows and the same time give the same verdict, to the byte. What the
 * rows do not settle is `insufficient`, never `filtered`.
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

#define VERDICT_OUTCOMES_MAX 24

struct verdict_outcome {
	enum outcome outcome;
	enum mechanism mechanism;
	int64_t count;
};

struct verdict {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	enum network_state state;
	enum mechanism mechanism; /* MECHANISM_COUNT: none to name */
	enum where where;
	double confidence;                             /* 0 to 1 */
	double blocked_low, blocked_mid, blocked_high; /* share of agents */
	int64_t vantage_points, prefixes, endpoints;
	int64_t probes;
	int64_t since_ms, last_ms;
	struct verdict_outcome outcomes[VERDICT_OUTCOMES_MAX]; /* by count */
	size_t noutcomes;
	char because[300];
};

/*
 * Decide one network. `rows` are all of one (asn, family, port), at least one;
 * they are sorted in place. Rows after `now_ms`, and those too old to say
 * anything about today, are passed over. 0, or -ENOMEM for its scratch table
 * of vantage points.
 *
 * A vantage point counts by what its latest day says: filtered (or
 * intercepted) if at least two endpoints say so and none was reached; open if
 * one was reached and none says otherwise. It counts once, in the prefix of
 * that day, however often its address changed. What was done in the host or the
 * home router convicts no network. The confidence is the lower end of the
 * blocked share (Wilson, 95 %) for filtered and intercepted, one less its
 * upper end for open, one less its width for the other states, and 0 for
 * insufficient.
 */
int verdict_decide(struct rollup_row *rows, size_t count, int64_t now_ms,
    struct verdict *verdict);

/*
 * Walk rollups in the store's order and decide network by network:
 *	verdict_run_init(); verdict_run_row() for each; verdict_run_end().
 * `decided` is called once a network, in order.
 */
typedef int verdict_decided(void *arg, const struct verdict *verdict);

struct verdict_run {
	int64_t now_ms;
	verdict_decided *decided;
	void *arg;
	/* Owned: those of the network at hand, while `decided` runs too. */
	struct rollup_row *rows;
	size_t count, capacity;
};

void verdict_run_init(struct verdict_run *run, int64_t now_ms,
    verdict_decided *decided, void *arg);
/* 0, -ENOMEM, or what `decided` returned. */
int verdict_run_row(struct verdict_run *run, const struct rollup_row *row);
int verdict_run_end(struct verdict_run *run); /* frees the rows too */
void verdict_run_cancel(struct verdict_run *run);

const char *network_state_word(enum network_state state);
int network_state_from_word(const char *word); /* -1: none */

#endif
