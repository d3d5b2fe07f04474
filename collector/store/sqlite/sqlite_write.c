/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/record/row_id.h"
#include "collector/store/sqlite/sqlite_expire.h"
#include "collector/store/sqlite/sqlite_network.h"
#include "collector/store/sqlite/sqlite_rollup.h"

#define SEEN_STEP_MS 60000 /* how often an agent's last_seen is updated */

/* What a transaction adds to the totals. */
struct new_totals {
	int64_t reports, measurements, last_ms, span_ms;
	int64_t expired_ms; /* older reports may have been removed */
};

/* A report that is being stored. Its new rows are in sqlite->scratch.rows. */
struct incoming_report {
	const struct store_report *report;
	uint8_t uuid[ROW_UUID_BYTES];
	int64_t id;   /* of its row in the table; 0: it is not stored yet */
	bool repeats; /* everything in it is stored already */
	bool begun;   /* part of it may be written */
	size_t count;
	struct measurement *known; /* owned: the rows that were stored before */
	size_t nknown;
};

/* --- a report's rows --- */

static int make_room(struct sqlite_store *sqlite, size_t count, struct err *err)
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

/* List the rows by number, each number once. */
static int take_rows(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err)
{
	const struct store_report *report = incoming->report;
	struct numbered_row *rows;
	size_t i, kept = 0;

	if (make_room(sqlite, report->nrows, err) < 0)
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
	return 0;
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

/* Somebody who knows a report's id could otherwise use it first, and so keep
 * the other agent's report out. */
static bool is_of_another(
    sqlite3_stmt *statement, const struct store_report *report)
{
	const char *agent = (const char *)sqlite3_column_text(statement, 2);

	return agent != NULL && report->agent_id[0] != '\0' &&
	       strcmp(agent, report->agent_id) != 0;
}

/* Look for the report. If it is there, an agent's report repeats as a whole; of
 * an imported one the rows that are not stored yet are kept. */
static int find_report(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_REPORT);
	int found, error = 0;

	sqlite3_bind_blob(
	    statement, 1, incoming->uuid, ROW_UUID_BYTES, SQLITE_STATIC);
	found = sqlite_step_one(sqlite, statement, err);
	if (found <= 0)
		return found;
	incoming->id = sqlite3_column_int64(statement, 0);
	if (is_of_another(statement, incoming->report)) {
		error = err_input(err, "report: %s is another agent's report",
		    incoming->report->id);
		sqlite3_reset(statement);
		return error;
	}
	if (incoming->report->agent_id[0] != '\0') {
		incoming->count = 0;
	} else {
		error = pack_read(&sqlite->scratch.pack,
		    sqlite3_column_blob(statement, 1),
		    (size_t)sqlite3_column_bytes(statement, 1));
		if (error == 0)
			error = drop_known(sqlite, incoming);
	}
	sqlite3_reset(statement);
	incoming->repeats = incoming->count == 0;
	return error < 0 ? sqlite_damaged(sqlite, error, err) : 0;
}

/* Append the stored rows, which are unpacked, to the new ones. */
static int join_known(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err)
{
	size_t i, nknown = sqlite->scratch.pack.counts[PACK_ROWS];

	incoming->known = calloc(nknown + 1, sizeof(*incoming->known));
	if (incoming->known == NULL)
		return err_system(err, -ENOMEM, "database");
	if (make_room(sqlite, incoming->count + nknown, err) < 0)
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

/* --- storing --- */

static void pack_rows(
    struct sqlite_store *sqlite, const struct numbered_row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		packer_add(&sqlite->scratch.packer, rows[i].row, rows[i].n);
	buf_clear(&sqlite->scratch.bytes);
	buf_clear(&sqlite->scratch.summary);
	packer_finish(&sqlite->scratch.packer, &sqlite->scratch.bytes,
	    &sqlite->scratch.summary);
}

/* What is not listed is in no list, and thus in no total. */
static int64_t count_listed(const struct numbered_row *rows, size_t count)
{
	int64_t listed = 0;
	size_t i;

	for (i = 0; i < count; i++)
		listed += rows[i].row->listed;
	return listed;
}

/* Bind first_ms, last_ms, count, summary and rows, in this order. A report
 * without rows has the time `empty_ms`. */
static void bind_rows(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    int column, size_t count, int64_t empty_ms)
{
	const struct numbered_row *rows = sqlite->scratch.rows;

	sqlite3_bind_int64(
	    statement, column, count > 0 ? rows[0].row->at_ms : empty_ms);
	sqlite3_bind_int64(statement, column + 1,
	    count > 0 ? rows[count - 1].row->at_ms : empty_ms);
	sqlite3_bind_int64(statement, column + 2, count_listed(rows, count));
	sqlite3_bind_blob64(statement, column + 3, sqlite->scratch.summary.data,
	    sqlite->scratch.summary.length, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, column + 4, sqlite->scratch.bytes.data,
	    sqlite->scratch.bytes.length, SQLITE_STATIC);
}

/* Find the agent's number, 0 if it is not in the registry, and update when it
 * was last seen. */
static int see_agent(struct sqlite_store *sqlite,
    const struct store_report *report, int64_t *number, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_AGENT);
	int64_t seen_ms;
	int found;

	*number = 0;
	sqlite3_bind_text(statement, 1, report->agent_id, -1, SQLITE_STATIC);
	found = sqlite_step_one(sqlite, statement, err);
	if (found <= 0)
		return found;
	seen_ms = sqlite3_column_int64(statement, 4);
	*number = sqlite3_column_int64(statement, 6);
	sqlite3_reset(statement);
	if (report->received_ms - seen_ms < SEEN_STEP_MS)
		return 0;
	statement = sqlite_prepare(sqlite, SQL_SEE_AGENT);
	sqlite3_bind_int64(statement, 1, *number);
	sqlite3_bind_int64(statement, 2, report->received_ms);
	return sqlite_run(sqlite, statement, err);
}

static int add_evidence(struct sqlite_store *sqlite,
    const struct incoming_report *incoming, struct err *err)
{
	const struct store_report *report = incoming->report;
	sqlite3_stmt *statement;

	if (report->signed_body == NULL)
		return 0;
	statement = sqlite_prepare(sqlite, SQL_ADD_EVIDENCE);
	sqlite3_bind_int64(statement, 1, incoming->id);
	sqlite3_bind_blob64(statement, 2, report->signed_body,
	    report->signed_body_length, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

static int insert_report(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct err *err)
{
	const struct store_report *report = incoming->report;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_REPORT);
	int64_t agent = 0;
	int error = 0;

	if (report->agent_id[0] != '\0')
		error = see_agent(sqlite, report, &agent, err);
	if (error < 0)
		return error;
	sqlite3_bind_blob(
	    statement, 1, incoming->uuid, ROW_UUID_BYTES, SQLITE_STATIC);
	if (agent != 0)
		sqlite3_bind_int64(statement, 2, agent);
	else
		sqlite3_bind_null(statement, 2);
	sqlite3_bind_int64(statement, 3, report->received_ms);
	bind_rows(sqlite, statement, 4, incoming->count, report->received_ms);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	incoming->id = sqlite3_last_insert_rowid(sqlite->db);
	return add_evidence(sqlite, incoming, err);
}

static int change_report(struct sqlite_store *sqlite,
    const struct incoming_report *incoming, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_CHANGE_REPORT);

	sqlite3_bind_int64(statement, 1, incoming->id);
	bind_rows(sqlite, statement, 2, incoming->count + incoming->nknown, 0);
	return sqlite_run(sqlite, statement, err);
}

/* Store the new rows, together with those that were stored before. */
static int store_rows(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct new_totals *added, struct err *err)
{
	size_t count = incoming->count + incoming->nknown;
	int64_t span_ms = 0;

	added->measurements += count_listed(
	    sqlite->scratch.rows, incoming->count);
	sort_rows(sqlite->scratch.rows, count, compare_times);
	pack_rows(sqlite, sqlite->scratch.rows, count);
	if (sqlite->scratch.bytes.failed || sqlite->scratch.summary.failed)
		return err_system(err, -ENOMEM, "database");
	if (count > 0) {
		int64_t last_ms = sqlite->scratch.rows[count - 1].row->at_ms;

		span_ms = last_ms - sqlite->scratch.rows[0].row->at_ms;
		if (last_ms > added->last_ms)
			added->last_ms = last_ms;
	}
	if (span_ms > added->span_ms)
		added->span_ms = span_ms;
	added->reports += incoming->id == 0;
	if (incoming->id == 0)
		return insert_report(sqlite, incoming, err);
	return change_report(sqlite, incoming, err);
}

/* Add the new rows, the first of sqlite->scratch.rows, to the rollups. */
static int count_rows(
    struct sqlite_store *sqlite, size_t count, struct err *err)
{
	size_t i, ncounted = 0;
	int error;

	for (i = 0; i < count; i++)
		if (rollup_is_counted(sqlite->scratch.rows[i].row))
			sqlite->scratch
			    .counted[ncounted++] = sqlite->scratch.rows[i].row;
	if (ncounted == 0)
		return 0;
	qsort(sqlite->scratch.counted, ncounted,
	    sizeof(*sqlite->scratch.counted), rollup_compare);
	error = sqlite_add_rollups(
	    sqlite, sqlite->scratch.counted, ncounted, err);
	if (error < 0)
		return error;
	return sqlite_add_networks(
	    sqlite, sqlite->scratch.counted, ncounted, err);
}

/* Are all its rows older than some that were removed? */
static bool is_expired(const struct sqlite_store *sqlite,
    const struct incoming_report *incoming, int64_t expired_ms)
{
	size_t i;

	for (i = 0; i < incoming->count; i++)
		if (sqlite->scratch.rows[i].row->at_ms >= expired_ms)
			return false;
	return incoming->count > 0;
}

/* It may have been stored and removed. Telling an agent that it is a duplicate
 * would mean that it is stored. */
static int skip_expired(struct incoming_report *incoming, struct err *err)
{
	if (incoming->report->agent_id[0] != '\0')
		return err_input(
		    err, "targets: older than what has been removed here");
	incoming->repeats = true;
	return 0;
}

static int write_incoming(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct new_totals *added, struct err *err)
{
	int error = take_rows(sqlite, incoming, err);

	if (error == 0)
		error = find_report(sqlite, incoming, err);
	if (error == 0 && incoming->id == 0 &&
	    is_expired(sqlite, incoming, added->expired_ms))
		error = skip_expired(incoming, err);
	if (error < 0 || incoming->repeats)
		return error;
	incoming->begun = true;
	error = count_rows(sqlite, incoming->count, err);
	if (error == 0 && incoming->id != 0)
		error = join_known(sqlite, incoming, err);
	if (error == 0)
		error = store_rows(sqlite, incoming, added, err);
	return error;
}

/* Wrong input sets `*refused`, or is an error if that is NULL. */
static int write_report(struct sqlite_store *sqlite,
    struct incoming_report *incoming, bool *refused, struct new_totals *added,
    struct err *err)
{
	const struct store_report *report = incoming->report;
	int error;

	if (!row_uuid_pack(report->id, incoming->uuid))
		error = err_input(err, "\"%.40s\" is no report id", report->id);
	else
		error = write_incoming(sqlite, incoming, added, err);
	free(incoming->known);
	if (error != -EINVAL || incoming->begun || refused == NULL)
		return error;
	*refused = true;
	return 0;
}

static int add_totals(struct sqlite_store *sqlite,
    const struct new_totals *added, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_TOTAL);

	if (added->reports == 0 && added->measurements == 0)
		return 0;
	sqlite3_bind_int64(statement, 1, added->reports);
	sqlite3_bind_int64(statement, 2, added->measurements);
	sqlite3_bind_int64(statement, 3, added->last_ms);
	sqlite3_bind_int64(statement, 4, added->span_ms);
	return sqlite_run(sqlite, statement, err);
}

static int write_reports(struct sqlite_store *sqlite,
    const struct store_report *reports, size_t count,
    const struct store_flags *flags, struct err *err)
{
	struct sqlite_limits removed = {0};
	struct new_totals added = {0};
	int error = sqlite_read_limits(sqlite, &removed, err);
	size_t i;

	added.expired_ms = removed.expired_ms;
	for (i = 0; error == 0 && i < count; i++) {
		struct incoming_report incoming = {.report = &reports[i]};

		error = write_report(sqlite, &incoming,
		    flags->refused != NULL ? &flags->refused[i] : NULL, &added,
		    err);
		flags->duplicate[i] = incoming.repeats;
	}
	return error == 0 ? add_totals(sqlite, &added, err) : error;
}

int sqlite_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int error = sqlite_begin(sqlite, err);

	if (error < 0)
		return error;
	error = write_reports(sqlite, reports, count, flags, err);
	return sqlite_end(sqlite, error, err);
}
