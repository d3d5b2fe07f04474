/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_network.h"

#include <errno.h>
#include <string.h>

#include "collector/record/rollup.h"

/* Count `count` measurements that give an ASN this name and country. The ASN
 * gets those that most measurements of its newest day had, so that the order of
 * arrival does not matter. */
static int see_network(struct sqlite_store *sqlite,
    const struct measurement *row, size_t count, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_SEE_NETWORK);

	sqlite3_bind_int64(statement, 1, row->asn);
	sqlite3_bind_text(statement, 2, row->country, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, row->network, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 4, rollup_day(row->at_ms));
	sqlite3_bind_int64(statement, 5, (int64_t)count);
	return sqlite_run(sqlite, statement, err);
}

static bool is_same_network(
    const struct measurement *a, const struct measurement *b)
{
	return a->asn == b->asn &&
	       rollup_day(a->at_ms) == rollup_day(b->at_ms) &&
	       strcmp(a->country, b->country) == 0 &&
	       strcmp(a->network, b->network) == 0;
}

int sqlite_add_networks(struct sqlite_store *sqlite,
    const struct measurement *const *rows, size_t count, struct err *err)
{
	size_t from, to;
	int error = 0;

	for (from = 0; error == 0 && from < count; from = to) {
		for (to = from + 1; to < count; to++)
			if (!is_same_network(rows[from], rows[to]))
				break;
		error = see_network(sqlite, rows[from], to - from, err);
	}
	return error;
}

/* Of a row whose first columns are text, at_ms, said_by and kind. */
static void take_annotation(
    sqlite3_stmt *statement, struct annotation *annotation)
{
	sqlite_column_text(
	    statement, 0, annotation->text, sizeof(annotation->text));
	annotation->at_ms = sqlite3_column_int64(statement, 1);
	sqlite_column_text(
	    statement, 2, annotation->by, sizeof(annotation->by));
	annotation->kind = (enum annotation_kind)sqlite3_column_int(
	    statement, 3);
}

/* How many there are, or a negative error. */
static int find_annotations(
    struct sqlite_store *sqlite, struct network_info *network, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_ANNOTATIONS);
	struct annotation annotation;
	int status, count = 0;

	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	sqlite3_bind_int64(statement, 1, network->asn);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		take_annotation(statement, &annotation);
		network_add_annotation(network, &annotation);
		count++;
	}
	if (status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return count;
}

int sqlite_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_NETWORK);
	int found, noted;

	memset(network, 0, sizeof(*network));
	network->asn = asn;
	sqlite3_bind_int64(statement, 1, asn);
	found = sqlite_step_one(sqlite, statement, err);
	if (found < 0)
		return found;
	if (found > 0) {
		sqlite_column_text(
		    statement, 0, network->name, sizeof(network->name));
		sqlite_column_text(
		    statement, 1, network->country, sizeof(network->country));
		sqlite3_reset(statement);
	}
	noted = find_annotations(sqlite, network, err);
	if (noted < 0 || found > 0 || noted > 0)
		return noted < 0 ? noted : 0;
	err_input(err, "nothing is known of AS%u", asn);
	return -ENOENT;
}

int sqlite_annotate(struct store *store, uint32_t asn,
    const struct annotation *annotation, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ANNOTATE);

	sqlite3_bind_int64(statement, 1, asn);
	sqlite3_bind_text(statement, 2, annotation->text, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, annotation->at_ms);
	sqlite3_bind_text(statement, 4, annotation->by, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 5, (int)annotation->kind);
	return sqlite_run(sqlite, statement, err);
}

int sqlite_annotations(
    struct store *store, annotation_visit *visit, void *arg, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_LIST_ANNOTATIONS);
	struct annotation annotation;
	int status = SQLITE_DONE, result = 0;

	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	while (
	    result == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW) {
		take_annotation(statement, &annotation);
		result = visit(arg,
		    (uint32_t)sqlite3_column_int64(statement, 4), &annotation);
	}
	if (result == 0 && status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return result;
}

int sqlite_totals(
    struct store *store, struct store_totals *totals, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_TOTALS);
	int found = sqlite_step_one(sqlite, statement, err);

	if (found <= 0)
		return found < 0 ? found : sqlite_error(sqlite, NULL, err);
	totals->reports = sqlite3_column_int64(statement, 0);
	totals->measurements = sqlite3_column_int64(statement, 1);
	totals->agents = sqlite3_column_int64(statement, 2);
	totals->networks = sqlite3_column_int64(statement, 3);
	totals->first_ms = sqlite3_column_int64(statement, 4);
	totals->last_ms = sqlite3_column_int64(statement, 5);
	sqlite3_reset(statement);
	return 0;
}
