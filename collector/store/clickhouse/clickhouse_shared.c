/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_shared.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_agents.h"
#include "collector/store/clickhouse/clickhouse_agents_list.h"
#include "collector/store/clickhouse/clickhouse_agents_reader.h"
#include "collector/store/clickhouse/clickhouse_asked.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_names.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_touched.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

#define POLL_US       INT64_C(1000000)
#define AGAIN_US      INT64_C(5000000)    /* after a failure */
#define ROW_US        60                  /* and so much more for a row */
#define WHOLE_US      INT64_C(3600000000) /* tables may be made anew */
#define SEEN_DAYS     30
#define SEEN_LATE_MS  (2 * MINUTE_MS)   /* rows that come late */
#define SEEN_APART_MS DAY_MS            /* and clocks that are wrong */
#define KEEP_US       INT64_C(20000000) /* names and totals */

struct clickhouse_shared {
	struct clickhouse_shared *next;
	size_t holders;

	pthread_mutex_t lock; /* of what is known of agents, until `talk` */
	pthread_cond_t told;
	struct agents agents;
	struct asked asked;
	bool is_polling, has_all;
	int64_t polled_us; /* clock_mono_us(); 0: a poll is needed */
	int64_t failed_us; /* 0: the last one went well */
	uint64_t changes;  /* made by this process */

	pthread_mutex_t talk; /* of this reader; may be held before `lock` */
	struct agents_reader reader;
	int64_t whole_us; /* when it read all */

	pthread_mutex_t listing; /* held before `talk` */
	struct agents_list list;
	int64_t seen_ms; /* reports received until then were seen */
	int64_t seen_all_ms, seen_all_us; /* also from clocks that are wrong */

	pthread_mutex_t names_lock; /* of what follows */
	struct clickhouse *names_handle;
	struct clickhouse_names names;
	struct store_totals totals;
	int64_t names_us, totals_us; /* 0: not there */

	struct clickhouse_touched touched; /* of who counts: one thread */
};

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct clickhouse_shared *all;

/* --- joining --- */

static bool is_same(
    const struct clickhouse_shared *shared, const struct store_cluster *cluster)
{
	const struct store_cluster *own = &shared->reader.handle->cluster;

	return strcmp(own->urls, cluster->urls) == 0 &&
	       strcmp(own->database, cluster->database) == 0 &&
	       strcmp(own->user, cluster->user) == 0;
}

static void free_shared(struct clickhouse_shared *shared)
{
	clickhouse_handle_free(shared->reader.handle);
	clickhouse_handle_free(shared->names_handle);
	agents_free(&shared->agents);
	agents_list_free(&shared->list);
	parts_free(&shared->reader.parts);
	clickhouse_names_free(&shared->names);
	touched_free(&shared->touched);
	pthread_mutex_destroy(&shared->lock);
	pthread_mutex_destroy(&shared->talk);
	pthread_mutex_destroy(&shared->listing);
	pthread_mutex_destroy(&shared->names_lock);
	pthread_cond_destroy(&shared->told);
	free(shared);
}

static int begin(const struct store_settings *settings,
    struct clickhouse_shared **out, struct err *err)
{
	struct clickhouse_shared *shared = calloc(1, sizeof(*shared));
	int error;

	if (shared == NULL)
		return err_system(err, -ENOMEM, "the store");
	pthread_mutex_init(&shared->lock, NULL);
	pthread_mutex_init(&shared->talk, NULL);
	pthread_mutex_init(&shared->listing, NULL);
	pthread_mutex_init(&shared->names_lock, NULL);
	pthread_cond_init(&shared->told, NULL);
	error = clickhouse_handle_new(settings, &shared->reader.handle, err);
	if (error == 0)
		error = clickhouse_handle_new(
		    settings, &shared->names_handle, err);
	if (error < 0) {
		free_shared(shared);
		return error;
	}
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
		free_shared(shared);
	}
	pthread_mutex_unlock(&all_lock);
}

void clickhouse_shared_forget(struct clickhouse *handle)
{
	struct clickhouse_shared *shared = handle->shared;

	clickhouse_shared_note(handle, NULL);
	pthread_mutex_lock(&shared->names_lock);
	shared->names_us = shared->totals_us = 0;
	pthread_mutex_unlock(&shared->names_lock);
}

void clickhouse_shared_note(
    struct clickhouse *handle, const struct agents_row *row)
{
	struct clickhouse_shared *shared = handle->shared;

	pthread_mutex_lock(&shared->lock);
	if (row == NULL || agents_put(&shared->agents, row) < 0) {
		shared->polled_us = 0;
		shared->changes++;
	}
	pthread_mutex_unlock(&shared->lock);
}

struct clickhouse_touched *clickhouse_shared_touched(struct clickhouse *handle)
{
	return &handle->shared->touched;
}

/* --- agents: keeping up --- */

/* With `lock` held, which is released meanwhile, and nobody polling. What is
 * known stays known after a failure. */
static int poll_now(struct clickhouse_shared *shared, struct err *err)
{
	uint64_t changes = shared->changes;
	int64_t now_us = clock_mono_us();
	int error;

	shared->is_polling = true;
	pthread_mutex_unlock(&shared->lock);
	pthread_mutex_lock(&shared->talk);
	error = agents_reader_ask(
	    &shared->reader, NULL, &shared->agents, &shared->lock, err);
	pthread_mutex_unlock(&shared->talk);
	pthread_mutex_lock(&shared->lock);
	shared->is_polling = false;
	shared->failed_us = error < 0 ? clock_mono_us() : 0;
	if (error == 0) {
		shared->has_all = true;
		shared->polled_us = changes == shared->changes ? now_us : 0;
	}
	pthread_cond_broadcast(&shared->told);
	return error;
}

/* With `lock` held: is what is known new enough, or can it not be asked now? */
static bool is_new_enough(const struct clickhouse_shared *shared)
{
	int64_t now_us = clock_mono_us();

	if (shared->polled_us != 0 && now_us - shared->polled_us < POLL_US)
		return true;
	return shared->has_all && shared->failed_us != 0 &&
	       now_us - shared->failed_us < AGAIN_US;
}

/* With `lock` held. While another thread polls, what is known is good enough,
 * unless this process has changed something since. */
static int keep_up(struct clickhouse_shared *shared, struct err *err)
{
	int error;

	while (!is_new_enough(shared)) {
		if (!shared->is_polling) {
			error = poll_now(shared, err);
			return shared->has_all ? 0 : error;
		}
		if (shared->polled_us != 0)
			return 0;
		pthread_cond_wait(&shared->told, &shared->lock);
	}
	return 0;
}

int clickhouse_shared_refresh(struct clickhouse *handle, struct err *err)
{
	struct clickhouse_shared *shared = handle->shared;
	int error;

	pthread_mutex_lock(&shared->lock);
	while (shared->is_polling)
		pthread_cond_wait(&shared->told, &shared->lock);
	error = poll_now(shared, err);
	pthread_mutex_unlock(&shared->lock);
	return error;
}

/* --- agents: finding one --- */

bool clickhouse_shared_agent(
    struct clickhouse *handle, const char *id, struct registry_agent *agent)
{
	struct clickhouse_shared *shared = handle->shared;
	bool found;

	pthread_mutex_lock(&shared->lock);
	found = agents_find(&shared->agents, id, agent);
	pthread_mutex_unlock(&shared->lock);
	return found;
}

/* With `lock` held, which is released meanwhile: ask for one agent now.
 * -EAGAIN: it cannot be asked; none is told then that he is unknown. */
static int ask_one(
    struct clickhouse_shared *shared, const char *id, struct err *err)
{
	int64_t now_us = clock_mono_us();
	int error;

	if ((shared->failed_us != 0 && now_us - shared->failed_us < AGAIN_US) ||
	    !asked_may_ask(&shared->asked, now_us))
		return err_system(err, -EAGAIN, "agents");
	pthread_mutex_unlock(&shared->lock);
	pthread_mutex_lock(&shared->talk);
	error = agents_reader_ask(
	    &shared->reader, id, &shared->agents, &shared->lock, err);
	pthread_mutex_unlock(&shared->talk);
	pthread_mutex_lock(&shared->lock);
	shared->failed_us = error < 0 ? clock_mono_us() : 0;
	return error < 0 ? -EAGAIN : 0;
}

/* With `lock` held: one that is not known may have enrolled just now, through
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
	error = anew ? ask_one(shared, id, err) : keep_up(shared, err);
	if (error == 0 && !agents_find(&shared->agents, id, agent))
		error = find_unknown(shared, id, agent, err);
	pthread_mutex_unlock(&shared->lock);
	return error;
}

/* --- agents: listing them --- */

struct seeing {
	struct clickhouse_shared *shared;
	int64_t seen_ms; /* the newest */
};

static int take_seen(void *arg, struct wire *wire)
{
	struct seeing *seeing = arg;
	struct clickhouse_shared *shared = seeing->shared;
	char id[REPORT_AGENT_SIZE];
	int64_t seen_ms;

	wire_take_text(wire, id, sizeof(id));
	seen_ms = wire_take_signed(wire, 8);
	if (wire->ran_out)
		return 0;
	pthread_mutex_lock(&shared->lock);
	agents_see(&shared->agents, id, seen_ms);
	pthread_mutex_unlock(&shared->lock);
	if (seen_ms > seeing->seen_ms)
		seeing->seen_ms = seen_ms;
	return 0;
}

/* When agents reported last: of those that did since this was asked, and once
 * an hour those whose collector's clock is up to a day behind. */
static int64_t seen_since(struct clickhouse_shared *shared, bool is_all)
{
	if (shared->seen_ms == 0)
		return clock_wall_ms() - SEEN_DAYS * DAY_MS;
	return is_all ? shared->seen_all_ms - SEEN_APART_MS
		      : shared->seen_ms - SEEN_LATE_MS;
}

static int ask_seen(struct clickhouse_shared *shared, struct err *err)
{
	struct buf sql = {0};
	struct seeing seeing = {shared, shared->seen_ms};
	struct clickhouse_select select = {.row = take_seen, .arg = &seeing};
	int64_t now_us = clock_mono_us();
	bool is_all = now_us - shared->seen_all_us > WHOLE_US;
	int64_t since_ms = seen_since(shared, is_all);
	int error;

	buf_printf(&sql,
	    "SELECT agent_id, max(received_ms) FROM @D.report WHERE own = 1"
	    " AND day >= toDate(%u) AND received_ms >= %" PRId64
	    " GROUP BY agent_id",
	    filter_day(since_ms - SEEN_DAYS * DAY_MS), since_ms);
	select.sql = sql.data;
	error = sql.failed
		    ? err_system(err, -ENOMEM, "agents")
		    : clickhouse_select(shared->reader.handle, &select, err);
	buf_free(&sql);
	if (error < 0)
		return error;
	if (is_all || shared->seen_ms == 0) {
		shared->seen_all_us = now_us;
		shared->seen_all_ms = seeing.seen_ms;
	}
	shared->seen_ms = seeing.seen_ms;
	return 0;
}

/* With `listing` held. Once an hour all of the table is read, and not by a
 * thread that others wait for. */
static int read_whole(struct clickhouse_shared *shared, struct err *err)
{
	int64_t now_us = clock_mono_us();
	int error = 0;

	pthread_mutex_lock(&shared->talk);
	if (shared->whole_us == 0)
		shared->whole_us = now_us;
	if (now_us - shared->whole_us > WHOLE_US) {
		parts_free(&shared->reader.parts);
		error = agents_reader_ask(
		    &shared->reader, NULL, &shared->agents, &shared->lock, err);
		shared->whole_us = error == 0 ? now_us : shared->whole_us;
	}
	if (error == 0)
		error = ask_seen(shared, err);
	pthread_mutex_unlock(&shared->talk);
	return error;
}

int clickhouse_list_agents(
    struct store *store, registry_visit *visit, void *arg, struct err *err)
{
	struct clickhouse_shared *shared = clickhouse_of(store)->shared;
	int result;

	pthread_mutex_lock(&shared->listing);
	pthread_mutex_lock(&shared->lock);
	result = keep_up(shared, err);
	pthread_mutex_unlock(&shared->lock);
	if (result == 0)
		result = read_whole(shared, err);
	if (result == 0)
		result = agents_list_visit(
		    &shared->list, &shared->agents, &shared->lock, visit, arg);
	pthread_mutex_unlock(&shared->listing);
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
	pthread_mutex_lock(&shared->names_lock);
	if (shared->names_us == 0 || now_us - shared->names_us > KEEP_US) {
		error = clickhouse_names_read(
		    &shared->names, shared->names_handle, err);
		shared->names_us = error == 0 ? now_us : 0;
	}
	if (error == 0)
		found = clickhouse_names_find(&shared->names, asn);
	if (found != NULL)
		*network = *found;
	pthread_mutex_unlock(&shared->names_lock);
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

	pthread_mutex_lock(&shared->names_lock);
	if (shared->totals_us == 0 || now_us - shared->totals_us > KEEP_US) {
		error = clickhouse_names_read_totals(
		    &shared->totals, shared->names_handle, err);
		shared->totals_us = error == 0 ? now_us : 0;
	}
	*totals = shared->totals;
	pthread_mutex_unlock(&shared->names_lock);
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
