/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/record/row_id.h"
#include "collector/store/sqlite/sqlite_expire.h"
#include "collector/store/sqlite/sqlite_incoming.h"
#include "collector/store/sqlite/sqlite_network.h"
#include "collector/store/sqlite/sqlite_rollup.h"

#define SEEN_STEP_MS 60000 /* how often an agent's last_seen is updated */

/* What a transaction adds to the totals. */
struct new_totals {
	int64_t reports, measurements, last_ms, span_ms;
	int64_t expired_ms; /* older reports may have been removed */
};

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

static void bind_digest(
    sqlite3_stmt *statement, int column, const struct store_report *report)
{
	if (report->agent_id[0] != '\0')
		sqlite3_bind_blob(statement, column, report->digest,
		    sizeof(report->digest), SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, column);
}

static void bind_detail(
    sqlite3_stmt *statement, int column, const struct store_report *report)
{
	if (report->detail != NULL)
		sqlite3_bind_blob64(statement, column, report->detail,
		    report->detail_length, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, column);
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
	bind_digest(statement, 4, report);
	bind_rows(sqlite, statement, 5, incoming->count, report->received_ms);
	bind_detail(statement, 10, report);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	incoming->id = sqlite3_last_insert_rowid(sqlite->db);
	return add_evidence(sqlite, incoming, err);
}

/* The report that an import has brought is the agent's own from now on. */
static int claim_report(struct sqlite_store *sqlite,
    const struct incoming_report *incoming, struct err *err)
{
	sqlite3_stmt *statement;
	int64_t agent = 0;
	int error = see_agent(sqlite, incoming->report, &agent, err);

	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_CLAIM_REPORT);
	sqlite3_bind_int64(statement, 1, incoming->id);
	if (agent != 0)
		sqlite3_bind_int64(statement, 2, agent);
	else
		sqlite3_bind_null(statement, 2);
	bind_digest(statement, 3, incoming->report);
	bind_detail(statement, 4, incoming->report);
	error = sqlite_run(sqlite, statement, err);
	return error < 0 ? error : add_evidence(sqlite, incoming, err);
}

/* The rows are packed. */
static int change_report(
    struct sqlite_store *sqlite, int64_t id, size_t count, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_CHANGE_REPORT);

	sqlite3_bind_int64(statement, 1, id);
	bind_rows(sqlite, statement, 2, count, 0);
	return sqlite_run(sqlite, statement, err);
}

int sqlite_change_rows(
    struct sqlite_store *sqlite, int64_t id, size_t count, struct err *err)
{
	incoming_sort_by_time(sqlite->scratch.rows, count);
	pack_rows(sqlite, sqlite->scratch.rows, count);
	if (sqlite->scratch.bytes.failed || sqlite->scratch.summary.failed)
		return err_system(err, -ENOMEM, "database");
	return change_report(sqlite, id, count, err);
}

/* Store the new rows, together with those that were stored before. */
static int store_rows(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct new_totals *added, struct err *err)
{
	size_t count = incoming->count + incoming->nknown;
	int64_t span_ms = 0;

	added->measurements += count_listed(
	    sqlite->scratch.rows, incoming->count);
	incoming_sort_by_time(sqlite->scratch.rows, count);
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
	return change_report(sqlite, incoming->id, count, err);
}

/* Add the new rows, the first of sqlite->scratch.rows, to the rollups. */
static int count_rows(struct sqlite_store *sqlite,
    const struct incoming_report *incoming, struct err *err)
{
	size_t count = incoming->count;
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
	if (error == 0)
		error = sqlite_note_operators(
		    sqlite, sqlite->scratch.counted, ncounted, err);
	if (error == 0 && incoming->report->agent_id[0] != '\0')
		error = sqlite_note_local(
		    sqlite, sqlite->scratch.counted[0]->agent, err);
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

static int store_new(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct new_totals *added, struct err *err)
{
	int error = count_rows(sqlite, incoming, err);

	if (error == 0 && incoming->id != 0)
		error = incoming_join_known(sqlite, incoming, err);
	return error < 0 ? error : store_rows(sqlite, incoming, added, err);
}

static int write_incoming(struct sqlite_store *sqlite,
    struct incoming_report *incoming, struct new_totals *added, struct err *err)
{
	int error = incoming_take_rows(sqlite, incoming, err);

	if (error == 0)
		error = incoming_find(sqlite, incoming, err);
	if (error == 0 && incoming->id == 0 &&
	    is_expired(sqlite, incoming, added->expired_ms))
		error = skip_expired(incoming, err);
	if (error < 0)
		return error;
	incoming->begun = true;
	if (!incoming->repeats)
		error = store_new(sqlite, incoming, added, err);
	if (error == 0 && incoming->claims)
		error = claim_report(sqlite, incoming, err);
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
	if ((error != -EINVAL && error != -EEXIST) || incoming->begun ||
	    refused == NULL)
		return error;
	*refused = true;
	return 0;
}

/* The same, but where the database is damaged only this report is refused. */
static int write_apart(struct sqlite_store *sqlite,
    struct incoming_report *incoming, bool *refused, struct new_totals *added,
    struct err *err)
{
	const struct new_totals before = *added;
	int error = sqlite_run_bare(sqlite, SQL_BEGIN_ONE, err);

	if (error == 0)
		error = write_report(sqlite, incoming, refused, added, err);
	if (error == -EBADMSG) {
		error = sqlite_run_bare(sqlite, SQL_UNDO_ONE, err);
		incoming->repeats = false;
		*added = before;
		*refused = true;
	}
	return error < 0 ? error : sqlite_run_bare(sqlite, SQL_END_ONE, err);
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

/* `apart`: as write_apart(). */
static int write_reports(struct sqlite_store *sqlite,
    const struct store_report *reports, size_t count,
    const struct store_flags *flags, bool apart, struct err *err)
{
	struct sqlite_limits removed = {0};
	struct new_totals added = {0};
	int error = sqlite_read_limits(sqlite, &removed, err);
	size_t i;

	added.expired_ms = removed.expired_ms;
	for (i = 0; error == 0 && i < count; i++) {
		struct incoming_report incoming = {.report = &reports[i]};
		bool *refused = flags->refused != NULL ? &flags->refused[i]
						       : NULL;

		error = apart ? write_apart(
				    sqlite, &incoming, refused, &added, err)
			      : write_report(
				    sqlite, &incoming, refused, &added, err);
		flags->duplicate[i] = incoming.repeats;
	}
	return error == 0 ? add_totals(sqlite, &added, err) : error;
}

static int write_group(struct sqlite_store *sqlite,
    const struct store_report *reports, size_t count,
    const struct store_flags *flags, bool apart, struct err *err)
{
	int error = sqlite_begin(sqlite, err);

	if (error < 0)
		return error;
	error = write_reports(sqlite, reports, count, flags, apart, err);
	return sqlite_end(sqlite, error, err);
}

int sqlite_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int error = write_group(sqlite, reports, count, flags, false, err);

	if (error == -EBADMSG && count > 1 && flags->refused != NULL)
		error = write_group(sqlite, reports, count, flags, true, err);
	return error;
}
