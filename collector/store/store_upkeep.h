/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_UPKEEP_H
#define EGRESS25_COLLECTOR_STORE_STORE_UPKEEP_H

/* Upkeep of a store (store.h): removing old reports, counts, the log, backups.
 * Not every engine needs or has all of it. */

#include "collector/store/store.h"

#define STORE_EXPIRY_MAX 512

/* One bounded step of removal. */
struct store_expiry {
	int64_t before_ms;     /* remove reports whose measurements are older */
	size_t reports_max;    /* at most STORE_EXPIRY_MAX */
	int64_t most_us;       /* begin no further report after this time */
	int64_t keep_clock_ms; /* the time that counts, to be kept; 0: none */
	/* Filled in. */
	int64_t reports, measurements; /* removed */
	bool more;                     /* there may be more to remove */
	int64_t newest_ms; /* the newest measurement left; 0: none */
	int64_t clock_ms;  /* as it was kept before this step; 0: never */
};

/* Remove the oldest reports with their rows and evidence, in one synced
 * transaction. Rollups stay; the totals are adjusted. An engine that removes by
 * the day takes a day a step, and a report whose day is not over yet stays. */
int store_expire(
    struct store *store, struct store_expiry *expiry, struct err *err);

/* Count what was stored since the last time, for an engine that does not count
 * when it stores (any other does nothing): rollups, names and totals are as of
 * then. With a handle for writing. 0 or -errno. */
int store_upkeep(struct store *store, int64_t now_ms, struct err *err);

/* The time by which what is stored is judged: `now_ms`, or later, where the
 * clocks of others who store are ahead. Of what upkeep has seen. */
int64_t store_now(struct store *store, int64_t now_ms);

/* What became of a day that was counted anew. */
struct store_rebuilt {
	int64_t before, after; /* the sum of its counts */
	int64_t too_large;     /* counts, where it is known */
	/* Measurements may have been removed: it stays, but for what was
	 * missing. */
	bool is_kept;
};

/* Count the rollups of a day anew from all measurements that are stored. A
 * collector may run meanwhile. 0 or -errno. */
int store_rebuild_day(struct store *store, int32_t day,
    struct store_rebuilt *rebuilt, struct err *err);

/* Has the engine a log that must be copied (SQLite's WAL)? */
bool store_has_log(const struct store_settings *settings);

/* The log of recent commits, in pages. */
struct store_log {
	int64_t pages, copied;
};

/* Copy the log back into the database, as far as readers allow. No writer
 * waits for it; it wants a handle and a thread of its own. Without a log, 0. */
int store_copy_log(struct store *store, struct store_log *log, struct err *err);

/* The log's length in pages after the last commit of this handle; 0: none. */
int64_t store_log_pages(const struct store *store);

/* Called now and then during a backup; anything but 0 ends it. */
typedef int store_progress(void *arg, int64_t pages, int64_t pages_of);

/* Copy what the store holds at this moment to the new file `path`, which is a
 * complete, synced database when this returns 0. Writers are not held up. A
 * file that exists already is an error. While it is written the file is locked
 * (flock(2)); after a failure it is removed. `progress` may be NULL. -EINVAL:
 * backups are not this engine's. */
int store_back_up(struct store *store, const char *path,
    store_progress *progress, void *arg, struct err *err);

#endif
