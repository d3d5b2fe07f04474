/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/pages.h"

#include "collector/pages/pages.h"
#include "collector/threads/server.h"

static void reply_page(struct reply *reply, const struct page *page)
{
	const struct reply_bytes bytes = {
	    .type = page->type,
	    .etag = page->etag,
	    .plain = page->bytes,
	    .plain_length = page->length,
	    .gzip = page->gzip,
	    .gzip_length = page->gzip_length,
	};

	reply_set_header(reply, "Content-Security-Policy", PAGES_POLICY);
	reply_bytes(reply, &bytes);
}

void route_pages(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct page *page = NULL;

	if (server->settings->options.web)
		page = pages_find(request->path);
	if (page == NULL)
		reply_error(reply, 404, NULL, "there is nothing here");
	else if (request_is_read(request))
		reply_page(reply, page);
	else
		reply_wrong_method(reply, "GET, HEAD");
}
