/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/buf.h"
#include "lib/words.h"

/* A place between two rows in the order of time. */
struct position {
	long long at_ms, report, n;
};

/* --- queries that depend on the filter --- */

/* Values are bound in the order in which their conditions were added. */
struct query {
	struct buf text;
	int64_t values[16];
	int nvalues;
	const char *country; /* bound after the values, as ?20 */
};

static void add_condition(
    struct query *query, const char *condition, int64_t value)
{
	buf_printf(&query->text, " AND %s ?%d", condition, query->nvalues + 1);
	query->values[query->nvalues++] = value;
}

static sqlite3_stmt *prepare_query(
    struct sqlite_store *sqlite, struct query *query)
{
	sqlite3_stmt *statement = NULL;
	int i;

	if (!query->text.failed &&
	    sqlite3_prepare_v2(sqlite->db, query->text.data, -1, &statement,
		NULL) == SQLITE_OK) {
		for (i = 0; i < query->nvalues; i++)
			sqlite3_bind_int64(statement, i + 1, query->values[i]);
		if (query->country != NULL)
			sqlite3_bind_text(
			    statement, 20, query->country, -1, SQLITE_STATIC);
	}
	buf_free(&query->text);
	return statement;
}

/* --- measurements --- */

static const char measurement_columns[] =
    "SELECT r.uuid, m.report, m.n, m.at_ms, m.agent, m.asn, m.network,"
    " m.country, m.prefix, m.family, m.endpoint, m.address, m.port, m.mode,"
    " m.ended, m.failure, m.outcome, m.mechanism, m.place, m.after_hop,"
    " m.endpoint_hops, m.icmp_type, m.icmp_code, m.smtp_code,"
    " m.tls_version, m.tls_verify, m.connect_us, m.total_us, m.attributed"
    " FROM measurement m JOIN report r ON r.id = m.report WHERE 1";

static int read_cursor(
    const char *cursor, struct position *position, struct err *err)
{
	int used = 0;

	if (sscanf(cursor, "%lld.%lld.%lld%n", &position->at_ms,
		&position->report, &position->n, &used) != 3 ||
	    cursor[used] != '\0')
		return err_input(err, "\"%.60s\" is no cursor of ours", cursor);
	return 0;
}

static void add_measurement_filter(struct sqlite_store *sqlite,
    struct query *query, const struct row_filter *filter)
{
	if (filter->has_asn)
		add_condition(query, "m.asn =", filter->asn);
	if (filter->country[0] != '\0')
		add_condition(query, "m.country =",
		    intern_find(&sqlite->intern, filter->country));
	if (filter->family != 0)
		add_condition(query, "m.family =", filter->family);
	if (filter->port != 0)
		add_condition(query, "m.port =", filter->port);
	if (filter->outcome >= 0)
		add_condition(query, "m.outcome =",
		    intern_find(&sqlite->intern,
			outcome_word((enum outcome)filter->outcome)));
	if (filter->since_ms != 0)
		add_condition(query, "m.at_ms >=", filter->since_ms);
	if (filter->until_ms != 0)
		add_condition(query, "m.at_ms <", filter->until_ms);
}

static sqlite3_stmt *prepare_measurements(struct sqlite_store *sqlite,
    const struct row_filter *filter, const struct store_page *page,
    const struct position *from)
{
	const char *direction = page->newest_first ? " DESC" : "";
	struct query query = {0};

	buf_append_text(&query.text, measurement_columns);
	add_measurement_filter(sqlite, &query, filter);
	if (page->cursor[0] != '\0')
		buf_printf(&query.text,
		    " AND (m.at_ms, m.report, m.n) %s (%lld, %lld, %lld)",
		    page->newest_first ? "<" : ">", from->at_ms, from->report,
		    from->n);
	buf_printf(&query.text,
	    " ORDER BY m.at_ms%s, m.report%s, m.n%s LIMIT %zu", direction,
	    direction, direction, page->limit + 1);
	return prepare_query(sqlite, &query);
}

static const char *column_word(
    struct sqlite_store *sqlite, sqlite3_stmt *statement, int column)
{
	const char *text = intern_text(
	    &sqlite->intern, sqlite3_column_int64(statement, column));

	return text != NULL ? text : "";
}

static int64_t column_or_absent(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL
		   ? OBSERVE_ABSENT
		   : sqlite3_column_int64(statement, column);
}

static void format_id(sqlite3_stmt *statement, char id[ROW_ID_SIZE])
{
	const void *uuid = sqlite3_column_blob(statement, 0);
	char hex[33] = "";

	if (uuid != NULL && sqlite3_column_bytes(statement, 0) == 16)
		hex_encode(uuid, 16, hex);
	snprintf(id, ROW_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s:%lld", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20,
	    sqlite3_column_int64(statement, 2));
}

static void read_address(
    sqlite3_stmt *statement, int column, struct addr *address)
{
	const void *bytes = sqlite3_column_blob(statement, column);
	int length = sqlite3_column_bytes(statement, column);

	if (length != 4 && length != 16)
		return;
	address->family = length == 4 ? 4 : 6;
	memcpy(address->bytes, bytes, (size_t)length);
}

/* A word's enum; what is no word (of a newer version, or none) is `none`. */
static int word_or(int value, int none)
{
	return value >= 0 ? value : none;
}

static void read_place(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    struct measurement *row)
{
	row->outcome = (enum outcome)word_or(
	    outcome_from_word(column_word(sqlite, statement, 16)),
	    OUTCOME_COUNT);
	row->mechanism = (enum mechanism)word_or(
	    mechanism_from_word(column_word(sqlite, statement, 17)),
	    MECHANISM_COUNT);
	row->where = (enum where)word_or(
	    where_from_word(column_word(sqlite, statement, 18)), WHERE_NONE);
	row->after_hop = (int)column_or_absent(statement, 19);
	row->endpoint_hops = (int)column_or_absent(statement, 20);
}

static void read_end(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    struct measurement *row)
{
	row->mode = (enum port_mode)word_or(
	    port_mode_from_word(column_word(sqlite, statement, 13)),
	    MODE_CONNECT);
	row->ended = (enum stage)word_or(
	    stage_from_word(column_word(sqlite, statement, 14)), STAGE_CONNECT);
	row->failure = (enum failure)word_or(
	    failure_from_word(column_word(sqlite, statement, 15)),
	    FAILURE_NONE);
	row->icmp_type = (int)column_or_absent(statement, 21);
	row->icmp_code = (int)column_or_absent(statement, 22);
	row->smtp_code = (int)column_or_absent(statement, 23);
	row->tls_verify = (enum tls_verify)word_or(
	    tls_verify_from_word(column_word(sqlite, statement, 25)),
	    VERIFY_OTHER);
	row->connect_us = column_or_absent(statement, 26);
	row->total_us = column_or_absent(statement, 27);
}

static void read_measurement(struct sqlite_store *sqlite,
    sqlite3_stmt *statement, struct measurement *row)
{
	memset(row, 0, sizeof(*row));
	format_id(statement, row->id);
	row->at_ms = sqlite3_column_int64(statement, 3);
	snprintf(row->agent, sizeof(row->agent), "%s",
	    column_word(sqlite, statement, 4));
	row->asn = (uint32_t)sqlite3_column_int64(statement, 5);
	snprintf(row->network, sizeof(row->network), "%s",
	    column_word(sqlite, statement, 6));
	snprintf(row->country, sizeof(row->country), "%s",
	    column_word(sqlite, statement, 7));
	snprintf(row->prefix, sizeof(row->prefix), "%s",
	    column_word(sqlite, statement, 8));
	row->family = (uint8_t)sqlite3_column_int(statement, 9);
	snprintf(row->endpoint, sizeof(row->endpoint), "%s",
	    column_word(sqlite, statement, 10));
	read_address(statement, 11, &row->address);
	row->port = (uint16_t)sqlite3_column_int(statement, 12);
	snprintf(row->tls_version, sizeof(row->tls_version), "%s",
	    column_word(sqlite, statement, 24));
	read_end(sqlite, statement, row);
	read_place(sqlite, statement, row);
	row->attributed = sqlite3_column_int(statement, 28) != 0;
}

/* Hand out the rows of one page and set its cursor. */
static int visit_page(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    struct store_page *page, store_visit_measurement *visit, void *arg)
{
	struct position last = {0};
	struct measurement row;
	size_t count = 0;
	int status, result = 0;

	page->cursor[0] = '\0';
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		if (count++ == page->limit) {
			snprintf(page->cursor, sizeof(page->cursor),
			    "%lld.%lld.%lld", last.at_ms, last.report, last.n);
			return 0;
		}
		last.report = sqlite3_column_int64(statement, 1);
		last.n = sqlite3_column_int64(statement, 2);
		last.at_ms = sqlite3_column_int64(statement, 3);
		read_measurement(sqlite, statement, &row);
		result = visit(arg, &row);
		if (result != 0)
			return result;
	}
	return status == SQLITE_DONE ? 0 : -EIO;
}

int sqlite_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, store_visit_measurement *visit, void *arg,
    struct err *err)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	struct position from = {0};
	sqlite3_stmt *statement;
	int error = 0;

	if (page->cursor[0] != '\0')
		error = read_cursor(page->cursor, &from, err);
	if (error == 0)
		error = sqlite_load_texts(sqlite, err);
	if (error < 0)
		return error;
	statement = prepare_measurements(sqlite, filter, page, &from);
	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	error = visit_page(sqlite, statement, page, visit, arg);
	if (error == -EIO)
		error = sqlite_error(sqlite, NULL, err);
	sqlite3_finalize(statement);
	return error;
}

/* --- rollups --- */

static sqlite3_stmt *prepare_rollups(
    struct sqlite_store *sqlite, const struct row_filter *filter)
{
	struct query query = {0};

	buf_append_text(&query.text,
	    "SELECT u.asn, u.family, u.port, u.day, p.value, a.value, e.value,"
	    " o.value, k.value, w.value, u.count, u.first_ms, u.last_ms"
	    " FROM rollup u JOIN text p ON p.id = u.prefix"
	    " JOIN text a ON a.id = u.agent JOIN text e ON e.id = u.endpoint"
	    " JOIN text o ON o.id = u.outcome JOIN text k ON k.id = u.mechanism"
	    " JOIN text w ON w.id = u.place WHERE 1");
	if (filter->has_asn)
		add_condition(&query, "u.asn =", filter->asn);
	if (filter->family != 0)
		add_condition(&query, "u.family =", filter->family);
	if (filter->port != 0)
		add_condition(&query, "u.port =", filter->port);
	if (filter->since_ms != 0)
		add_condition(&query, "u.last_ms >=", filter->since_ms);
	if (filter->until_ms != 0)
		add_condition(&query, "u.first_ms <", filter->until_ms);
	if (filter->country[0] != '\0') {
		buf_append_text(&query.text,
		    " AND u.asn IN (SELECT asn FROM network WHERE country ="
		    " ?20)");
		query.country = filter->country;
	}
	buf_append_text(&query.text,
	    " ORDER BY u.asn, u.family, u.port, u.day, p.value, a.value,"
	    " e.value, o.value, k.value, w.value");
	return prepare_query(sqlite, &query);
}

static void read_rollup(sqlite3_stmt *statement, struct rollup_row *row)
{
	char word[32];

	memset(row, 0, sizeof(*row));
	row->asn = (uint32_t)sqlite3_column_int64(statement, 0);
	row->family = (uint8_t)sqlite3_column_int(statement, 1);
	row->port = (uint16_t)sqlite3_column_int(statement, 2);
	row->day = sqlite3_column_int(statement, 3);
	sqlite_column_text(statement, 4, row->prefix, sizeof(row->prefix));
	sqlite_column_text(statement, 5, row->agent, sizeof(row->agent));
	sqlite_column_text(statement, 6, row->endpoint, sizeof(row->endpoint));
	sqlite_column_text(statement, 7, word, sizeof(word));
	row->outcome = (enum outcome)word_or(
	    outcome_from_word(word), OUTCOME_UNKNOWN);
	sqlite_column_text(statement, 8, word, sizeof(word));
	row->mechanism = (enum mechanism)word_or(
	    mechanism_from_word(word), MECHANISM_NO_CONTROL);
	sqlite_column_text(statement, 9, word, sizeof(word));
	row->where = (enum where)word_or(where_from_word(word), WHERE_NONE);
	row->count = sqlite3_column_int64(statement, 10);
	row->first_ms = sqlite3_column_int64(statement, 11);
	row->last_ms = sqlite3_column_int64(statement, 12);
}

int sqlite_rollups(struct store *store, const struct row_filter *filter,
    store_visit_rollup *visit, void *arg, struct err *err)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	sqlite3_stmt *statement = prepare_rollups(sqlite, filter);
	struct rollup_row row;
	int status, result = 0;

	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	while (
	    result == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW) {
		read_rollup(statement, &row);
		result = visit(arg, &row);
	}
	if (result == 0 && status != SQLITE_DONE)
		result = sqlite_error(sqlite, NULL, err);
	sqlite3_finalize(statement);
	return result;
}

/* --- the rest --- */

int sqlite_network(struct store *store, uint32_t asn,
    struct network_row *network, struct err *err)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_NETWORK);
	int status;

	memset(network, 0, sizeof(*network));
	network->asn = asn;
	sqlite3_bind_int64(statement, 1, asn);
	status = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
	if (status == SQLITE_DONE) {
		sqlite3_reset(statement);
		err_input(err, "nothing is known of AS%u", asn);
		return -ENOENT;
	}
	if (status != SQLITE_ROW)
		return sqlite_error(sqlite, statement, err);
	sqlite_column_text(statement, 0, network->name, sizeof(network->name));
	sqlite_column_text(
	    statement, 1, network->country, sizeof(network->country));
	sqlite_column_text(
	    statement, 2, network->annotation, sizeof(network->annotation));
	sqlite3_reset(statement);
	return 0;
}

int sqlite_annotate(
    struct store *store, uint32_t asn, const char *text, struct err *err)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ANNOTATE);

	sqlite3_bind_int64(statement, 1, asn);
	sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

int sqlite_totals(
    struct store *store, struct store_totals *totals, struct err *err)
{
	struct sqlite_store *sqlite = (struct sqlite_store *)store;
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_TOTALS);

	if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW)
		return sqlite_error(sqlite, statement, err);
	totals->reports = sqlite3_column_int64(statement, 0);
	totals->measurements = sqlite3_column_int64(statement, 1);
	totals->agents = sqlite3_column_int64(statement, 2);
	totals->networks = sqlite3_column_int64(statement, 3);
	totals->first_ms = sqlite3_column_int64(statement, 4);
	totals->last_ms = sqlite3_column_int64(statement, 5);
	sqlite3_reset(statement);
	return 0;
}
