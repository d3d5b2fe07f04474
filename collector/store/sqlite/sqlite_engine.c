/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/store/sqlite/sqlite_backup.h"
#include "collector/store/sqlite/sqlite_expire.h"
#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/sqlite/sqlite_log.h"
#include "collector/store/sqlite/sqlite_network.h"
#include "collector/store/sqlite/sqlite_read.h"
#include "collector/store/sqlite/sqlite_registry.h"
#include "collector/store/sqlite/sqlite_rollup.h"
#include "collector/store/sqlite/sqlite_schema.h"
#include "collector/store/sqlite/sqlite_write.h"

#define BUSY_MS         10000
#define INTERRUPT_STEPS 1000 /* of SQLite's VM: well under 1 ms */

static const char writer_pragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
    "PRAGMA journal_size_limit = 67108864;";
static const char reader_pragmas[] =
    "PRAGMA query_only = ON; PRAGMA cache_size = -16384;"
    "PRAGMA temp_store = MEMORY;";

/* Create the file with mode 0600, since it holds the agents' keys and contacts;
 * SQLite gives its other files the same mode. A file that exists is not opened:
 * closing it would drop the locks of this process's other handles (fcntl(2)).
 */
static void make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

/* A flag, because sqlite3_interrupt() has no effect between two statements. */
static int is_interrupted(void *arg)
{
	return ((struct sqlite_store *)arg)->interrupted;
}

static int open_database(struct sqlite_store *sqlite,
    const struct store_settings *settings, struct err *err)
{
	bool read_only = settings->read_only;
	int flags = SQLITE_OPEN_NOMUTEX |
		    (read_only ? SQLITE_OPEN_READONLY
			       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	int error, version = 0;

	if (!read_only)
		make_private(sqlite->path);
	if (sqlite3_open_v2(sqlite->path, &sqlite->db, flags, NULL) !=
	    SQLITE_OK)
		return sqlite_error(sqlite, NULL, err);
	sqlite3_extended_result_codes(sqlite->db, 1);
	if (read_only)
		sqlite3_progress_handler(
		    sqlite->db, INTERRUPT_STEPS, is_interrupted, sqlite);
	sqlite3_busy_timeout(
	    sqlite->db, settings->busy_ms != 0 ? settings->busy_ms : BUSY_MS);
	error = sqlite_read_version(sqlite, &version, err);
	if (error == 0)
		error = sqlite_execute(
		    sqlite, read_only ? reader_pragmas : writer_pragmas, err);
	if (!read_only)
		sqlite_watch_log(sqlite, settings->copies_elsewhere);
	return error < 0 ? error : sqlite_set_up_tables(sqlite, read_only, err);
}

static void interrupt(struct store *store)
{
	sqlite_of(store)->interrupted = true;
}

static void free_scratch(struct sqlite_scratch *scratch)
{
	packer_free(&scratch->packer);
	pack_free(&scratch->pack);
	buf_free(&scratch->bytes);
	buf_free(&scratch->summary);
	free(scratch->rows);
	free(scratch->counted);
}

static void close_store(struct store *store)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int i;

	for (i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(sqlite->statements[i]);
	sqlite3_close(sqlite->db);
	free_scratch(&sqlite->scratch);
	free(sqlite);
}

static int open_store(const struct store_settings *settings,
    struct store **store, struct err *err)
{
	struct sqlite_store *sqlite = calloc(1, sizeof(*sqlite));
	int error;

	if (sqlite == NULL)
		return err_system(err, -ENOMEM, "database");
	sqlite->store.engine = settings->engine;
	memcpy(sqlite->path, settings->path, sizeof(sqlite->path));
	error = open_database(sqlite, settings, err);
	if (error < 0) {
		close_store(&sqlite->store);
		return error;
	}
	*store = &sqlite->store;
	return 0;
}

const struct store_engine sqlite_engine = {
    .open = open_store,
    .close = close_store,
    .interrupt = interrupt,
    .write = sqlite_write,
    .measurements = sqlite_measurements,
    .rollups = sqlite_rollups,
    .first_days = sqlite_first_days,
    .network = sqlite_network,
    .annotate = sqlite_annotate,
    .totals = sqlite_totals,
    .expire = sqlite_expire,
    .copy_log = sqlite_copy_log,
    .log_pages = sqlite_log_pages,
    .back_up = sqlite_back_up,
    .enrol = sqlite_enrol,
    .find_agent = sqlite_find_agent,
    .change_key = sqlite_change_key,
    .revoke = sqlite_revoke,
    .list_agents = sqlite_list_agents,
    .add_token = sqlite_add_token,
};
