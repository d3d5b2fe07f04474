/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_LISTING_H
#define EGRESS25_COLLECTOR_ROUTES_LISTING_H

/*
 * A list as a reply: one page of JSON, {"items":[...],"next":...} with a Link
 * header field (RFC 8288), or all of it as a stream of JSON lines, CSV or
 * Parquet.
 */

#include "collector/api/query.h"
#include "collector/http/reply.h"
#include "collector/parquet/table.h"
#include "collector/threads/server.h"

/* How long a page is read before it ends as it is, perhaps empty, with a
 * cursor: others wait. */
#define LISTING_PAGE_US 50000

/*
 * Append the rows from `query->cursor` on, at most `query->limit` of them, with
 * listing_separate() before each, for LISTING_PAGE_US or until the list has
 * advanced by one row. Set the cursor to the next page's, "" at the end, and
 * *count to the number of rows. 0, -EINVAL (not a cursor of this list) or
 * -errno.
 */
typedef int listing_append_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err);

/* The same, but each row is added to the table. */
typedef int listing_add_page(struct server *server, struct query *query,
    struct table *table, size_t *count, struct err *err);

struct listing {
	listing_append_page *append_page;
	void (*csv_header)(struct buf *out);
	bool has_window; /* of time, which the answer says */
	bool keeps_all;  /* whatever the retention */
	/* Of lists that are offered as Parquet, with these columns. */
	listing_add_page *add_page;
	const struct column *columns;
};

/* Reply with the list that the request asks for, in its format. `listing` is
 * borrowed for as long as the reply. */
void listing_reply(struct server *server, const struct request *request,
    const struct listing *listing, struct reply *reply);

/* Reply with all of the list as a stream; `query` is copied. */
void listing_stream(struct server *server, const struct listing *listing,
    const struct query *query, struct reply *reply);

/* Link to the same list from the cursor on: the query as it came, with another
 * cursor. */
void listing_link(
    const struct request *request, const char *cursor, struct reply *reply);

/* Append what separates a row from the `count` rows before it. */
void listing_separate(enum format format, size_t count, struct buf *out);

#endif
