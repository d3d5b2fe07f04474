/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/http/tls_host.h"

#define LOOK_MS    100 /* how often `interrupted` is looked at */
#define CONNECT_US INT64_C(1000000)
#define QUIET_US   INT64_C(1000000) /* then it is asked whether it is alive */

void link_init(struct link *link)
{
	*link = (struct link){.fd = -1};
}

/* Wait until the socket is ready. 0, -ETIMEDOUT, -ETIME, -ECANCELED or
 * -EHOSTDOWN. */
static int wait_for(const struct link *link, short events)
{
	struct pollfd poll_fd = {.fd = link->fd, .events = events};
	int64_t left_ms, first_ms, quiet_us = clock_mono_us() + QUIET_US;

	for (;;) {
		if (link->interrupted != NULL && *link->interrupted)
			return -ECANCELED;
		left_ms = (link->deadline_us - clock_mono_us()) / 1000;
		if (left_ms <= 0)
			return -ETIMEDOUT;
		if (link->first_us != 0) {
			first_ms = (link->first_us - clock_mono_us()) / 1000;
			if (first_ms <= 0)
				return -ETIME;
			left_ms = first_ms < left_ms ? first_ms : left_ms;
		}
		if (link->is_alive != NULL && clock_mono_us() >= quiet_us) {
			if (!link->is_alive(link->arg))
				return -EHOSTDOWN;
			quiet_us = clock_mono_us() + QUIET_US;
		}
		if (poll(&poll_fd, 1,
			(int)(left_ms < LOOK_MS ? left_ms : LOOK_MS)) > 0)
			return 0;
	}
}

/* --- connecting --- */

static int connect_to(struct link *link, const struct addrinfo *address)
{
	int one = 1, error = 0;
	socklen_t length = sizeof(error);

	link->fd = socket(
	    address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return -errno;
	setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(link->fd, address->ai_addr, address->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	error = wait_for(link, POLLOUT);
	if (error == 0)
		getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	return error > 0 ? -error : error;
}

/* What OpenSSL waits for. 1: go on, or -errno. */
static int wait_for_tls(struct link *link, int result)
{
	int error;

	switch (SSL_get_error(link->tls, result)) {
	case SSL_ERROR_WANT_READ:
		error = wait_for(link, POLLIN);
		return error < 0 ? error : 1;
	case SSL_ERROR_WANT_WRITE:
		error = wait_for(link, POLLOUT);
		return error < 0 ? error : 1;
	case SSL_ERROR_ZERO_RETURN:
		return -ECONNRESET;
	default:
		return -EPROTO;
	}
}

/* Why the server is not who it should be; NULL: it is, or that is not known. */
static const char *find_fault(const struct link *link)
{
	long result = link->tls != NULL ? SSL_get_verify_result(link->tls)
					: X509_V_OK;

	return result == X509_V_OK ? NULL
				   : X509_verify_cert_error_string(result);
}

static int begin_tls(
    struct link *link, const struct httpc_url *url, struct ssl_ctx_st *tls)
{
	int result, more = 1;

	link->tls = SSL_new(tls);
	if (link->tls == NULL || !tls_host_expect(link->tls, url->host) ||
	    SSL_set_fd(link->tls, link->fd) != 1)
		return -ENOMEM;
	SSL_set_verify(link->tls, SSL_VERIFY_PEER, NULL);
	while (more > 0) {
		result = SSL_connect(link->tls);
		if (result == 1)
			return 0;
		more = wait_for_tls(link, result);
	}
	return more;
}

static int look_up(
    const struct httpc_url *url, struct addrinfo **addresses, struct err *err)
{
	const struct addrinfo hints = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	char port[8];
	int error;

	snprintf(port, sizeof(port), "%u", url->port);
	error = getaddrinfo(url->host, port, &hints, addresses);
	if (error == 0)
		return 0;
	err_input(err, "%s: %s", url->host, gai_strerror(error));
	return -EHOSTUNREACH;
}

int link_connect(struct link *link, const struct httpc_url *url,
    struct ssl_ctx_st *tls, struct err *err)
{
	struct addrinfo *addresses, *address;
	int64_t deadline_us = link->deadline_us;
	const char *fault = NULL;
	int error = look_up(url, &addresses, err);

	if (error < 0)
		return error;
	error = -EHOSTUNREACH;
	if (link->deadline_us > clock_mono_us() + CONNECT_US)
		link->deadline_us = clock_mono_us() + CONNECT_US;
	for (address = addresses; address != NULL; address = address->ai_next) {
		error = connect_to(link, address);
		if (error == 0 && url->tls)
			error = begin_tls(link, url, tls);
		if (error == 0)
			break;
		fault = find_fault(link);
		link_close(link);
	}
	freeaddrinfo(addresses);
	link->deadline_us = deadline_us;
	if (error < 0 && fault != NULL)
		err_input(err, "%s:%u: its certificate: %s", url->host,
		    url->port, fault);
	else if (error < 0)
		err_system(err, error, "%s:%u", url->host, url->port);
	return error;
}

/* --- using it --- */

bool link_is_stale(const struct link *link)
{
	struct pollfd poll_fd = {.fd = link->fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) != 0;
}

/* How many bytes were sent or, with `receives`, received; -EAGAIN: none, but
 * the link is ready again; or -errno. */
static ssize_t move_tls(
    struct link *link, void *bytes, size_t length, bool receives)
{
	int most = length > INT32_MAX ? INT32_MAX : (int)length;
	int result = receives ? SSL_read(link->tls, bytes, most)
			      : SSL_write(link->tls, bytes, most);
	int error;

	if (result > 0)
		return result;
	error = wait_for_tls(link, result);
	return error < 0 ? error : -EAGAIN;
}

static ssize_t move_plain(
    struct link *link, void *bytes, size_t length, bool receives)
{
	ssize_t moved = receives ? recv(link->fd, bytes, length, 0)
				 : send(link->fd, bytes, length, MSG_NOSIGNAL);
	int error;

	if (moved >= 0)
		return moved;
	if (errno != EAGAIN && errno != EINTR)
		return -errno;
	error = wait_for(link, receives ? POLLIN : POLLOUT);
	return error < 0 ? error : -EAGAIN;
}

static ssize_t move_some(
    struct link *link, void *bytes, size_t length, bool receives)
{
	ssize_t moved = -EAGAIN;

	while (moved == -EAGAIN)
		moved = link->tls != NULL
			    ? move_tls(link, bytes, length, receives)
			    : move_plain(link, bytes, length, receives);
	return moved;
}

int link_send(struct link *link, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		/* It is only read from. */
		ssize_t sent = move_some(link, (void *)at, length, false);

		if (sent < 0)
			return (int)sent;
		at += sent;
		length -= (size_t)sent;
	}
	return 0;
}

ssize_t link_receive(struct link *link, void *bytes, size_t size)
{
	ssize_t received = move_some(link, bytes, size, true);

	link->first_us = 0;
	return received;
}

void link_close(struct link *link)
{
	SSL_free(link->tls);
	link->tls = NULL;
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
}
