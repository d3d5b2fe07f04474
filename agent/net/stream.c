/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "agent/net/sock.h"
#include "agent/net/tls.h"

#define KEEPALIVE_S 1 /* idle, and between two of them */

/* The record types of TLS (RFC 8446, 5.1). */
#define RECORD_FIRST 20
#define RECORD_LAST  24

static void set_int(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

void stream_watch_peer(const struct stream *stream)
{
	set_int(stream->fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S);
	set_int(stream->fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_S);
	set_int(stream->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, STREAM_SILENT_MS);
	set_int(stream->fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

int stream_begin_tls(
    struct stream *stream, struct ssl_ctx_st *context, const char *host)
{
	stream->session = tls_session(context, host);
	if (stream->session == NULL)
		return -ENOMEM;
	return tls_bio_attach(&stream->bio, stream->session, stream->fd);
}

void stream_begin_turn(struct stream *stream)
{
	tls_bio_begin_turn(&stream->bio);
}

/* Whichever call shows it: where a socket's error was read before, the next one
 * says that the stream ended, or that it is not connected. */
static enum stream_result result_of_reset(struct stream *stream)
{
	stream->sys_errno = ECONNRESET;
	return STREAM_RST;
}

/* What a failed call says. ICMP errors about a connection that goes on fail
 * one call, and are waited out. */
static enum stream_result result_of_errno(struct stream *stream, int sys_errno)
{
	if (sys_errno == EAGAIN || sys_errno == EINTR)
		return STREAM_WAIT;
	if (sys_errno == ECONNRESET || sys_errno == ENOTCONN)
		return result_of_reset(stream);
	stream->sys_errno = sys_errno;
	if (sys_errno == EPIPE)
		return STREAM_FIN; /* and then reset what we sent */
	/* The kernel gives an ICMP error's errno where it gives up, too. */
	if (sys_errno == ETIMEDOUT || sock_is_closed(stream->fd))
		return STREAM_SILENT;
	stream->sys_errno = 0;
	stream->soft_errno = sys_errno;
	return STREAM_WAIT;
}

static enum stream_result result_of_end(struct stream *stream)
{
	return sock_was_reset(stream->fd) ? result_of_reset(stream)
					  : STREAM_FIN;
}

static void keep_alert(struct stream *stream)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);

	if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
	    reason >= SSL_AD_REASON_OFFSET &&
	    reason < SSL_AD_REASON_OFFSET + 256)
		stream->alert = reason - SSL_AD_REASON_OFFSET + 1;
}

/* What the return value of an SSL_* call means. */
static enum stream_result result_in_tls(struct stream *stream, int returned)
{
	int error = SSL_get_error(stream->session, returned);

	if (returned > 0)
		return STREAM_MOVED;
	keep_alert(stream);
	ERR_clear_error();
	if (stream->alert != 0)
		return STREAM_NOT_TLS;
	if (stream->bio.ended)
		return result_of_end(stream);
	/* Records that are no data are read one by one, without any errno. */
	if (error == SSL_ERROR_WANT_READ && stream->bio.sys_errno == 0)
		return STREAM_WAIT;
	if (stream->bio.sys_errno != 0)
		return result_of_errno(stream, stream->bio.sys_errno);
	return error == SSL_ERROR_ZERO_RETURN ? STREAM_FIN : STREAM_NOT_TLS;
}

enum stream_result stream_shake_hands(struct stream *stream)
{
	enum stream_result result = result_in_tls(
	    stream, SSL_do_handshake(stream->session));

	stream->in_tls = result == STREAM_MOVED;
	return result;
}

enum stream_result stream_send_once(
    struct stream *stream, const char *bytes, size_t length, size_t *sent)
{
	ssize_t returned;

	*sent = 0;
	if (stream->in_tls) {
		returned = SSL_write(stream->session, bytes, (int)length);
		*sent = returned > 0 ? (size_t)returned : 0;
		return result_in_tls(stream, (int)returned);
	}
	returned = send(stream->fd, bytes, length, MSG_NOSIGNAL);
	if (returned < 0)
		return result_of_errno(stream, errno);
	*sent = (size_t)returned;
	return STREAM_MOVED;
}

enum stream_result stream_read_once(
    struct stream *stream, char *bytes, size_t size, size_t *got)
{
	ssize_t returned;

	*got = 0;
	if (stream->in_tls) {
		returned = SSL_read(stream->session, bytes, (int)size);
		*got = returned > 0 ? (size_t)returned : 0;
		return result_in_tls(stream, (int)returned);
	}
	returned = recv(stream->fd, bytes, size, 0);
	if (returned == 0)
		return result_of_end(stream);
	if (returned < 0)
		return result_of_errno(stream, errno);
	*got = (size_t)returned;
	return STREAM_MOVED;
}

bool stream_waits_for_write(const struct stream *stream, bool usual)
{
	if (stream->session != NULL && SSL_want_write(stream->session))
		return true;
	if (stream->session != NULL && SSL_want_read(stream->session))
		return false;
	return usual;
}

bool stream_has_more(const struct stream *stream)
{
	return stream->in_tls && SSL_has_pending(stream->session);
}

size_t stream_plain_bytes(const struct stream *stream, const char **bytes)
{
	const unsigned char *first = (const unsigned char *)stream->bio.first;

	*bytes = stream->bio.first;
	if (stream->bio.nfirst == 0 ||
	    (*first >= RECORD_FIRST && *first <= RECORD_LAST))
		return 0;
	return stream->bio.nfirst;
}

void stream_say_goodbye(struct stream *stream)
{
	if (stream->in_tls)
		SSL_shutdown(stream->session);
}

void stream_free(struct stream *stream)
{
	SSL_free(stream->session);
	stream->session = NULL;
	tls_bio_free(&stream->bio);
	sock_close(stream->fd);
	stream->fd = -1;
	ERR_clear_error();
}
