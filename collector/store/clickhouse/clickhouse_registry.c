/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_registry.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_agents.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "lib/base/clock.h"

static int deny(struct err *err, const char *sentence)
{
	err_input(err, "%s", sentence);
	return -EACCES;
}

/* --- reading --- */

void registry_add_row(struct registry_rows *found, const struct agents_row *row)
{
	if (row->agent.revoked_ms != 0)
		found->revoked_ms = row->agent.revoked_ms;
	if (found->key != NULL &&
	    memcmp(row->agent.public_key, found->key, SIGN_PUBLIC_SIZE) == 0)
		found->has_key = true;
	if (found->count++ == 0 ||
	    agents_is_newer(
		row, found->newest.changed_ms, found->newest.agent.public_key))
		found->newest = *row;
}

static int take_row(void *arg, struct wire *wire)
{
	struct agents_row row;

	agents_take_row(&row, wire);
	if (!wire->ran_out)
		registry_add_row(arg, &row);
	return 0;
}

/* `key` is looked for among its keys; NULL: none is. */
static int find_rows(struct clickhouse *handle, const char *id,
    const uint8_t *key, struct registry_rows *found, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_row, .arg = found, .is_sequential = true};
	int error;

	*found = (struct registry_rows){.key = key};
	buf_append_text(
	    &sql, "SELECT " AGENTS_COLUMNS " FROM @D.agent WHERE id = ");
	filter_print_bytes(&sql, id, strlen(id));
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "an agent")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

/* -ENOENT: there is none of that id. */
static int find_id(struct clickhouse *handle, const char *id,
    const uint8_t *key, struct registry_rows *found, struct err *err)
{
	int error = find_rows(handle, id, key, found, err);

	if (error < 0 || found->count > 0)
		return error;
	err_input(err, "no such agent");
	return -ENOENT;
}

/* Whose a key or a token is, or was. */
struct holder {
	char id[REPORT_AGENT_SIZE]; /* "": nobody's that can be told */
	bool found;
};

static int take_holder(void *arg, struct wire *wire)
{
	struct holder read = {.found = true};

	wire_take_text(wire, read.id, sizeof(read.id));
	if (!wire->ran_out)
		*(struct holder *)arg = read;
	return 0;
}

static int find_holder(struct clickhouse *handle, const uint8_t value[32],
    struct holder *holder, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_holder, .arg = holder, .is_sequential = true};
	int error;

	*holder = (struct holder){.found = false};
	buf_append_text(&sql, "SELECT id FROM @D.holder WHERE value = ");
	filter_print_bytes(&sql, value, 32);
	buf_append_text(&sql, " ORDER BY changed_ms DESC, id LIMIT 1");
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "an agent")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

static int take_count(void *arg, struct wire *wire)
{
	uint64_t count = wire_take(wire, 8);

	if (!wire->ran_out)
		*(uint64_t *)arg = count;
	return 0;
}

/* --- writing --- */

void registry_put_row(struct buf *rows, const struct agents_row *row)
{
	const struct registry_agent *agent = &row->agent;

	wire_put_text(rows, agent->id);
	buf_append(rows, agent->public_key, SIGN_PUBLIC_SIZE);
	wire_put_text(rows, agent->contact);
	wire_put_text(rows, agent->run_by);
	wire_put(rows, (uint64_t)agent->enrolled_ms, 8);
	wire_put(rows, (uint64_t)agent->revoked_ms, 8);
	buf_append(rows, row->token, sizeof(row->token));
	wire_put(rows, (uint64_t)row->changed_ms, 8);
}

static void put_holder(
    struct buf *rows, const uint8_t value[32], const struct agents_row *row)
{
	buf_append(rows, value, 32);
	wire_put_text(rows, row->agent.id);
	wire_put(rows, (uint64_t)row->changed_ms, 8);
}

void registry_put_holders(struct buf *rows, const struct agents_row *row)
{
	static const uint8_t no_token[sizeof(row->token)];

	put_holder(rows, row->agent.public_key, row);
	if (memcmp(row->token, no_token, sizeof(no_token)) != 0)
		put_holder(rows, row->token, row);
}

/* A key or a token that has a holder already is no one else's. */
int registry_write_rows(struct clickhouse *handle,
    const struct agents_row *rows, size_t count, struct err *err)
{
	struct buf bytes = {0}, holders = {0};
	const struct clickhouse_insert held = {
	    .into = REGISTRY_HOLDERS, .rows = &holders};
	const struct clickhouse_insert insert = {
	    .into = "@D.agent (" AGENTS_COLUMNS ")", .rows = &bytes};
	size_t i;
	int error;

	for (i = 0; i < count; i++) {
		registry_put_holders(&holders, &rows[i]);
		registry_put_row(&bytes, &rows[i]);
	}
	error = clickhouse_insert(handle, &held, err);
	if (error == 0)
		error = clickhouse_insert(handle, &insert, err);
	buf_free(&holders);
	buf_free(&bytes);
	for (i = 0; error == 0 && i < count; i++)
		clickhouse_shared_note(handle, &rows[i]);
	if (error < 0)
		clickhouse_shared_note(handle, NULL);
	return error;
}

/* After the row before it, whatever the clocks say. */
static int64_t change_time(const struct agents_row *before)
{
	int64_t now_ms = clock_wall_ms();

	return now_ms > before->changed_ms ? now_ms : before->changed_ms + 1;
}

/* --- keys --- */

int clickhouse_change_key(struct store *store,
    const struct registry_agent *agent, const uint8_t *new_key, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct holder holder;
	struct registry_rows by_id;
	int error = clickhouse_probe(handle, err);

	if (error == 0)
		error = find_holder(handle, new_key, &holder, err);
	if (error == 0)
		error = find_id(handle, agent->id, new_key, &by_id, err);
	if (error < 0 && error != -ENOENT)
		return error;
	/* It is said to be its own where this was broken off before. */
	if (holder.found &&
	    (strcmp(holder.id, agent->id) != 0 || by_id.has_key))
		return deny(err, "public_key: is or was another agent's");
	if (error == -ENOENT || by_id.revoked_ms != 0 ||
	    memcmp(by_id.newest.agent.public_key, agent->public_key,
		SIGN_PUBLIC_SIZE) != 0)
		return deny(
		    err, "Signature-Input: that key does not count any more");
	by_id.newest.changed_ms = change_time(&by_id.newest);
	memcpy(by_id.newest.agent.public_key, new_key, SIGN_PUBLIC_SIZE);
	return registry_write_rows(handle, &by_id.newest, 1, err);
}

/* --- revoking --- */

static int put_revoked(
    struct clickhouse *handle, const char *pseudonym, struct err *err)
{
	struct buf row = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.revoked (agent)", .rows = &row};
	int error;

	wire_put_text(&row, pseudonym);
	error = clickhouse_insert(handle, &insert, err);
	buf_free(&row);
	return error;
}

int clickhouse_revoke(struct store *store, const char *id,
    const char *pseudonym, int64_t now_ms, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct registry_rows found;
	int error = clickhouse_probe(handle, err);

	if (error == 0)
		error = find_id(handle, id, NULL, &found, err);
	if (error < 0)
		return error;
	error = put_revoked(handle, pseudonym, err);
	if (error < 0 || found.revoked_ms != 0)
		return error;
	found.newest.agent.revoked_ms = now_ms;
	found.newest.changed_ms = change_time(&found.newest);
	return registry_write_rows(handle, &found.newest, 1, err);
}

/* --- tokens and the secret --- */

int clickhouse_add_token(struct store *store, const uint8_t *token_sha256,
    int64_t now_ms, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct buf row = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.token (sha256, made_ms)", .rows = &row};
	int error = clickhouse_probe(handle, err);

	buf_append(&row, token_sha256, 32);
	wire_put(&row, (uint64_t)now_ms, 8);
	if (error == 0)
		error = clickhouse_insert(handle, &insert, err);
	buf_free(&row);
	return error;
}

int clickhouse_has_secret(struct store *store, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	uint64_t count = 0;
	const struct clickhouse_select select = {
	    .sql = "SELECT count() FROM (SELECT 1 FROM @D.secret UNION ALL"
		   " SELECT 1 FROM @D.agent LIMIT 1)",
	    .row = take_count,
	    .arg = &count,
	    .is_sequential = true,
	};
	int error = clickhouse_probe(handle, err);

	if (error == 0)
		error = clickhouse_select(handle, &select, err);
	return error < 0 ? error : count > 0;
}

struct noted {
	uint8_t fingerprint[REGISTRY_FINGERPRINT_BYTES];
	bool found;
};

static int take_fingerprint(void *arg, struct wire *wire)
{
	struct noted read = {.found = true};

	wire_take_fixed(wire, read.fingerprint, sizeof(read.fingerprint));
	if (!wire->ran_out)
		*(struct noted *)arg = read;
	return 0;
}

/* Of several collectors that began at once the first one's. */
static int find_secret(
    struct clickhouse *handle, struct noted *noted, struct err *err)
{
	const struct clickhouse_select select = {
	    .sql = "SELECT fingerprint FROM @D.secret"
		   " ORDER BY at_ms, fingerprint LIMIT 1",
	    .row = take_fingerprint,
	    .arg = noted,
	    .is_sequential = true,
	};

	noted->found = false;
	return clickhouse_select(handle, &select, err);
}

static int note_secret(
    struct clickhouse *handle, const uint8_t *fingerprint, struct err *err)
{
	struct buf row = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.secret (fingerprint, at_ms)", .rows = &row};
	int error;

	buf_append(&row, fingerprint, REGISTRY_FINGERPRINT_BYTES);
	wire_put(&row, (uint64_t)clock_wall_ms(), 8);
	error = clickhouse_insert(handle, &insert, err);
	buf_free(&row);
	return error;
}

int clickhouse_bind_secret(
    struct store *store, const uint8_t *fingerprint, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct noted noted;
	int error = clickhouse_probe(handle, err);

	if (error == 0)
		error = find_secret(handle, &noted, err);
	if (error == 0 && !noted.found) {
		error = note_secret(handle, fingerprint, err);
		if (error == 0)
			error = find_secret(handle, &noted, err);
	}
	if (error < 0)
		return error;
	if (!noted.found || memcmp(noted.fingerprint, fingerprint,
				REGISTRY_FINGERPRINT_BYTES) != 0)
		return deny(err, "the cluster goes with another secret: copy "
				 "that of the first collector");
	return 0;
}
