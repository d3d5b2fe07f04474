/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_LISTING_H
#define EGRESS25_COLLECTOR_ROUTES_LISTING_H

/*
 * A list as HTTP: one page of JSON, {"items":[...],"next":...} with a Link
 * header (RFC 8288), or all of it as JSON lines or CSV, in parts of bounded
 * size.
 */

#include "collector/routes/query.h"
#include "collector/threads/server.h"
#include "lib/base/buf.h"

/*
 * Append the rows from `query->cursor` on, at most `query->limit` of them,
 * each followed by `separator`; set the cursor to where the next page begins,
 * "" at the end. *count: how many were appended. 0 or -errno.
 */
typedef int listing_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err);

struct listing {
	listing_page *page;
	void (*csv_header)(struct buf *out);
};

/* Answer `request`. `listing` must stay; `query` is copied. */
void listing_reply(struct server *server, struct evhttp_request *request,
    const struct listing *listing, const struct query *query);

/* Append what stands between two rows of a page in its format. */
void listing_separate(enum format format, size_t count, struct buf *out);

#endif
