/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/tls_library.h"

/*
 * The library that probes use has hand-picked algorithms. What they offer a
 * server is compared with what OpenSSL as a whole offers at security level 0,
 * so that a default that a new version brings, or one that the list lacks, is
 * a failure here and not a server that looks broken.
 */

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "agent/net/tls.h"
#include "tests/support/pki.h"
#include "tests/support/rows.h"

#define CODES_MAX 200
#define TURNS_MAX 20

#define EXTENSION_GROUPS     10 /* RFC 8446, 4.2 */
#define EXTENSION_SIGNATURES 13

/* One list of a ClientHello. */
struct codes {
	unsigned code[CODES_MAX];
	size_t count;
};

/* What a client offers. */
struct offer {
	struct codes ciphers, groups, signatures;
};

static struct pki_pair rsa, ecdsa;

static unsigned read16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* A list of `length` bytes, two of them a code. */
static void read_codes(
    const unsigned char *at, size_t length, struct codes *codes)
{
	size_t i;

	assert_true(length / 2 <= CODES_MAX);
	codes->count = length / 2;
	for (i = 0; i < codes->count; i++)
		codes->code[i] = read16(at + 2 * i);
}

static void read_extensions(
    const unsigned char *at, const unsigned char *end, struct offer *offer)
{
	unsigned length;

	for (; at < end; at += 4 + length) {
		length = read16(at + 2);
		if (read16(at) == EXTENSION_GROUPS)
			read_codes(at + 6, read16(at + 4), &offer->groups);
		if (read16(at) == EXTENSION_SIGNATURES)
			read_codes(at + 6, read16(at + 4), &offer->signatures);
	}
}

/* RFC 8446, 4.1.2, behind the headers of record and message. */
static void read_hello(const unsigned char *at, struct offer *offer)
{
	at += 5 + 4 + 2 + 32;
	at += 1 + at[0];
	read_codes(at + 2, read16(at), &offer->ciphers);
	at += 2 + read16(at);
	at += 1 + at[0];
	read_extensions(at + 2, at + 2 + read16(at), offer);
}

static void offer_of(SSL_CTX *context, struct offer *offer)
{
	SSL *session = SSL_new(context);
	BIO *out = BIO_new(BIO_s_mem());
	unsigned char *hello;

	memset(offer, 0, sizeof(*offer));
	assert_non_null(session);
	SSL_set_bio(session, BIO_new(BIO_s_mem()), out);
	SSL_set_connect_state(session);
	assert_int_equal(SSL_do_handshake(session), -1);
	assert_true(BIO_get_mem_data(out, &hello) > 100);
	read_hello(hello, offer);
	SSL_free(session);
	ERR_clear_error();
}

/* OpenSSL as a whole, as tls_probe_context() would set it up. */
static SSL_CTX *whole_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	assert_non_null(context);
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	assert_int_equal(
	    SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0"), 1);
	return context;
}

/* DSA: no cipher suite of the default list is signed with it, and TLS 1.3 has
 * none (RFC 8446, 4.2.3), so no server can take the offer. */
static bool is_unusable(unsigned signature)
{
	return (signature & 0xff) == 2 && signature >> 8 <= 6;
}

static void assert_covers(
    const char *what, const struct codes *ours, const struct codes *whole)
{
	size_t i, k;

	assert_true(whole->count > 0);
	for (i = 0; i < whole->count; i++) {
		for (k = 0; k < ours->count; k++)
			if (ours->code[k] == whole->code[i])
				break;
		if (k == ours->count)
			fail_msg("%s 0x%04x is missing", what, whole->code[i]);
	}
}

static void offers(void **state)
{
	SSL_CTX *context, *whole = whole_context();
	struct offer ours, all;
	struct codes usable = {.count = 0};
	struct err err;
	size_t i;

	(void)state;
	assert_non_null(tls_library());
	assert_int_equal(tls_probe_context(&context, &err), 0);
	offer_of(context, &ours);
	offer_of(whole, &all);
	for (i = 0; i < all.signatures.count; i++)
		if (!is_unusable(all.signatures.code[i]))
			usable.code[usable.count++] = all.signatures.code[i];
	assert_covers("cipher suite", &ours.ciphers, &all.ciphers);
	assert_covers("group", &ours.groups, &all.groups);
	assert_covers("signature algorithm", &ours.signatures, &usable);
	tls_context_free(context);
	SSL_CTX_free(whole);
}

/* A server with both keys that takes everything. */
static SSL_CTX *server_context(void)
{
	SSL_CTX *context = pki_server(&rsa);

	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	SSL_CTX_set_dh_auto(context, 1);
	assert_int_equal(
	    SSL_CTX_use_certificate(context, ecdsa.certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, ecdsa.key), 1);
	return context;
}

/* Whether both sides end the handshake well. Takes the server's session. */
static bool shake_hands(SSL_CTX *context, SSL *server)
{
	SSL *client = SSL_new(context);
	BIO *near, *far;
	bool done = false;
	int i;

	assert_non_null(client);
	assert_int_equal(BIO_new_bio_pair(&near, 0, &far, 0), 1);
	SSL_set_bio(client, near, near);
	SSL_set_bio(server, far, far);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	for (i = 0; i < TURNS_MAX && !done; i++) {
		done = SSL_do_handshake(client) == 1;
		done = SSL_do_handshake(server) == 1 && done;
	}
	SSL_free(client);
	SSL_free(server);
	ERR_clear_error();
	return done;
}

static void each_cipher_suite(void **state)
{
	SSL_CTX *context, *server = server_context();
	STACK_OF(SSL_CIPHER) * suites;
	const SSL_CIPHER *suite;
	struct err err;
	SSL *session;
	int i;

	(void)state;
	assert_int_equal(tls_probe_context(&context, &err), 0);
	suites = SSL_CTX_get_ciphers(context);
	for (i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
		suite = sk_SSL_CIPHER_value(suites, i);
		/* Only where a key was agreed on before. */
		if (strstr(SSL_CIPHER_get_name(suite), "PSK") != NULL ||
		    strstr(SSL_CIPHER_get_name(suite), "SRP") != NULL)
			continue;
		session = SSL_new(server);
		if (SSL_CIPHER_get_auth_nid(suite) == NID_auth_any) {
			SSL_set_ciphersuites(
			    session, SSL_CIPHER_get_name(suite));
		} else {
			SSL_set_cipher_list(
			    session, SSL_CIPHER_get_name(suite));
			SSL_set_max_proto_version(session, TLS1_2_VERSION);
		}
		if (!shake_hands(context, session))
			fail_msg(
			    "no handshake with %s", SSL_CIPHER_get_name(suite));
	}
	tls_context_free(context);
	SSL_CTX_free(server);
}

static void each_group(void **state)
{
	SSL_CTX *context, *server = server_context();
	struct offer offer;
	struct err err;
	SSL *session;
	const char *name;
	size_t i;

	(void)state;
	assert_int_equal(tls_probe_context(&context, &err), 0);
	offer_of(context, &offer);
	for (i = 0; i < offer.groups.count; i++) {
		session = SSL_new(server);
		name = SSL_group_to_name(
		    session, TLSEXT_nid_unknown | (int)offer.groups.code[i]);
		assert_non_null(name);
		assert_int_equal(SSL_set1_groups_list(session, name), 1);
		if (!shake_hands(context, session))
			fail_msg("no handshake with %s", name);
	}
	tls_context_free(context);
	SSL_CTX_free(server);
}

static const struct key_row {
	const char *name, *key;
} key_rows[] = {
    {"a server with an RSA key", "RSA"},
    {"a server with a key for RSA-PSS alone", "RSA-PSS"},
    {"a server with a key on P-256", "P-256"},
    {"a server with a key on P-384", "P-384"},
    {"a server with a key on P-521", "P-521"},
    {"a server with an Ed25519 key", "ED25519"},
    {"a server with an Ed448 key", "ED448"},
};

static void each_key(void **state)
{
	const struct key_row *row = *state;
	struct pki_pair pair;
	SSL_CTX *context, *server;
	struct err err;

	pki_make(&pair,
	    &(struct pki_spec){.name = "mx.example.net", .key = row->key},
	    NULL);
	server = pki_server(&pair);
	assert_int_equal(tls_probe_context(&context, &err), 0);
	assert_true(shake_hands(context, SSL_new(server)));
	tls_context_free(context);
	SSL_CTX_free(server);
	pki_free(&pair);
}

static const struct version_row {
	const char *name;
	int version;
} version_rows[] = {
    {"a server of TLS 1.0", TLS1_VERSION},
    {"a server of TLS 1.1", TLS1_1_VERSION},
    {"a server of TLS 1.2", TLS1_2_VERSION},
    {"a server of TLS 1.3", TLS1_3_VERSION},
};

static void each_version(void **state)
{
	const struct version_row *row = *state;
	SSL_CTX *context, *server = server_context();
	struct err err;

	SSL_CTX_set_min_proto_version(server, row->version);
	SSL_CTX_set_max_proto_version(server, row->version);
	assert_int_equal(tls_probe_context(&context, &err), 0);
	assert_true(shake_hands(context, SSL_new(server)));
	/* The RSA key too: what its signatures need differs. */
	assert_int_equal(
	    SSL_CTX_set_cipher_list(server, "aRSA:@SECLEVEL=0"), 1);
	assert_true(shake_hands(context, SSL_new(server)));
	tls_context_free(context);
	SSL_CTX_free(server);
}

int main(void)
{
	struct test_list list = {0};

	pki_make(&rsa,
	    &(struct pki_spec){.name = "mx.example.net", .key = "RSA"}, NULL);
	pki_make(&ecdsa, &(struct pki_spec){.name = "mx.example.net"}, NULL);
	test_add(&list,
	    "probes offer all that OpenSSL offers at security level 0", offers);
	test_add(
	    &list, "each cipher suite ends a handshake", each_cipher_suite);
	test_add(&list, "each group ends a handshake", each_group);
	TEST_ROWS(&list, key_rows, each_key);
	TEST_ROWS(&list, version_rows, each_version);
	return test_run("tls_library", &list);
}
