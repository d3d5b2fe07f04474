/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_WRITE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_WRITE_H

/* Storing reports (store.h). */

#include "collector/store/clickhouse/clickhouse_incoming.h"

int clickhouse_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err);

/* Store those that are neither refused nor repeats: their rows, and then their
 * entries. They were read (clickhouse_incoming.h). 0 or -errno. */
int clickhouse_write_incoming(struct clickhouse *handle,
    const struct incoming *incoming, size_t count, struct err *err);

#endif
