/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/tls_bio.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

static int keep_errno(struct tls_bio *tls_bio, ssize_t moved)
{
	tls_bio->sys_errno = moved < 0 ? errno : 0;
	return (int)moved;
}

/* All other errors are temporary: nothing to read yet, or an ICMP error on an
 * established connection. */
static bool is_fatal(const struct tls_bio *tls_bio)
{
	return tls_bio->sys_errno == ECONNRESET ||
	       tls_bio->sys_errno == EPIPE || tls_bio->sys_errno == ETIMEDOUT ||
	       tls_bio->sys_errno == ENOTCONN;
}

static void keep_first(struct tls_bio *tls_bio, const char *bytes, size_t count)
{
	size_t room = sizeof(tls_bio->first) - tls_bio->nfirst;

	if (count > room)
		count = room;
	memcpy(tls_bio->first + tls_bio->nfirst, bytes, count);
	tls_bio->nfirst += count;
}

static int read_some(BIO *bio, char *bytes, int size)
{
	struct tls_bio *tls_bio = BIO_get_data(bio);
	size_t most = (size_t)size;
	int got;

	BIO_clear_retry_flags(bio);
	if (tls_bio->budget == 0) {
		tls_bio->sys_errno = EAGAIN;
		BIO_set_retry_read(bio);
		return -1;
	}
	if (most > tls_bio->budget)
		most = tls_bio->budget;
	got = keep_errno(tls_bio, recv(tls_bio->fd, bytes, most, 0));
	if (got > 0) {
		keep_first(tls_bio, bytes, (size_t)got);
		tls_bio->budget -= (size_t)got;
	} else if (got == 0)
		tls_bio->ended = true;
	else if (!is_fatal(tls_bio))
		BIO_set_retry_read(bio);
	return got;
}

static int write_some(BIO *bio, const char *bytes, int length)
{
	struct tls_bio *tls_bio = BIO_get_data(bio);
	int put;

	BIO_clear_retry_flags(bio);
	put = keep_errno(
	    tls_bio, send(tls_bio->fd, bytes, (size_t)length, MSG_NOSIGNAL));
	if (put < 0 && !is_fatal(tls_bio))
		BIO_set_retry_write(bio);
	return put;
}

static long control(BIO *bio, int what, long number, void *pointer)
{
	const struct tls_bio *tls_bio = BIO_get_data(bio);

	if (what == BIO_CTRL_EOF)
		return tls_bio->ended;
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "tls_bio");

	if (method == NULL)
		return NULL;
	BIO_meth_set_read(method, read_some);
	BIO_meth_set_write(method, write_some);
	BIO_meth_set_ctrl(method, control);
	return method;
}

int tls_bio_attach(struct tls_bio *tls_bio, struct ssl_st *session, int fd)
{
	BIO *bio;

	memset(tls_bio, 0, sizeof(*tls_bio));
	tls_bio->fd = fd;
	tls_bio->method = method_new();
	bio = tls_bio->method != NULL ? BIO_new(tls_bio->method) : NULL;
	if (bio == NULL) {
		tls_bio_free(tls_bio);
		return -ENOMEM;
	}
	BIO_set_data(bio, tls_bio);
	BIO_set_init(bio, 1);
	SSL_set_bio(session, bio, bio);
	tls_bio_begin_turn(tls_bio);
	return 0;
}

void tls_bio_begin_turn(struct tls_bio *tls_bio)
{
	tls_bio->budget = TLS_BIO_TURN_BYTES;
	tls_bio->sys_errno = 0;
}

void tls_bio_free(struct tls_bio *tls_bio)
{
	BIO_meth_free(tls_bio->method);
	tls_bio->method = NULL;
}
