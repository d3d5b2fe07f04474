/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/rows.h"

/* A connection on loopback whose other end has sent a RST, which has come. */
static int reset_connection(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger at_once = {.l_onoff = 1};
	socklen_t length = sizeof(at);
	struct pollfd came;
	int listener, fd, other;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (void *)&at, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (void *)&at, &length), 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (void *)&at, length), 0);
	other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	setsockopt(other, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(other);
	close(listener);
	came = (struct pollfd){.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&came, 1, 5000), 1);
	return fd;
}

static void is_reset(struct stream *stream)
{
	char bytes[10];
	size_t got;

	assert_int_equal(
	    stream_read_once(stream, bytes, sizeof(bytes), &got), STREAM_RST);
	assert_int_equal(stream->sys_errno, ECONNRESET);
	stream_free(stream);
}

static void a_reset(void **state)
{
	struct stream stream = {.fd = reset_connection()};

	(void)state;
	is_reset(&stream);
}

/* As on a busy machine, where the RST is there when connect() is asked about.
 */
static void a_reset_that_was_told(void **state)
{
	struct stream stream = {.fd = reset_connection()};
	int error = 0;
	socklen_t length = sizeof(error);

	(void)state;
	getsockopt(stream.fd, SOL_SOCKET, SO_ERROR, &error, &length);
	assert_int_equal(error, ECONNRESET);
	is_reset(&stream);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a reset is one", a_reset);
	test_add(&list, "a reset is one, whoever read its error before",
	    a_reset_that_was_told);
	return test_run("stream", &list);
}
