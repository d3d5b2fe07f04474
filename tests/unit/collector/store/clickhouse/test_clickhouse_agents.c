/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_agents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_agents_list.h"
#include "tests/support/rows.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void put(struct agents *agents, int id, int key, int64_t enrolled_ms,
    int64_t changed_ms)
{
	struct agents_row row = {.changed_ms = changed_ms};

	snprintf(row.agent.id, sizeof(row.agent.id), "%032x", id);
	memset(row.agent.public_key, key, sizeof(row.agent.public_key));
	row.agent.enrolled_ms = enrolled_ms;
	assert_int_equal(agents_put(agents, &row), 0);
}

static int key_of(const struct agents *agents, int id)
{
	struct registry_agent agent;
	char text[REPORT_AGENT_SIZE];

	snprintf(text, sizeof(text), "%032x", id);
	assert_true(agents_find(agents, text, &agent));
	return agent.public_key[0];
}

/* Collectors see rows in different orders, and decide the same. */
static void newest_counts(void **state)
{
	static const int orders[][3] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	static const struct {
		int key;
		int64_t changed_ms;
	} changes[] = {{1, 100}, {2, 200}, {3, 200}};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		struct agents agents = {.count = 0};

		for (j = 0; j < 3; j++)
			put(&agents, 7, changes[orders[i][j]].key, 50,
			    changes[orders[i][j]].changed_ms);
		assert_int_equal(key_of(&agents, 7), 3);
		agents_free(&agents);
	}
}

/* The list that is being checked. */
struct listing {
	int64_t number, last_ms;
	char last_id[REPORT_AGENT_SIZE];
	struct agents *agents;
	int adds; /* while it is visited */
};

static int see(void *arg, const struct registry_agent *agent)
{
	struct listing *listing = arg;

	assert_int_equal(agent->number, ++listing->number);
	assert_true(agent->enrolled_ms > listing->last_ms ||
		    (agent->enrolled_ms == listing->last_ms &&
			strcmp(agent->id, listing->last_id) > 0));
	listing->last_ms = agent->enrolled_ms;
	memcpy(listing->last_id, agent->id, sizeof(listing->last_id));
	if (listing->adds-- > 0) {
		pthread_mutex_lock(&lock); /* it is not held meanwhile */
		put(listing->agents, rand() % 100000, 1, rand() % 500, 1);
		pthread_mutex_unlock(&lock);
	}
	return 0;
}

static void in_order(void **state)
{
	struct agents agents = {.count = 0};
	struct agents_list list = {.count = 0};
	int round, i;

	(void)state;
	srand(11);
	for (round = 0; round < 60; round++) {
		struct listing listing = {
		    .last_ms = -1, .agents = &agents, .adds = round * 5};
		int64_t count;

		for (i = 0; i < round * 4; i++)
			put(&agents, rand() % 100000, 1,
			    round % 3 == 0 ? rand() % 500 : 500 + round, 1);
		if (round % 7 == 6) /* of an older store */
			put(&agents, 5, round, rand() % 500, 1 + round);
		count = (int64_t)agents.count;
		assert_int_equal(
		    agents_list_visit(&list, &agents, &lock, see, &listing), 0);
		assert_int_equal(listing.number, count);
	}
	agents_list_free(&list);
	agents_free(&agents);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "the newest row counts, in whatever order they come",
	    newest_counts);
	test_add(&list,
	    "a list is in the order of enrolment, and lets others in",
	    in_order);
	return test_run("clickhouse_agents", &list);
}
