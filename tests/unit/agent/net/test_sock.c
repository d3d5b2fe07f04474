/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/report/words.h"
#include "tests/support/rows.h"

#define PATIENCE_MS 5000

static bool under_qemu;

/* The C library's, but TCP_INFO may be as qemu-user gives it to a big-endian
 * program: one integer (kernel-facts.md). */
int getsockopt(int fd, int level, int option, void *value, socklen_t *length)
{
	long result = syscall(SYS_getsockopt, fd, level, option, value, length);
	uint8_t integer[4] = {0};

	if (under_qemu && result == 0 && level == IPPROTO_TCP &&
	    option == TCP_INFO) {
		integer[3] = *(uint8_t *)value;
		memset(value, 0, *length);
		memcpy(value, integer, sizeof(integer));
		*length = sizeof(integer);
	}
	return (int)result;
}

static const char *const loopbacks[] = {"127.0.0.1", "::1"};

/* A listening socket on a free port of `host`, which goes into `port`. */
static int listen_on(const char *host, struct addr *address, uint16_t *port)
{
	struct sockaddr_storage own;
	socklen_t length;
	int fd;

	assert_true(addr_parse(address, host));
	length = addr_to_sockaddr(address, 0, &own);
	fd = socket(own.ss_family, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, length), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &length), 0);
	/* Both families have it at the same place. */
	*port = ntohs(((struct sockaddr_in *)&own)->sin_port);
	return fd;
}

static void wait_for(int fd, short events)
{
	struct pollfd wanted = {.fd = fd, .events = events};

	assert_int_equal(poll(&wanted, 1, PATIENCE_MS), 1);
}

static int accept_one(int listener)
{
	int fd;

	wait_for(listener, POLLIN);
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	return fd;
}

static void reset(int fd)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static void connects(void **state)
{
	struct sock_result result;
	struct addr address, local;
	uint16_t port;
	size_t i;
	int listener, fd;

	for (i = 0; i < 2; i++) {
		listener = listen_on(loopbacks[i], &address, &port);
		fd = sock_connect(&address, port, 0);
		assert_true(fd >= 0);
		wait_for(fd, POLLOUT);
		sock_result(fd, &result);
		assert_true(result.connected);
		assert_false(result.pending);
		assert_int_equal(result.sys_errno, 0);
		assert_int_equal(result.icmp.type, OBSERVE_ABSENT);
		sock_local_address(fd, &local);
		assert_true(addr_equal(&local, &address));
		sock_close(fd);
		close(listener);
	}
}

static void refused(void **state)
{
	struct sock_result result;
	struct addr address;
	uint16_t port;
	size_t i;
	int fd;

	for (i = 0; i < 2; i++) {
		close(listen_on(loopbacks[i], &address, &port));
		fd = sock_connect(&address, port, 0);
		assert_true(fd >= 0);
		wait_for(fd, POLLOUT);
		sock_result(fd, &result);
		assert_false(result.connected);
		assert_false(result.pending);
		assert_int_equal(result.sys_errno, ECONNREFUSED);
		sock_close(fd);
	}
}

static void refused_under_qemu(void **state)
{
	under_qemu = true;
	refused(state);
	under_qemu = false;
}

static void connects_under_qemu(void **state)
{
	under_qemu = true;
	connects(state);
	under_qemu = false;
}

static void pending(void **state)
{
	struct sock_result result;
	struct addr address;
	uint16_t port;
	int listener = listen_on("127.0.0.1", &address, &port);
	int fd[3], i;

	/* A queue of length 0 takes one connection and leaves the others. */
	listen(listener, 0);
	for (i = 0; i < 3; i++)
		fd[i] = sock_connect(&address, port, 0);
	wait_for(fd[0], POLLOUT);
	sock_result(fd[2], &result);
	assert_true(result.pending);
	assert_false(result.connected);
	assert_int_equal(result.sys_errno, 0);
	for (i = 0; i < 3; i++)
		sock_close(fd[i]);
	close(listener);
}

static void reset_before_the_look(void **state)
{
	struct sock_result result;
	struct addr address;
	uint16_t port;
	int listener = listen_on("127.0.0.1", &address, &port);
	int fd = sock_connect(&address, port, 0);

	reset(accept_one(listener));
	wait_for(fd, POLLIN);
	sock_result(fd, &result);
	assert_true(result.connected);
	assert_int_equal(result.sys_errno, 0);
	assert_true(sock_was_reset(fd));
	sock_close(fd);
	close(listener);
}

static void closed_is_not_reset(void **state)
{
	struct addr address;
	char byte;
	uint16_t port;
	int listener = listen_on("127.0.0.1", &address, &port);
	int fd = sock_connect(&address, port, 0);

	close(accept_one(listener));
	wait_for(fd, POLLIN);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_false(sock_was_reset(fd));
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	wait_for(fd, POLLERR);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_false(sock_was_reset(fd));
	sock_close(fd);
	close(listener);
}

static int ttl_of(int fd)
{
	socklen_t length = sizeof(int);
	int ttl = 0;

	getsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, &length);
	return ttl;
}

static void ttl(void **state)
{
	struct addr address;
	uint16_t port;
	int listener = listen_on("127.0.0.1", &address, &port);
	int usual = sock_connect(&address, port, 0);
	int limited = sock_connect(&address, port, 3);

	assert_int_equal(ttl_of(limited), 3);
	sock_full_ttl(limited, 4);
	assert_int_equal(ttl_of(limited), ttl_of(usual));
	sock_close(usual);
	sock_close(limited);
	close(listener);
}

/* All but the SYN is limited, and the end is a reset that is not. */
static void held(void **state)
{
	struct addr address;
	uint16_t port;
	int listener = listen_on("127.0.0.1", &address, &port), peer;
	int fd = sock_connect_held(&address, port, 3);

	assert_true(fd >= 0);
	assert_int_equal(ttl_of(fd), 3);
	peer = accept_one(listener);
	sock_abort(fd, 4);
	wait_for(peer, POLLIN);
	assert_true(sock_was_reset(peer));
	close(peer);
	close(listener);
}

static void at_once(void **state)
{
	struct addr address;

	/* Neither of them is ever sent to by TCP. */
	addr_parse(&address, "224.0.0.1");
	assert_int_equal(sock_connect(&address, 25, 0), -ENETUNREACH);
	addr_parse(&address, "fe80::1");
	assert_true(sock_connect(&address, 25, 0) < 0);
}

static const struct failure_row {
	const char *name;
	int sys_errno, icmp_type;
	enum failure failure;
} failure_rows[] = {
    {"a RST to the SYN is refused", ECONNREFUSED, OBSERVE_ABSENT,
	FAILURE_REFUSED},
    {"ECONNREFUSED made of a port-unreachable is unreachable", ECONNREFUSED, 3,
	FAILURE_UNREACHABLE},
    {"EACCES without ICMP is the host's own refusal", EACCES, OBSERVE_ABSENT,
	FAILURE_DENIED},
    {"EPERM without ICMP is the host's own refusal", EPERM, OBSERVE_ABSENT,
	FAILURE_DENIED},
    {"EACCES made of ICMPv6 'prohibited' is unreachable", EACCES, 1,
	FAILURE_UNREACHABLE},
    {"no route", ENETUNREACH, OBSERVE_ABSENT, FAILURE_NO_ROUTE},
    {"no address of the family", EADDRNOTAVAIL, OBSERVE_ABSENT,
	FAILURE_NO_ROUTE},
    {"no such family", EAFNOSUPPORT, OBSERVE_ABSENT, FAILURE_NO_ROUTE},
    {"EHOSTUNREACH without ICMP is an unreachable route", EHOSTUNREACH,
	OBSERVE_ABSENT, FAILURE_NO_ROUTE},
    {"EHOSTUNREACH made of ICMP is unreachable", EHOSTUNREACH, 3,
	FAILURE_UNREACHABLE},
    {"the kernel's own timeout", ETIMEDOUT, OBSERVE_ABSENT, FAILURE_TIMEOUT},
    {"a timeout with ICMP on the way is unreachable", ETIMEDOUT, 3,
	FAILURE_UNREACHABLE},
    {"a reset of an established connection", ECONNRESET, OBSERVE_ABSENT,
	FAILURE_RESET},
    {"a blackhole route says EINVAL", EINVAL, OBSERVE_ABSENT, FAILURE_NO_ROUTE},
    {"an errno that no network makes says nothing", EIO, OBSERVE_ABSENT,
	FAILURE_NONE},
};

static void failure(void **state)
{
	const struct failure_row *row = *state;
	struct icmp_seen icmp = {.type = row->icmp_type, .code = 1};

	assert_string_equal(failure_word(sock_failure(row->sys_errno, &icmp)),
	    failure_word(row->failure));
}

static const struct exceeded_row {
	const char *name;
	uint8_t family;
	int type, code;
	bool exceeded;
} exceeded_rows[] = {
    {"11/0 is time exceeded in IPv4", 4, 11, 0, true},
    {"11/1 is reassembly time exceeded, not a hop", 4, 11, 1, false},
    {"3/0 is a network unreachable in IPv4", 4, 3, 0, false},
    {"3/0 is time exceeded in IPv6", 6, 3, 0, true},
    {"1/0 is no route in IPv6", 6, 1, 0, false},
    {"11/0 is nothing in IPv6", 6, 11, 0, false},
};

static void exceeded(void **state)
{
	const struct exceeded_row *row = *state;
	struct icmp_seen icmp = {.type = row->type, .code = row->code};

	assert_int_equal(
	    sock_is_time_exceeded(&icmp, row->family), row->exceeded);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a connect on either loopback succeeds", connects);
	test_add(&list, "a closed port refuses on either loopback", refused);
	test_add(&list, "a closed port refuses where TCP_INFO is an integer",
	    refused_under_qemu);
	test_add(&list, "a connect succeeds where TCP_INFO is an integer",
	    connects_under_qemu);
	test_add(&list, "a SYN without answer is pending", pending);
	test_add(&list, "a connection reset before we looked still counts",
	    reset_before_the_look);
	test_add(&list, "a FIN is not a reset, even after we wrote",
	    closed_is_not_reset);
	test_add(&list, "a limited TTL is set, and restored", ttl);
	test_add(
	    &list, "behind the SYN it is set, and the end is a reset", held);
	test_add(
	    &list, "an immediate refusal by the host is an errno", at_once);
	TEST_ROWS(&list, failure_rows, failure);
	TEST_ROWS(&list, exceeded_rows, exceeded);
	return test_run("sock", &list);
}
