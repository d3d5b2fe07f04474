/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/net/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "lib/base/durable.h"
#include "lib/base/random.h"
#include "lib/sign/sign.h"

#define VALID_S (20L * 365 * 86400)

static int explain(struct err *err, const char *path, const char *what)
{
	char words[256];

	ERR_error_string_n(ERR_peek_last_error(), words, sizeof(words));
	ERR_clear_error();
	return err_input(err, "%s: %s: %s", path, what, words);
}

static EVP_PKEY *read_key(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key = NULL;

	if (file == NULL)
		return NULL;
	key = PEM_read_PrivateKey(file, NULL, sign_no_passphrase, NULL);
	fclose(file);
	return key;
}

static int write_key(EVP_PKEY *key, const char *path)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long length;
	int error = -ENOMEM;

	if (bio != NULL && PEM_write_bio_PrivateKey(
			       bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
		length = BIO_get_mem_data(bio, &bytes);
		error = durable_create(AT_FDCWD, path, bytes, (size_t)length);
	}
	BIO_free(bio);
	return error;
}

static int load_or_make_key(const char *path, EVP_PKEY **key, struct err *err)
{
	int error;

	*key = read_key(path);
	if (*key != NULL)
		return 0;
	*key = EVP_EC_gen("P-256");
	if (*key == NULL)
		return err_system(err, -ENOMEM, "%s", path);
	error = write_key(*key, path);
	if (error == 0)
		return 0;
	EVP_PKEY_free(*key);
	*key = NULL;
	if (error == -EEXIST)
		return explain(err, path, "no key in PEM");
	return err_system(err, error, "%s", path);
}

/* Self-signed: agents do not verify, they compare keys. */
static X509 *make_certificate(EVP_PKEY *key, const char *name)
{
	X509 *certificate = X509_new();
	X509_NAME *subject;
	uint32_t serial;

	if (certificate == NULL)
		return NULL;
	random_bytes(&serial, sizeof(serial));
	subject = X509_get_subject_name(certificate);
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
	X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_S);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(certificate, subject);
	if (X509_set_pubkey(certificate, key) == 1 &&
	    X509_sign(certificate, key, EVP_sha256()) > 0)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static int use_own(SSL_CTX *context, const struct beacon_options *options,
    const char *name, struct err *err)
{
	char path[300];
	X509 *certificate;
	EVP_PKEY *key;
	int error;

	snprintf(path, sizeof(path), "%s/tls.key", options->state);
	error = load_or_make_key(path, &key, err);
	if (error < 0)
		return error;
	certificate = make_certificate(key, name);
	if (certificate == NULL ||
	    SSL_CTX_use_certificate(context, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey(context, key) != 1)
		error = explain(err, path, "no certificate could be made");
	X509_free(certificate);
	EVP_PKEY_free(key);
	return error;
}

static int use_files(
    SSL_CTX *context, const struct beacon_options *options, struct err *err)
{
	SSL_CTX_set_default_passwd_cb(context, sign_no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(context, options->certificate) !=
	    1)
		return explain(
		    err, options->certificate, "no certificate in PEM");
	if (SSL_CTX_use_PrivateKey_file(
		context, options->key, SSL_FILETYPE_PEM) != 1)
		return explain(
		    err, options->key, "no key in PEM for the certificate");
	return 0;
}

int certificate_load(const struct beacon_options *options, const char *name,
    struct ssl_ctx_st **tls, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int error;

	if (context == NULL)
		return err_system(err, -ENOMEM, "TLS");
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
				      SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_IGNORE_UNEXPECTED_EOF |
					 SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	error = options->certificate[0] != '\0'
		    ? use_files(context, options, err)
		    : use_own(context, options, name, err);
	if (error == 0)
		*tls = context;
	else
		SSL_CTX_free(context);
	return error;
}

int certificate_spki(const struct ssl_ctx_st *tls, uint8_t spki_sha256[32])
{
	X509 *certificate = SSL_CTX_get0_certificate(tls);
	unsigned char *der = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	if (length < 0)
		return -ENOMEM;
	sha256(der, (size_t)length, spki_sha256);
	OPENSSL_free(der);
	return 0;
}
