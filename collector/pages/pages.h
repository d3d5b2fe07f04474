/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PAGES_PAGES_H
#define EGRESS25_COLLECTOR_PAGES_PAGES_H

/*
 * The pages, compiled in: each file of dashboards/web as bytes, gzipped where
 * that is smaller, with its type and a strong entity tag (RFC 9110, 8.8.3).
 * The table is made by the build tool embed.c.
 */

#include <stdbool.h>
#include <stddef.h>

struct page {
	const char *path; /* "/app.js"; "/" is index.html */
	const char *type; /* Content-Type */
	const char *etag; /* quoted, as the header has it */
	const unsigned char *bytes;
	size_t length;
	const unsigned char *gzip; /* NULL: not smaller */
	size_t gzip_length;
};

/* Nothing but the collector's own files and API, and nobody frames them. */
#define PAGES_POLICY                                                \
	"default-src 'none'; script-src 'self'; style-src 'self'; " \
	"connect-src 'self'; img-src 'self'; base-uri 'none'; "     \
	"form-action 'none'; frame-ancestors 'none'"

/* The page at `path` (no query), or NULL. */
const struct page *pages_find(const char *path);

/* All of them; ends with one whose path is NULL. */
extern const struct page pages_embedded[];

#endif
