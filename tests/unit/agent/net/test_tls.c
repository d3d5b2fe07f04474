/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/tls.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/net/tls_bio.h"
#include "lib/report/words.h"
#include "tests/support/pki.h"
#include "tests/support/rows.h"

#define TURNS_MAX 100

static char directory[] = "/tmp/egress25-tls-XXXXXX";
static struct pki_pair authority;

/* A client and a server on two ends of a socket pair. */
struct pair {
	SSL_CTX *client_context, *server_context;
	SSL *client, *server;
	struct tls_bio tls_bio;
	int fd[2];
};

static void pair_up(
    struct pair *pair, const struct pki_pair *own, const char *host)
{
	struct err err;

	memset(pair, 0, sizeof(*pair));
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair->fd), 0);
	assert_int_equal(tls_probe_context(&pair->client_context, &err), 0);
	pair->server_context = pki_server(own);
	pair->client = tls_session(pair->client_context, host);
	pair->server = SSL_new(pair->server_context);
	assert_non_null(pair->client);
	assert_int_equal(
	    tls_bio_attach(&pair->tls_bio, pair->client, pair->fd[0]), 0);
	SSL_set_fd(pair->server, pair->fd[1]);
	SSL_set_accept_state(pair->server);
}

static void part(struct pair *pair)
{
	SSL_free(pair->client);
	SSL_free(pair->server);
	tls_bio_free(&pair->tls_bio);
	tls_context_free(pair->client_context);
	SSL_CTX_free(pair->server_context);
	close(pair->fd[0]);
	close(pair->fd[1]);
	ERR_clear_error();
}

/* Returns the client's last result: 1 is a complete handshake. */
static int shake_hands(struct pair *pair)
{
	int i, said = 0;

	for (i = 0; i < TURNS_MAX && said != 1; i++) {
		tls_bio_begin_turn(&pair->tls_bio);
		said = SSL_do_handshake(pair->client);
		if (said != 1 &&
		    SSL_get_error(pair->client, said) != SSL_ERROR_WANT_READ)
			break;
		SSL_do_handshake(pair->server);
	}
	return said;
}

static const struct verify_row {
	const char *name;
	struct pki_spec spec;
	bool signed_by_authority;
	const char *host;
	enum tls_verify verify;
} verify_rows[] = {
    {"a certificate for the name is ok", {"mx.example.net"}, true,
	"mx.example.net", VERIFY_OK},
    {"a name with a trailing dot is the same name", {"mx.example.net"}, true,
	"mx.example.net.", VERIFY_OK},
    {"a wildcard covers one label", {"*.example.net"}, true, "mx.example.net",
	VERIFY_OK},
    {"a wildcard does not cover two", {"*.example.net"}, true,
	"a.mx.example.net", VERIFY_NAME},
    {"a different name is `name`", {"mx.example.org"}, true, "mx.example.net",
	VERIFY_NAME},
    {"a certificate for the IPv4 address is ok", {"192.0.2.25"}, true,
	"192.0.2.25", VERIFY_OK},
    {"a certificate for the IPv6 address is ok", {"2001:db8::25"}, true,
	"2001:db8::25", VERIFY_OK},
    {"a different address is `name`", {"192.0.2.26"}, true, "192.0.2.25",
	VERIFY_NAME},
    {"a name does not cover an address", {"mx.example.net"}, true, "192.0.2.25",
	VERIFY_NAME},
    {"without a host no name is checked", {"mx.example.net"}, true, "",
	VERIFY_OK},
    {"an old certificate is `expired`", {"mx.example.net", false, -20, -10},
	true, "mx.example.net", VERIFY_EXPIRED},
    {"one of tomorrow is `not-yet-valid`", {"mx.example.net", false, 1, 10},
	true, "mx.example.net", VERIFY_NOT_YET_VALID},
    {"an RSA key is read", {"mx.example.net", .key = "RSA"}, true,
	"mx.example.net", VERIFY_OK},
    {"a P-521 key is read", {"mx.example.net", .key = "P-521"}, true,
	"mx.example.net", VERIFY_OK},
    {"an Ed25519 key is read", {"mx.example.net", .key = "ED25519"}, true,
	"mx.example.net", VERIFY_OK},
    {"an Ed448 key is read", {"mx.example.net", .key = "ED448"}, true,
	"mx.example.net", VERIFY_OK},
    {"a self-signed one is `self-signed`", {"mx.example.net"}, false,
	"mx.example.net", VERIFY_SELF_SIGNED},
};

static void verify(void **state)
{
	const struct verify_row *row = *state;
	struct tls_seen seen = {""};
	struct pki_pair own;
	struct pair pair;
	uint8_t digest[32];

	pki_make(
	    &own, &row->spec, row->signed_by_authority ? &authority : NULL);
	pair_up(&pair, &own, row->host);
	assert_int_equal(shake_hands(&pair), 1);
	tls_record(pair.client, &seen);
	assert_string_equal(
	    tls_verify_word(seen.verify), tls_verify_word(row->verify));
	assert_true(seen.has_spki);
	pki_spki_sha256(&own, digest);
	assert_memory_equal(seen.spki_sha256, digest, 32);
	part(&pair);
	pki_free(&own);
}

static void unknown_authority(void **state)
{
	struct tls_seen seen = {""};
	struct pki_pair other, own;
	struct pair pair;

	pki_make(&other, &(struct pki_spec){"Other CA", true}, NULL);
	pki_make(&own, &(struct pki_spec){"mx.example.net"}, &other);
	pair_up(&pair, &own, "mx.example.net");
	assert_int_equal(shake_hands(&pair), 1);
	tls_record(pair.client, &seen);
	assert_string_equal(tls_verify_word(seen.verify), "untrusted");
	part(&pair);
	pki_free(&own);
	pki_free(&other);
}

/* Of a chain whose authority nobody could trust here, and of a certificate that
 * needs none. */
static void no_authorities(void **state)
{
	struct tls_seen seen = {""};
	struct pki_pair own, alone;
	struct pair pair;

	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	pki_make(&own, &(struct pki_spec){"mx.example.net"}, &authority);
	pki_make(&alone, &(struct pki_spec){"mx.example.net"}, NULL);
	pair_up(&pair, &own, "mx.example.net");
	assert_int_equal(shake_hands(&pair), 1);
	tls_record(pair.client, &seen);
	assert_int_equal(seen.verify, VERIFY_ABSENT);
	assert_true(seen.has_spki);
	part(&pair);
	pair_up(&pair, &alone, "mx.example.net");
	assert_int_equal(shake_hands(&pair), 1);
	tls_record(pair.client, &seen);
	assert_int_equal(seen.verify, VERIFY_SELF_SIGNED);
	part(&pair);
	setenv("SSL_CERT_DIR", directory, 1);
	pki_free(&own);
	pki_free(&alone);
}

static int signatures_checked;

static int count_check(int well, X509_STORE_CTX *chain)
{
	(void)chain;
	signatures_checked++;
	return well;
}

/* Another handshake with the same context, to `host`. */
static enum tls_verify verify_again(struct pair *pair, const char *host)
{
	struct tls_seen seen = {""};
	struct pair again = *pair;
	X509_STORE *store = SSL_CTX_get_cert_store(pair->client_context);

	X509_STORE_set_verify_cb(store, count_check);
	signatures_checked = 0;
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, again.fd);
	again.client = tls_session(pair->client_context, host);
	again.server = SSL_new(pair->server_context);
	assert_int_equal(
	    tls_bio_attach(&again.tls_bio, again.client, again.fd[0]), 0);
	SSL_set_fd(again.server, again.fd[1]);
	SSL_set_accept_state(again.server);
	assert_int_equal(shake_hands(&again), 1);
	tls_record(again.client, &seen);
	SSL_free(again.client);
	SSL_free(again.server);
	tls_bio_free(&again.tls_bio);
	close(again.fd[0]);
	close(again.fd[1]);
	return seen.verify;
}

static void remembered(void **state)
{
	struct pki_pair own, other;
	struct pair pair;

	pki_make(&own, &(struct pki_spec){"mx.example.net"}, &authority);
	pki_make(&other, &(struct pki_spec){"mx.example.net"}, NULL);
	pair_up(&pair, &own, "mx.example.net");
	assert_int_equal(verify_again(&pair, "mx.example.net"), VERIFY_OK);
	assert_int_not_equal(signatures_checked, 0);
	assert_int_equal(verify_again(&pair, "mx.example.net"), VERIFY_OK);
	assert_int_equal(signatures_checked, 0);
	assert_int_equal(verify_again(&pair, "mx.example.org"), VERIFY_NAME);
	assert_int_not_equal(signatures_checked, 0);
	assert_int_equal(verify_again(&pair, "192.0.2.25"), VERIFY_NAME);
	assert_int_equal(verify_again(&pair, ""), VERIFY_OK);
	assert_int_equal(verify_again(&pair, "mx.example.org"), VERIFY_NAME);
	assert_int_equal(signatures_checked, 0);
	SSL_CTX_free(pair.server_context);
	pair.server_context = pki_server(&other);
	assert_int_equal(
	    verify_again(&pair, "mx.example.net"), VERIFY_SELF_SIGNED);
	part(&pair);
	pki_free(&own);
	pki_free(&other);
}

static void only_own_certificate(void **state)
{
	struct pki_pair middle, own;
	struct tls_seen seen = {""};
	struct pair pair;

	pki_make(&middle, &(struct pki_spec){"Middle CA", true}, &authority);
	pki_make(&own, &(struct pki_spec){"mx.example.net"}, &middle);
	pair_up(&pair, &own, "mx.example.net");
	SSL_add1_chain_cert(pair.server, middle.certificate);
	assert_int_equal(shake_hands(&pair), 1);
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(pair.client)), 2);
	tls_record(pair.client, &seen);
	assert_int_equal(seen.verify, VERIFY_OK);
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(pair.client)), 1);
	assert_null(SSL_get0_verified_chain(pair.client));
	part(&pair);
	pki_free(&own);
	pki_free(&middle);
}

/* The suites that plain OpenSSL would offer. */
static void all_suites(void **state)
{
	SSL_CTX *whole = SSL_CTX_new(TLS_client_method()), *ours;
	STACK_OF(SSL_CIPHER) * expected, *offered;
	SSL *plain, *session;
	struct err err;
	int i;

	SSL_CTX_set_security_level(whole, 0);
	assert_int_equal(
	    SSL_CTX_set_cipher_list(whole, "DEFAULT:@SECLEVEL=0"), 1);
	assert_int_equal(SSL_CTX_set_min_proto_version(whole, TLS1_VERSION), 1);
	assert_int_equal(tls_probe_context(&ours, &err), 0);
	plain = SSL_new(whole);
	session = tls_session(ours, "mx.example.net");
	expected = SSL_get1_supported_ciphers(plain);
	offered = SSL_get1_supported_ciphers(session);
	assert_int_equal(
	    sk_SSL_CIPHER_num(offered), sk_SSL_CIPHER_num(expected));
	for (i = 0; i < sk_SSL_CIPHER_num(expected); i++)
		assert_int_not_equal(sk_SSL_CIPHER_find(offered,
					 sk_SSL_CIPHER_value(expected, i)),
		    -1);
	sk_SSL_CIPHER_free(expected);
	sk_SSL_CIPHER_free(offered);
	SSL_free(plain);
	SSL_free(session);
	SSL_CTX_free(whole);
	tls_context_free(ours);
}

static const struct version_row {
	const char *name;
	int version;
	const char *word;
} version_rows[] = {
    {"a server of TLS 1.0 is recorded", TLS1_VERSION, "TLSv1"},
    {"a server of TLS 1.1 is recorded", TLS1_1_VERSION, "TLSv1.1"},
    {"a server of TLS 1.2 is recorded", TLS1_2_VERSION, "TLSv1.2"},
    {"a server of TLS 1.3 is recorded", TLS1_3_VERSION, "TLSv1.3"},
};

static void version(void **state)
{
	const struct version_row *row = *state;
	struct tls_seen seen = {""};
	struct pki_pair own;
	struct pair pair;

	pki_make(&own, &(struct pki_spec){"mx.example.net"}, &authority);
	pair_up(&pair, &own, "mx.example.net");
	SSL_set_max_proto_version(pair.server, row->version);
	assert_int_equal(shake_hands(&pair), 1);
	tls_record(pair.client, &seen);
	assert_string_equal(seen.version, row->word);
	assert_string_not_equal(seen.cipher, "");
	assert_string_equal(
	    SSL_get_servername(pair.server, TLSEXT_NAMETYPE_host_name),
	    "mx.example.net");
	part(&pair);
	pki_free(&own);
}

static const struct suite_row {
	const char *name, *key, *suite;
} suite_rows[] = {
    {"CBC with SHA-1 works", NULL, "ECDHE-ECDSA-AES128-SHA"},
    {"CBC with SHA-256 works", NULL, "ECDHE-ECDSA-AES128-SHA256"},
    {"CBC with SHA-384 works", NULL, "ECDHE-ECDSA-AES256-SHA384"},
    {"GCM works", NULL, "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"ChaCha20 works", NULL, "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"RSA key exchange works", "RSA", "AES256-SHA256"},
    {"finite field key exchange works", "RSA", "DHE-RSA-AES128-GCM-SHA256"},
};

static void suite(void **state)
{
	const struct suite_row *row = *state;
	struct pki_pair own;
	struct pair pair;
	char byte = 'x';

	pki_make(&own, &(struct pki_spec){"mx.example.net", .key = row->key},
	    &authority);
	pair_up(&pair, &own, "mx.example.net");
	SSL_set_max_proto_version(pair.server, TLS1_2_VERSION);
	SSL_set_dh_auto(pair.server, 1);
	assert_int_equal(SSL_set_cipher_list(pair.server, row->suite), 1);
	assert_int_equal(shake_hands(&pair), 1);
	assert_string_equal(SSL_get_cipher_name(pair.client), row->suite);
	assert_int_equal(SSL_get_verify_result(pair.client), X509_V_OK);
	assert_int_equal(SSL_write(pair.client, &byte, 1), 1);
	assert_int_equal(SSL_read(pair.server, &byte, 1), 1);
	part(&pair);
	pki_free(&own);
}

static void no_name_for_addresses(void **state)
{
	struct pki_pair own;
	struct pair pair;

	pki_make(&own, &(struct pki_spec){"192.0.2.25"}, &authority);
	pair_up(&pair, &own, "192.0.2.25");
	assert_int_equal(shake_hands(&pair), 1);
	assert_null(SSL_get_servername(pair.server, TLSEXT_NAMETYPE_host_name));
	part(&pair);
	pki_free(&own);
}

/* The collector's certificate is refused if it does not verify. */
static int shake_verifying(const char *ca_file, const char *host)
{
	struct pki_pair own;
	struct pair pair;
	struct err err;
	int said;

	pki_make(&own, &(struct pki_spec){"collector.example.net"}, &authority);
	pair_up(&pair, &own, "");
	SSL_free(pair.client);
	tls_bio_free(&pair.tls_bio);
	tls_context_free(pair.client_context);
	assert_int_equal(
	    tls_verifying_context(ca_file, &pair.client_context, &err), 0);
	pair.client = tls_session(pair.client_context, host);
	assert_int_equal(
	    tls_bio_attach(&pair.tls_bio, pair.client, pair.fd[0]), 0);
	said = shake_hands(&pair);
	part(&pair);
	pki_free(&own);
	return said;
}

static void verifying(void **state)
{
	struct pki_pair other;
	char good[128], bad[128];

	pki_make(&other, &(struct pki_spec){"Other CA", true}, NULL);
	snprintf(good, sizeof(good), "%s/good.pem", directory);
	snprintf(bad, sizeof(bad), "%s/bad.pem", directory);
	pki_write(&authority, good);
	pki_write(&other, bad);
	assert_int_equal(shake_verifying("", "collector.example.net"), 1);
	assert_int_equal(shake_verifying(good, "collector.example.net"), 1);
	assert_int_not_equal(shake_verifying(bad, "collector.example.net"), 1);
	assert_int_not_equal(shake_verifying(good, "other.example.net"), 1);
	pki_free(&other);
}

static void no_such_file(void **state)
{
	struct ssl_ctx_st *context;
	struct err err;

	assert_int_equal(
	    tls_verifying_context("/nonexistent/ca.pem", &context, &err),
	    -EINVAL);
	assert_null(context);
	assert_non_null(strstr(err.text, "/nonexistent/ca.pem: "));
}

static void wire_reset(void **state)
{
	struct pki_pair own;
	struct pair pair;

	pki_make(&own, &(struct pki_spec){"mx.example.net"}, &authority);
	pair_up(&pair, &own, "mx.example.net");
	assert_int_equal(shake_hands(&pair), 1);
	close(pair.fd[1]);
	pair.fd[1] = -1;
	assert_int_equal(SSL_write(pair.client, "x", 1), -1);
	assert_int_equal(pair.tls_bio.sys_errno, EPIPE);
	part(&pair);
	pki_free(&own);
}

/* HelloRequests, which a client ignores during a handshake. */
static void wire_budget(void **state)
{
	static const char nothing[] = "\x16\x03\x03\0\4\0\0\0\0";
	static char flood[TLS_BIO_TURN_BYTES / 9 * 9 + 9];
	SSL_CTX *context;
	SSL *session;
	struct tls_bio tls_bio;
	struct err err;
	size_t i;
	int fd[2], said;

	for (i = 0; i < sizeof(flood); i += 9)
		memcpy(flood + i, nothing, 9);
	assert_int_equal(tls_probe_context(&context, &err), 0);
	session = tls_session(context, "mx.example.net");
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd);
	assert_int_equal(tls_bio_attach(&tls_bio, session, fd[0]), 0);
	assert_int_equal(write(fd[1], flood, sizeof(flood)), sizeof(flood));
	said = SSL_do_handshake(session);
	assert_int_equal(SSL_get_error(session, said), SSL_ERROR_WANT_READ);
	assert_int_equal(tls_bio.budget, 0);
	SSL_free(session);
	tls_bio_free(&tls_bio);
	tls_context_free(context);
	close(fd[0]);
	close(fd[1]);
}

static void remove_directory(void)
{
	DIR *open = opendir(directory);
	struct dirent *entry;

	while (open != NULL && (entry = readdir(open)) != NULL)
		unlinkat(dirfd(open), entry->d_name, 0);
	if (open != NULL)
		closedir(open);
	rmdir(directory);
}

int main(void)
{
	struct test_list list = {0};
	int failed;

	if (mkdtemp(directory) == NULL)
		return 1;
	pki_make(&authority, &(struct pki_spec){"Test CA", true}, NULL);
	pki_write_hashed(&authority, directory);
	setenv("SSL_CERT_DIR", directory, 1);
	unsetenv("SSL_CERT_FILE");
	TEST_ROWS(&list, verify_rows, verify);
	test_add(
	    &list, "one from an unknown CA is `untrusted`", unknown_authority);
	test_add(&list, "of an unknown CA nothing is said where no CA is known",
	    no_authorities);
	test_add(&list, "a chain is verified once per name", remembered);
	test_add(&list, "only the server's own certificate is kept",
	    only_own_certificate);
	test_add(&list, "all suites of OpenSSL are offered", all_suites);
	TEST_ROWS(&list, version_rows, version);
	TEST_ROWS(&list, suite_rows, suite);
	test_add(
	    &list, "an address is not sent as a name", no_name_for_addresses);
	test_add(&list, "a verifying context refuses what does not verify",
	    verifying);
	test_add(&list, "a missing CA file is named", no_such_file);
	test_add(&list,
	    "writing to a closed connection is an errno, not a signal",
	    wire_reset);
	test_add(
	    &list, "records without data cannot hold the loop", wire_budget);
	failed = test_run("tls", &list);
	pki_free(&authority);
	remove_directory();
	return failed;
}
