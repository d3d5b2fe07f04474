/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_query.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "collector/store/clickhouse/clickhouse_codes.h"
#include "collector/store/clickhouse/clickhouse_http.h"
#include "collector/store/clickhouse/clickhouse_servers.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

#define SELECT_US        INT64_C(30000000)
#define TRY_US           INT64_C(10000000) /* of an insert; quorum waits 5 s */
#define INSERT_US        INT64_C(10000000) /* of all tries */
#define DERIVE_US        INT64_C(600000000)
#define DDL_US           INT64_C(60000000)
#define TELL_US          INT64_C(7000000)
#define KILL_US          INT64_C(1000000)
#define FIRST_US         INT64_C(500000)   /* then another server is asked */
#define HANGS_US         INT64_C(10000000) /* in any case, by the first one */
#define LATE_US          INT64_C(50000)
#define ROUNDS_US        INT64_C(5000000)
#define PAUSE_MS         50 /* before the second try, and then longer */
#define PAUSE_MOST       1000
#define PAUSE_ROUND_MS   100
#define ENDED_BY_VISITOR 1

/* A server that was away is not read until it has nearly all again, unless no
 * other one is there. The servers' own 300 s are longer than what is counted
 * once more (clickhouse_rollup.c). */
#define FRESH       "&max_replica_delay_for_distributed_queries=60"
#define ANY_COPY    "&max_replica_delay_for_distributed_queries=0"
#define TRIES_FRESH 2

#define QUERY_ID_SIZE 41

/* A statement on its way. */
struct statement {
	struct clickhouse *handle;
	const char *sql; /* in the body, or, with rows, in the path */
	const struct buf *rows;
	const char *settings; /* "&name=value..." */
	bool for_public;
	int64_t most_us, first_us; /* link.h; a time from now */
	int64_t all_us; /* of all tries; then servers may do it later. 0: not */
	http_bytes *take;
	void *arg;
	char id[QUERY_ID_SIZE];
};

/* --- text --- */

static void expand(
    const struct clickhouse *handle, const char *sql, struct buf *out)
{
	const struct store_cluster *cluster = &handle->cluster;
	const char *at;

	while ((at = strchr(sql, '@')) != NULL) {
		buf_append(out, sql, (size_t)(at - sql));
		if (at[1] == 'D')
			buf_append_text(out, cluster->database);
		else if (at[1] == 'N')
			buf_append_text(out, cluster->name);
		else
			buf_printf(out, "ON CLUSTER %s", cluster->name);
		sql = at + 2;
	}
	buf_append_text(out, sql);
}

static void append_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if ((*text >= 'a' && *text <= 'z') ||
		    (*text >= 'A' && *text <= 'Z') ||
		    (*text >= '0' && *text <= '9') || *text == '_')
			buf_append_char(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
}

static void make_id(char id[QUERY_ID_SIZE])
{
	uint8_t bytes[16];

	random_bytes(bytes, sizeof(bytes));
	memcpy(id, "egress25", 8);
	hex_encode(bytes, sizeof(bytes), id + 8);
}

/* --- what went wrong --- */

static int refuse(const struct statement *statement,
    const struct http_answer *answer, struct err *err)
{
	const struct httpc_url *url = &statement->handle
					   ->urls[statement->handle->url];
	int code = answer->exception != 0 ? answer->exception
					  : codes_read(&answer->text);
	const char *hint = "", *text = answer->text.data;

	if (code == 60 || code == 81)
		hint = " (run 'egress25-collector schema' once)";
	if (code == 115)
		statement->handle->is_probed = false;
	err_input(err, "%s:%u: %.*s%s", url->host, url->port,
	    text != NULL ? (int)strcspn(text, "\r\n") % 300 : 0,
	    text != NULL ? text : "", hint);
	if (code == 394)
		return -ECANCELED;
	if (code == 159 && statement->all_us != 0)
		return -EINPROGRESS;
	if (codes_are_between_servers(code))
		return -ENETDOWN;
	if (codes_may_pass(code) || (code == 0 && answer->status >= 500))
		return -EAGAIN;
	return codes_are_of_account(code) ? -EPERM : -EIO;
}

/* --- one try --- */

static int connect_link(
    struct clickhouse *handle, struct link *link, struct err *err)
{
	if (link->fd >= 0 && link_is_stale(link))
		link_close(link);
	if (link->fd >= 0)
		return 0;
	return link_connect(link, &handle->urls[handle->url], handle->tls, err);
}

static void make_path(const struct statement *statement, struct buf *path)
{
	buf_printf(path, "/?wait_end_of_query=1&query_id=%s%s", statement->id,
	    statement->settings);
	if (statement->rows == NULL)
		return;
	buf_append_text(path, "&query=");
	append_escaped(path, statement->sql);
}

static int send_statement(const struct statement *statement, struct link *link,
    struct http_answer *answer)
{
	struct clickhouse *handle = statement->handle;
	bool has_rows = statement->rows != NULL;
	struct buf path = {0};
	struct http_post post = {
	    .url = &handle->urls[handle->url],
	    .headers = statement->for_public && handle->cluster.for_public
			   ? handle->public_headers
			   : handle->headers,
	    .body = has_rows ? statement->rows->data : statement->sql,
	    .body_length = has_rows ? statement->rows->length
				    : strlen(statement->sql),
	};
	int error = -ENOMEM;

	make_path(statement, &path);
	post.path = path.data;
	if (!path.failed)
		error = http_post(link, &post, answer);
	buf_free(&path);
	return error;
}

/* End what still runs there, on a connection of its own; as well as can be. */
static void kill_query(const struct statement *killed, int64_t most_us)
{
	struct clickhouse *handle = killed->handle;
	struct statement statement = {.handle = handle, .settings = ""};
	struct http_answer answer = {0};
	struct link link;
	char sql[100];

	snprintf(sql, sizeof(sql), "KILL QUERY WHERE query_id = '%s' ASYNC",
	    killed->id);
	statement.sql = sql;
	make_id(statement.id);
	link_init(&link);
	link.deadline_us = clock_mono_us() + most_us;
	if (link_connect(
		&link, &handle->urls[handle->url], handle->tls, NULL) == 0)
		send_statement(&statement, &link, &answer);
	link_close(&link);
	buf_free(&answer.text);
}

/* Send it to the server in use. What `take` returned, or -errno. */
static int try_once(struct statement *statement, struct link *link,
    int64_t deadline_us, struct err *err)
{
	struct clickhouse *handle = statement->handle;
	struct http_answer answer = {
	    .take = statement->take, .arg = statement->arg};
	int error;

	make_id(statement->id);
	link->interrupted = &handle->interrupted;
	link->is_alive = servers_is_alive;
	link->arg = handle;
	link->deadline_us = deadline_us;
	link->first_us = statement->first_us == 0
			     ? 0
			     : clock_mono_us() + statement->first_us;
	error = connect_link(handle, link, err);
	if (error < 0)
		return error == -ECANCELED || error == -ETIME ? error : -EAGAIN;
	error = send_statement(statement, link, &answer);
	if (error == -ETIMEDOUT || error == -ECANCELED)
		kill_query(statement, KILL_US);
	if (error == -ETIME)
		kill_query(statement, LATE_US);
	if (error == 0 && (answer.status != 200 || answer.exception != 0))
		error = refuse(statement, &answer, err);
	else if (error < 0 && err != NULL)
		err_system(err, error, "%s:%u", handle->urls[handle->url].host,
		    handle->urls[handle->url].port);
	buf_free(&answer.text);
	return error;
}

/* The next of the servers. */
static void turn(struct clickhouse *handle, struct link *link)
{
	link_close(link);
	handle->url = servers_next(handle);
}

/* Away from one that another thread found to be silent. */
static void leave_silent(struct clickhouse *handle, struct link *link)
{
	if (servers_is_silent(&handle->urls[handle->url]))
		turn(handle, link);
}

static bool is_of_connection(int error)
{
	return error == -EAGAIN || error == -EHOSTDOWN || error == -ETIME ||
	       error == -ENETDOWN || error == -ECONNRESET || error == -EPIPE ||
	       error == -EPROTO || error == -ECONNREFUSED;
}

/* Nested: while the rows of another statement are visited. */
static struct link *borrow_link(struct clickhouse *handle, struct link *spare)
{
	link_init(spare);
	if (handle->in_use)
		return spare;
	leave_silent(handle, &handle->link);
	handle->in_use = true;
	return &handle->link;
}

static void return_link(
    struct clickhouse *handle, struct link *link, struct link *spare)
{
	if (link == spare)
		link_close(spare);
	else
		handle->in_use = false;
}

/* --- selects --- */

static void pause_ms(int64_t ms)
{
	const struct timespec gap = {
	    .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&gap, NULL);
}

/* Rows that come in pieces. */
struct row_stream {
	const struct clickhouse_select *select;
	struct buf rest; /* the beginning of a row */
	bool began;      /* a row was visited: it cannot be asked again */
	int result;      /* of the visitor */
};

static int take_rows(struct row_stream *stream, struct wire *wire)
{
	const struct clickhouse_select *select = stream->select;
	const uint8_t *begin = wire->at;
	int result = 0;

	while (result == 0 && wire->at < wire->end) {
		begin = wire->at;
		result = select->row(select->arg, wire);
		if (wire->ran_out)
			break;
		stream->began = true;
		begin = wire->at;
	}
	wire->at = begin;
	stream->result = result;
	return result;
}

static int on_bytes(void *arg, const char *bytes, size_t length)
{
	struct row_stream *stream = arg;
	struct buf *rest = &stream->rest;
	struct wire wire;
	int result;
	size_t left;

	buf_append(rest, bytes, length);
	if (rest->failed)
		return -ENOMEM;
	wire = (struct wire){.at = (const uint8_t *)rest->data,
	    .end = (const uint8_t *)rest->data + rest->length};
	result = take_rows(stream, &wire);
	left = (size_t)(wire.end - wire.at);
	memmove(rest->data, wire.at, left);
	rest->length = left;
	/* Not as an error of the connection. */
	return result != 0 ? ENDED_BY_VISITOR : 0;
}

/* Settings of a select. What the public asks is read from whichever copy there
 * is where reads hang: one copy of a shard is stopped, say, and the other one
 * is behind. Counts wait: rows that are missing would seem to have gone. */
static void set_select(const struct clickhouse *handle,
    const struct clickhouse_select *select, size_t tries, char settings[256])
{
	bool any_copy = select->for_public &&
			(tries >= TRIES_FRESH || servers_reads_hang());

	snprintf(settings, 256, "%s%s", any_copy ? ANY_COPY : FRESH,
	    select->is_sequential && handle->knows[SETTING_SEQUENTIAL] &&
		    handle->cluster.quorum > 1
		? "&select_sequential_consistency=1"
		: "");
}

/* A server that is slow, or waits for one that is, is left for the next, but
 * not the last one, and by few reads at once; by all when it seems to hang. */
static int64_t leave_after_us(const struct statement *statement, size_t tries)
{
	if (tries + 1 >= statement->handle->nurls)
		return 0;
	if (statement->most_us <= SELECT_US && servers_may_leave())
		return FIRST_US;
	return tries <= 1 && statement->most_us == SELECT_US ? HANGS_US : 0;
}

/* All were asked: once more, a little later, if they did not reach each other.
 */
static bool may_go_round(
    const struct statement *statement, int error, int64_t began_us)
{
	if (error != -ENETDOWN || statement->handle->interrupted ||
	    clock_mono_us() - began_us > ROUNDS_US)
		return false;
	pause_ms(PAUSE_ROUND_MS);
	return true;
}

static int try_select(struct statement *statement, struct link *link,
    struct row_stream *stream, struct err *err)
{
	int64_t began_us = clock_mono_us();
	int64_t deadline_us = began_us + statement->most_us;
	size_t tries, most = statement->handle->nurls;
	char settings[256];
	int error = -EAGAIN;

	statement->settings = settings;
	servers_note_read();
	for (tries = 0;
	     tries <= most || may_go_round(statement, error, began_us);
	     tries++) {
		buf_clear(&stream->rest);
		set_select(statement->handle, stream->select, tries, settings);
		statement->first_us = leave_after_us(statement, tries);
		error = try_once(statement, link, deadline_us, err);
		if (error == -ETIMEDOUT ||
		    (error == -ETIME && statement->first_us == HANGS_US))
			servers_note_hang();
		if (stream->result != 0)
			return stream->result;
		if (!is_of_connection(error) || stream->began)
			break;
		if (error == -ETIME)
			servers_note_slow(
			    &statement->handle->urls[statement->handle->url]);
		turn(statement->handle, link);
	}
	if (error == 0 && stream->rest.length > 0)
		error = err_system(err, -EPROTO, "half a row");
	return error == 0 || error == -EAGAIN || error == -ECANCELED ||
		       error == -ETIMEDOUT || !is_of_connection(error)
		   ? error
		   : -EAGAIN;
}

int clickhouse_select(struct clickhouse *handle,
    const struct clickhouse_select *select, struct err *err)
{
	struct row_stream stream = {.select = select};
	struct buf sql = {0};
	struct statement statement = {
	    .handle = handle,
	    .for_public = select->for_public,
	    .most_us = select->most_us != 0 ? select->most_us : SELECT_US,
	    .take = on_bytes,
	    .arg = &stream,
	};
	struct link spare, *link;
	int error;

	expand(handle, select->sql, &sql);
	buf_append_text(&sql, " FORMAT RowBinary");
	statement.sql = sql.data;
	link = borrow_link(handle, &spare);
	error = sql.failed ? err_system(err, -ENOMEM, "a statement")
			   : try_select(&statement, link, &stream, err);
	return_link(handle, link, &spare);
	buf_free(&sql);
	buf_free(&stream.rest);
	return error;
}

/* --- other statements --- */

static int run(struct statement *statement, const char *sql, struct err *err)
{
	struct clickhouse *handle = statement->handle;
	int64_t ends_us = statement->all_us == 0
			      ? INT64_MAX
			      : clock_mono_us() + statement->all_us;
	int64_t deadline_us;
	struct buf text = {0};
	struct link spare, *link = borrow_link(handle, &spare);
	size_t tries;
	int error = -ENOMEM;

	expand(handle, sql, &text);
	statement->sql = text.data;
	for (tries = 0;
	     !text.failed && tries < handle->nurls && clock_mono_us() < ends_us;
	     tries++) {
		deadline_us = clock_mono_us() + statement->most_us;
		error = try_once(statement, link,
		    deadline_us < ends_us ? deadline_us : ends_us, err);
		if (!is_of_connection(error))
			break;
		turn(handle, link);
	}
	return_link(handle, link, &spare);
	buf_free(&text);
	return error == -ENETDOWN ? -EAGAIN : error;
}

/* Servers wait for one another only as long as the setting says. */
static int run_ddl(struct statement *statement, const char *timeout,
    const char *sql, struct err *err)
{
	statement->settings = statement->handle->knows[SETTING_DDL_TIMEOUT]
				  ? timeout
				  : "";
	return run(statement, sql, err);
}

int clickhouse_run(struct clickhouse *handle, const char *sql, struct err *err)
{
	struct statement statement = {.handle = handle, .most_us = DDL_US};

	return run_ddl(
	    &statement, "&distributed_ddl_task_timeout=30", sql, err);
}

int clickhouse_tell(struct clickhouse *handle, const char *sql, struct err *err)
{
	struct statement statement = {
	    .handle = handle, .most_us = TELL_US, .all_us = TELL_US};

	return run_ddl(&statement, "&distributed_ddl_task_timeout=5", sql, err);
}

/* Settings of a write; `quorum` 0: without one. */
static void set_write(
    const struct clickhouse *handle, int quorum, char settings[256])
{
	size_t length = 0;

	settings[0] = '\0';
	if (handle->knows[SETTING_SYNC] || handle->knows[SETTING_FOREGROUND])
		length += (size_t)snprintf(settings, 256, "&%s=1",
		    clickhouse_setting_names[handle->knows[SETTING_FOREGROUND]
						 ? SETTING_FOREGROUND
						 : SETTING_SYNC]);
	if (handle->knows[SETTING_ASYNC])
		length += (size_t)snprintf(
		    settings + length, 256 - length, "&async_insert=0");
	if (quorum > 1)
		length += (size_t)snprintf(settings + length, 256 - length,
		    "&insert_quorum=%d&insert_quorum_timeout=5000", quorum);
	/* Sequential reads need it. */
	if (quorum > 1 && handle->knows[SETTING_QUORUM_PARALLEL])
		snprintf(settings + length, 256 - length,
		    "&insert_quorum_parallel=0");
}

/* With a quorum what is read next has it, whichever copy is read; without one
 * it still comes there. */
int clickhouse_derive(
    struct clickhouse *handle, const char *sql, struct err *err)
{
	static const char again[] = "&insert_deduplicate=0" FRESH;
	char settings[256 + sizeof(again)];
	struct statement statement = {
	    .handle = handle,
	    .settings = settings,
	    .most_us = DERIVE_US,
	};
	int error;

	set_write(handle, handle->cluster.quorum, settings);
	strcat(settings, again);
	error = run(&statement, sql, err);
	if (error != -EAGAIN || handle->cluster.quorum == 1)
		return error;
	set_write(handle, 0, settings);
	strcat(settings, again);
	return run(&statement, sql, err);
}

/* --- inserts --- */

/* Wrong set-up does not pass; whatever else happened, the rows may be there. */
static bool is_unknown(int error)
{
	return error != 0 && error != -EPERM && error != -EIO &&
	       error != -ENOMEM && error != -ECANCELED;
}

static int insert_until(
    struct statement *statement, struct link *link, struct err *err)
{
	int64_t ends_us = clock_mono_us() + INSERT_US, wait_ms = PAUSE_MS;
	int error, tries;

	for (tries = 0;; tries++) {
		error = try_once(
		    statement, link, clock_mono_us() + TRY_US, err);
		if (!is_unknown(error))
			return error != 0 && tries > 0 ? -EAGAIN : error;
		turn(statement->handle, link);
		if (clock_mono_us() + wait_ms * 1000 >= ends_us)
			return -EAGAIN;
		pause_ms(wait_ms);
		wait_ms = wait_ms * 2 > PAUSE_MOST ? PAUSE_MOST : wait_ms * 2;
	}
}

int clickhouse_insert(struct clickhouse *handle,
    const struct clickhouse_insert *insert, struct err *err)
{
	struct buf sql = {0};
	char settings[256];
	struct statement statement = {
	    .handle = handle,
	    .rows = insert->rows,
	    .settings = settings,
	};
	struct link spare, *link;
	int error;

	if (insert->rows->failed)
		return err_system(err, -ENOMEM, "rows");
	if (insert->rows->length == 0)
		return 0;
	set_write(
	    handle, insert->is_derived ? 0 : handle->cluster.quorum, settings);
	buf_append_text(&sql, "INSERT INTO ");
	expand(handle, insert->into, &sql);
	buf_append_text(&sql, " FORMAT RowBinary");
	statement.sql = sql.data;
	link = borrow_link(handle, &spare);
	error = sql.failed ? err_system(err, -ENOMEM, "a statement")
			   : insert_until(&statement, link, err);
	return_link(handle, link, &spare);
	buf_free(&sql);
	return error;
}
