/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_STORED_H
#define EGRESS25_TESTS_SUPPORT_STORED_H

/* A store in a folder of its own, rows for it, and what a listing gives. */

#include "collector/store/store.h"

#define STORED_NOON INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */

/* A test program's own arguments: none, or the addresses of a ClickHouse
 * cluster and the file with its password, on which the store then is. True: it
 * is. */
bool stored_on_cluster(int argc, char **argv);

/* Around a test: make the folder, and remove it with all that is in it. */
int stored_set_up(void **state);
int stored_tear_down(void **state);

/* For the folder's database. */
struct store_settings stored_settings(bool read_only);

/* Open it; a test fails where that fails. */
struct store *stored_open(bool read_only);

/* Row `n` of report `report`, whose time is noon and `report` seconds:
 * filtered, or a control on port 443. */
struct measurement stored_row(int report, int n, uint16_t port);

/* Write a report with a control's row and one of port 25. What store_write()
 * says; its sentence is in `err`. */
int stored_put(
    struct store *store, int report, bool *duplicate, struct err *err);

/* What was listed: how many, the sum of their counts, the last of them, and
 * each measurement's " REPORT:n". */
struct stored_seen {
	size_t count;
	int64_t total;
	struct measurement last;
	struct rollup_row rollup;
	char ids[4000];
};

/* Count what was stored, where the engine does not by itself. */
void stored_keep_up(struct store *store);

/* A test fails where the listing does; stored_roll() counts before. */
void stored_list(struct store *store, const struct row_filter *filter,
    struct store_page *page, struct stored_seen *seen);
void stored_roll(struct store *store, struct stored_seen *seen);

#endif
