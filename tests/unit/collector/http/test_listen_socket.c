/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/listen_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/rows.h"

/* A client of the socket; `accepted` gets the other end. */
static int connect_to(int fd, int *accepted)
{
	struct sockaddr_storage at;
	socklen_t length = sizeof(at);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int small = 4096;

	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&at, length), 0);
	*accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(*accepted >= 0);
	return client;
}

static void no_delay(void **state)
{
	int fd, client, accepted, value = 0;
	socklen_t length = sizeof(value);
	struct err err;

	(void)state;
	assert_int_equal(listen_socket_open("127.0.0.1", &fd, 1, &err), 0);
	client = connect_to(fd, &accepted);
	getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &value, &length);
	assert_int_not_equal(value, 0);
	close(client);
	close(accepted);
	close(fd);
}

/* A client that reads nothing: the kernel takes little. */
static void unread(void **state)
{
	static char bytes[1 << 20];
	int fd, client, accepted;
	size_t taken = 0;
	ssize_t sent;
	struct err err;

	(void)state;
	assert_int_equal(listen_socket_open("127.0.0.1", &fd, 1, &err), 0);
	client = connect_to(fd, &accepted);
	while ((sent = send(accepted, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		taken += (size_t)sent;
	assert_int_equal(errno, EAGAIN);
	/* What is on its way, as much as the client's window takes, and what
	 * waits. */
	assert_in_range(taken, 1 << 16, 1 << 19);
	close(client);
	close(accepted);
	close(fd);
}

/* The same address a second time, though both would share it. */
static void not_shared(void **state)
{
	int fds[2], other;
	char at[80];
	struct err err;

	(void)state;
	assert_int_equal(listen_socket_open("127.0.0.1", fds, 2, &err), 0);
	listen_socket_format(fds[1], "http", at);
	assert_int_equal(
	    listen_socket_open(at + strlen("http://"), &other, 1, &err),
	    -EADDRINUSE);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a reply in two writes waits for no acknowledgement",
	    no_delay);
	test_add(
	    &list, "what nobody reads waits here, not in the kernel", unread);
	test_add(&list, "an address is not shared with others", not_shared);
	return test_run("listen_socket", &list);
}
