/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_known.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/store/registry.h"
#include "lib/base/clock.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define ROOM   (SQLITE_KNOWN_SETS * SQLITE_KNOWN_WAYS)
#define SOON_S 5 /* a change by another process counts by then */

static struct registry_agent agent_of(size_t number)
{
	struct registry_agent agent = {
	    .enrolled_ms = STORED_NOON, .last_seen_ms = STORED_NOON};

	snprintf(agent.id, sizeof(agent.id), "%032zx", number);
	memcpy(agent.public_key, &number, sizeof(number));
	return agent;
}

static void enrol(struct store *store, size_t number)
{
	struct registry_agent agent = agent_of(number);
	struct err err;

	assert_int_equal(registry_enrol(store, &agent, NULL, &err), 0);
}

/* All that are there have reported. */
static void report_all(struct store *store)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "UPDATE agent SET last_seen_ms = %lld",
	    (long long)STORED_NOON);
	assert_int_equal(
	    sqlite3_exec(sqlite_of(store)->db, sql, NULL, NULL, NULL),
	    SQLITE_OK);
}

static struct registry_agent found(struct store *reader, size_t number)
{
	struct registry_agent agent = agent_of(number), it;
	struct err err;

	assert_int_equal(registry_find(reader, agent.id, &it, &err), 0);
	assert_string_equal(it.id, agent.id);
	return it;
}

static void change(struct store *store, size_t number, size_t from, size_t to)
{
	struct registry_agent agent = agent_of(number);
	uint8_t key[SIGN_PUBLIC_SIZE] = {0};
	struct err err;

	memset(agent.public_key, 0, sizeof(agent.public_key));
	memcpy(agent.public_key, &from, sizeof(from));
	memcpy(key, &to, sizeof(to));
	assert_int_equal(registry_change_key(store, &agent, key, &err), 0);
}

static void disown(struct store *store, size_t number)
{
	struct registry_agent agent = agent_of(number);
	struct err err;

	assert_int_equal(
	    registry_revoke(store, agent.id, "p", STORED_NOON, &err), 0);
}

/* --- changes --- */

static void changed_here(void **state)
{
	struct store *store = stored_open(false), *readers[2];
	size_t i, key;

	(void)state;
	enrol(store, 1);
	report_all(store);
	for (i = 0; i < 2; i++) {
		readers[i] = stored_open(true);
		found(readers[i], 1);
	}
	for (key = 2; key < 30; key++) {
		change(store, 1, key - 1, key);
		for (i = 0; i < 2; i++)
			assert_int_equal(
			    found(readers[i], 1).public_key[0], key);
	}
	disown(store, 1);
	for (i = 0; i < 2; i++) {
		assert_int_equal(found(readers[i], 1).revoked_ms, STORED_NOON);
		store_close(readers[i]);
	}
	store_close(store);
}

/* Another process, which begins before this one opens the database, changes the
 * key of agent 1 and revokes agent 2 once a byte comes. */
static void change_elsewhere(int go)
{
	struct store *store;
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	store = stored_open(false);
	change(store, 1, 1, 3);
	disown(store, 2);
	store_close(store);
	_exit(0);
}

static void changed_elsewhere(void **state)
{
	struct store *store, *reader;
	int go[2], status;
	int64_t until_us;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(go), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		change_elsewhere(go[0]);
	store = stored_open(false);
	enrol(store, 1);
	enrol(store, 2);
	report_all(store);
	store_close(store);
	reader = stored_open(true);
	found(reader, 1);
	found(reader, 2);
	assert_int_equal(write(go[1], "", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (until_us = clock_mono_us() + SOON_S * 1000000;
	     clock_mono_us() < until_us; usleep(100000)) {
		found(reader, 1);
		found(reader, 2);
	}
	assert_int_equal(found(reader, 1).public_key[0], 3);
	assert_int_equal(found(reader, 2).revoked_ms, STORED_NOON);
	store_close(reader);
	close(go[0]);
	close(go[1]);
}

/* --- room --- */

/* Agents that are kept, but for one are in no database. */
static void full(void **state)
{
	struct store *store = stored_open(false), *reader;
	struct registry_agent agent, it;
	size_t number, kept = 0;

	(void)state;
	enrol(store, 1);
	report_all(store);
	reader = stored_open(true);
	found(reader, 1);
	for (number = 2; number < 3 * ROOM; number++) {
		agent = agent_of(number);
		sqlite_known_keep(sqlite_of(reader), &agent);
		assert_true(
		    sqlite_known_find(sqlite_of(reader), agent.id, &it));
		assert_memory_equal(&it, &agent, sizeof(it));
	}
	for (number = 2; number < 3 * ROOM; number++) {
		agent = agent_of(number);
		if (!sqlite_known_find(sqlite_of(reader), agent.id, &it))
			continue;
		kept++;
		assert_memory_equal(&it, &agent, sizeof(it));
	}
	assert_in_range(kept, ROOM / 2, ROOM);
	assert_int_equal(found(reader, 1).public_key[0], 1);
	store_close(reader);
	store_close(store);
}

/* Plans ask that (fleet/fleet.h). */
static void first_report(void **state)
{
	struct store *store = stored_open(false), *reader;

	(void)state;
	enrol(store, 1);
	reader = stored_open(true);
	assert_int_equal(found(reader, 1).last_seen_ms, 0);
	report_all(store);
	assert_int_equal(found(reader, 1).last_seen_ms, STORED_NOON);
	store_close(reader);
	store_close(store);
}

static void stranger(void **state)
{
	struct store *store = stored_open(false), *reader;
	struct registry_agent agent = agent_of(1);
	struct err err;

	(void)state;
	reader = stored_open(true);
	assert_int_equal(
	    registry_find(reader, agent.id, &agent, &err), -ENOENT);
	assert_int_equal(registry_find(reader, "", &agent, &err), -ENOENT);
	enrol(store, 1);
	found(reader, 1);
	assert_int_equal(registry_find(reader, "", &agent, &err), -ENOENT);
	store_close(reader);
	store_close(store);
}

#define ADD(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

int main(void)
{
	struct test_list list = {0};

	ADD("what this process changes counts at once", changed_here);
	ADD("what another process changes counts soon", changed_elsewhere);
	ADD("when all places are taken, whoever is found is the right one",
	    full);
	ADD("who has reported for the first time is known for it at once",
	    first_report);
	ADD("who was unknown and enrols is known, and nobody has no name",
	    stranger);
	return test_run("sqlite_known", &list);
}
