/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_incoming.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

/* Servers know by then whether a write reached its quorum, by any collector's
 * clock. */
#define SETTLED_MS (10 * MINUTE_MS + CLICKHOUSE_APART_MS)

/* --- one report --- */

static int read_rows(struct incoming *incoming, struct err *err)
{
	const struct store_report *report = incoming->report;
	uint32_t n;
	size_t i;

	incoming->agent = report->nrows > 0 ? report->rows[0].agent : "";
	incoming->first_ms = INT64_MAX;
	incoming->last_ms = INT64_MIN;
	for (i = 0; i < report->nrows; i++) {
		const struct measurement *row = &report->rows[i];

		if (!row_id_number(row->id, report->id, &n))
			return err_input(err, "\"%.60s\" is no row of %s",
			    row->id, report->id);
		if (row->at_ms < 0 || rollup_day(row->at_ms) > UINT16_MAX)
			return err_input(
			    err, "at: of %s lies out of range", row->id);
		if (row->at_ms < incoming->first_ms)
			incoming->first_ms = row->at_ms;
		if (row->at_ms > incoming->last_ms)
			incoming->last_ms = row->at_ms;
	}
	if (report->nrows == 0)
		incoming->first_ms = incoming->last_ms = report->received_ms;
	return 0;
}

int incoming_read(struct incoming *incoming, struct err *err)
{
	const struct store_report *report = incoming->report;

	incoming->own = report->agent_id[0] != '\0';
	if (!row_uuid_pack(report->id, incoming->uuid))
		return err_input(err, "\"%.40s\" is no report id", report->id);
	return read_rows(incoming, err);
}

static int read_report(
    struct incoming *incoming, int64_t expired_ms, struct err *err)
{
	const struct store_report *report = incoming->report;
	int error = incoming_read(incoming, err);

	if (error < 0)
		return error;
	if (incoming->own &&
	    incoming->last_ms - incoming->first_ms > STORE_SPAN_MAX_MS)
		return err_input(
		    err, "targets: those of %s span over a day", report->id);
	if (report->nrows == 0 || incoming->last_ms >= expired_ms)
		return 0;
	/* It may have been stored and removed. */
	if (incoming->own)
		return err_input(
		    err, "targets: older than what has been removed here");
	incoming->repeats = true;
	return 0;
}

bool incoming_has_rows(const struct incoming *incoming)
{
	return !incoming->refused &&
	       (!incoming->repeats ||
		   (incoming->is_unsettled && !incoming->own));
}

/* --- what is stored --- */

/* Reports that are being looked for. */
struct search {
	struct incoming **wanted; /* by UUID */
	size_t count;
	bool may_refuse;
	struct err *err;
};

static int compare_uuids(const void *a, const void *b)
{
	const struct incoming *const *left = a, *const *right = b;
	int order = memcmp((*left)->uuid, (*right)->uuid, ROW_UUID_BYTES);

	return order != 0 ? order : *left < *right ? -1 : *left != *right;
}

/* The first one with that UUID, or NULL. */
static struct incoming **find(const struct search *search, const uint8_t *uuid)
{
	size_t from = 0, to = search->count;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (memcmp(search->wanted[middle]->uuid, uuid, ROW_UUID_BYTES) <
		    0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < search->count && memcmp(search->wanted[from]->uuid, uuid,
					   ROW_UUID_BYTES) == 0
		   ? &search->wanted[from]
		   : NULL;
}

/* Another report of that id. */
static int conflict(
    const struct search *search, struct incoming *incoming, const char *what)
{
	err_input(search->err, "report: %s is %s", incoming->report->id, what);
	incoming->refused = true;
	return search->may_refuse ? 0 : -EEXIST;
}

/* `agent` and `digest` are those of one that is stored, or comes before it in
 * this batch. */
static int compare(const struct search *search, struct incoming *incoming,
    const char *agent, const uint8_t *digest)
{
	if (strcmp(agent, incoming->agent) != 0)
		return conflict(search, incoming, "another agent's report");
	if (memcmp(digest, incoming->report->digest, STORE_DIGEST_BYTES) != 0)
		return conflict(search, incoming, "stored with other content");
	incoming->repeats = true;
	return 0;
}

/* What is read may not have reached its quorum, and be taken back (see
 * clickhouse_mend.h): what is new is written once more before it is
 * acknowledged, which waits for that. Who has an entry had rows before. */
static bool is_settled(int64_t received_ms)
{
	return received_ms <= clock_wall_ms() - SETTLED_MS;
}

static int take_report(void *arg, struct wire *wire)
{
	const struct search *search = arg;
	uint8_t uuid[ROW_UUID_BYTES], digest[STORE_DIGEST_BYTES];
	struct incoming **at, **end = search->wanted + search->count;
	char agent[ROW_AGENT_SIZE];
	int64_t received_ms;
	int error = 0;

	wire_take_fixed(wire, uuid, sizeof(uuid));
	wire_take_text(wire, agent, sizeof(agent));
	wire_take_fixed(wire, digest, sizeof(digest));
	received_ms = wire_take_signed(wire, 8);
	if (wire->ran_out)
		return 0;
	for (at = find(search, uuid); error == 0 && at != NULL && at < end &&
				      memcmp((*at)->uuid, uuid, 16) == 0;
	     at++)
		if ((*at)->own && !(*at)->repeats && !(*at)->refused) {
			error = compare(search, *at, agent, digest);
			if ((*at)->repeats && !is_settled(received_ms))
				(*at)->is_unsettled = true;
		}
	return error;
}

static bool has_number(const struct incoming *incoming, uint32_t wanted)
{
	const struct store_report *report = incoming->report;
	uint32_t n;
	size_t i;

	for (i = 0; i < report->nrows; i++)
		if (row_id_number(report->rows[i].id, report->id, &n) &&
		    n == wanted)
			return true;
	return false;
}

/* A row that is stored: an import may bring others of its report. */
static int take_row(void *arg, struct wire *wire)
{
	const struct search *search = arg;
	uint8_t uuid[ROW_UUID_BYTES];
	char agent[ROW_AGENT_SIZE];
	uint32_t n;
	int64_t received_ms;
	struct incoming **at, **end = search->wanted + search->count;

	wire_take_fixed(wire, uuid, sizeof(uuid));
	wire_take_text(wire, agent, sizeof(agent));
	n = (uint32_t)wire_take(wire, 4);
	received_ms = wire_take_signed(wire, 8);
	if (wire->ran_out)
		return 0;
	for (at = find(search, uuid);
	     at != NULL && at < end && memcmp((*at)->uuid, uuid, 16) == 0; at++)
		if (strcmp((*at)->agent, agent) == 0 && has_number(*at, n)) {
			(*at)->nknown++;
			if (!is_settled(received_ms))
				(*at)->is_unsettled = true;
		}
	return 0;
}

static void print_ids(const struct search *search, struct buf *sql)
{
	char hex[33];
	size_t i;

	for (i = 0; i < search->count; i++) {
		hex_encode(search->wanted[i]->uuid, ROW_UUID_BYTES, hex);
		buf_printf(sql, "%sunhex('%s')", i > 0 ? ", " : "", hex);
	}
}

/* A partition is a day: which of them may have one of these reports. */
static void print_days(const struct search *search, struct buf *sql)
{
	int32_t day, written = -1, from, to;
	size_t i;

	buf_append_text(sql, " AND day IN (toDate(0)");
	for (i = 0; i < search->count; i++) {
		const struct incoming *incoming = search->wanted[i];

		from = rollup_day(incoming->first_ms) - 1;
		to = rollup_day(incoming->last_ms) + 1;
		if (to - from > 3 || from < 0)
			continue;
		for (day = from; day <= to && from != written; day++)
			buf_printf(sql, ", toDate(%" PRId32 ")", day);
		written = from;
	}
	buf_append_text(sql, ")");
}

static int ask(struct clickhouse *handle, struct search *search, bool own)
{
	struct buf sql = {0};
	struct clickhouse_select select = {.arg = search};
	int error;

	if (search->count == 0)
		return 0;
	buf_append_text(&sql,
	    own ? "SELECT report, agent, digest, received_ms FROM @D.report"
		  " WHERE own = 1 AND report IN ("
		: "SELECT report, agent, n, min(received_ms) FROM "
		  "@D.measurement"
		  " WHERE report IN (");
	print_ids(search, &sql);
	buf_append_text(&sql, ")");
	if (own)
		print_days(search, &sql);
	else
		buf_append_text(&sql, " GROUP BY report, agent, n");
	select.sql = sql.data;
	select.row = own ? take_report : take_row;
	error = sql.failed ? err_system(search->err, -ENOMEM, "reports")
			   : clickhouse_select(handle, &select, search->err);
	buf_free(&sql);
	return error;
}

/* The numbers of its rows, each once. */
static size_t count_numbers(const struct incoming *incoming)
{
	const struct store_report *report = incoming->report;
	uint32_t n, last = UINT32_MAX;
	size_t i, count = 0;

	for (i = 0; i < report->nrows; i++)
		if (row_id_number(report->rows[i].id, report->id, &n) &&
		    n != last) {
			last = n;
			count++;
		}
	return count;
}

/* The same report twice in one batch. */
static int compare_neighbours(struct search *search)
{
	size_t i;
	int error = 0;

	for (i = 1; error == 0 && i < search->count; i++) {
		const struct incoming *before = search->wanted[i - 1];
		struct incoming *incoming = search->wanted[i];

		if (memcmp(before->uuid, incoming->uuid, 16) == 0 &&
		    !incoming->repeats && !incoming->refused)
			error = compare(search, incoming, before->agent,
			    before->report->digest);
	}
	return error;
}

static int look_for(struct clickhouse *handle, struct incoming *incoming,
    size_t count, struct search *search, bool own)
{
	size_t i;
	int error;

	search->count = 0;
	for (i = 0; i < count; i++)
		if (incoming[i].own == own && !incoming[i].refused &&
		    !incoming[i].repeats)
			search->wanted[search->count++] = &incoming[i];
	qsort(search->wanted, search->count, sizeof(*search->wanted),
	    compare_uuids);
	error = ask(handle, search, own);
	if (error == 0 && own)
		error = compare_neighbours(search);
	for (i = 0; error == 0 && !own && i < search->count; i++)
		search->wanted[i]->repeats = search->wanted[i]->nknown > 0 &&
					     search->wanted[i]->nknown >=
						 count_numbers(
						     search->wanted[i]);
	return error;
}

int incoming_check(struct clickhouse *handle, struct incoming *incoming,
    size_t count, bool may_refuse, struct err *err)
{
	struct search search = {.may_refuse = may_refuse, .err = err};
	struct clickhouse_meta meta;
	int error = clickhouse_meta_read(handle, &meta, err);
	size_t i;

	for (i = 0; error == 0 && i < count; i++) {
		error = read_report(
		    &incoming[i], meta.values[META_EXPIRED_MS], err);
		incoming[i].refused = error == -EINVAL;
		if (error == -EINVAL && may_refuse)
			error = 0;
	}
	if (error < 0)
		return error;
	search.wanted = calloc(count + 1, sizeof(*search.wanted));
	if (search.wanted == NULL)
		return err_system(err, -ENOMEM, "reports");
	error = look_for(handle, incoming, count, &search, true);
	if (error == 0)
		error = look_for(handle, incoming, count, &search, false);
	free(search.wanted);
	return error;
}
