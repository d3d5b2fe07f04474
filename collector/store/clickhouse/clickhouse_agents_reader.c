/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_agents_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "lib/base/array.h"

#define POLL_MOST_US INT64_C(3000000)
#define ROW_US       60 /* and so much more for a row */
#define AT_ONCE      256

/* A part of the table that is asked for. */
struct wanted {
	char name[PARTS_NAME_SIZE];
	struct parts_span span;
	bool found;
};

/* What is being read. */
struct asking {
	struct agents_reader *reader;
	struct agents *agents;
	pthread_mutex_t *lock;
	struct wanted *wanted; /* owned */
	size_t nwanted, at;    /* `at`: of the row before */
	uint64_t most;         /* rows of all of these */
	struct agents_row rows[AT_ONCE];
	size_t count;
};

static int flush(struct asking *asking)
{
	size_t i;
	int error = 0;

	pthread_mutex_lock(asking->lock);
	for (i = 0; error == 0 && i < asking->count; i++)
		error = agents_put(asking->agents, &asking->rows[i]);
	pthread_mutex_unlock(asking->lock);
	asking->count = 0;
	return error;
}

static void note_found(struct asking *asking, const char *name)
{
	size_t i;

	for (i = 0; i < asking->nwanted; i++, asking->at++) {
		asking->at %= asking->nwanted;
		if (strcmp(asking->wanted[asking->at].name, name) == 0) {
			asking->wanted[asking->at].found = true;
			return;
		}
	}
}

static int take_agent(void *arg, struct wire *wire)
{
	struct asking *asking = arg;
	char part[PARTS_NAME_SIZE];

	wire_take_text(wire, part, sizeof(part));
	agents_take_row(&asking->rows[asking->count], wire);
	if (wire->ran_out)
		return 0;
	note_found(asking, part);
	return ++asking->count == AT_ONCE ? flush(asking) : 0;
}

static int take_part(void *arg, struct wire *wire)
{
	struct asking *asking = arg;
	struct wanted wanted = {.found = false}, *grown;
	uint64_t rows;

	wire_take_text(wire, wanted.name, sizeof(wanted.name));
	rows = wire_take(wire, 8);
	if (wire->ran_out || !parts_parse(wanted.name, &wanted.span) ||
	    parts_have(&asking->reader->parts, &wanted.span))
		return 0;
	grown = array_grow(asking->wanted, asking->nwanted, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	asking->wanted = grown;
	grown[asking->nwanted++] = wanted;
	asking->most += rows;
	return 0;
}

static int find_parts(
    struct asking *asking, struct clickhouse *handle, struct err *err)
{
	const struct clickhouse_select select = {
	    .sql = "SELECT name, rows FROM system.parts WHERE database = '@D'"
		   " AND table = 'agent' AND active",
	    .row = take_part,
	    .arg = asking,
	    .most_us = POLL_MOST_US,
	};

	return clickhouse_select(handle, &select, err);
}

/* The rows of the parts that are wanted, or of one id. */
static int read_agents(struct asking *asking, const char *id, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_agent,
	    .arg = asking,
	    .is_sequential = true,
	    .most_us = POLL_MOST_US + (int64_t)asking->most * ROW_US,
	};
	size_t i;
	int error;

	buf_append_text(
	    &sql, "SELECT _part, " AGENTS_COLUMNS " FROM @D.agent WHERE ");
	if (id != NULL) {
		buf_append_text(&sql, "id = ");
		filter_print_bytes(&sql, id, strlen(id));
	} else {
		buf_append_text(&sql, "_part IN (");
		for (i = 0; i < asking->nwanted; i++)
			buf_printf(&sql, "%s'%s'", i > 0 ? ", " : "",
			    asking->wanted[i].name);
		buf_append_text(&sql, ")");
	}
	select.sql = sql.data;
	error = sql.failed
		    ? -ENOMEM
		    : clickhouse_select(asking->reader->handle, &select, err);
	if (error == 0)
		error = flush(asking);
	buf_free(&sql);
	return error == -ENOMEM ? err_system(err, error, "agents") : error;
}

/* A part that gave no row was merged meanwhile, or is not at a quorum yet. */
static int note_read(struct asking *asking, struct err *err)
{
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < asking->nwanted; i++)
		if (asking->wanted[i].found)
			error = parts_add(
			    &asking->reader->parts, &asking->wanted[i].span);
	return error < 0 ? err_system(err, error, "agents") : 0;
}

int agents_reader_ask(struct agents_reader *reader, const char *id,
    struct agents *agents, pthread_mutex_t *lock, struct err *err)
{
	struct asking *asking = calloc(1, sizeof(*asking));
	int error;

	if (asking == NULL)
		return err_system(err, -ENOMEM, "agents");
	asking->reader = reader;
	asking->agents = agents;
	asking->lock = lock;
	error = clickhouse_probe(reader->handle, err);
	if (error == 0 && id == NULL)
		error = find_parts(asking, reader->handle, err);
	if (error == 0 && (id != NULL || asking->nwanted > 0))
		error = read_agents(asking, id, err);
	if (error == 0)
		error = note_read(asking, err);
	free(asking->wanted);
	free(asking);
	return error;
}
