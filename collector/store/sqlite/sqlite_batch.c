/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_batch.h"

#include <string.h>

#include "collector/base/fnv.h"
#include "collector/record/rollup.h"

#define FEW   4 /* rows that are searched one by one */
#define THICK 4 /* rows of the table that are passed, for one of the batch */
/* The table is asked every so many times: meanwhile this writer alone can have
 * added rows between, at most a batch each time. */
#define DENSE_TIMES 16

enum part { PART_COUNT, PART_FIRST, PART_LAST, PARTS };

#define ALL_PARTS ((1U << PARTS) - 1)

/* --- SQL functions --- */

static bool is_text(const char *text, const char *bytes, size_t length)
{
	return strnlen(text, length + 1) == length &&
	       memcmp(text, bytes, length) == 0;
}

/* The row with this endpoint, these codes and ASes, or -1. The table's order of
 * codes is another one, so it may be any; most often it is the next. */
static long find(struct sqlite_batch *batch, sqlite3_value **key)
{
	/* As a blob, since SQLite would copy a text to end it with a NUL. */
	const char *endpoint = sqlite3_value_blob(key[0]);
	size_t length = (size_t)sqlite3_value_bytes(key[0]);
	int64_t codes = sqlite3_value_int64(key[1]);
	int64_t after = sqlite3_value_int64(key[2]);
	int64_t before = sqlite3_value_int64(key[3]);
	size_t n, i;

	for (n = 0; n < batch->count && endpoint != NULL; n++) {
		i = (batch->last + n) % batch->count;
		if (batch->codes[i] != codes ||
		    batch->rows[i].after_asn != after ||
		    batch->rows[i].before_asn != before ||
		    !is_text(batch->rows[i].endpoint, endpoint, length))
			continue;
		batch->last = i;
		return (long)i;
	}
	return -1;
}

static struct sqlite_batch *batch_of(sqlite3_context *context)
{
	return ((struct sqlite_store *)sqlite3_user_data(context))
	    ->scratch.batch;
}

/* batch_has(endpoint, codes, after_asn, before_asn): then batch_add() is of
 * that row. SQLite changes each row as it finds it; a plan that looks for all
 * of them before would be wrong, and fails. */
static void has(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct sqlite_batch *batch = batch_of(context);
	bool found = find(batch, values) >= 0;

	(void)count;
	if (batch->left != 0)
		sqlite3_result_error(
		    context, "two rows of a batch at once", -1);
	else
		sqlite3_result_int(context, found);
	batch->left = found ? ALL_PARTS : 0;
}

/* batch_add(PART, old): the new value of the row that batch_has() found. */
static void add(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct sqlite_batch *batch = batch_of(context);
	const struct rollup_row *row = &batch->rows[batch->last];
	enum part part = (enum part)sqlite3_value_int(values[0]);
	int64_t old = sqlite3_value_int64(values[1]), now;

	(void)count;
	if ((batch->left >> part & 1) == 0) {
		sqlite3_result_error(context, "no row of a batch", -1);
		return;
	}
	batch->left &= ~(1U << part);
	switch (part) {
	case PART_COUNT:
		batch->found[batch->last] = true;
		old += row->count;
		break;
	case PART_FIRST:
		now = row->first_ms - rollup_day_ms(row->day);
		old = now < old ? now : old;
		break;
	case PART_LAST:
		now = row->last_ms - rollup_day_ms(row->day);
		old = now > old ? now : old;
		break;
	case PARTS:
		break;
	}
	sqlite3_result_int64(context, old);
}

int sqlite_batch_open(struct sqlite_store *sqlite, struct err *err)
{
	const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;

	if (sqlite3_create_function(sqlite->db, "batch_has", 4, flags, sqlite,
		has, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function(sqlite->db, "batch_add", 2, flags, sqlite,
		add, NULL, NULL) != SQLITE_OK)
		return sqlite_error(sqlite, NULL, err);
	return 0;
}

/* --- a batch --- */

static bool is_neighbour(const struct rollup_row *a, const struct rollup_row *b)
{
	return a->asn == b->asn && a->family == b->family &&
	       a->port == b->port && a->day == b->day &&
	       strcmp(a->prefix, b->prefix) == 0 &&
	       strcmp(a->agent, b->agent) == 0;
}

bool sqlite_batch_take(struct sqlite_batch *batch, const struct rollup_row *row)
{
	size_t i = batch->count;

	if (i == SQLITE_BATCH_MAX ||
	    (i > 0 && !is_neighbour(&batch->rows[0], row)))
		return false;
	batch->rows[i] = *row;
	batch->codes[i] = rollup_codes(row);
	batch->found[i] = false;
	batch->count++;
	return true;
}

/* Bind where the walk begins and ends. */
static sqlite3_stmt *prepare(
    struct sqlite_store *sqlite, enum sqlite_statement which)
{
	const struct sqlite_batch *batch = sqlite->scratch.batch;
	const struct rollup_row *first = &batch->rows[0];
	const struct rollup_row *last = &batch->rows[batch->count - 1];
	sqlite3_stmt *statement = sqlite_prepare(sqlite, which);

	sqlite3_bind_int64(statement, 1, first->asn);
	sqlite3_bind_int(statement, 2, first->family);
	sqlite3_bind_int(statement, 3, first->port);
	sqlite3_bind_int(statement, 4, first->day);
	sqlite3_bind_text(statement, 5, first->prefix, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, first->agent, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 7, first->endpoint, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 8, last->endpoint, -1, SQLITE_STATIC);
	return statement;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash * 31 + fnv1a(text, strlen(text));
}

/* The memory of a batch, or of another one that has its place. An agent that
 * finds two of one key wins a walk along its own rows. */
static struct sqlite_dense *dense_of(struct sqlite_batch *batch, uint64_t *key)
{
	const struct rollup_row *first = &batch->rows[0];
	const struct rollup_row *last = &batch->rows[batch->count - 1];
	const int64_t numbers[] = {first->asn, first->family, first->port,
	    first->day, (int64_t)batch->count};

	*key = fnv1a(numbers, sizeof(numbers));
	*key = hash_text(*key, first->prefix);
	*key = hash_text(*key, first->agent);
	*key = hash_text(*key, first->endpoint);
	*key = hash_text(*key, last->endpoint);
	return &batch->dense[*key % SQLITE_BATCH_DENSE];
}

static int is_dense_now(struct sqlite_store *sqlite, struct err *err)
{
	int64_t most = (int64_t)sqlite->scratch.batch->count * THICK;
	sqlite3_stmt *statement;
	int found;

	statement = prepare(sqlite, SQL_COUNT_ROLLUPS);
	sqlite3_bind_int64(statement, 9, most + 1);
	found = sqlite_step_one(sqlite, statement, err);
	if (found <= 0)
		return found;
	found = sqlite3_column_int64(statement, 0) <= most;
	sqlite3_reset(statement);
	return found;
}

int sqlite_batch_is_dense(struct sqlite_store *sqlite, struct err *err)
{
	struct sqlite_batch *batch = sqlite->scratch.batch;
	struct sqlite_dense *dense;
	uint64_t key;
	int found;

	if (batch->count < FEW)
		return 0;
	dense = dense_of(batch, &key);
	if (dense->key == key && dense->left > 0) {
		dense->left--;
		return 1;
	}
	found = is_dense_now(sqlite, err);
	*dense = (struct sqlite_dense){key, found > 0 ? DENSE_TIMES : 0};
	return found;
}

int sqlite_batch_count(struct sqlite_store *sqlite, struct err *err)
{
	sqlite->scratch.batch->last = 0;
	sqlite->scratch.batch->left = 0;
	return sqlite_run(sqlite, prepare(sqlite, SQL_CHANGE_ROLLUPS), err);
}
