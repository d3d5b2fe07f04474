/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/words.h"

#define DAY_MS (24 * 3600 * 1000)

/* The number of a text, giving it one where it has none. 0: out of luck,
 * `err` is filled and *error set. */
static int64_t intern(
    struct sqlite_store *sqlite, const char *text, int *error, struct err *err)
{
	int64_t id = intern_find(&sqlite->intern, text);
	sqlite3_stmt *statement;

	if (id != 0 || *error < 0)
		return id;
	statement = sqlite_prepare(sqlite, SQL_ADD_TEXT);
	sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
	*error = sqlite_run(sqlite, statement, err);
	if (*error < 0)
		return 0;
	id = sqlite3_last_insert_rowid(sqlite->db);
	if (intern_add(&sqlite->intern, text, id) < 0) {
		*error = err_system(err, -ENOMEM, "database");
		return 0;
	}
	sqlite->interned = id;
	return id;
}

/* The words of a row, as numbers. */
struct words {
	int64_t agent, network, country, prefix, endpoint, mode, ended, failure;
	int64_t outcome, mechanism, place, tls_version, tls_verify;
};

static int intern_words(struct sqlite_store *sqlite,
    const struct measurement *row, struct words *words, struct err *err)
{
	int error = 0;

	words->agent = intern(sqlite, row->agent, &error, err);
	words->network = intern(sqlite, row->network, &error, err);
	words->country = intern(sqlite, row->country, &error, err);
	words->prefix = intern(sqlite, row->prefix, &error, err);
	words->endpoint = intern(sqlite, row->endpoint, &error, err);
	words->mode = intern(sqlite, port_mode_word(row->mode), &error, err);
	words->ended = intern(sqlite, stage_word(row->ended), &error, err);
	words->failure = intern(
	    sqlite, failure_word(row->failure), &error, err);
	words->outcome = intern(
	    sqlite, outcome_word(row->outcome), &error, err);
	words->mechanism = intern(
	    sqlite, mechanism_word(row->mechanism), &error, err);
	words->place = intern(sqlite, where_word(row->where), &error, err);
	words->tls_version = intern(sqlite, row->tls_version, &error, err);
	words->tls_verify = intern(
	    sqlite, tls_verify_word(row->tls_verify), &error, err);
	return error;
}

/* Bind the next column; what is absent is NULL. */
static void bind_or_null(sqlite3_stmt *statement, int column, int64_t value)
{
	if (value == OBSERVE_ABSENT)
		sqlite3_bind_null(statement, column);
	else
		sqlite3_bind_int64(statement, column, value);
}

static int add_measurement(struct sqlite_store *sqlite, int64_t report,
    int64_t n, const struct measurement *row, const struct words *words)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_MEASUREMENT);
	const int64_t values[] = {report, n, row->at_ms, words->agent, row->asn,
	    words->network, words->country, words->prefix, row->family,
	    words->endpoint, 0, row->port, words->mode, words->ended,
	    words->failure, words->outcome, words->mechanism, words->place,
	    row->after_hop, row->endpoint_hops, row->icmp_type, row->icmp_code,
	    row->smtp_code, words->tls_version, words->tls_verify,
	    row->connect_us, row->total_us, row->attributed};
	int i;

	if (statement == NULL)
		return SQLITE_ERROR;
	for (i = 0; i < (int)(sizeof(values) / sizeof(*values)); i++)
		bind_or_null(statement, i + 1, values[i]);
	sqlite3_bind_blob(statement, 11, row->address.bytes,
	    row->address.family == 4   ? 4
	    : row->address.family == 6 ? 16
				       : 0,
	    SQLITE_STATIC);
	if (row->address.family == 0)
		sqlite3_bind_zeroblob(statement, 11, 0);
	return sqlite3_step(statement);
}

static int add_rollup(struct sqlite_store *sqlite,
    const struct measurement *row, const struct words *words, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_ROLLUP);
	int64_t day = row->at_ms / DAY_MS - (row->at_ms % DAY_MS < 0);
	const int64_t values[] = {row->asn, row->family, row->port, day,
	    words->prefix, words->agent, words->endpoint, words->outcome,
	    words->mechanism, words->place, row->at_ms};
	int i;

	for (i = 0; statement != NULL && i < 11; i++)
		sqlite3_bind_int64(statement, i + 1, values[i]);
	return sqlite_run(sqlite, statement, err);
}

static int add_network(
    struct sqlite_store *sqlite, const struct measurement *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_NETWORK);

	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_text(statement, 2, row->network, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, row->country, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, row->at_ms);
	return sqlite_run(sqlite, statement, err);
}

/* The probe's number in its report: behind the ':' of its id. */
static int64_t row_number(const struct measurement *row)
{
	const char *colon = strchr(row->id, ':');

	return colon != NULL ? strtoll(colon + 1, NULL, 10) : 0;
}

/* Add a row with its rollup. *added: it was not there before. */
static int add_row(struct sqlite_store *sqlite, int64_t report,
    const struct measurement *row, bool *added, struct err *err)
{
	struct words words;
	int error = intern_words(sqlite, row, &words, err);

	if (error < 0)
		return error;
	if (add_measurement(sqlite, report, row_number(row), row, &words) !=
	    SQLITE_DONE)
		return sqlite_error(
		    sqlite, sqlite->statements[SQL_ADD_MEASUREMENT], err);
	if (sqlite3_changes(sqlite->db) == 0)
		return 0;
	*added = true;
	if (!row->attributed || row->asn == 0 || row->outcome == OUTCOME_COUNT)
		return 0;
	error = add_rollup(sqlite, row, &words, err);
	return error < 0 ? error : add_network(sqlite, row, err);
}

/* "xxxxxxxx-xxxx-..." as 16 bytes. */
static bool uuid_bytes(const char *id, uint8_t bytes[16])
{
	char digits[33];
	size_t n = 0;

	for (; *id != '\0' && *id != ':' && n < 32; id++)
		if (*id != '-')
			digits[n++] = *id;
	digits[n] = '\0';
	return n == 32 && hex_decode(digits, bytes, 16);
}

static int find_report(struct sqlite_store *sqlite, const uint8_t uuid[16],
    int64_t *id, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_REPORT);

	sqlite3_bind_blob(statement, 1, uuid, 16, SQLITE_STATIC);
	if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW)
		return sqlite_error(sqlite, statement, err);
	*id = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return 0;
}

/* Add the report itself, or find it. *added: it was not there before. */
static int add_report(struct sqlite_store *sqlite,
    const struct store_report *report, int64_t *id, bool *added,
    struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_REPORT);
	uint8_t uuid[16];
	int error;

	if (!uuid_bytes(report->id, uuid))
		return err_input(err, "\"%.40s\" is no report id", report->id);
	sqlite3_bind_blob(statement, 1, uuid, 16, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, report->agent_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, report->received_ms);
	if (report->signed_body != NULL)
		sqlite3_bind_blob64(statement, 4, report->signed_body,
		    report->signed_body_length, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, 4);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	*added = sqlite3_changes(sqlite->db) > 0;
	*id = sqlite3_last_insert_rowid(sqlite->db);
	return *added ? 0 : find_report(sqlite, uuid, id, err);
}

static int see_agent(struct sqlite_store *sqlite,
    const struct store_report *report, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_SEE_AGENT);

	sqlite3_bind_text(statement, 1, report->agent_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, report->received_ms);
	return sqlite_run(sqlite, statement, err);
}

static int write_report(struct sqlite_store *sqlite,
    const struct store_report *report, bool *duplicate, struct err *err)
{
	bool is_import = report->agent_id[0] == '\0';
	bool added = false, row_added = false;
	int64_t id = 0;
	size_t i;
	int error = add_report(sqlite, report, &id, &added, err);

	*duplicate = !added;
	if (error < 0 || (!added && !is_import))
		return error;
	for (i = 0; error == 0 && i < report->nrows; i++)
		error = add_row(sqlite, id, &report->rows[i], &row_added, err);
	if (is_import)
		*duplicate = !row_added;
	else if (error == 0)
		error = see_agent(sqlite, report, err);
	return error;
}

int sqlite_write(struct store *store, const struct store_report *reports,
    size_t count, bool *duplicate, struct err *err)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	size_t i;
	int error = sqlite_run_bare(sqlite, SQL_BEGIN, err);

	if (error < 0)
		return error;
	error = sqlite_load_texts(sqlite, err);
	for (i = 0; error == 0 && i < count; i++)
		error = write_report(sqlite, &reports[i], &duplicate[i], err);
	if (error == 0)
		error = sqlite_run_bare(sqlite, SQL_COMMIT, err);
	if (error < 0) {
		if (sqlite3_get_autocommit(sqlite->db) == 0)
			sqlite_run_bare(sqlite, SQL_ROLLBACK, NULL);
		sqlite_forget_texts(sqlite);
	}
	return error;
}
