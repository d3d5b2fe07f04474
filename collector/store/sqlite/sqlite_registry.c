/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_registry.h"

#include <errno.h>
#include <string.h>

#include "collector/store/sqlite/sqlite_known.h"
#include "collector/store/sqlite/sqlite_touched.h"

static void read_agent(sqlite3_stmt *statement, struct registry_agent *agent)
{
	const void *key = sqlite3_column_blob(statement, 1);

	memset(agent, 0, sizeof(*agent));
	sqlite_column_text(statement, 0, agent->id, sizeof(agent->id));
	if (key != NULL &&
	    sqlite3_column_bytes(statement, 1) == SIGN_PUBLIC_SIZE)
		memcpy(agent->public_key, key, SIGN_PUBLIC_SIZE);
	sqlite_column_text(
	    statement, 2, agent->contact, sizeof(agent->contact));
	agent->enrolled_ms = sqlite3_column_int64(statement, 3);
	agent->last_seen_ms = sqlite3_column_int64(statement, 4);
	agent->revoked_ms = sqlite3_column_int64(statement, 5);
	agent->number = sqlite3_column_int64(statement, 6);
	sqlite_column_text(statement, 7, agent->run_by, sizeof(agent->run_by));
}

/* Read the one row of a bound statement. 0 or -errno; -ENOENT: there is none.
 */
static int find_one(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    struct registry_agent *agent, struct err *err)
{
	int found = sqlite_step_one(sqlite, statement, err);

	if (found == 0) {
		err_input(err, "no such agent");
		return -ENOENT;
	}
	if (found < 0)
		return found;
	read_agent(statement, agent);
	sqlite3_reset(statement);
	return 0;
}

static int use_token(struct sqlite_store *sqlite,
    const uint8_t token_sha256[32], int64_t now_ms, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_USE_TOKEN);
	int error;

	sqlite3_bind_blob(statement, 1, token_sha256, 32, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, now_ms);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0 || sqlite3_changes(sqlite->db) > 0)
		return error;
	err_input(err, "token: is unknown or used");
	return -EACCES;
}

static int add_agent(struct sqlite_store *sqlite,
    const struct registry_agent *agent, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ENROL);

	sqlite3_bind_text(statement, 1, agent->id, -1, SQLITE_STATIC);
	sqlite3_bind_blob(
	    statement, 2, agent->public_key, SIGN_PUBLIC_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, agent->contact, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, agent->enrolled_ms);
	sqlite3_bind_text(statement, 5, agent->run_by, -1, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

static int find_key(
    struct sqlite_store *sqlite, struct registry_agent *agent, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_KEY);

	sqlite3_bind_blob(statement, 1, agent->public_key, SIGN_PUBLIC_SIZE,
	    SQLITE_TRANSIENT);
	return find_one(sqlite, statement, agent, err);
}

/* -EACCES if that key was some agent's and was replaced. */
static int refuse_former(
    struct sqlite_store *sqlite, const uint8_t *public_key, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_FORMER_KEY);
	int found;

	sqlite3_bind_blob(
	    statement, 1, public_key, SIGN_PUBLIC_SIZE, SQLITE_TRANSIENT);
	found = sqlite_step_one(sqlite, statement, err);
	if (found <= 0)
		return found;
	sqlite3_reset(statement);
	err_input(err, "public_key: its agent has another key by now");
	return -EACCES;
}

/* In the database. */
static int look_up(struct sqlite_store *sqlite, const char *id,
    struct registry_agent *agent, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_FIND_AGENT);

	sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
	return find_one(sqlite, statement, agent, err);
}

/* Within a transaction. */
static int enrol(struct sqlite_store *sqlite, struct registry_agent *agent,
    const uint8_t *token_sha256, struct err *err)
{
	struct registry_agent other;
	int error = find_key(sqlite, agent, err);

	if (error == 0 && agent->revoked_ms != 0) {
		err_input(err, "public_key: its agent is revoked");
		return -EACCES;
	}
	if (error != -ENOENT)
		return error;
	error = refuse_former(sqlite, agent->public_key, err);
	if (error < 0)
		return error;
	error = look_up(sqlite, agent->id, &other, err);
	if (error == 0) {
		err_input(err, "public_key: its agent has another key by now");
		return -EACCES;
	}
	if (error == -ENOENT)
		error = token_sha256 == NULL ? 0
					     : use_token(sqlite, token_sha256,
						   agent->enrolled_ms, err);
	return error == 0 ? add_agent(sqlite, agent, err) : error;
}

/* In a transaction of its own: who is denied takes nobody with him. */
static int enrol_one(
    struct sqlite_store *sqlite, struct registry_enrolment *one)
{
	int error = sqlite_begin(sqlite, &one->err);

	if (error < 0)
		return error;
	error = enrol(sqlite, one->agent, one->token_sha256, &one->err);
	return sqlite_end(sqlite, error, &one->err);
}

int sqlite_enrol(
    struct store *store, struct registry_enrolment *list, size_t count)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int failed = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		list[i].error = enrol_one(sqlite, &list[i]);
		if (list[i].error < 0 && list[i].error != -EACCES)
			failed = list[i].error;
	}
	return failed;
}

/* Within a transaction. */
static int change_key(struct sqlite_store *sqlite,
    const struct registry_agent *agent, const uint8_t *new_key, struct err *err)
{
	struct registry_agent other = {{0}};
	sqlite3_stmt *statement;
	int error;

	memcpy(other.public_key, new_key, SIGN_PUBLIC_SIZE);
	error = find_key(sqlite, &other, err);
	if (error == 0) {
		err_input(err, "public_key: is another agent's");
		return -EACCES;
	}
	if (error == -ENOENT)
		error = refuse_former(sqlite, new_key, err);
	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_CHANGE_KEY);
	sqlite3_bind_text(statement, 1, agent->id, -1, SQLITE_STATIC);
	sqlite3_bind_blob(
	    statement, 2, agent->public_key, SIGN_PUBLIC_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(
	    statement, 3, new_key, SIGN_PUBLIC_SIZE, SQLITE_STATIC);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	if (sqlite3_changes(sqlite->db) == 0) {
		err_input(
		    err, "Signature-Input: that key does not count any more");
		return -EACCES;
	}
	statement = sqlite_prepare(sqlite, SQL_ADD_FORMER_KEY);
	sqlite3_bind_blob(
	    statement, 1, agent->public_key, SIGN_PUBLIC_SIZE, SQLITE_STATIC);
	error = sqlite_run(sqlite, statement, err);
	/* No rows have that name: it tells other processes (sqlite_known.h). */
	return error == 0 ? sqlite_touch_agent(sqlite, agent->id, err) : error;
}

int sqlite_change_key(struct store *store, const struct registry_agent *agent,
    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int error = sqlite_begin(sqlite, err);

	if (error < 0)
		return error;
	error = change_key(sqlite, agent, new_key, err);
	error = sqlite_end(sqlite, error, err);
	sqlite_known_forget();
	return error;
}

int sqlite_find_agent(struct store *store, const char *id, bool anew,
    struct registry_agent *agent, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int error;

	if (!anew && sqlite_known_find(sqlite, id, agent))
		return 0;
	error = look_up(sqlite, id, agent, err);
	if (error == 0 && !anew)
		sqlite_known_keep(sqlite, agent);
	return error;
}

/* Within a transaction. */
static int revoke(struct sqlite_store *sqlite, const char *id,
    const char *pseudonym, int64_t now_ms, struct err *err)
{
	struct registry_agent agent;
	sqlite3_stmt *statement;
	int error = look_up(sqlite, id, &agent, err);

	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_REVOKE);
	sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, now_ms);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_ADD_REVOKED);
	sqlite3_bind_text(statement, 1, pseudonym, -1, SQLITE_STATIC);
	error = sqlite_run(sqlite, statement, err);
	return error == 0 ? sqlite_touch_agent(sqlite, "", err) : error;
}

int sqlite_revoke(struct store *store, const char *id, const char *pseudonym,
    int64_t now_ms, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int error = sqlite_begin(sqlite, err);

	if (error < 0)
		return error;
	error = revoke(sqlite, id, pseudonym, now_ms, err);
	error = sqlite_end(sqlite, error, err);
	sqlite_known_forget();
	return error;
}

int sqlite_list_agents(
    struct store *store, registry_visit *visit, void *arg, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_LIST_AGENTS);
	struct registry_agent agent;
	int status = SQLITE_DONE, result = 0;

	if (statement == NULL)
		return sqlite_error(sqlite, NULL, err);
	while (
	    result == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW) {
		read_agent(statement, &agent);
		result = visit(arg, &agent);
	}
	if (result == 0 && status != SQLITE_DONE)
		return sqlite_error(sqlite, statement, err);
	sqlite3_reset(statement);
	return result;
}

int sqlite_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_TOKEN);

	sqlite3_bind_blob(statement, 1, token_sha256, 32, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, now_ms);
	return sqlite_run(sqlite, statement, err);
}

/* --- the secret that the store goes with --- */

int sqlite_has_secret(struct store *store, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_HAS_SECRET);
	int found = sqlite_step_one(sqlite, statement, err);

	if (found > 0) {
		found = sqlite3_column_int(statement, 0);
		sqlite3_reset(statement);
	}
	return found;
}

/* Within a transaction. */
static int bind_secret(
    struct sqlite_store *sqlite, const uint8_t *fingerprint, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_SECRET);
	const void *noted;
	int found, error;

	sqlite3_bind_blob(statement, 1, fingerprint, REGISTRY_FINGERPRINT_BYTES,
	    SQLITE_STATIC);
	error = sqlite_run(sqlite, statement, err);
	if (error < 0)
		return error;
	statement = sqlite_prepare(sqlite, SQL_FIND_SECRET);
	found = sqlite_step_one(sqlite, statement, err);
	if (found <= 0)
		return found;
	noted = sqlite3_column_blob(statement, 0);
	if (noted == NULL ||
	    sqlite3_column_bytes(statement, 0) != REGISTRY_FINGERPRINT_BYTES ||
	    memcmp(noted, fingerprint, REGISTRY_FINGERPRINT_BYTES) != 0) {
		err_input(
		    err, "%.300s: goes with another secret", sqlite->path);
		error = -EACCES;
	}
	sqlite3_reset(statement);
	return error;
}

int sqlite_bind_secret(
    struct store *store, const uint8_t *fingerprint, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int error = sqlite_begin(sqlite, err);

	if (error < 0)
		return error;
	error = bind_secret(sqlite, fingerprint, err);
	return sqlite_end(sqlite, error, err);
}
