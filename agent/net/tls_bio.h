/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_TLS_BIO_H
#define EGRESS25_AGENT_NET_TLS_BIO_H

/*
 * The bytes between a TLS session and a socket, where a plain SSL_set_fd()
 * would not do: writing to a dead connection raises no SIGPIPE, the errno is
 * kept as it was, and one turn of the loop reads only so much, because OpenSSL
 * else goes on as long as a server sends records that it passes over.
 */

#include <stdbool.h>
#include <stddef.h>

#define TLS_BIO_TURN_BYTES 16384 /* that are read in one turn, at most */

struct bio_method_st;
struct ssl_st;

struct tls_bio {
	int fd;
	size_t budget; /* bytes that may be read yet in this turn */
	int sys_errno; /* of the last read or write; 0: none failed */
	bool ended;    /* a read met the end */
	struct bio_method_st *method; /* owned */
};

/* Give the session this way to `fd`. The wire must stay where it is until
 * tls_bio_free(), which comes after SSL_free(). 0 or -ENOMEM. */
int tls_bio_attach(struct tls_bio *tls_bio, struct ssl_st *session, int fd);

/* A turn of the loop begins: all of the budget is there again, and nothing
 * failed yet. */
void tls_bio_begin_turn(struct tls_bio *tls_bio);

/* Free what the wire owns, not the struct, not the descriptor. A wire of
 * zeroes is allowed. */
void tls_bio_free(struct tls_bio *tls_bio);

#endif
