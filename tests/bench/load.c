/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define PATIENCE_US INT64_C(30000000)
#define REPLY_SIZE  32768

struct connection {
	int fd; /* -1: none */
	bool is_busy;
	struct buf out;
	size_t sent;
	char in[REPLY_SIZE];
	size_t length;
	size_t number;
	int64_t since_us;
};

struct load {
	const struct load_plan *plan;
	struct load_result *result;
	struct connection *connections;
	struct connection **idle;
	size_t nidle;
	int epoll;
	int64_t began_us;
	int64_t *took_us; /* of what was accepted */
};

static int connect_to(uint16_t port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	one = -errno;
	close(fd);
	return one;
}

/* --- replies --- */

/* The length of the reply in `in`, 0 while it is not whole. */
static size_t whole_reply(const char *in, size_t length, const char **body)
{
	const char *end = strstr(in, "\r\n\r\n"), *field;
	size_t head, content = 0;

	if (end == NULL)
		return 0;
	head = (size_t)(end - in) + 4;
	field = strcasestr(in, "\r\nContent-Length:");
	if (field != NULL && field < end)
		content = strtoul(field + 17, NULL, 10);
	*body = in + head;
	return length >= head + content ? head + content : 0;
}

static int status_of(const char *in)
{
	return strncmp(in, "HTTP/1.", 7) == 0 ? atoi(in + 9) : 0;
}

static int receive_reply(int fd, char in[REPLY_SIZE], const char **body)
{
	size_t length = 0;
	ssize_t got;

	do {
		got = recv(fd, in + length, REPLY_SIZE - 1 - length, 0);
		if (got <= 0)
			return got < 0 ? -errno : -ECONNRESET;
		length += (size_t)got;
		in[length] = '\0';
	} while (whole_reply(in, length, body) == 0);
	return status_of(in);
}

int load_ask(uint16_t port, const struct buf *request, struct buf *body)
{
	char in[REPLY_SIZE];
	const char *at = in;
	int fd = connect_to(port), status;

	if (fd < 0)
		return fd;
	if (send(fd, request->data, request->length, MSG_NOSIGNAL) !=
	    (ssize_t)request->length) {
		close(fd);
		return -EIO;
	}
	status = receive_reply(fd, in, &at);
	if (status > 0)
		buf_append_text(body, at);
	close(fd);
	return status;
}

/* --- connections --- */

static int open_connection(struct load *load, struct connection *connection)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLOUT | EPOLLET,
	    .data.ptr = connection,
	};

	connection->is_busy = false;
	connection->fd = connect_to(load->plan->port);
	if (connection->fd < 0)
		return connection->fd;
	fcntl(connection->fd, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0)
		return -errno;
	load->idle[load->nidle++] = connection;
	return 0;
}

static void end_request(struct load *load, struct connection *connection)
{
	connection->is_busy = false;
	connection->length = 0;
	load->idle[load->nidle++] = connection;
}

/* The server ended it: with a request under way, that failed. */
static void lose(struct load *load, struct connection *connection)
{
	size_t i;

	load->result->failed += connection->is_busy;
	for (i = 0; i < load->nidle; i++)
		if (load->idle[i] == connection)
			load->idle[i] = load->idle[--load->nidle];
	close(connection->fd);
	connection->length = 0;
	open_connection(load, connection);
}

static void count(struct load *load, struct connection *connection)
{
	struct load_result *result = load->result;
	int status = status_of(connection->in);

	if (status / 100 == 2)
		load->took_us[result->accepted++] = clock_mono_us() -
						    connection->since_us;
	else if ((status == 429 || status == 503) &&
		 strcasestr(connection->in, "\r\nRetry-After: ") != NULL)
		result->told_later++;
	else
		result->failed++;
}

static void on_readable(struct load *load, struct connection *connection)
{
	const char *body;
	ssize_t got;

	while ((got = recv(connection->fd, connection->in + connection->length,
		    REPLY_SIZE - 1 - connection->length, 0)) > 0) {
		connection->length += (size_t)got;
		connection->in[connection->length] = '\0';
		if (whole_reply(connection->in, connection->length, &body) == 0)
			continue;
		count(load, connection);
		if (load->plan->take != NULL)
			load->plan->take(load->plan->arg, connection->number,
			    status_of(connection->in), body);
		end_request(load, connection);
	}
	if (got == 0 || (errno != EAGAIN && errno != EINTR))
		lose(load, connection);
}

static void on_writable(struct load *load, struct connection *connection)
{
	struct buf *out = &connection->out;
	ssize_t sent;

	while (connection->is_busy && connection->sent < out->length) {
		sent = send(connection->fd, out->data + connection->sent,
		    out->length - connection->sent, MSG_NOSIGNAL);
		if (sent < 0)
			return; /* full; or broken, which reading will say */
		connection->sent += (size_t)sent;
	}
}

/* --- pace --- */

static int64_t due_us(const struct load *load)
{
	if (load->plan->rate <= 0)
		return clock_mono_us();
	return load->began_us +
	       (int64_t)((double)load->result->sent * 1e6 / load->plan->rate);
}

static bool is_over(const struct load *load)
{
	return load->result->sent >= load->plan->count_max ||
	       clock_mono_us() - load->began_us >= load->plan->run_us;
}

static void issue_what_is_due(struct load *load)
{
	struct connection *connection;
	int64_t due;

	while (load->nidle > 0 && !is_over(load)) {
		due = due_us(load);
		if (due > clock_mono_us())
			return;
		connection = load->idle[--load->nidle];
		buf_clear(&connection->out);
		connection->number = load->result->sent++;
		load->plan->make(
		    load->plan->arg, connection->number, &connection->out);
		connection->sent = 0;
		connection->is_busy = true;
		connection->since_us = load->plan->from_due ? due
							    : clock_mono_us();
		on_writable(load, connection);
	}
}

static int wait_ms(const struct load *load)
{
	int64_t left_us = due_us(load) - clock_mono_us();

	if (is_over(load) || load->nidle == 0)
		return 100;
	return left_us <= 0 ? 0 : (int)(left_us / 1000) + (left_us < 1000);
}

static void turn(struct load *load)
{
	struct epoll_event events[256];
	int i, n = epoll_wait(load->epoll, events, 256, wait_ms(load));

	for (i = 0; i < n; i++) {
		struct connection *connection = events[i].data.ptr;

		if (events[i].events & EPOLLOUT)
			on_writable(load, connection);
		if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			on_readable(load, connection);
	}
	issue_what_is_due(load);
}

static bool is_done(const struct load *load)
{
	int64_t ran_us = clock_mono_us() - load->began_us;

	return is_over(load) && (load->nidle == load->plan->connections ||
				    ran_us > load->plan->run_us + PATIENCE_US);
}

static int compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void finish(struct load *load)
{
	struct load_result *result = load->result;
	size_t n = result->accepted, i;

	result->took_us = clock_mono_us() - load->began_us;
	for (i = 0; i < load->plan->connections; i++)
		result->failed += load->connections[i].is_busy;
	if (n == 0)
		return;
	qsort(load->took_us, n, sizeof(*load->took_us), compare);
	result->p50_us = load->took_us[n / 2];
	result->p99_us = load->took_us[n - 1 - n / 100];
	result->longest_us = load->took_us[n - 1];
}

static void close_all(struct load *load)
{
	size_t i;

	for (i = 0; i < load->plan->connections && load->connections; i++) {
		if (load->connections[i].fd >= 0)
			close(load->connections[i].fd);
		buf_free(&load->connections[i].out);
	}
	free(load->connections);
	free(load->idle);
	free(load->took_us);
	close(load->epoll);
}

int load_run(const struct load_plan *plan, struct load_result *result)
{
	struct load load = {.plan = plan, .result = result};
	size_t i;
	int error = 0;

	memset(result, 0, sizeof(*result));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.connections = calloc(plan->connections, sizeof(*load.connections));
	load.idle = calloc(plan->connections, sizeof(*load.idle));
	load.took_us = calloc(plan->count_max + 1, sizeof(*load.took_us));
	if (load.epoll < 0 || load.connections == NULL || load.idle == NULL ||
	    load.took_us == NULL)
		error = -ENOMEM;
	for (i = 0; error == 0 && i < plan->connections; i++)
		error = open_connection(&load, &load.connections[i]);
	load.began_us = clock_mono_us();
	while (error == 0 && !is_done(&load))
		turn(&load);
	finish(&load);
	close_all(&load);
	return error;
}
