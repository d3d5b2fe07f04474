/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/net/authorities.h"
#include "agent/net/chain_memo.h"
#include "agent/net/tls_library.h"
#include "lib/http/tls_host.h"

/* The cheapest first: most servers follow the client's order in TLS 1.3. */
#define CHEAP_FIRST                                     \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384" \
	":TLS_CHACHA20_POLY1305_SHA256"

/* OpenSSL's verification results, and the report's words for them. */
static const struct {
	long result;
	enum tls_verify verify;
} verify_results[] = {
    {X509_V_OK, VERIFY_OK},
    {X509_V_ERR_CERT_HAS_EXPIRED, VERIFY_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, VERIFY_NOT_YET_VALID},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, VERIFY_SELF_SIGNED},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, VERIFY_SELF_SIGNED},
    {X509_V_ERR_HOSTNAME_MISMATCH, VERIFY_NAME},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, VERIFY_NAME},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, VERIFY_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, VERIFY_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, VERIFY_UNTRUSTED},
};

/* Set the error to the sentence and the last error of OpenSSL. */
static int library_error(struct err *err, const char *sentence)
{
	char words[256];

	ERR_error_string_n(ERR_peek_last_error(), words, sizeof(words));
	ERR_clear_error();
	return err_input(err, "%s: %s", sentence, words);
}

static int context_new(
    OSSL_LIB_CTX *library, SSL_CTX **context, struct err *err)
{
	*context = SSL_CTX_new_ex(library, NULL, TLS_client_method());
	if (*context == NULL)
		return err_system(err, -ENOMEM, "cannot start TLS");
	SSL_CTX_set_session_cache_mode(*context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(*context, SSL_MODE_RELEASE_BUFFERS |
				       SSL_MODE_ENABLE_PARTIAL_WRITE |
				       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* Otherwise SSL_read() loops as long as a server sends records that
	 * hold no data. */
	SSL_CTX_clear_mode(*context, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_options(
	    *context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	return 0;
}

int tls_probe_context(struct ssl_ctx_st **context, struct err *err)
{
	int status = context_new(tls_library(), context, err);

	if (status != 0)
		return status;
	SSL_CTX_set_security_level(*context, 0);
	SSL_CTX_set_options(*context, SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_verify(*context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_read_ahead(*context, 1);
	if (SSL_CTX_set_min_proto_version(*context, TLS1_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(*context, "DEFAULT:@SECLEVEL=0") == 1 &&
	    SSL_CTX_set_ciphersuites(*context, CHEAP_FIRST) == 1 &&
	    authorities_use(*context) && chain_memo_use(*context) == 0)
		return 0;
	status = library_error(err, "cannot set up TLS for probes");
	tls_context_free(*context);
	*context = NULL;
	return status;
}

int tls_verifying_context(
    const char *ca_file, struct ssl_ctx_st **context, struct err *err)
{
	bool named = ca_file != NULL && ca_file[0] != '\0';
	int status = context_new(NULL, context, err);

	if (status != 0)
		return status;
	SSL_CTX_set_verify(*context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_min_proto_version(*context, TLS1_2_VERSION);
	if (named ? SSL_CTX_load_verify_file(*context, ca_file) == 1
		  : authorities_use(*context))
		return 0;
	status = library_error(
	    err, named ? "cannot read certificates" : "cannot use authorities");
	if (named)
		err_prefix(err, "%s", ca_file);
	tls_context_free(*context);
	*context = NULL;
	return status;
}

void tls_context_free(struct ssl_ctx_st *context)
{
	SSL_CTX_free(context);
}

struct ssl_st *tls_session(struct ssl_ctx_st *context, const char *host)
{
	SSL *session = SSL_new(context);

	if (session == NULL)
		return NULL;
	SSL_set_connect_state(session);
	if (host == NULL || host[0] == '\0' || tls_host_expect(session, host))
		return session;
	SSL_free(session);
	ERR_clear_error();
	return NULL;
}

static enum tls_verify verify_of(long result)
{
	size_t i;

	for (i = 0; i < sizeof(verify_results) / sizeof(*verify_results); i++)
		if (verify_results[i].result == result)
			return verify_results[i].verify;
	return VERIFY_OTHER;
}

/* It says whether an authority is trusted, where any is. */
static bool is_of_trust(long result)
{
	return result == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
	       verify_of(result) == VERIFY_UNTRUSTED;
}

static enum tls_verify verify_seen(SSL *session)
{
	long result = SSL_get_verify_result(session);

	if (is_of_trust(result) &&
	    !authorities_are_known(SSL_get_SSL_CTX(session)))
		return VERIFY_ABSENT;
	return verify_of(result);
}

static void record_key(X509 *certificate, struct tls_seen *seen)
{
	unsigned char *der = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	if (length <= 0)
		return;
	seen->has_spki = EVP_Digest(der, (size_t)length, seen->spki_sha256,
			     NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_free(der);
}

/* The intermediate certificates are not needed any more, and are most of a
 * session's memory. */
static void drop_intermediates(SSL *session)
{
	STACK_OF(X509) *shown = SSL_get_peer_cert_chain(session);

	while (sk_X509_num(shown) > 1)
		X509_free(sk_X509_pop(shown));
}

void tls_record(struct ssl_st *session, struct tls_seen *seen)
{
	X509 *certificate = SSL_get0_peer_certificate(session);

	snprintf(seen->version, sizeof(seen->version), "%s",
	    SSL_get_version(session));
	snprintf(seen->cipher, sizeof(seen->cipher), "%s",
	    SSL_get_cipher_name(session));
	if (certificate == NULL)
		return;
	seen->verify = verify_seen(session);
	record_key(certificate, seen);
	drop_intermediates(session);
}
