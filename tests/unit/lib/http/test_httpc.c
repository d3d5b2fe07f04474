/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/httpc.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/rows.h"

static const struct url_row {
	const char *name, *text;
	bool tls;
	const char *host;
	uint16_t port;
	const char *base;
} url_rows[] = {
    {"a host alone", "http://collector.example", false, "collector.example", 80,
	""},
    {"https has its port", "https://collector.example/", true,
	"collector.example", 443, ""},
    {"a port and a base", "http://192.0.2.1:8025/egress/", false, "192.0.2.1",
	8025, "/egress"},
    {"an IPv6 address", "https://[2001:db8::1]:8443", true, "2001:db8::1", 8443,
	""},
    {"no scheme", "collector.example", false, NULL, 0, NULL},
    {"another scheme", "ftp://collector.example", false, NULL, 0, NULL},
    {"no host", "http:///path", false, NULL, 0, NULL},
    {"a user", "http://me@collector.example", false, NULL, 0, NULL},
    {"a query", "http://collector.example/?a=b", false, NULL, 0, NULL},
    {"a port that is none", "http://collector.example:99999", false, NULL, 0,
	NULL},
};

static void run_url(void **state)
{
	const struct url_row *row = *state;
	struct httpc_url url;
	struct err err = {""};

	if (row->host == NULL) {
		assert_int_equal(httpc_parse_url(row->text, &url, &err), -22);
		assert_true(err.text[0] != '\0');
		return;
	}
	assert_int_equal(httpc_parse_url(row->text, &url, &err), 0);
	assert_int_equal(url.tls, row->tls);
	assert_string_equal(url.host, row->host);
	assert_int_equal(url.port, row->port);
	assert_string_equal(url.base, row->base);
}

/* A server that takes one connection, reads, says `answer`, and closes where
 * `close_after`; and what came of a request to it. */
struct meeting {
	struct event_base *base;
	const char *answer;
	bool close_after;
	int listener, accepted;
	int calls, status, retry_after_s;
	char why[200], body[200];
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct meeting *meeting = arg;
	char request[4096];

	(void)what;
	if (recv(fd, request, sizeof(request), 0) <= 0)
		return;
	if (send(fd, meeting->answer, strlen(meeting->answer), MSG_NOSIGNAL) <
	    0)
		return;
	if (meeting->close_after)
		shutdown(fd, SHUT_RDWR);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct meeting *meeting = arg;

	(void)what;
	meeting->accepted = accept(fd, NULL, NULL);
	event_base_once(meeting->base, meeting->accepted, EV_READ, on_readable,
	    meeting, NULL);
}

static void on_done(void *arg, const struct httpc_reply *reply)
{
	struct meeting *meeting = arg;

	meeting->calls++;
	meeting->status = reply->status;
	meeting->retry_after_s = reply->retry_after_s;
	snprintf(meeting->why, sizeof(meeting->why), "%s", reply->why);
	snprintf(meeting->body, sizeof(meeting->body), "%.*s",
	    (int)reply->body_length, reply->body);
	event_base_loopbreak(meeting->base);
}

static uint16_t listen_on_loopback(int *fd)
{
	struct addr loopback;
	struct sockaddr_storage storage;
	socklen_t size;

	addr_parse(&loopback, "127.0.0.1");
	size = addr_to_sockaddr(&loopback, 0, &storage);
	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&storage, size), 0);
	assert_int_equal(listen(*fd, 5), 0);
	getsockname(*fd, (struct sockaddr *)&storage, &size);
	return ntohs(((struct sockaddr_in *)&storage)->sin_port);
}

static struct httpc *begin(struct meeting *meeting, uint16_t port)
{
	struct httpc_url url = {.host = "localhost", .port = port};
	struct httpc_request request = {
	    .url = &url,
	    .method = "POST",
	    .path = "/v1/reports",
	    .body = "hello",
	    .body_length = 5,
	    .reply_bytes_max = 100,
	    .timeout_s = 1,
	};

	addr_parse(&request.address, "127.0.0.1");
	return httpc_start(meeting->base, &request, on_done, meeting);
}

static const struct meeting_row {
	const char *name, *answer;
	bool close_after;
	int status;
	const char *body, *why;
	int retry_after_s;
} meeting_rows[] = {
    {"a reply is handed over", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	false, 200, "ok", "", 0},
    {"an error status is a reply too",
	"HTTP/1.1 503 Busy\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n",
	false, 503, "", "", 17},
    {"Retry-After as a date counts from the server's own clock",
	"HTTP/1.1 503 Busy\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	"Retry-After: Sun, 06 Nov 1994 08:50:00 GMT\r\n"
	"Content-Length: 0\r\n\r\n",
	false, 503, "", "", 23},
    {"Retry-After that is no time is passed over",
	"HTTP/1.1 429 X\r\nRetry-After: Fri\r\nContent-Length: 0\r\n\r\n",
	false, 429, "", "", 0},
    {"a reply of unknown length ends with the connection",
	"HTTP/1.1 200 OK\r\n\r\nwhole", true, 200, "whole", "", 0},
    {"what is not HTTP is no reply", "220 mx.example.net ESMTP\r\n", true, 0,
	"", "the answer is not HTTP", 0},
    {"a reply that is too long is no reply",
	"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nxxx", false, 0, "",
	"the answer is too long", 0},
    {"closed before a reply", "", true, 0, "",
	"the connection was closed before the answer", 0},
    {"a reply that stops in the middle is given up",
	"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nha", false, 0, "",
	"no answer in time", 0},
};

static void run_meeting(void **state)
{
	const struct meeting_row *row = *state;
	struct meeting meeting = {
	    .answer = row->answer,
	    .close_after = row->close_after,
	    .accepted = -1,
	};
	uint16_t port = listen_on_loopback(&meeting.listener);

	meeting.base = event_base_new();
	event_base_once(
	    meeting.base, meeting.listener, EV_READ, on_accept, &meeting, NULL);
	assert_non_null(begin(&meeting, port));
	assert_int_equal(meeting.calls, 0);
	event_base_dispatch(meeting.base);
	assert_int_equal(meeting.calls, 1);
	assert_string_equal(meeting.why, row->why);
	assert_int_equal(meeting.status, row->status);
	assert_string_equal(meeting.body, row->body);
	assert_int_equal(meeting.retry_after_s, row->retry_after_s);
	close(meeting.listener);
	close(meeting.accepted);
	event_base_free(meeting.base);
}

static void refused(void **state)
{
	struct meeting meeting = {0};
	int listener;
	uint16_t port = listen_on_loopback(&listener);

	(void)state;
	close(listener);
	meeting.base = event_base_new();
	assert_non_null(begin(&meeting, port));
	event_base_dispatch(meeting.base);
	assert_int_equal(meeting.calls, 1);
	assert_int_equal(meeting.status, 0);
	assert_true(meeting.why[0] != '\0');
	event_base_free(meeting.base);
}

static void cancelled(void **state)
{
	struct meeting meeting = {0};
	struct timeval soon = {.tv_usec = 50000};
	struct httpc *httpc;
	uint16_t port = listen_on_loopback(&meeting.listener);

	(void)state;
	meeting.base = event_base_new();
	httpc = begin(&meeting, port);
	assert_non_null(httpc);
	event_base_loopexit(meeting.base, &soon);
	event_base_dispatch(meeting.base);
	httpc_cancel(httpc);
	event_base_loopexit(meeting.base, &soon);
	event_base_dispatch(meeting.base);
	assert_int_equal(meeting.calls, 0);
	httpc_cancel(NULL);
	close(meeting.listener);
	event_base_free(meeting.base);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, url_rows, run_url);
	TEST_ROWS(&list, meeting_rows, run_meeting);
	test_add(&list, "a refused connection is no reply", refused);
	test_add(&list, "a cancelled request calls nobody", cancelled);
	return test_run("httpc", &list);
}
