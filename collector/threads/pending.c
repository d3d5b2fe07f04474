/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/pending.h"

#include <event2/http.h>
#include <stdlib.h>

#include "collector/http/http.h"
#include "collector/routes/refusal.h"

static void on_closed(struct evhttp_connection *connection, void *arg)
{
	struct pending *pending = arg;

	(void)connection;
	http_abandon(pending->request);
	pending->request = NULL;
}

struct pending *pending_begin(
    struct server *server, struct evhttp_request *request)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (pending == NULL) {
		refusal_no_memory(request);
		return NULL;
	}
	pending->server = server;
	pending->request = request;
	pending->connection = evhttp_request_get_connection(request);
	evhttp_connection_set_closecb(pending->connection, on_closed, pending);
	return pending;
}

struct evhttp_request *pending_take_request(struct pending *pending)
{
	struct evhttp_request *request = pending->request;

	if (request != NULL)
		evhttp_connection_set_closecb(pending->connection, NULL, NULL);
	return request;
}

void pending_free(struct pending *pending)
{
	free(pending->rows);
	buf_free(&pending->body);
	free(pending);
}

void pending_put(struct pending *pending)
{
	struct server *server = pending->server;
	struct evhttp_request *request;

	if (!pending->body.failed &&
	    writer_put(server->writer, server->mailbox, &pending->job) == 0)
		return;
	server->metrics->reports_refused[REFUSED_QUEUE_FULL]++;
	request = pending_take_request(pending);
	if (request != NULL)
		http_reply_busy(request, 503, REFUSAL_RETRY_S,
		    "too many reports wait to be stored");
	pending_free(pending);
}
