/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_UPKEEP_H
#define EGRESS25_COLLECTOR_STORE_STORE_UPKEEP_H

/* What a store needs beside writes and reads (store.h): removal of what is
 * old, its log, backups. */

#include "collector/store/store.h"

/* A bounded step of removal. */
struct store_expiry {
	int64_t before_ms;  /* reports whose last measurement is older go */
	size_t reports_max; /* at most STORE_EXPIRY_MAX */
	int64_t most_us;    /* no further report is begun after so long */
	/* What it came to. */
	int64_t reports, measurements;
	bool more;         /* others may be that old */
	int64_t newest_ms; /* of the measurements that stay; 0: none */
};

/* Remove the oldest reports with their rows and evidence, in one synced
 * transaction; rollups stay and the totals follow. */
#define STORE_EXPIRY_MAX 512
int store_expire(
    struct store *store, struct store_expiry *expiry, struct err *err);

/* The log of what was committed last (SQLite's WAL), in pages. */
struct store_log {
	int64_t pages, copied;
};

/* Copy the log back into the database as far as readers allow; it keeps no
 * writer waiting. For a handle of its own, on a thread of its own. */
int store_copy_log(struct store *store, struct store_log *log, struct err *err);

/* The log's length after this handle's last commit. */
int64_t store_log_pages(const struct store *store);

/* Called now and then while a backup is made; anything but 0 ends it. */
typedef int store_progress(void *arg, int64_t pages, int64_t pages_of);

/* Copy what the store holds at this moment into a new file, which is synced
 * and another store's database when this returns 0. Writers go on. A file that
 * is there already is an error; until it is whole it is locked (flock(2)). */
int store_back_up(struct store *store, const char *path,
    store_progress *progress, void *arg, struct err *err);

#endif
