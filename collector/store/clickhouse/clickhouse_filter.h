/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_FILTER_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_FILTER_H

/* Conditions in SQL. Nothing that a stranger wrote gets into a statement but as
 * numbers and hexadecimal digits. Pure. */

#include "collector/record/filter.h"
#include "lib/base/buf.h"

/* What a revoked agent brought is in no list. */
#define FILTER_NOT_REVOKED " agent NOT IN (SELECT agent FROM @D.revoked)"

/* Of copies of a row that differ, the one that counts. */
#define FILTER_COUNTS " copy NOT IN (SELECT copy FROM @D.superseded)"

/* Append " AND ..." for each field of the filter, on rows of `measurement`. */
void filter_print(struct buf *sql, const struct row_filter *filter);

/* Append " AND asn ..." for networks whose country, as of now, is this one; ""
 * appends nothing. */
void filter_print_country_of_asn(struct buf *sql, const char *country);

/* The day of a time, as toDate() takes it: what lies out of range is cut. A
 * number up to 65535 is a day there, a greater one seconds. */
unsigned filter_day(int64_t at_ms);

/* Append "unhex('...')". */
void filter_print_bytes(struct buf *sql, const void *bytes, size_t length);

/* The number of a day's partition, yyyymmdd. */
int64_t filter_partition(int32_t day);

#endif
