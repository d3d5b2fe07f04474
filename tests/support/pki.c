/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/pki.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/addr.h"

#define DAY_S 86400

static void need(bool well)
{
	if (!well)
		abort();
}

static void extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	need(extension != NULL);
	need(X509_add_ext(certificate, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static void name_it(X509 *certificate, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	struct addr address;
	char alternative[300];

	need(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		 (const unsigned char *)name, -1, -1, 0) == 1);
	snprintf(alternative, sizeof(alternative), "%s:%s",
	    addr_parse(&address, name) ? "IP" : "DNS", name);
	extend(certificate, NID_subject_alt_name, alternative);
}

/* An RSA key that may only sign with PSS (RFC 8446, 4.2.3). */
static EVP_PKEY *make_pss_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(
	    NULL, "RSA-PSS", NULL);
	EVP_PKEY *key = NULL;

	need(EVP_PKEY_keygen_init(context) == 1);
	need(EVP_PKEY_generate(context, &key) == 1);
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *make_key(const char *kind)
{
	if (kind != NULL && strcmp(kind, "RSA") == 0)
		return EVP_RSA_gen(2048);
	if (kind != NULL && strcmp(kind, "RSA-PSS") == 0)
		return make_pss_key();
	if (kind != NULL && strncmp(kind, "ED", 2) == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, kind);
	return EVP_EC_gen(kind != NULL ? kind : "P-256");
}

/* Edwards curves bring their own digest. */
static const EVP_MD *digest_of(const struct pki_pair *issuer)
{
	if (EVP_PKEY_is_a(issuer->key, "ED25519") ||
	    EVP_PKEY_is_a(issuer->key, "ED448"))
		return NULL;
	return EVP_sha256();
}

void pki_make(struct pki_pair *pair, const struct pki_spec *spec,
    const struct pki_pair *issuer)
{
	static long serial = 1;
	int to_days = spec->to_days != 0 ? spec->to_days : 30;
	int from_days = spec->from_days != 0 ? spec->from_days : -1;
	X509 *certificate = X509_new();

	pair->key = make_key(spec->key);
	pair->certificate = certificate;
	need(pair->key != NULL && certificate != NULL);
	if (issuer == NULL)
		issuer = pair;
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
	X509_gmtime_adj(
	    X509_getm_notBefore(certificate), (long)from_days * DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(certificate), (long)to_days * DAY_S);
	X509_set_pubkey(certificate, pair->key);
	name_it(certificate, spec->name);
	if (spec->authority)
		extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
	X509_set_issuer_name(
	    certificate, X509_get_subject_name(issuer->certificate));
	need(X509_sign(certificate, issuer->key, digest_of(issuer)) > 0);
}

void pki_free(struct pki_pair *pair)
{
	X509_free(pair->certificate);
	EVP_PKEY_free(pair->key);
	memset(pair, 0, sizeof(*pair));
}

struct ssl_ctx_st *pki_server(const struct pki_pair *pair)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	need(context != NULL);
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	need(SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0") == 1);
	need(SSL_CTX_use_certificate(context, pair->certificate) == 1);
	need(SSL_CTX_use_PrivateKey(context, pair->key) == 1);
	return context;
}

void pki_spki_sha256(const struct pki_pair *pair, uint8_t digest[32])
{
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(pair->key, &der);

	need(length > 0);
	need(EVP_Digest(
		 der, (size_t)length, digest, NULL, EVP_sha256(), NULL) == 1);
	OPENSSL_free(der);
}

void pki_write(const struct pki_pair *pair, const char *path)
{
	FILE *file = fopen(path, "we");

	need(file != NULL);
	need(PEM_write_X509(file, pair->certificate) == 1);
	need(fclose(file) == 0);
}

void pki_write_hashed(const struct pki_pair *pair, const char *directory)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%08lx.0", directory,
	    X509_subject_name_hash(pair->certificate));
	pki_write(pair, path);
}
