/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/connection_tls.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/proxy_header.h"
#include "lib/sign/sign.h"

/*
 * A PROXY header comes before the handshake, on a socket that OpenSSL reads
 * itself: so it is taken off by a BIO between the two, which is put there when
 * the handshake starts, because libevent sets the socket's own BIO late.
 */
struct entrance {
	struct connections *connections;
	bool is_over;
	size_t length, given; /* of `bytes` */
	char *bytes;          /* PROXY_HEADER_MAX; NULL: all were given */
};

static BIO_METHOD *entrance_method;

/* --- the BIO --- */

static int entrance_new(BIO *bio)
{
	struct entrance *entrance = calloc(1, sizeof(*entrance));

	if (entrance != NULL)
		entrance->bytes = malloc(PROXY_HEADER_MAX);
	BIO_set_data(bio, entrance);
	BIO_set_init(bio, 1);
	return entrance != NULL && entrance->bytes != NULL;
}

static int entrance_free(BIO *bio)
{
	struct entrance *entrance = BIO_get_data(bio);

	if (entrance != NULL)
		free(entrance->bytes);
	free(entrance);
	BIO_set_data(bio, NULL);
	return 1;
}

static long entrance_ctrl(BIO *bio, int command, long number, void *pointer)
{
	return BIO_next(bio) != NULL
		   ? BIO_ctrl(BIO_next(bio), command, number, pointer)
		   : 0;
}

/* Read on until it is known what of it is a header. As BIO_read() returns. */
static int begin(BIO *bio, struct entrance *entrance)
{
	BIO *socket = BIO_next(bio);
	int fd = (int)BIO_get_fd(socket, NULL);
	ssize_t size;
	int got;

	do {
		got = BIO_read(socket, entrance->bytes + entrance->length,
		    (int)(PROXY_HEADER_MAX - entrance->length));
		if (got <= 0) {
			BIO_copy_next_retry(bio);
			return got;
		}
		entrance->length += (size_t)got;
		size = connections_begin(entrance->connections, fd,
		    entrance->bytes, entrance->length);
	} while (size < 0 && entrance->length < PROXY_HEADER_MAX);
	entrance->given = size < 0 ? 0 : (size_t)size;
	entrance->is_over = true;
	return 1;
}

static int entrance_read(BIO *bio, char *out, int most)
{
	struct entrance *entrance = BIO_get_data(bio);
	size_t count;
	int got;

	BIO_clear_retry_flags(bio);
	if (!entrance->is_over) {
		got = begin(bio, entrance);
		if (got <= 0)
			return got;
	}
	count = entrance->length - entrance->given;
	if (count == 0) {
		free(entrance->bytes);
		entrance->bytes = NULL;
		got = BIO_read(BIO_next(bio), out, most);
		BIO_copy_next_retry(bio);
		return got;
	}
	if (count > (size_t)most)
		count = (size_t)most;
	memcpy(out, entrance->bytes + entrance->given, count);
	entrance->given += count;
	return (int)count;
}

static BIO_METHOD *make_method(void)
{
	BIO_METHOD *method = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_FILTER, "PROXY header");

	if (method == NULL || BIO_meth_set_create(method, entrance_new) != 1 ||
	    BIO_meth_set_destroy(method, entrance_free) != 1 ||
	    BIO_meth_set_ctrl(method, entrance_ctrl) != 1 ||
	    BIO_meth_set_read(method, entrance_read) != 1) {
		BIO_meth_free(method);
		return NULL;
	}
	return method;
}

/* --- sessions --- */

/* What reads goes through the entrance; what writes does not. */
static void insert_entrance(SSL *session)
{
	BIO *socket = SSL_get_rbio(session), *bio = BIO_new(entrance_method);
	struct entrance *entrance;

	if (bio == NULL || BIO_up_ref(socket) != 1) {
		BIO_free(bio);
		SSL_set0_rbio(session, NULL); /* ends the handshake */
		return;
	}
	entrance = BIO_get_data(bio);
	entrance->connections = SSL_get_app_data(session);
	SSL_set0_rbio(session, BIO_push(bio, socket));
}

static void on_progress(const SSL *session, int where, int result)
{
	(void)result;
	if ((where & SSL_CB_HANDSHAKE_START) != 0 &&
	    SSL_get_rbio(session) != NULL &&
	    BIO_method_type(SSL_get_rbio(session)) == BIO_TYPE_SOCKET)
		insert_entrance((SSL *)session);
}

struct bufferevent *connection_tls_new(struct connections *connections,
    struct event_base *base, struct ssl_ctx_st *tls)
{
	SSL *session = SSL_new(tls);
	struct bufferevent *bev;

	if (session == NULL)
		return NULL;
	SSL_set_app_data(session, connections);
	bev = bufferevent_openssl_socket_new(base, -1, session,
	    BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (bev == NULL)
		SSL_free(session);
	else
		/* A client that closes without a word is the rule. */
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

/* --- certificates --- */

static int say_why(struct err *err, const char *path, const char *what)
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

int connection_tls_load(const char *certificate, const char *key,
    struct ssl_ctx_st **tls, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int error = 0;

	if (entrance_method == NULL)
		entrance_method = make_method();
	if (context == NULL || entrance_method == NULL) {
		SSL_CTX_free(context);
		return err_system(err, -ENOMEM, "TLS");
	}
	set_up(context);
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		error = say_why(err, certificate, "no certificate in PEM");
	else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) !=
		 1)
		error = say_why(err, key, "no key in PEM for the certificate");
	if (error == 0)
		*tls = context;
	else
		SSL_CTX_free(context);
	return error;
}
