/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_enrol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_registry.h"
#include "collector/store/clickhouse/clickhouse_wire.h"

/* Whose a key or a token is, or was. */
struct holder {
	char id[REPORT_AGENT_SIZE]; /* "": nobody's that can be told */
	bool found;
};

struct entry {
	struct registry_enrolment *one;
	struct holder key, token;
	bool has_token; /* the token is known */
	struct registry_rows rows;
};

/* What is enrolled together. */
struct enrolling {
	struct clickhouse *handle;
	struct entry *entries;   /* owned, as the rows */
	struct agents_row *rows; /* to be written */
	size_t count, nrows;
	struct err *err;
};

/* --- what is known --- */

/* Newest last. */
static int take_holder(void *arg, struct wire *wire)
{
	struct enrolling *enrolling = arg;
	struct holder holder = {.found = true};
	uint8_t value[32];
	size_t i;

	wire_take_fixed(wire, value, sizeof(value));
	wire_take_text(wire, holder.id, sizeof(holder.id));
	for (i = 0; !wire->ran_out && i < enrolling->count; i++) {
		struct entry *entry = &enrolling->entries[i];
		const struct registry_enrolment *one = entry->one;

		if (memcmp(value, one->agent->public_key, sizeof(value)) == 0)
			entry->key = holder;
		if (one->token_sha256 != NULL &&
		    memcmp(value, one->token_sha256, sizeof(value)) == 0)
			entry->token = holder;
	}
	return 0;
}

static int take_token(void *arg, struct wire *wire)
{
	struct enrolling *enrolling = arg;
	uint8_t token[32];
	size_t i;

	wire_take_fixed(wire, token, sizeof(token));
	for (i = 0; !wire->ran_out && i < enrolling->count; i++) {
		struct entry *entry = &enrolling->entries[i];

		if (entry->one->token_sha256 != NULL &&
		    memcmp(token, entry->one->token_sha256, 32) == 0)
			entry->has_token = true;
	}
	return 0;
}

/* Whose rows are looked for. */
static const char *owner(const struct entry *entry)
{
	return entry->key.found ? entry->key.id : entry->one->agent->id;
}

static int take_row(void *arg, struct wire *wire)
{
	struct enrolling *enrolling = arg;
	struct agents_row row;
	size_t i;

	agents_take_row(&row, wire);
	for (i = 0; !wire->ran_out && i < enrolling->count; i++)
		if (strcmp(owner(&enrolling->entries[i]), row.agent.id) == 0)
			registry_add_row(&enrolling->entries[i].rows, &row);
	return 0;
}

static void print_tokens(const struct enrolling *enrolling, struct buf *sql)
{
	size_t i;

	for (i = 0; i < enrolling->count; i++) {
		const uint8_t *token = enrolling->entries[i].one->token_sha256;

		if (token == NULL)
			continue;
		buf_append_text(sql, ", ");
		filter_print_bytes(sql, token, 32);
	}
}

static void print_keys(const struct enrolling *enrolling, struct buf *sql)
{
	size_t i;

	for (i = 0; i < enrolling->count; i++) {
		buf_append_text(sql, i > 0 ? ", " : "");
		filter_print_bytes(sql,
		    enrolling->entries[i].one->agent->public_key,
		    SIGN_PUBLIC_SIZE);
	}
}

static void print_owners(const struct enrolling *enrolling, struct buf *sql)
{
	size_t i;

	for (i = 0; i < enrolling->count; i++) {
		const char *id = owner(&enrolling->entries[i]);

		buf_append_text(sql, i > 0 ? ", " : "");
		filter_print_bytes(sql, id, strlen(id));
	}
}

/* Ask with the statement that is printed, which is freed. */
static int ask(struct enrolling *enrolling, struct buf *sql,
    int (*take)(void *arg, struct wire *wire))
{
	const struct clickhouse_select select = {.sql = sql->data,
	    .row = take,
	    .arg = enrolling,
	    .is_sequential = true};
	int error = sql->failed
			? err_system(enrolling->err, -ENOMEM, "enrolments")
			: clickhouse_select(
			      enrolling->handle, &select, enrolling->err);

	buf_free(sql);
	return error;
}

static bool needs_tokens(const struct enrolling *enrolling)
{
	size_t i;

	for (i = 0; i < enrolling->count; i++)
		if (enrolling->entries[i].one->token_sha256 != NULL)
			return true;
	return false;
}

static int look(struct enrolling *enrolling)
{
	struct buf holders = {0}, tokens = {0}, rows = {0};
	int error;

	buf_append_text(
	    &holders, "SELECT value, id FROM @D.holder WHERE value IN (");
	print_keys(enrolling, &holders);
	print_tokens(enrolling, &holders);
	buf_append_text(&holders, ") ORDER BY changed_ms, id DESC");
	error = ask(enrolling, &holders, take_holder);
	if (error == 0 && needs_tokens(enrolling)) {
		buf_append_text(&tokens,
		    "SELECT sha256 FROM @D.token"
		    " WHERE sha256 IN (toFixedString('', 32)");
		print_tokens(enrolling, &tokens);
		buf_append_text(&tokens, ") GROUP BY sha256");
		error = ask(enrolling, &tokens, take_token);
	}
	if (error < 0)
		return error;
	buf_append_text(
	    &rows, "SELECT " AGENTS_COLUMNS " FROM @D.agent WHERE id IN (");
	print_owners(enrolling, &rows);
	buf_append_text(&rows, ")");
	return ask(enrolling, &rows, take_row);
}

/* --- deciding --- */

static int deny(struct entry *entry, const char *sentence)
{
	err_input(&entry->one->err, "%s", sentence);
	return -EACCES;
}

/* The agent that has this key, 1; 0: nobody has, or had it; or -EACCES. */
static int find_owner(struct entry *entry)
{
	struct registry_agent *agent = entry->one->agent;
	const struct registry_rows *rows = &entry->rows;

	if (entry->key.found && entry->key.id[0] == '\0')
		return deny(
		    entry, "public_key: its agent has another key by now");
	if (rows->count == 0)
		return 0;
	if (memcmp(rows->newest.agent.public_key, agent->public_key,
		SIGN_PUBLIC_SIZE) != 0)
		return deny(
		    entry, "public_key: its agent has another key by now");
	if (rows->revoked_ms != 0)
		return deny(entry, "public_key: its agent is revoked");
	*agent = rows->newest.agent;
	return 1;
}

/* Who enrolled with this token, if he did, has it: the first one. */
static bool may_use_token(
    const struct enrolling *enrolling, const struct entry *entry)
{
	const uint8_t *token = entry->one->token_sha256;
	const char *id = entry->one->agent->id;
	size_t i;

	if (token == NULL)
		return true;
	if (!entry->has_token ||
	    (entry->token.found && strcmp(entry->token.id, id) != 0))
		return false;
	for (i = 0; i < enrolling->nrows; i++)
		if (memcmp(enrolling->rows[i].token, token, 32) == 0)
			return strcmp(enrolling->rows[i].agent.id, id) == 0;
	return true;
}

/* Of those that are enrolled now, the one with that id, or NULL. */
static const struct agents_row *find_new(
    const struct enrolling *enrolling, const char *id)
{
	size_t i;

	for (i = 0; i < enrolling->nrows; i++)
		if (strcmp(enrolling->rows[i].agent.id, id) == 0)
			return &enrolling->rows[i];
	return NULL;
}

static int decide(struct enrolling *enrolling, struct entry *entry)
{
	struct registry_enrolment *one = entry->one;
	const struct agents_row *before;
	struct agents_row *row;
	int error = find_owner(entry);

	if (error != 0)
		return error < 0 ? error : 0;
	before = find_new(enrolling, one->agent->id);
	if (before != NULL) {
		*one->agent = before->agent;
		return 0;
	}
	if (!may_use_token(enrolling, entry))
		return deny(entry, "token: is unknown or used");
	row = &enrolling->rows[enrolling->nrows++];
	*row = (struct agents_row){
	    .agent = *one->agent, .changed_ms = one->agent->enrolled_ms};
	if (one->token_sha256 != NULL)
		memcpy(row->token, one->token_sha256, sizeof(row->token));
	return 0;
}

static int enrol(struct enrolling *enrolling)
{
	int error = look(enrolling);
	size_t i;

	for (i = 0; error == 0 && i < enrolling->count; i++)
		enrolling->entries[i].one->error = decide(
		    enrolling, &enrolling->entries[i]);
	if (error == 0 && enrolling->nrows > 0)
		error = registry_write_rows(enrolling->handle, enrolling->rows,
		    enrolling->nrows, enrolling->err);
	return error;
}

/* Who is denied stays so. */
static void fail(struct enrolling *enrolling, struct registry_enrolment *list,
    size_t count, int error)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (list[i].error == -EACCES)
			continue;
		list[i].error = error;
		list[i].err = *enrolling->err;
	}
}

int clickhouse_enrol(
    struct store *store, struct registry_enrolment *list, size_t count)
{
	struct err err = {"out of memory"};
	struct enrolling enrolling = {
	    .handle = clickhouse_of(store),
	    .entries = calloc(count + 1, sizeof(*enrolling.entries)),
	    .rows = calloc(count + 1, sizeof(*enrolling.rows)),
	    .count = count,
	    .err = &err,
	};
	int error = -ENOMEM;
	size_t i;

	if (enrolling.entries != NULL && enrolling.rows != NULL) {
		for (i = 0; i < count; i++) {
			list[i].error = 0;
			enrolling.entries[i].one = &list[i];
		}
		error = clickhouse_probe(enrolling.handle, &err);
		if (error == 0)
			error = enrol(&enrolling);
	}
	if (error < 0)
		fail(&enrolling, list, count, error);
	free(enrolling.entries);
	free(enrolling.rows);
	return error;
}
