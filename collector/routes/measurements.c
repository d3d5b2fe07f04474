/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/measurements.h"

#include <string.h>

#include "collector/routes/listing.h"
#include "collector/store/store.h"
#include "lib/base/clock.h"

struct measurement_page {
	enum format format;
	struct buf *out;
	size_t count;
};

static int append_measurement(void *arg, const struct measurement *row)
{
	struct measurement_page *page = arg;

	listing_separate(page->format, page->count, page->out);
	if (page->format == FORMAT_CSV)
		format_measurement_csv(row, page->out);
	else
		format_measurement_json(row, page->out);
	page->count++;
	return 0;
}

static int append_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct measurement_page page = {query->format, out, 0};
	struct store_page range = {.limit = query->limit, .newest_first = true};
	struct row_filter filter;
	int error;

	query_to_filter(query, &filter);
	range.until_us = clock_mono_us() + LISTING_PAGE_US;
	memcpy(range.cursor, query->cursor, sizeof(range.cursor));
	error = store_measurements(
	    server->reader, &filter, &range, append_measurement, &page, err);
	memcpy(query->cursor, range.cursor, sizeof(query->cursor));
	*count = page.count;
	return error;
}

static const struct listing measurement_listing = {
    append_page,
    format_measurement_csv_header,
};

void route_measurements(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct query query;

	if (query_read(request,
		QUERY_ASN | QUERY_COUNTRY | QUERY_FAMILY | QUERY_PORT |
		    QUERY_OUTCOME | QUERY_SINCE | QUERY_UNTIL | QUERY_LIMIT |
		    QUERY_CURSOR | QUERY_FORMAT,
		&query, reply))
		listing_reply(
		    server, request, &measurement_listing, &query, reply);
}
