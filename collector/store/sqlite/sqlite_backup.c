/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define STEP_PAGES 1024 /* 4 MiB */
#define SYNC_STEPS 8    /* sync that often, to bound the disk's queue */

/* A backup that is being made. */
struct copying {
	struct sqlite_store *sqlite;
	sqlite3 *copy;
	int fd; /* of the copy's file */
	store_progress *progress;
	void *arg;
	struct err *err;
};

static int copy_error(const struct copying *copying, const char *path)
{
	int system = sqlite3_system_errno(copying->copy);

	err_input(
	    copying->err, "%.400s: %s", path, sqlite3_errmsg(copying->copy));
	return system > 0 ? -system : -EIO;
}

/* In steps, to show progress, and to keep the disk's queue short: ingest waits
 * for the same disk. */
static int copy_pages(struct copying *copying, sqlite3_backup *backup)
{
	int status = SQLITE_OK, step, error = 0;

	for (step = 1; error == 0 && status == SQLITE_OK; step++) {
		status = sqlite3_backup_step(backup, STEP_PAGES);
		if (status == SQLITE_OK && step % SYNC_STEPS == 0)
			fdatasync(
			    copying->fd); /* an error comes up in fsync() */
		if (copying->progress != NULL)
			error = copying->progress(copying->arg,
			    sqlite3_backup_pagecount(backup) -
				sqlite3_backup_remaining(backup),
			    sqlite3_backup_pagecount(backup));
	}
	if (error != 0)
		return err_system(copying->err, error, "the backup was ended");
	return status == SQLITE_DONE ? 0 : -EIO;
}

static int copy(struct copying *copying, const char *path)
{
	sqlite3_backup *backup;
	int error;

	/* Each page of the copy is written once, so it needs no journal. */
	if (sqlite3_open_v2(path, &copying->copy,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK ||
	    sqlite3_exec(copying->copy,
		"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL,
		NULL, NULL) != SQLITE_OK)
		return copy_error(copying, path);
	backup = sqlite3_backup_init(
	    copying->copy, "main", copying->sqlite->db, "main");
	if (backup == NULL)
		return copy_error(copying, path);
	error = copy_pages(copying, backup);
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		return copy_error(copying, path);
	return error;
}

/* Open a read transaction, which freezes what the copy sees: without it each
 * commit of a writer would make SQLite start over. */
static int freeze(struct sqlite_store *sqlite, struct err *err)
{
	sqlite3_stmt *statement;
	int error = sqlite_run_bare(sqlite, SQL_READ, err);

	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_SPAN);
	error = sqlite_step_one(sqlite, statement, err);
	sqlite3_reset(statement);
	return error < 0 ? error : 0;
}

int sqlite_back_up(struct store *store, const char *path,
    store_progress *progress, void *arg, struct err *err)
{
	struct copying copying = {
	    .sqlite = sqlite_of(store),
	    .progress = progress,
	    .arg = arg,
	    .err = err,
	};
	int error;

	copying.fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (copying.fd < 0)
		return err_system(err, -errno, "%.400s", path);
	flock(copying.fd, LOCK_EX);
	error = freeze(copying.sqlite, err);
	if (error == 0)
		error = copy(&copying, path);
	if (sqlite3_get_autocommit(copying.sqlite->db) == 0)
		sqlite_run_bare(copying.sqlite, SQL_ROLLBACK, NULL);
	if (sqlite3_close(copying.copy) != SQLITE_OK && error == 0)
		error = err_system(err, -EIO, "%.400s", path);
	if (error == 0 && fsync(copying.fd) < 0)
		error = err_system(err, -errno, "%.400s", path);
	close(copying.fd);
	if (error < 0)
		unlink(path);
	return error;
}
