/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_NAMES_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_NAMES_H

/* Networks' names, countries and annotations, and the totals. */

#include "collector/store/clickhouse/clickhouse_query.h"

/* By ASN. Start from {0}, end with clickhouse_names_free(). */
struct clickhouse_names {
	struct network_info *list;
	size_t count;
};

/* Read all of them anew. 0 or -errno: they are as they were. */
int clickhouse_names_read(
    struct clickhouse_names *names, struct clickhouse *handle, struct err *err);

/* Valid until they are read again; NULL: nothing is known of it. */
const struct network_info *clickhouse_names_find(
    const struct clickhouse_names *names, uint32_t asn);

void clickhouse_names_free(struct clickhouse_names *names);

/* 0 or -errno. */
int clickhouse_names_read_totals(
    struct store_totals *totals, struct clickhouse *handle, struct err *err);

int clickhouse_annotations(
    struct store *store, annotation_visit *visit, void *arg, struct err *err);

#endif
