/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/measurements.h"

#include <string.h>

#include "collector/routes/listing.h"
#include "collector/store/store.h"
#include "lib/base/clock.h"

struct measurement_page {
	const struct query *query;
	struct buf *out;
	size_t count;
};

/* The store selects by one value of a list at most. */
static bool is_wanted(const struct query *query, const struct measurement *row)
{
	return query_wants_asn(query, row->asn) &&
	       query_wants_country(query, row->country) &&
	       query_wants_port(query, row->port) &&
	       query_wants(query->families, row->family) &&
	       query_wants(query->outcomes, (int)row->outcome);
}

static int append_measurement(void *arg, const struct measurement *row)
{
	struct measurement_page *page = arg;

	if (!is_wanted(page->query, row))
		return 0;
	listing_separate(page->query->format, page->count, page->out);
	if (page->query->format == FORMAT_CSV)
		format_measurement_csv(row, page->out);
	else
		format_measurement_json(row, page->out);
	page->count++;
	return 0;
}

/* Rows that are passed over leave room on the page. */
static int append_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct measurement_page page = {query, out, 0};
	struct store_page range = {.newest_first = true};
	struct row_filter filter;
	int error;

	query_to_filter(query, &filter);
	range.until_us = clock_mono_us() + LISTING_PAGE_US;
	memcpy(range.cursor, query->cursor, sizeof(range.cursor));
	do {
		range.limit = query->limit - page.count;
		error = store_measurements(server->reader, &filter, &range,
		    append_measurement, &page, err);
	} while (error == 0 && page.count < query->limit &&
		 range.cursor[0] != '\0' && clock_mono_us() < range.until_us);
	memcpy(query->cursor, range.cursor, sizeof(query->cursor));
	*count = page.count;
	return error;
}

static const struct listing measurement_listing = {
    append_page,
    format_measurement_csv_header,
    true,
};

void route_measurements(
    struct server *server, const struct request *request, struct reply *reply)
{
	listing_reply(server, request, &measurement_listing, reply);
}
