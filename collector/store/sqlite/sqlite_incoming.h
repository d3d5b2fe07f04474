/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_INCOMING_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_INCOMING_H

/* A report that is to be stored: which of its rows are new. */

#include "collector/record/row_id.h"
#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_report.h"

/* A report that is being stored. Its new rows are in sqlite->scratch.rows. */
struct incoming_report {
	const struct store_report *report;
	uint8_t uuid[ROW_UUID_BYTES];
	int64_t id;   /* of its row in the table; 0: it is not stored yet */
	bool repeats; /* everything in it is stored already */
	bool claims;  /* an import has brought some of it or all */
	bool begun;   /* part of it may be written */
	size_t count;
	struct measurement *known; /* owned: the rows that were stored before */
	size_t nknown;
};

/* List the rows by number, each number once. 0, -ENOMEM or -EINVAL. */
int incoming_take_rows(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err);

/* Look for the report. Of one that is there in part, because of an import, the
 * rows that are not stored yet are kept, and the stored ones are unpacked. 0,
 * -EEXIST: another report has its id; or -errno. */
int incoming_find(struct sqlite_store *sqlite, struct incoming_report *incoming,
    struct err *err);

/* Append the stored rows, which are unpacked, to the new ones. 0 or -ENOMEM. */
int incoming_join_known(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err);

/* Make room for `count` rows in both arrays of sqlite->scratch. 0 or -ENOMEM.
 */
int incoming_make_room(
    struct sqlite_store *sqlite, size_t count, struct err *err);

/* Sort rows by time and number. */
void incoming_sort_by_time(struct numbered_row *rows, size_t count);

#endif
