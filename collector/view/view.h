/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VIEW_VIEW_H
#define EGRESS25_COLLECTOR_VIEW_VIEW_H

/*
 * What is published at one time: the verdict on every network with the name of
 * its AS. The census builds it, closes it (view_order.h) and publishes it; from
 * then on it is only read, from any thread. Pure but for the memory that it
 * owns.
 *
 *	view_new(); view_add() or view_replace() each network; view_name() each
 *	AS; view_past_begin(); view_order(); and at last view_free().
 */

#include "collector/api/query.h"
#include "collector/record/history.h"

/* A network, packed: its text, outcomes and prefixes are in the view's. */
struct view_network {
	uint32_t asn;
	uint16_t port;
	uint8_t family, state, mechanism, where, reach, level, stopped_in;
	uint32_t upstream;
	bool since_is_first;
	double confidence, wrong, blocked_low, blocked_mid, blocked_high;
	int64_t vantage_points, unsteady, witnesses_blocked, witnesses_open;
	int64_t prefixes, endpoints, probes, since_ms, last_ms;
	size_t text, prefix_text, outcomes; /* where they begin */
	size_t noutcomes, nblocked_prefixes;
	struct network_sentence sentences[NETWORK_SENTENCES]; /* of the text */
	size_t info;                                          /* of its AS */
	struct network_detail *detail; /* owned; NULL: there is none */
	struct network_typical typical;
};

/* A family and port, of which networks are counted. */
struct view_states {
	uint8_t family;
	uint16_t port;
};

#define VIEW_DAYS 93 /* that are kept at hand, with today */

struct view {
	int64_t generated_ms;
	int64_t generation; /* greater than of all views before */
	double expected_wrong;
	struct view_network *networks; /* by asn, family, port */
	size_t count;
	struct network_info *infos; /* by asn */
	size_t ninfos;
	int64_t ases, ipv6_ases; /* with a network; with one over IPv6 */
	struct network_outcome *outcomes;
	size_t noutcomes;
	struct buf text;
	uint32_t *orders[QUERY_SORT_COUNT]; /* of networks; by asn: NULL */
	/* view_past.h: VIEW_DAYS bytes a network, from the day `since` on; all
	 * of what is closed is there until `past_until`. */
	uint8_t *days;
	int32_t since, past_until;
};

/* NULL: out of memory. */
struct view *view_new(int64_t generated_ms);

/* NULL is allowed. */
void view_free(struct view *view);

/* Add a network; they come in order. 0 or -ENOMEM. */
int view_add(struct view *view, const struct network_verdict *verdict);

/* A network that is there is now this, but for its blocked prefixes, which stay
 * as they are; so `verdict` may be of its own record. 0 or -ENOMEM. */
int view_replace(struct view *view, const struct network_verdict *verdict);

/* What is known of an AS; they come in order. 0 or -ENOMEM. */
int view_name(struct view *view, const struct network_info *info);

/* The first network that is not before this one. */
size_t view_find(
    const struct view *view, uint32_t asn, uint8_t family, uint16_t port);

/* What is known of a network's AS. */
const struct network_info *view_info(
    const struct view *view, const struct view_network *network);

/* The network's record. It borrows from the view, and is for the caller to end
 * with network_verdict_end(). 0, or -ENOMEM with nothing to end. */
int view_record(const struct view *view, const struct view_network *network,
    struct network_record *record);

#endif
