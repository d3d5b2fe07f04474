/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/tls_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME      "egress25"
#define NAME_SIZE 64
#define KEPT_MAX  24

/* The part of OpenSSL's default provider that a TLS client can use: the
 * algorithms of the `DEFAULT` cipher suites, and the key types of certificates.
 * Nothing else is offered. */
static const struct operation {
	int number;
	const char *names;    /* each followed and preceded by a colon */
	const char *property; /* required in its definition, or NULL */
} operations[] = {
    {OSSL_OP_DIGEST,
	":MD5:MD5-SHA1:SHA1:SHA2-224:SHA2-256:SHA2-384:SHA2-512:", NULL},
    {OSSL_OP_CIPHER,
	":AES-128-GCM:AES-256-GCM:ChaCha20-Poly1305:AES-128-CBC:AES-256-CBC"
	":AES-128-CBC-HMAC-SHA1:AES-256-CBC-HMAC-SHA1"
	":AES-128-CBC-HMAC-SHA256:AES-256-CBC-HMAC-SHA256:",
	NULL},
    {OSSL_OP_MAC, ":HMAC:", NULL},
    {OSSL_OP_KDF, ":HKDF:TLS13-KDF:TLS1-PRF:", NULL},
    {OSSL_OP_RAND, ":CTR-DRBG:SEED-SRC:", NULL},
    {OSSL_OP_KEYMGMT,
	":RSA:RSA-PSS:EC:ED25519:ED448:X25519:X448:DH:HMAC:", NULL},
    {OSSL_OP_KEYEXCH, ":ECDH:X25519:X448:DH:", NULL},
    {OSSL_OP_SIGNATURE, ":RSA:ECDSA:ED25519:ED448:HMAC:", NULL},
    {OSSL_OP_ASYM_CIPHER, ":RSA:", NULL},
    {OSSL_OP_DECODER,
	":RSA:RSA-PSS:EC:ED25519:ED448:", "structure=SubjectPublicKeyInfo"},
};

#define OPERATIONS (sizeof(operations) / sizeof(*operations))

/* What is offered of each; after the last comes an empty one. */
static OSSL_ALGORITHM kept[OPERATIONS][KEPT_MAX + 1];

static OSSL_PROVIDER *whole; /* the default provider */

/* Whether one of its names, separated by colons, is in our list. */
static bool is_wanted(
    const struct operation *operation, const OSSL_ALGORITHM *algorithm)
{
	const char *name = algorithm->algorithm_names;
	char between[NAME_SIZE];
	int length;

	if (operation->property != NULL &&
	    strstr(algorithm->property_definition, operation->property) == NULL)
		return false;
	for (;; name += length + 1) {
		length = (int)strcspn(name, ":");
		snprintf(between, sizeof(between), ":%.*s:", length, name);
		if (strcasestr(operation->names, between) != NULL)
			return true;
		if (name[length] == '\0')
			return false;
	}
}

static void keep_wanted(size_t i)
{
	const OSSL_ALGORITHM *all;
	int no_store;
	size_t n = 0;

	all = OSSL_PROVIDER_query_operation(
	    whole, operations[i].number, &no_store);
	for (; all != NULL && all->algorithm_names != NULL; all++)
		if (n < KEPT_MAX && is_wanted(&operations[i], all))
			kept[i][n++] = *all;
}

static const OSSL_ALGORITHM *query(void *context, int number, int *no_store)
{
	size_t i;

	(void)context;
	*no_store = 0;
	for (i = 0; i < OPERATIONS; i++)
		if (operations[i].number == number)
			return kept[i];
	return NULL;
}

static int capabilities(
    void *context, const char *which, OSSL_CALLBACK *callback, void *arg)
{
	(void)context;
	return OSSL_PROVIDER_get_capabilities(whole, which, callback, arg);
}

static const OSSL_DISPATCH functions[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))capabilities},
    {0, NULL},
};

/* The algorithms belong to the default provider and need its context. */
static int begin(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
    const OSSL_DISPATCH **out, void **context)
{
	(void)handle;
	(void)in;
	*out = functions;
	*context = OSSL_PROVIDER_get0_provider_ctx(whole);
	return 1;
}

static OSSL_LIB_CTX *make(void)
{
	OSSL_LIB_CTX *library;
	size_t i;

	whole = OSSL_PROVIDER_load(NULL, "default");
	library = whole != NULL ? OSSL_LIB_CTX_new() : NULL;
	for (i = 0; i < OPERATIONS && whole != NULL; i++)
		keep_wanted(i);
	if (library != NULL &&
	    OSSL_PROVIDER_add_builtin(library, NAME, begin) == 1 &&
	    OSSL_PROVIDER_load(library, NAME) != NULL)
		return library;
	OSSL_LIB_CTX_free(library);
	ERR_clear_error();
	return NULL;
}

struct ossl_lib_ctx_st *tls_library(void)
{
	static OSSL_LIB_CTX *library;
	static bool tried;

	if (!tried)
		library = make();
	tried = true;
	return library;
}
