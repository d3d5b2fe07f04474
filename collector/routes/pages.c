/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/pages.h"

#include <string.h>

#include "collector/pages/pages.h"
#include "collector/threads/server.h"

#define API_PATH "/v1/"

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

/* The first page draws every view, and a sentence where there is none; then
 * without a tag, which would become a 304. */
static void reply_shell(struct reply *reply, bool is_view)
{
	struct page shell = *pages_find("/");

	if (!is_view)
		shell.etag = NULL;
	reply_page(reply, &shell);
	if (!is_view)
		reply->status = 404;
}

void route_pages(
    struct server *server, const struct request *request, struct reply *reply)
{
	const char *path = request->path;
	const struct page *page = pages_find(path);
	bool is_view = pages_is_view(path), is_read = request_is_read(request);

	if (!server->settings->options.web ||
	    strncmp(path, API_PATH, strlen(API_PATH)) == 0)
		reply_error(reply, 404, NULL, "there is nothing here");
	else if ((page != NULL || is_view) && !is_read)
		reply_wrong_method(reply, "GET, HEAD");
	else if (page != NULL) {
		if (strcmp(path, "/") == 0 && request->query == NULL)
			reply_set_header(reply, "Link", PAGES_AHEAD);
		reply_page(reply, page);
	} else if (is_read)
		reply_shell(reply, is_view);
	else
		reply_error(reply, 404, NULL, "there is nothing here");
}
