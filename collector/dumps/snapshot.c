/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "collector/record/cell.h"
#include "collector/record/column.h"
#include "lib/base/buf.h"
#include "lib/base/durable.h"
#include "lib/base/rfc3339.h"

static const struct table_of {
	enum export_what what;
	const char *name, *index;
} tables[] = {
    {EXPORT_MEASUREMENTS, "measurements",
	"CREATE INDEX measurements_asn ON measurements (asn, port, \"at\");"
	"CREATE INDEX measurements_at ON measurements (\"at\")"},
    {EXPORT_NETWORKS, "networks",
	"CREATE INDEX networks_asn ON networks (asn)"},
    {EXPORT_EVENTS, "events", "CREATE INDEX events_asn ON events (asn)"},
    {EXPORT_HISTORY, "history",
	"CREATE INDEX history_asn ON history (asn, day)"},
    {EXPORT_ENDPOINTS, "endpoints", ""},
    {EXPORT_ANNOTATIONS, "annotations", ""},
};

struct snapshot {
	sqlite3 *db;
	sqlite3_stmt *insert; /* a row of: */
	const struct column *columns;
};

/* -errno, with SQLite's words. */
static int failed(struct snapshot *snapshot, struct err *err)
{
	int code = sqlite3_errcode(snapshot->db), error = -EIO;

	if (code == SQLITE_NOMEM)
		error = -ENOMEM;
	else if (code == SQLITE_FULL)
		error = -ENOSPC;
	return err_system(err, error, "%s", sqlite3_errmsg(snapshot->db));
}

static int execute(struct snapshot *snapshot, const char *sql, struct err *err)
{
	return sqlite3_exec(snapshot->db, sql, NULL, NULL, NULL) == SQLITE_OK
		   ? 0
		   : failed(snapshot, err);
}

static const char *type_of(const struct column *column)
{
	switch (column->type) {
	case COLUMN_VERSION:
	case COLUMN_ASN:
	case COLUMN_U8:
	case COLUMN_U16:
	case COLUMN_U32:
	case COLUMN_INT:
	case COLUMN_INT64:
	case COLUMN_BOOL:
	case COLUMN_LISTED:
		return "INTEGER";
	case COLUMN_US:
	case COLUMN_DOUBLE:
	case COLUMN_CHANCE:
		return "REAL";
	default:
		return "TEXT";
	}
}

/* Make the table, and the statement that adds a row. */
static int begin_table(
    struct snapshot *snapshot, const struct table_of *table, struct err *err)
{
	const struct column *column = snapshot->columns;
	struct buf make = {0}, insert = {0};
	int error;

	buf_printf(&make, "CREATE TABLE %s (", table->name);
	buf_printf(&insert, "INSERT INTO %s VALUES (", table->name);
	for (; column->name != NULL; column++) {
		const char *comma = column == snapshot->columns ? "" : ", ";

		buf_printf(
		    &make, "%s\"%s\" %s", comma, column->name, type_of(column));
		buf_printf(&insert, "%s?", comma);
	}
	buf_append_text(&make, ")");
	buf_append_text(&insert, ")");
	if (make.failed || insert.failed) {
		error = err_system(err, -ENOMEM, "a snapshot");
	} else {
		error = execute(snapshot, make.data, err);
		if (error == 0 && sqlite3_prepare_v2(snapshot->db, insert.data,
				      -1, &snapshot->insert, NULL) != SQLITE_OK)
			error = failed(snapshot, err);
	}
	buf_free(&make);
	buf_free(&insert);
	return error;
}

/* A time is text, as SQLite's own functions take it. */
static void bind_cell(sqlite3_stmt *insert, int number, const struct cell *cell)
{
	char time[RFC3339_SIZE];

	switch (cell->kind) {
	case CELL_ABSENT:
		sqlite3_bind_null(insert, number);
		break;
	case CELL_TEXT:
		sqlite3_bind_text(
		    insert, number, cell->text, -1, SQLITE_TRANSIENT);
		break;
	case CELL_TIME:
		sqlite3_bind_text(insert, number,
		    rfc3339_format(cell->integer, time), -1, SQLITE_TRANSIENT);
		break;
	case CELL_INTEGER:
	case CELL_BOOL:
		sqlite3_bind_int64(insert, number, cell->integer);
		break;
	case CELL_DECIMAL:
		sqlite3_bind_double(insert, number, cell->decimal);
		break;
	}
}

static int add_row(void *arg, const void *row, struct err *err)
{
	struct snapshot *snapshot = arg;
	const struct column *column = snapshot->columns;
	struct cell cell;

	for (; column->name != NULL; column++) {
		cell_load(column, row, &cell);
		bind_cell(snapshot->insert,
		    (int)(column - snapshot->columns) + 1, &cell);
	}
	if (sqlite3_step(snapshot->insert) != SQLITE_DONE)
		return failed(snapshot, err);
	sqlite3_reset(snapshot->insert);
	return 0;
}

static int write_table(struct snapshot *snapshot, struct store *store,
    const struct export_request *request, const struct table_of *table,
    struct err *err)
{
	struct export_request each = *request;
	int64_t rows;
	int error;

	each.what = table->what;
	each.visit = add_row;
	snapshot->columns = export_columns(table->what);
	error = begin_table(snapshot, table, err);
	if (error == 0)
		error = export_rows(store, &each, NULL, snapshot, &rows, err);
	sqlite3_finalize(snapshot->insert);
	snapshot->insert = NULL;
	return error == 0 ? execute(snapshot, table->index, err) : error;
}

/* SQLite would follow a link that is there, so the file is made first. */
static int open_new(
    struct snapshot *snapshot, const char *path, struct err *err)
{
	int fd = durable_open_new(AT_FDCWD, path, 0644);

	if (fd < 0)
		return err_system(err, fd, "%s", path);
	close(fd);
	return sqlite3_open_v2(path, &snapshot->db, SQLITE_OPEN_READWRITE,
		   NULL) == SQLITE_OK
		   ? 0
		   : failed(snapshot, err);
}

int snapshot_write(struct store *store, const struct export_request *request,
    const char *path, int64_t *rows, struct err *err)
{
	struct snapshot snapshot = {0};
	size_t i;
	int error = open_new(&snapshot, path, err);

	/* Nobody reads it before it is whole. */
	if (error == 0)
		error = execute(&snapshot,
		    "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL;"
		    "BEGIN",
		    err);
	for (i = 0; error == 0 && i < sizeof(tables) / sizeof(*tables); i++)
		error = write_table(&snapshot, store, request, &tables[i], err);
	if (error == 0)
		error = execute(&snapshot, "COMMIT", err);
	if (error == 0)
		*rows = sqlite3_total_changes64(snapshot.db);
	sqlite3_close(snapshot.db);
	return error;
}
