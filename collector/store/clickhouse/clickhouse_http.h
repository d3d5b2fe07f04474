/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_HTTP_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_HTTP_H

/* One POST after the other on a connection that is kept (RFC 9112, 9.3). */

#include "collector/store/clickhouse/clickhouse_link.h"
#include "lib/base/buf.h"

struct http_post {
	const struct httpc_url *url;
	const char *path;    /* with its query, after url->base */
	const char *headers; /* more header lines, each with CR LF */
	const void *body;    /* borrowed, not copied */
	size_t body_length;
};

/* Called with the bytes of a body as they come. Anything but 0 ends the reply,
 * and is what http_post() returns; the connection is then closed. */
typedef int http_bytes(void *arg, const char *bytes, size_t length);

struct http_answer {
	int status;
	int exception;    /* X-ClickHouse-Exception-Code; 0: none */
	http_bytes *take; /* of a body with status 200 */
	void *arg;
	struct buf text; /* the body of any other status, or with an exception,
			    cut to some KB; owned by the caller */
};

/* Send it on a link that is connected, and read the answer. 0, or -errno: it is
 * not known what became of it, and the link is closed. */
int http_post(struct link *link, const struct http_post *post,
    struct http_answer *answer);

#endif
