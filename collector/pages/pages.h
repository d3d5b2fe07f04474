/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PAGES_PAGES_H
#define EGRESS25_COLLECTOR_PAGES_PAGES_H

/*
 * The pages, compiled in: each file of dashboards/web, plain and gzipped, with
 * its media type and a strong entity tag (RFC 9110, 8.8.3). The build tool
 * embed.c generates the table. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

struct page {
	const char *path; /* "/app.js"; "/" is index.html */
	const char *type; /* Content-Type */
	const char *etag; /* quoted, as the header has it */
	const unsigned char *bytes;
	size_t length;
	const unsigned char *gzip; /* NULL: it would not be smaller */
	size_t gzip_length;
};

/* Content-Security-Policy: only the collector's own files and API, no frames.
 */
#define PAGES_POLICY                                                \
	"default-src 'none'; script-src 'self'; style-src 'self'; " \
	"connect-src 'self'; img-src 'self'; base-uri 'none'; "     \
	"form-action 'none'; frame-ancestors 'none'"

/* Link (RFC 8288), of "/" without a query: what its first sentence is made of,
 * so that the browser asks for it with the script, and not after it. It has to
 * be just what the script asks for. */
#define PAGES_AHEAD                                     \
	"</v1/summary?port=25&family=4>; rel=preload; " \
	"as=fetch; crossorigin"

/* The page at `path` (no query), or NULL. */
const struct page *pages_find(const char *path);

/* Whether `path` (no query) is the address of a view. The page at "/" draws all
 * of them, and says so where an address is none. */
bool pages_is_view(const char *path);

/* All pages; the last has no path. */
extern const struct page pages_embedded[];

#endif
