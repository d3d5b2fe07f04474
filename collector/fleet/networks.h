/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_NETWORKS_H
#define EGRESS25_COLLECTOR_FLEET_NETWORKS_H

/*
 * The networks of a store: from its rollups to verdicts, one network at a time
 * and in the store's order. Errors as in store.h; a visitor that fails sets the
 * sentence itself, but for -ENOMEM.
 */

#include "collector/store/store.h"
#include "collector/verdict/network_walk.h"

/* Visit each network that has rollups that pass the filter. 0, -errno, or what
 * `visit` returned. */
int networks_walk(struct store *store, const struct row_filter *filter,
    network_walk_visit *visit, void *arg, struct err *err);

/* Decide each of them as of `now_ms`, without reading what is older than the
 * verdict's window. 0, -errno, or what `decided` returned. */
int networks_decide(struct store *store, const struct row_filter *filter,
    int64_t now_ms, network_decided *decided, void *arg, struct err *err);

/* The published record of a network: `verdict`, with what the store knows of
 * the ASN, if anything. 0 or -errno. */
int networks_complete(struct store *store,
    const struct network_verdict *verdict, struct network_record *record,
    struct err *err);

#endif
