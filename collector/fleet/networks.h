/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_NETWORKS_H
#define EGRESS25_COLLECTOR_FLEET_NETWORKS_H

/*
 * The networks of a store: from its rollups to verdicts, one network at a time
 * and in the store's order. Errors as in store.h; a visitor that fails sets the
 * sentence itself, but for -ENOMEM.
 */

#include "collector/store/store.h"
#include "collector/verdict/judge.h"

/* A network that was judged; all is valid during the call. */
struct networks_judged {
	const struct evidence *evidence;
	const struct network_verdict *verdict;
	enum network_state before; /* published at the end of yesterday */
};

/* What verdicts rest on beside the network's own rows. */
struct networks_as_of {
	const struct judge *judge;
	int64_t now_ms;
};

/* Anything but 0 ends the walk. */
typedef int networks_visit(void *arg, const struct networks_judged *judged);

/* Learn all that must be known of all networks before one is judged, as of
 * `now_ms`, and visit each as it is judged before the last bound on all
 * accusations (NULL: visit none). `judge` is initialised here, and is for the
 * caller to free in either case. 0, -errno, or what `visit` returned. */
int networks_learn(struct store *store, int64_t now_ms, struct judge *judge,
    networks_visit *visit, void *arg, struct err *err);

/* Judge, as of `now_ms`, each network that has rollups that pass the filter;
 * `judge` is closed, and may have learned a while ago. 0, -errno, or what
 * `visit` returned. */
int networks_decide(struct store *store, const struct row_filter *filter,
    const struct networks_as_of *as_of, networks_visit *visit, void *arg,
    struct err *err);

/* Visit the days of each network, as of `now_ms`, from `since_day` on, as
 * judge_follow() does. 0, -errno, or what `visit` returned. */
int networks_follow(struct store *store, int64_t now_ms, int32_t since_day,
    judge_visit_day *visit, void *arg, struct err *err);

/* The published record of a network: `verdict`, with what the store knows of
 * the ASN, if anything. 0 or -errno. */
int networks_complete(struct store *store,
    const struct network_verdict *verdict, struct network_record *record,
    struct err *err);

#endif
