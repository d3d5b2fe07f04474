/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_PKI_H
#define EGRESS25_TESTS_SUPPORT_PKI_H

/* Keys and certificates created for a test. A failure aborts. */

#include <stdbool.h>
#include <stdint.h>

struct evp_pkey_st;
struct ssl_ctx_st;
struct x509_st;

struct pki_pair {
	struct evp_pkey_st *key;
	struct x509_st *certificate;
};

struct pki_spec {
	const char *name; /* a host name or an address */
	bool authority;
	int from_days, to_days; /* from today; both 0: valid now */
	const char
	    *key; /* "RSA", "RSA-PSS", "ED25519" or a curve; NULL: P-256 */
};

/* A new key and its certificate, signed by `issuer`, or self-signed if that is
 * NULL. End with pki_free(). */
void pki_make(struct pki_pair *pair, const struct pki_spec *spec,
    const struct pki_pair *issuer);
void pki_free(struct pki_pair *pair);

/* A server context with the pair's certificate. */
struct ssl_ctx_st *pki_server(const struct pki_pair *pair);

/* The SHA-256 of the key's SubjectPublicKeyInfo. */
void pki_spki_sha256(const struct pki_pair *pair, uint8_t digest[32]);

/* Write the certificate as PEM to DIRECTORY/HASH.0, as c_rehash names it. */
void pki_write_hashed(const struct pki_pair *pair, const char *directory);

/* Write the certificate as PEM to `path`. */
void pki_write(const struct pki_pair *pair, const char *path);

#endif
