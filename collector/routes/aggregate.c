/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/aggregate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/route.h"
#include "collector/record/rollup.h"
#include "collector/routes/listing.h"
#include "collector/routes/published.h"
#include "collector/routes/refusal.h"
#include "collector/routes/stamp.h"
#include "collector/routes/tally.h"
#include "collector/threads/server.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/values.h"

#define DAYS_DEFAULT 14

#define PLACE_SIZE 48

/* What a visitor returns where the page is full. */
#define FULL 1

struct aggregate {
	const struct query *query;
	const struct census_view *held; /* what is published */
	struct tally tally;
	struct row_filter filter;
	struct rollup_page page;
	struct rollup_place at; /* what is counted */
	char country[3];
	bool is_wanted;
};

/* --- what is counted --- */

/* Begin a network; the country is its AS's. */
static void begin_network(
    struct aggregate *aggregate, uint32_t asn, uint8_t family, uint16_t port)
{
	const struct view *view = aggregate->held->published;
	const struct query *query = aggregate->query;
	size_t found;

	if (asn != aggregate->at.asn) {
		aggregate->country[0] = '\0';
		found = view_find(view, asn, 0, 0);
		if (found < view->count && view->networks[found].asn == asn)
			memcpy(aggregate->country,
			    view_info(view, &view->networks[found])->country,
			    sizeof(aggregate->country));
	}
	aggregate->at = (struct rollup_place){asn, family, port, INT32_MIN};
	aggregate->is_wanted = query_wants_asn(query, asn) &&
			       query_wants_country(query, aggregate->country) &&
			       query_wants(query->families, family) &&
			       query_wants_port(query, port);
}

static int add(struct aggregate *aggregate, const struct rollup_row *row)
{
	if (!query_wants(aggregate->query->outcomes, (int)row->outcome))
		return 0;
	return tally_add(&aggregate->tally, row, aggregate->country);
}

/* --- from what is published --- */

/* The endpoints are in the store alone. */
static bool is_published(const struct aggregate *aggregate)
{
	const struct tally *tally = &aggregate->tally;

	return rollup_day(aggregate->filter.since_ms) >=
		   aggregate->held->counts.since &&
	       tally->x != QUERY_AXIS_ENDPOINT &&
	       tally->y != QUERY_AXIS_ENDPOINT;
}

static bool has_day(const struct aggregate *aggregate, int32_t day)
{
	return day * DAY_MS >= aggregate->filter.since_ms &&
	       day * DAY_MS < aggregate->filter.until_ms;
}

static int count_cells(
    struct aggregate *aggregate, size_t index, int32_t first_day)
{
	const struct counts *counts = &aggregate->held->counts;
	const struct counts_network *network = &counts->networks[index];
	size_t i, end = counts_end_of(counts, index);
	struct rollup_row row = {
	    .asn = network->asn,
	    .family = network->family,
	    .port = network->port,
	};
	int error = 0;

	for (i = network->first; error == 0 && i < end; i++) {
		const struct counts_cell *cell = &counts->cells[i];

		row.day = counts->since + cell->day;
		if (row.day < first_day || !has_day(aggregate, row.day))
			continue;
		row.outcome = (enum outcome)cell->outcome;
		row.mechanism = (enum mechanism)cell->mechanism;
		row.count = cell->measurements;
		error = add(aggregate, &row);
	}
	return error;
}

static bool is_full(const struct aggregate *aggregate)
{
	return aggregate->tally.count >= TALLY_CELLS_MOST ||
	       clock_mono_us() >= aggregate->page.until_us;
}

static int count_published(struct aggregate *aggregate)
{
	const struct counts *counts = &aggregate->held->counts;
	const struct rollup_place *from = &aggregate->page.from;
	size_t first = counts_find(counts, from->asn, from->family, from->port);
	size_t i;
	int error = 0;

	for (i = first; error == 0 && i < counts->nnetworks; i++) {
		const struct counts_network *network = &counts->networks[i];
		bool goes_on = network->asn == from->asn &&
			       network->family == from->family &&
			       network->port == from->port;

		if (i > first && is_full(aggregate)) {
			aggregate->page.is_cut = true;
			aggregate->page.from = (struct rollup_place){
			    network->asn, network->family, network->port,
			    counts->since};
			break;
		}
		begin_network(
		    aggregate, network->asn, network->family, network->port);
		if (aggregate->is_wanted)
			error = count_cells(
			    aggregate, i, goes_on ? from->day : INT32_MIN);
	}
	return error;
}

/* --- from the store --- */

static int count_row(void *arg, const struct rollup_row *row)
{
	struct aggregate *aggregate = arg;
	struct rollup_place *at = &aggregate->at;
	bool is_same = row->asn == at->asn && row->family == at->family &&
		       row->port == at->port;

	if ((!is_same || row->day != at->day) && at->asn != 0 &&
	    aggregate->tally.count >= TALLY_CELLS_MOST) {
		aggregate->page.is_cut = true;
		aggregate->page.from = (struct rollup_place){
		    row->asn, row->family, row->port, row->day};
		return FULL;
	}
	if (!is_same)
		begin_network(aggregate, row->asn, row->family, row->port);
	at->day = row->day;
	return aggregate->is_wanted ? add(aggregate, row) : 0;
}

static int count_stored(
    struct server *server, struct aggregate *aggregate, struct err *err)
{
	int result = store_rollups(server->reader, &aggregate->filter,
	    &aggregate->page, count_row, aggregate, err);

	return result == FULL ? 0 : result;
}

/* --- the question --- */

/* Whole days, of which the last one may be going on. */
static void set_window(
    const struct query *query, int64_t now_ms, struct row_filter *filter)
{
	int64_t until_ms = (query->given & QUERY_UNTIL) != 0 ? query->until_ms
							     : now_ms;

	until_ms = (until_ms + DAY_MS - 1) / DAY_MS * DAY_MS;
	filter->until_ms = until_ms > 0 ? until_ms : 1;
	filter->since_ms = (query->given & QUERY_SINCE) != 0
			       ? query->since_ms / DAY_MS * DAY_MS
			       : until_ms - DAYS_DEFAULT * DAY_MS;
}

/* A cursor: ASN.FAMILY.PORT.DAY, or an ASN alone. */
static bool read_place(const char *cursor, struct rollup_place *place)
{
	int64_t asn, family = 0, port = 0, day = INT32_MIN;
	bool is_whole = strchr(cursor, '.') != NULL;

	if (!values_read_number(
		&cursor, is_whole ? '.' : '\0', 1, UINT32_MAX, &asn))
		return false;
	if (is_whole &&
	    (!values_read_number(&cursor, '.', 0, UINT8_MAX, &family) ||
		!values_read_number(&cursor, '.', 0, UINT16_MAX, &port) ||
		!values_read_number(&cursor, '\0', INT32_MIN, INT32_MAX, &day)))
		return false;
	*place = (struct rollup_place){
	    (uint32_t)asn, (uint8_t)family, (uint16_t)port, (int32_t)day};
	return true;
}

static bool begin(struct aggregate *aggregate, struct reply *reply)
{
	const struct query *query = aggregate->query;

	if (query->cursor[0] != '\0' &&
	    !read_place(query->cursor, &aggregate->page.from)) {
		reply_error(
		    reply, 400, "cursor", "it is no cursor of this list");
		return false;
	}
	query_to_filter(query, &aggregate->filter);
	aggregate->filter.country[0] = '\0';
	aggregate->filter.outcome = -1;
	aggregate->tally.x = query->axis_x;
	/* The same one twice is one. */
	aggregate->tally.y = query->axis_y != query->axis_x ? query->axis_y
							    : QUERY_AXIS_NONE;
	aggregate->page.until_us = clock_mono_us() + LISTING_PAGE_US;
	return true;
}

static void reply_counts(const struct aggregate *aggregate, bool is_published,
    const struct request *request, struct reply *reply)
{
	const struct rollup_place *next = &aggregate->page.from;
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	char cursor[PLACE_SIZE] = "";

	json_open_object(&json, NULL);
	if (tally_write(&aggregate->tally, &json) < 0) {
		buf_free(&body);
		refusal_no_memory(reply);
		return;
	}
	if (aggregate->page.is_cut) {
		snprintf(cursor, sizeof(cursor), "%" PRIu32 ".%u.%u.%" PRId32,
		    next->asn, next->family, next->port, next->day);
		listing_link(request, cursor, reply);
	}
	json_text_or_null(&json, "next", cursor);
	json_time(&json, "since", aggregate->filter.since_ms);
	json_time(&json, "until", aggregate->filter.until_ms);
	if (is_published)
		stamp_view(aggregate->held->published, &json, reply);
	else
		stamp_reply(&json, reply);
}

static void count(struct server *server, struct aggregate *aggregate,
    const struct request *request, struct reply *reply)
{
	struct err err = {""};
	bool is_held;
	int error;

	set_window(aggregate->query, aggregate->held->published->generated_ms,
	    &aggregate->filter);
	is_held = is_published(aggregate);
	if (!is_held)
		error = count_stored(server, aggregate, &err);
	else
		error = count_published(aggregate);
	if (error == 0)
		reply_counts(aggregate, is_held, request, reply);
	else if (error == -ENOMEM)
		refusal_no_memory(reply);
	else
		refusal_store(reply, "counts", &err);
}

void route_aggregate(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct aggregate aggregate = {0};
	struct query query;

	route_query(request, &query);
	aggregate.query = &query;
	if (!begin(&aggregate, reply))
		return;
	aggregate.held = published_hold(server, reply);
	if (aggregate.held == NULL)
		return;
	count(server, &aggregate, request, reply);
	tally_free(&aggregate.tally);
	census_drop(server->census, aggregate.held);
}
