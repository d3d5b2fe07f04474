/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/peer_tls.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/peer_memory.h"
#include "collector/http/proxy_header.h"
#include "lib/sign/sign.h"

/*
 * A PROXY header comes before the handshake, on a socket that OpenSSL reads
 * itself. So a filter BIO takes it off; it is put above the socket's BIO when
 * the handshake starts, because libevent sets the latter when it learns of the
 * socket.
 */
struct tls_header {
	struct peer *peer; /* NULL: the header was read, or the peer is gone */
	char *bytes;       /* PROXY_HEADER_MAX; NULL: all were handed on */
	size_t length, done; /* of `bytes`: read; header or handed on */
};

static BIO_METHOD *header_method;

/* What a connection takes, measured with OpenSSL 3.0 and glibc: before its
 * first byte, in the midst of a handshake, and after it. */
#define SILENT_BYTES    (12 << 10)
#define HANDSHAKE_BYTES (60 << 10)
#define OPEN_BYTES      (18 << 10)

/* --- the BIO --- */

static int create_bio(BIO *bio)
{
	struct tls_header *header = calloc(1, sizeof(*header));

	if (header != NULL)
		header->bytes = malloc(PROXY_HEADER_MAX);
	BIO_set_data(bio, header);
	BIO_set_init(bio, 1);
	return header != NULL && header->bytes != NULL;
}

static void forget_peer(struct tls_header *header)
{
	if (header->peer != NULL)
		header->peer->header = NULL;
	header->peer = NULL;
}

static int destroy_bio(BIO *bio)
{
	struct tls_header *header = BIO_get_data(bio);

	if (header != NULL) {
		forget_peer(header);
		free(header->bytes);
	}
	free(header);
	BIO_set_data(bio, NULL);
	return 1;
}

static long control_bio(BIO *bio, int command, long number, void *pointer)
{
	return BIO_next(bio) != NULL
		   ? BIO_ctrl(BIO_next(bio), command, number, pointer)
		   : 0;
}

/* Read on until it is known where the header ends. As BIO_read() returns. */
static int take_header(BIO *bio, struct tls_header *header)
{
	BIO *socket = BIO_next(bio);
	int fd = (int)BIO_get_fd(socket, NULL);
	ssize_t size;
	int got;

	do {
		got = BIO_read(socket, header->bytes + header->length,
		    (int)(PROXY_HEADER_MAX - header->length));
		if (got <= 0) {
			BIO_copy_next_retry(bio);
			return got;
		}
		header->length += (size_t)got;
		size = peer_read_header(
		    header->peer, fd, header->bytes, header->length);
	} while (size < 0 && header->length < PROXY_HEADER_MAX);
	header->done = size < 0 ? 0 : (size_t)size;
	header->peer->is_header_read = true;
	peer_memory_count(header->peer);
	forget_peer(header);
	return 1;
}

/* Past the header: first what was read with it, then the socket. */
static int read_on(BIO *bio, struct tls_header *header, char *out, int most)
{
	size_t count = header->length - header->done;
	int got;

	if (count == 0) {
		free(header->bytes);
		header->bytes = NULL;
		got = BIO_read(BIO_next(bio), out, most);
		BIO_copy_next_retry(bio);
		return got;
	}
	if (count > (size_t)most)
		count = (size_t)most;
	memcpy(out, header->bytes + header->done, count);
	header->done += count;
	return (int)count;
}

static int read_bio(BIO *bio, char *out, int most)
{
	struct tls_header *header = BIO_get_data(bio);
	int got = 1;

	BIO_clear_retry_flags(bio);
	if (header->peer != NULL)
		got = take_header(bio, header);
	return got <= 0 ? got : read_on(bio, header, out, most);
}

static BIO_METHOD *make_method(void)
{
	BIO_METHOD *method = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_FILTER, "PROXY header");

	if (method == NULL || BIO_meth_set_create(method, create_bio) != 1 ||
	    BIO_meth_set_destroy(method, destroy_bio) != 1 ||
	    BIO_meth_set_ctrl(method, control_bio) != 1 ||
	    BIO_meth_set_read(method, read_bio) != 1) {
		BIO_meth_free(method);
		return NULL;
	}
	return method;
}

/* --- sessions --- */

/* Only reads pass through the BIO. */
static void insert_bio(SSL *session)
{
	BIO *socket = SSL_get_rbio(session), *bio = BIO_new(header_method);
	struct peer *peer = SSL_get_app_data(session);
	struct tls_header *header;

	if (bio == NULL || peer == NULL || BIO_up_ref(socket) != 1) {
		BIO_free(bio);
		SSL_set0_rbio(session, NULL); /* ends the handshake */
		return;
	}
	header = BIO_get_data(bio);
	header->peer = peer;
	peer->header = header;
	SSL_set_app_data(session, NULL);
	SSL_set0_rbio(session, BIO_push(bio, socket));
}

static void on_progress(const SSL *session, int where, int result)
{
	(void)result;
	if ((where & SSL_CB_HANDSHAKE_START) != 0 &&
	    SSL_get_rbio(session) != NULL &&
	    BIO_method_type(SSL_get_rbio(session)) == BIO_TYPE_SOCKET)
		insert_bio((SSL *)session);
}

static void end_tls_header(struct peer *peer)
{
	forget_peer(peer->header);
}

static struct bufferevent *open_tls(struct peer *peer, struct event_base *base)
{
	SSL *session = SSL_new(peer->rules->tls);
	struct bufferevent *bev;

	if (session == NULL)
		return NULL;
	SSL_set_app_data(session, peer);
	bev = bufferevent_openssl_socket_new(base, -1, session,
	    BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (bev == NULL)
		SSL_free(session);
	else
		/* Most clients close without close_notify. */
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

static int64_t own_bytes(const struct peer *peer)
{
	if (!peer->is_header_read)
		return SILENT_BYTES;
	return SSL_is_init_finished(bufferevent_openssl_get_ssl(peer->bev))
		   ? OPEN_BYTES
		   : HANDSHAKE_BYTES;
}

const struct peer_ops peer_tls_ops = {
    open_tls, end_tls_header, NULL, own_bytes};

/* --- certificates --- */

/* Why OpenSSL refused a file. */
static int explain(struct err *err, const char *path, const char *what)
{
	char words[256];

	ERR_error_string_n(ERR_peek_last_error(), words, sizeof(words));
	ERR_clear_error();
	return err_input(err, "%s: %s: %s", path, what, words);
}

static void set_up(SSL_CTX *context)
{
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_default_passwd_cb(context, sign_no_passphrase);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_IGNORE_UNEXPECTED_EOF |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_info_callback(context, on_progress);
}

int peer_tls_load(const char *certificate, const char *key,
    struct ssl_ctx_st **tls, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int error = 0;

	if (header_method == NULL)
		header_method = make_method();
	if (context == NULL || header_method == NULL) {
		SSL_CTX_free(context);
		return err_system(err, -ENOMEM, "TLS");
	}
	set_up(context);
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		error = explain(err, certificate, "no certificate in PEM");
	else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) !=
		 1)
		error = explain(err, key, "no key in PEM for the certificate");
	if (error == 0)
		*tls = context;
	else
		SSL_CTX_free(context);
	return error;
}
