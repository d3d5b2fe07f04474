/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_TLS_BIO_H
#define EGRESS25_AGENT_NET_TLS_BIO_H

/*
 * A BIO between a TLS session and a socket, in place of SSL_set_fd(). Writing
 * to a closed connection raises no SIGPIPE, errno is preserved, and the bytes
 * read per turn of the event loop are limited: otherwise OpenSSL keeps reading
 * as long as a server sends records that OpenSSL ignores.
 */

#include <stdbool.h>
#include <stddef.h>

#define TLS_BIO_TURN_BYTES  16384 /* read in one turn, at most */
#define TLS_BIO_FIRST_BYTES 256   /* kept: they may not be TLS */

struct bio_method_st;
struct ssl_st;

struct tls_bio {
	int fd;
	size_t budget; /* bytes that may still be read in this turn */
	int sys_errno; /* of the last read or write; 0: it succeeded */
	bool ended;    /* a read met the end */
	char first[TLS_BIO_FIRST_BYTES]; /* that were received */
	size_t nfirst;
	struct bio_method_st *method; /* owned */
};

/* Connect the session to `fd` through `tls_bio`, which must not move until
 * tls_bio_free(); call that after SSL_free(). 0 or -ENOMEM. */
int tls_bio_attach(struct tls_bio *tls_bio, struct ssl_st *session, int fd);

/* Start a turn of the event loop: refill the budget and clear the errno. */
void tls_bio_begin_turn(struct tls_bio *tls_bio);

/* Free the contents; neither the struct nor the descriptor. Zeroed is
 * allowed. */
void tls_bio_free(struct tls_bio *tls_bio);

#endif
