/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/tls_bio.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

static int keep_errno(struct wire *wire, ssize_t moved)
{
	wire->sys_errno = moved < 0 ? errno : 0;
	return (int)moved;
}

/* All but these come and go: nothing to read yet, or an ICMP error about a
 * connection that still stands. */
static bool is_over(const struct wire *wire)
{
	return wire->sys_errno == ECONNRESET || wire->sys_errno == EPIPE ||
	       wire->sys_errno == ETIMEDOUT || wire->sys_errno == ENOTCONN;
}

static int read_some(BIO *bio, char *bytes, int size)
{
	struct wire *wire = BIO_get_data(bio);
	size_t most = (size_t)size;
	int got;

	BIO_clear_retry_flags(bio);
	if (wire->budget == 0) {
		wire->sys_errno = EAGAIN;
		BIO_set_retry_read(bio);
		return -1;
	}
	if (most > wire->budget)
		most = wire->budget;
	got = keep_errno(wire, recv(wire->fd, bytes, most, 0));
	if (got > 0)
		wire->budget -= (size_t)got;
	else if (got == 0)
		wire->ended = true;
	else if (!is_over(wire))
		BIO_set_retry_read(bio);
	return got;
}

static int write_some(BIO *bio, const char *bytes, int length)
{
	struct wire *wire = BIO_get_data(bio);
	int put;

	BIO_clear_retry_flags(bio);
	put = keep_errno(
	    wire, send(wire->fd, bytes, (size_t)length, MSG_NOSIGNAL));
	if (put < 0 && !is_over(wire))
		BIO_set_retry_write(bio);
	return put;
}

static long control(BIO *bio, int what, long number, void *pointer)
{
	const struct wire *wire = BIO_get_data(bio);

	if (what == BIO_CTRL_EOF)
		return wire->ended;
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "wire");

	if (method == NULL)
		return NULL;
	BIO_meth_set_read(method, read_some);
	BIO_meth_set_write(method, write_some);
	BIO_meth_set_ctrl(method, control);
	return method;
}

int wire_attach(struct wire *wire, struct ssl_st *session, int fd)
{
	BIO *bio;

	memset(wire, 0, sizeof(*wire));
	wire->fd = fd;
	wire->method = method_new();
	bio = wire->method != NULL ? BIO_new(wire->method) : NULL;
	if (bio == NULL) {
		wire_free(wire);
		return -ENOMEM;
	}
	BIO_set_data(bio, wire);
	BIO_set_init(bio, 1);
	SSL_set_bio(session, bio, bio);
	wire_begin_turn(wire);
	return 0;
}

void wire_begin_turn(struct wire *wire)
{
	wire->budget = WIRE_TURN_BYTES;
	wire->sys_errno = 0;
}

void wire_free(struct wire *wire)
{
	BIO_meth_free(wire->method);
	wire->method = NULL;
}
