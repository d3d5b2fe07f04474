/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_log.h"

/*
 * A commit goes to the write-ahead log; a checkpoint copies the log back into
 * the database and syncs that. A passive checkpoint makes nobody wait, but
 * cannot finish while the log grows, and only a log that was copied completely
 * starts over at its beginning. So even if another thread makes the
 * checkpoints, a commit that leaves a very long log copies the rest of it.
 */
#define LOG_PAGES           1000
#define LOG_PAGES_ELSEWHERE 16384 /* 64 MiB */

static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct sqlite_store *sqlite = arg;

	sqlite->log_pages = pages;
	if (pages >= sqlite->log_most)
		sqlite3_wal_checkpoint_v2(
		    db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK; /* the commit succeeded even if the copy did not */
}

void sqlite_watch_log(struct sqlite_store *sqlite, bool copies_elsewhere)
{
	sqlite->log_most = copies_elsewhere ? LOG_PAGES_ELSEWHERE : LOG_PAGES;
	sqlite3_wal_hook(sqlite->db, on_commit, sqlite);
}

int sqlite_copy_log(struct store *store, struct store_log *log, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int pages = 0, copied = 0;
	int status = sqlite3_wal_checkpoint_v2(
	    sqlite->db, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);

	log->pages = pages;
	log->copied = copied;
	if (status != SQLITE_OK && (status & 0xff) != SQLITE_BUSY)
		return sqlite_error(sqlite, NULL, err);
	return 0;
}

int64_t sqlite_log_pages(const struct store *store)
{
	return ((const struct sqlite_store *)store)->log_pages;
}
