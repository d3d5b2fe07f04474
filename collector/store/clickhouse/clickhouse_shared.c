/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_shared.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_agents.h"
#include "collector/store/clickhouse/clickhouse_asked.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_names.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

#define POLL_US       INT64_C(1000000)
#define AGAIN_US      INT64_C(5000000) /* after a failure */
#define POLL_MOST_US  INT64_C(3000000)
#define WHOLE_MOST_US INT64_C(60000000)
#define OVERLAP_MS    (2 * MINUTE_MS)   /* collectors' clocks differ */
#define WHOLE_US      INT64_C(60000000) /* whatever their clocks say */
#define SEEN_DAYS     30
#define KEEP_US       INT64_C(20000000) /* names and totals */

struct clickhouse_shared {
	struct clickhouse_shared *next;
	size_t holders;
	pthread_mutex_t lock; /* of all that follows */
	struct clickhouse *handle;
	struct agents agents;
	int64_t polled_us, whole_us; /* clock_mono_us(); 0: never */
	int64_t failed_us;           /* 0: the last poll went well */
	struct asked asked;
	int64_t seen_ms; /* reports received until then were seen */
	struct clickhouse_names names;
	struct store_totals totals;
	int64_t names_us, totals_us; /* 0: not there */
};

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct clickhouse_shared *all;

/* --- joining --- */

static bool is_same(
    const struct clickhouse_shared *shared, const struct store_cluster *cluster)
{
	const struct store_cluster *own = &shared->handle->cluster;

	return strcmp(own->urls, cluster->urls) == 0 &&
	       strcmp(own->database, cluster->database) == 0 &&
	       strcmp(own->user, cluster->user) == 0;
}

static int begin(const struct store_settings *settings,
    struct clickhouse_shared **out, struct err *err)
{
	struct clickhouse_shared *shared = calloc(1, sizeof(*shared));
	int error;

	if (shared == NULL)
		return err_system(err, -ENOMEM, "the store");
	error = clickhouse_handle_new(settings, &shared->handle, err);
	if (error < 0) {
		clickhouse_handle_free(shared->handle);
		free(shared);
		return error;
	}
	pthread_mutex_init(&shared->lock, NULL);
	shared->next = all;
	all = shared;
	*out = shared;
	return 0;
}

int clickhouse_shared_join(const struct store_settings *settings,
    struct clickhouse *handle, struct err *err)
{
	struct clickhouse_shared *shared;
	int error = 0;

	pthread_mutex_lock(&all_lock);
	for (shared = all; shared != NULL; shared = shared->next)
		if (is_same(shared, &settings->cluster))
			break;
	if (shared == NULL)
		error = begin(settings, &shared, err);
	if (error == 0) {
		shared->holders++;
		handle->shared = shared;
	}
	pthread_mutex_unlock(&all_lock);
	return error;
}

void clickhouse_shared_leave(struct clickhouse *handle)
{
	struct clickhouse_shared *shared = handle->shared, **at = &all;

	if (shared == NULL)
		return;
	handle->shared = NULL;
	pthread_mutex_lock(&all_lock);
	if (--shared->holders == 0) {
		while (*at != shared)
			at = &(*at)->next;
		*at = shared->next;
		clickhouse_handle_free(shared->handle);
		agents_free(&shared->agents);
		clickhouse_names_free(&shared->names);
		pthread_mutex_destroy(&shared->lock);
		free(shared);
	}
	pthread_mutex_unlock(&all_lock);
}

void clickhouse_shared_forget(struct clickhouse *handle)
{
	struct clickhouse_shared *shared = handle->shared;

	pthread_mutex_lock(&shared->lock);
	shared->polled_us = shared->names_us = shared->totals_us = 0;
	pthread_mutex_unlock(&shared->lock);
}

/* --- agents --- */

static int take_agent(void *arg, struct wire *wire)
{
	struct clickhouse_shared *shared = arg;
	struct agents_row row;

	agents_take_row(&row, wire);
	return wire->ran_out ? 0 : agents_put(&shared->agents, &row);
}

/* Ask for the rows of agents since `since_ms`, or, if there is an id, for those
 * of this one. */
static int ask_agents(struct clickhouse_shared *shared, int64_t since_ms,
    const char *id, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_agent,
	    .arg = shared,
	    .is_sequential = true,
	    .most_us = since_ms == INT64_MIN ? WHOLE_MOST_US : POLL_MOST_US,
	};
	int error;

	buf_append_text(&sql,
	    "SELECT id, public_key, contact, run_by, enrolled_ms, revoked_ms,"
	    " token, changed_ms FROM @D.agent WHERE ");
	if (id != NULL) {
		buf_append_text(&sql, "id = ");
		filter_print_bytes(&sql, id, strlen(id));
	} else {
		buf_printf(&sql, "changed_ms >= %" PRId64, since_ms);
	}
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "agents")
			   : clickhouse_select(shared->handle, &select, err);
	buf_free(&sql);
	return error;
}

/* With the lock held. What is known stays known after a failure. */
static int poll_agents(
    struct clickhouse_shared *shared, int64_t younger_us, struct err *err)
{
	int64_t now_us = clock_mono_us();
	bool is_whole = shared->whole_us == 0 ||
			now_us - shared->whole_us > WHOLE_US;
	bool had_all = shared->whole_us != 0;
	int error;

	if (shared->polled_us != 0 && now_us - shared->polled_us < younger_us)
		return 0;
	if (had_all && shared->failed_us != 0 &&
	    now_us - shared->failed_us < AGAIN_US)
		return 0;
	error = clickhouse_probe(shared->handle, err);
	if (error == 0)
		error = ask_agents(shared,
		    is_whole ? INT64_MIN
			     : shared->agents.changed_ms - OVERLAP_MS,
		    NULL, err);
	shared->failed_us = error < 0 ? clock_mono_us() : 0;
	if (error == 0) {
		shared->polled_us = now_us;
		if (is_whole)
			shared->whole_us = now_us;
	}
	return had_all ? 0 : error;
}

/* With the lock held: ask for one agent now. -EAGAIN: it cannot be asked; none
 * is told then that he is unknown. */
static int ask_one(
    struct clickhouse_shared *shared, const char *id, struct err *err)
{
	int64_t now_us = clock_mono_us();
	int error;

	if ((shared->failed_us != 0 && now_us - shared->failed_us < AGAIN_US) ||
	    !asked_may_ask(&shared->asked, now_us))
		return err_system(err, -EAGAIN, "agents");
	error = ask_agents(shared, 0, id, err);
	shared->failed_us = error < 0 ? clock_mono_us() : 0;
	return error < 0 ? -EAGAIN : 0;
}

/* With the lock held: one that is not known may have enrolled just now, through
 * another collector. */
static int find_unknown(struct clickhouse_shared *shared, const char *id,
    struct registry_agent *agent, struct err *err)
{
	int error;

	if (!asked_is_unknown(&shared->asked, id, clock_mono_us())) {
		error = ask_one(shared, id, err);
		if (error < 0 || agents_find(&shared->agents, id, agent))
			return error;
		asked_note_unknown(&shared->asked, id, clock_mono_us());
	}
	err_input(err, "no such agent");
	return -ENOENT;
}

int clickhouse_find_agent(struct store *store, const char *id, bool anew,
    struct registry_agent *agent, struct err *err)
{
	struct clickhouse_shared *shared = clickhouse_of(store)->shared;
	int error;

	pthread_mutex_lock(&shared->lock);
	error = anew ? ask_one(shared, id, err)
		     : poll_agents(shared, POLL_US, err);
	if (error == 0 && !agents_find(&shared->agents, id, agent))
		error = find_unknown(shared, id, agent, err);
	pthread_mutex_unlock(&shared->lock);
	return error;
}

static int take_seen(void *arg, struct wire *wire)
{
	struct clickhouse_shared *shared = arg;
	char id[REPORT_AGENT_SIZE];
	int64_t seen_ms;

	wire_take_text(wire, id, sizeof(id));
	seen_ms = wire_take_signed(wire, 8);
	if (wire->ran_out)
		return 0;
	agents_see(&shared->agents, id, seen_ms);
	if (seen_ms > shared->seen_ms)
		shared->seen_ms = seen_ms;
	return 0;
}

/* When agents reported last: of those that did since this was asked. */
static int ask_seen(struct clickhouse_shared *shared, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {.row = take_seen, .arg = shared};
	int64_t since_ms = shared->seen_ms == 0
			       ? clock_wall_ms() - SEEN_DAYS * DAY_MS
			       : shared->seen_ms - OVERLAP_MS;
	int error;

	buf_printf(&sql,
	    "SELECT agent_id, max(received_ms) FROM @D.report WHERE own = 1"
	    " AND day >= toDate(%u) AND received_ms >= %" PRId64
	    " GROUP BY agent_id",
	    filter_day(since_ms - SEEN_DAYS * DAY_MS), since_ms);
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "agents")
			   : clickhouse_select(shared->handle, &select, err);
	buf_free(&sql);
	return error;
}

int clickhouse_list_agents(
    struct store *store, registry_visit *visit, void *arg, struct err *err)
{
	struct clickhouse_shared *shared = clickhouse_of(store)->shared;
	int result;

	pthread_mutex_lock(&shared->lock);
	result = poll_agents(shared, POLL_US, err);
	if (result == 0)
		result = ask_seen(shared, err);
	if (result == 0)
		result = agents_list(&shared->agents, visit, arg);
	pthread_mutex_unlock(&shared->lock);
	return result == -ENOMEM ? err_system(err, result, "agents") : result;
}

/* --- names and totals --- */

int clickhouse_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err)
{
	struct clickhouse_shared *shared = clickhouse_of(store)->shared;
	const struct network_info *found = NULL;
	int64_t now_us = clock_mono_us();
	int error = 0;

	memset(network, 0, sizeof(*network));
	network->asn = asn;
	pthread_mutex_lock(&shared->lock);
	if (shared->names_us == 0 || now_us - shared->names_us > KEEP_US) {
		error = clickhouse_names_read(
		    &shared->names, shared->handle, err);
		shared->names_us = error == 0 ? now_us : 0;
	}
	if (error == 0)
		found = clickhouse_names_find(&shared->names, asn);
	if (found != NULL)
		*network = *found;
	pthread_mutex_unlock(&shared->lock);
	if (error < 0 || found != NULL)
		return error;
	err_input(err, "nothing is known of AS%u", asn);
	return -ENOENT;
}

int clickhouse_totals(
    struct store *store, struct store_totals *totals, struct err *err)
{
	struct clickhouse_shared *shared = clickhouse_of(store)->shared;
	int64_t now_us = clock_mono_us();
	int error = 0;

	pthread_mutex_lock(&shared->lock);
	if (shared->totals_us == 0 || now_us - shared->totals_us > KEEP_US) {
		error = clickhouse_names_read_totals(
		    &shared->totals, shared->handle, err);
		shared->totals_us = error == 0 ? now_us : 0;
	}
	*totals = shared->totals;
	pthread_mutex_unlock(&shared->lock);
	return error;
}

int clickhouse_annotate(struct store *store, uint32_t asn,
    const struct annotation *annotation, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct buf row = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.said (asn, kind, at_ms, said_by, text)", .rows = &row};
	int error;

	wire_put(&row, asn, 4);
	wire_put(&row, (uint64_t)annotation->kind, 1);
	wire_put(&row, (uint64_t)annotation->at_ms, 8);
	wire_put_text(&row, annotation->by);
	wire_put_text(&row, annotation->text);
	error = clickhouse_insert(handle, &insert, err);
	buf_free(&row);
	clickhouse_shared_forget(handle);
	return error;
}
