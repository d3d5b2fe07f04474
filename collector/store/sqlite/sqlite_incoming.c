/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_incoming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- a report's rows --- */

int incoming_make_room(
    struct sqlite_store *sqlite, size_t count, struct err *err)
{
	const struct measurement **counted;
	struct numbered_row *rows;

	if (count <= sqlite->scratch.capacity)
		return 0;
	rows = realloc(sqlite->scratch.rows, count * sizeof(*rows));
	if (rows != NULL)
		sqlite->scratch.rows = rows;
	counted = realloc(sqlite->scratch.counted, count * sizeof(*counted));
	if (counted != NULL)
		sqlite->scratch.counted = counted;
	if (rows == NULL || counted == NULL)
		return err_system(err, -ENOMEM, "database");
	sqlite->scratch.capacity = count;
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	const struct numbered_row *left = a, *right = b;

	return (left->n > right->n) - (left->n < right->n);
}

static int compare_times(const void *a, const void *b)
{
	const struct numbered_row *left = a, *right = b;

	if (left->row->at_ms != right->row->at_ms)
		return left->row->at_ms < right->row->at_ms ? -1 : 1;
	return compare_numbers(a, b);
}

/* Most of the time they are sorted already. */
static void sort_rows(struct numbered_row *rows, size_t count,
    int (*compare)(const void *, const void *))
{
	size_t i;

	for (i = 1; i < count; i++)
		if (compare(&rows[i - 1], &rows[i]) > 0)
			break;
	if (i < count)
		qsort(rows, count, sizeof(*rows), compare);
}

void incoming_sort_by_time(struct numbered_row *rows, size_t count)
{
	sort_rows(rows, count, compare_times);
}

/* A listing from some time on must look at all reports that began a span
 * before, the longest that there is. Who imports rows of longer ones, as those
 * of simulations are, has that cost alone. */
static int check_span(const struct store_report *report, struct err *err)
{
	int64_t first_ms = INT64_MAX, last_ms = INT64_MIN;
	size_t i;

	if (report->agent_id[0] == '\0')
		return 0;
	for (i = 0; i < report->nrows; i++) {
		if (report->rows[i].at_ms < first_ms)
			first_ms = report->rows[i].at_ms;
		if (report->rows[i].at_ms > last_ms)
			last_ms = report->rows[i].at_ms;
	}
	if (report->nrows > 0 && last_ms - first_ms > STORE_SPAN_MAX_MS)
		return err_input(
		    err, "targets: those of %s span over a day", report->id);
	return 0;
}

/* List the rows by number, each number once. */
int incoming_take_rows(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err)
{
	const struct store_report *report = incoming->report;
	struct numbered_row *rows;
	size_t i, kept = 0;

	if (incoming_make_room(sqlite, report->nrows, err) < 0)
		return -ENOMEM;
	rows = sqlite->scratch.rows;
	for (i = 0; i < report->nrows; i++) {
		rows[i].row = &report->rows[i];
		if (!row_id_number(report->rows[i].id, report->id, &rows[i].n))
			return err_input(err, "\"%.60s\" is no row of %s",
			    report->rows[i].id, report->id);
	}
	sort_rows(rows, report->nrows, compare_numbers);
	for (i = 0; i < report->nrows; i++)
		if (kept == 0 || rows[kept - 1].n != rows[i].n)
			rows[kept++] = rows[i];
	incoming->count = kept;
	return check_span(report, err);
}

/* --- a report that is stored already --- */

static int compare_plain(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Keep only the rows whose numbers are not in the pack. */
static int drop_known(
    struct sqlite_store *sqlite, struct incoming_report *incoming)
{
	size_t nknown = sqlite->scratch.pack.counts[PACK_ROWS], i, kept = 0,
	       at = 0;
	uint32_t *known = malloc((nknown + 1) * sizeof(*known));
	struct numbered_row *rows = sqlite->scratch.rows;

	if (known == NULL)
		return -ENOMEM;
	for (i = 0; i < nknown; i++)
		known[i] = sqlite->scratch.pack.rows[i].n;
	qsort(known, nknown, sizeof(*known), compare_plain);
	for (i = 0; i < incoming->count; i++) {
		while (at < nknown && known[at] < rows[i].n)
			at++;
		if (at == nknown || known[at] != rows[i].n)
			rows[kept++] = rows[i];
	}
	incoming->count = kept;
	free(known);
	return 0;
}

static int conflict(
    const struct store_report *report, const char *what, struct err *err)
{
	err_input(err, "report: %s is %s", report->id, what);
	return -EEXIST;
}

/* An agent's report repeats as a whole, or it is another one of the same id,
 * which somebody may have chosen to keep the first out. 1: it repeats, 0: an
 * import has brought what is stored of it, -EEXIST. */
static int compare_report(
    sqlite3_stmt *statement, const struct store_report *report, struct err *err)
{
	const char *agent = (const char *)sqlite3_column_text(statement, 2);
	const void *digest = sqlite3_column_blob(statement, 3);

	if (agent != NULL && strcmp(agent, report->agent_id) != 0)
		return conflict(report, "another agent's report", err);
	if (digest == NULL)
		return agent != NULL;
	if (sqlite3_column_bytes(statement, 3) != sizeof(report->digest) ||
	    memcmp(digest, report->digest, sizeof(report->digest)) != 0)
		return conflict(report, "stored with other content", err);
	return 1;
}

static int keep_unknown(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    struct incoming_report *incoming, struct err *err)
{
	int error = pack_read(&sqlite->scratch.pack,
	    sqlite3_column_blob(statement, 1),
	    (size_t)sqlite3_column_bytes(statement, 1));

	if (error == 0)
		error = drop_known(sqlite, incoming);
	return error < 0 ? sqlite_damaged(sqlite, error, err) : 0;
}

/* Look for the report. Of one that is there in part, because of an import, the
 * rows that are not stored yet are kept. */
int incoming_find(struct sqlite_store *sqlite, struct incoming_report *incoming,
    struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_REPORT);
	bool is_import = incoming->report->agent_id[0] == '\0';
	int found, error = 0;

	sqlite3_bind_blob(
	    statement, 1, incoming->uuid, ROW_UUID_BYTES, SQLITE_STATIC);
	found = sqlite_step_one(sqlite, statement, err);
	if (found <= 0)
		return found;
	incoming->id = sqlite3_column_int64(statement, 0);
	if (!is_import)
		error = compare_report(statement, incoming->report, err);
	if (error > 0)
		incoming->count = 0;
	else if (error == 0)
		error = keep_unknown(sqlite, statement, incoming, err);
	incoming->claims = !is_import && error == 0;
	incoming->repeats = incoming->count == 0;
	sqlite3_reset(statement);
	return error < 0 ? error : 0;
}

/* Append the stored rows, which are unpacked, to the new ones. */
int incoming_join_known(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err)
{
	size_t i, nknown = sqlite->scratch.pack.counts[PACK_ROWS];

	incoming->known = calloc(nknown + 1, sizeof(*incoming->known));
	if (incoming->known == NULL)
		return err_system(err, -ENOMEM, "database");
	if (incoming_make_room(sqlite, incoming->count + nknown, err) < 0)
		return -ENOMEM;
	for (i = 0; i < nknown; i++) {
		struct numbered_row *row = &sqlite->scratch
						.rows[incoming->count + i];

		pack_row_at(&sqlite->scratch.pack, i, &incoming->known[i]);
		row->row = &incoming->known[i];
		row->n = sqlite->scratch.pack.rows[i].n;
	}
	incoming->nknown = nknown;
	return 0;
}
