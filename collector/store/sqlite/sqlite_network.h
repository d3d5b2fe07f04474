/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_NETWORK_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_NETWORK_H

/* ASNs, their annotations, and the totals (store.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store.h"

int sqlite_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err);

int sqlite_annotate(struct store *store, uint32_t asn,
    const struct annotation *annotation, struct err *err);

int sqlite_annotations(
    struct store *store, annotation_visit *visit, void *arg, struct err *err);

int sqlite_totals(
    struct store *store, struct store_totals *totals, struct err *err);

/* Count measurements for the names and countries of their ASNs, within a
 * transaction. Sorted as for sqlite_add_rollups(). 0 or -errno. */
int sqlite_add_networks(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err);

#endif
