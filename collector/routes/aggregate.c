/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/aggregate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/route.h"
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

/* A page ends between two ASes. */
#define FULL 1

struct aggregate {
	const struct query *query;
	const struct view *view; /* of which the countries are */
	struct tally tally;
	struct row_filter filter;
	uint32_t asn; /* that is counted */
	char country[3];
	bool is_wanted;
	int64_t until_us;
	uint32_t next_asn; /* where the page ended; 0: at the end */
};

static void begin_network(struct aggregate *aggregate, uint32_t asn)
{
	const struct view *view = aggregate->view;
	size_t at = view_find(view, asn, 0, 0);

	aggregate->asn = asn;
	aggregate->country[0] = '\0';
	if (at < view->count && view->networks[at].asn == asn)
		memcpy(aggregate->country,
		    view_info(view, &view->networks[at])->country,
		    sizeof(aggregate->country));
	aggregate->is_wanted = query_wants_asn(aggregate->query, asn) &&
			       query_wants_country(
				   aggregate->query, aggregate->country);
}

static bool is_full(const struct aggregate *aggregate)
{
	return aggregate->asn != 0 &&
	       (aggregate->tally.count >= TALLY_CELLS_MOST ||
		   clock_mono_us() >= aggregate->until_us);
}

static int count_row(void *arg, const struct rollup_row *row)
{
	struct aggregate *aggregate = arg;
	const struct query *query = aggregate->query;

	if (row->asn != aggregate->asn) {
		if (is_full(aggregate)) {
			aggregate->next_asn = row->asn;
			return FULL;
		}
		begin_network(aggregate, row->asn);
	}
	if (!aggregate->is_wanted || !query_wants_port(query, row->port) ||
	    !query_wants(query->families, row->family) ||
	    !query_wants(query->outcomes, (int)row->outcome))
		return 0;
	return tally_add(&aggregate->tally, row, aggregate->country);
}

/* Whole days, of which the last one may be going on. */
static void set_window(const struct query *query, struct row_filter *filter)
{
	int64_t until_ms = (query->given & QUERY_UNTIL) != 0 ? query->until_ms
							     : clock_wall_ms();

	until_ms = (until_ms + DAY_MS - 1) / DAY_MS * DAY_MS;
	filter->until_ms = until_ms > 0 ? until_ms : 1;
	filter->since_ms = (query->given & QUERY_SINCE) != 0
			       ? query->since_ms / DAY_MS * DAY_MS
			       : until_ms - DAYS_DEFAULT * DAY_MS;
}

static bool begin(struct aggregate *aggregate, struct reply *reply)
{
	const struct query *query = aggregate->query;
	const char *cursor = query->cursor;
	int64_t asn = 0;

	if (cursor[0] != '\0' &&
	    !values_read_number(&cursor, '\0', 1, UINT32_MAX, &asn)) {
		reply_error(
		    reply, 400, "cursor", "it is no cursor of this list");
		return false;
	}
	query_to_filter(query, &aggregate->filter);
	aggregate->filter.country[0] = '\0';
	aggregate->filter.outcome = -1;
	set_window(query, &aggregate->filter);
	if (!aggregate->filter.has_asn)
		aggregate->filter.asn_from = (uint32_t)asn;
	aggregate->tally.x = query->axis_x;
	/* The same one twice is one. */
	aggregate->tally.y = query->axis_y != query->axis_x ? query->axis_y
							    : QUERY_AXIS_NONE;
	aggregate->until_us = clock_mono_us() + LISTING_PAGE_US;
	return true;
}

static void reply_counts(const struct aggregate *aggregate,
    const struct request *request, struct reply *reply)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	char cursor[16] = "";

	json_open_object(&json, NULL);
	if (tally_write(&aggregate->tally, &json) < 0) {
		buf_free(&body);
		refusal_no_memory(reply);
		return;
	}
	if (aggregate->next_asn != 0) {
		snprintf(
		    cursor, sizeof(cursor), "%" PRIu32, aggregate->next_asn);
		listing_link(request, cursor, reply);
	}
	json_text_or_null(&json, "next", cursor);
	json_time(&json, "since", aggregate->filter.since_ms);
	json_time(&json, "until", aggregate->filter.until_ms);
	stamp_reply(&json, reply);
}

void route_aggregate(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *held;
	struct aggregate aggregate = {0};
	struct query query;
	struct err err = {""};
	int result;

	route_query(request, &query);
	aggregate.query = &query;
	if (!begin(&aggregate, reply))
		return;
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	aggregate.view = held->published;
	result = store_rollups(
	    server->reader, &aggregate.filter, count_row, &aggregate, &err);
	if (result == 0 || result == FULL)
		reply_counts(&aggregate, request, reply);
	else if (result == -ENOMEM)
		refusal_no_memory(reply);
	else
		refusal_store(reply, "counts", &err);
	tally_free(&aggregate.tally);
	census_drop(server->census, held);
}
