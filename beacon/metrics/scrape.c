/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/metrics/scrape.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>

#include "lib/base/values.h"

#define HEADERS_MOST 8192
#define TIMEOUT_S    10

struct scrape {
	struct evhttp *http;
	const struct metrics *metrics;
};

static void answer(struct evhttp_request *request, void *arg)
{
	const struct scrape *scrape = arg;
	struct evbuffer *body = evhttp_request_get_output_buffer(request);
	struct buf text = {0};

	metrics_write(scrape->metrics, &text);
	if (text.failed || evbuffer_add(body, text.data, text.length) < 0) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	} else {
		evhttp_add_header(evhttp_request_get_output_headers(request),
		    "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
		evhttp_send_reply(request, HTTP_OK, "OK", NULL);
	}
	buf_free(&text);
}

static int begin(struct scrape *scrape, struct event_base *base,
    const char *where, struct err *err)
{
	char host[256];
	uint16_t port;
	int error = values_parse_host_port(where, host, &port, err);

	if (error < 0)
		return error;
	scrape->http = evhttp_new(base);
	if (scrape->http == NULL)
		return err_system(err, -ENOMEM, "metrics");
	evhttp_set_allowed_methods(
	    scrape->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(scrape->http, HEADERS_MOST);
	evhttp_set_max_body_size(scrape->http, 0);
	evhttp_set_timeout(scrape->http, TIMEOUT_S);
	if (evhttp_set_cb(scrape->http, "/metrics", answer, scrape) < 0)
		return err_system(err, -ENOMEM, "metrics");
	errno = 0;
	if (evhttp_bind_socket(scrape->http, host, port) < 0)
		return err_system(err, errno != 0 ? -errno : -EIO,
		    "listen for metrics on %s", where);
	return 0;
}

int scrape_open(struct event_base *base, const char *where,
    const struct metrics *metrics, struct scrape **scrape, struct err *err)
{
	struct scrape *made = calloc(1, sizeof(*made));
	int error;

	if (made == NULL)
		return err_system(err, -ENOMEM, "metrics");
	made->metrics = metrics;
	error = begin(made, base, where, err);
	if (error == 0)
		*scrape = made;
	else
		scrape_close(made);
	return error;
}

void scrape_close(struct scrape *scrape)
{
	if (scrape == NULL)
		return;
	if (scrape->http != NULL)
		evhttp_free(scrape->http);
	free(scrape);
}
