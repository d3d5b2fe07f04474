/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/chain_memo.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

#define DIGEST_SIZE 32

struct memo {
	uint8_t key[DIGEST_SIZE];
	int64_t until_us; /* 0: nothing is kept here */
	int result;       /* X509_V_... */
};

struct chain_memo {
	struct memo memos[CHAIN_MEMO_KEPT];
};

static bool add_certificates(EVP_MD_CTX *sum, X509_STORE_CTX *chain)
{
	STACK_OF(X509) *shown = X509_STORE_CTX_get0_untrusted(chain);
	uint8_t digest[DIGEST_SIZE];
	int i;

	for (i = 0; i < sk_X509_num(shown); i++)
		if (X509_digest(sk_X509_value(shown, i), EVP_sha256(), digest,
			NULL) != 1 ||
		    EVP_DigestUpdate(sum, digest, sizeof(digest)) != 1)
			return false;
	return i > 0;
}

/* The name or address the certificate must have; "" if any will do. */
static bool add_name(EVP_MD_CTX *sum, X509_STORE_CTX *chain)
{
	X509_VERIFY_PARAM *asked = X509_STORE_CTX_get0_param(chain);
	const char *host = X509_VERIFY_PARAM_get0_host(asked, 0);
	char *address = X509_VERIFY_PARAM_get1_ip_asc(asked);
	const char *name = host != NULL ? host : address != NULL ? address : "";
	bool well = EVP_DigestUpdate(sum, name, strlen(name)) == 1;

	OPENSSL_free(address);
	return well;
}

static bool key_of(X509_STORE_CTX *chain, uint8_t key[DIGEST_SIZE])
{
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	bool well = sum != NULL &&
		    EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1 &&
		    add_certificates(sum, chain) && add_name(sum, chain) &&
		    EVP_DigestFinal_ex(sum, key, NULL) == 1;

	EVP_MD_CTX_free(sum);
	return well;
}

static int verify(X509_STORE_CTX *chain)
{
	X509_verify_cert(chain);
	X509_STORE_CTX_set0_verified_chain(chain, NULL);
	return X509_STORE_CTX_get_error(chain);
}

/* The memo with this key, or the one to overwrite: that which ends first. */
static struct memo *find_memo(
    struct chain_memo *cache, const uint8_t key[DIGEST_SIZE])
{
	struct memo *oldest = &cache->memos[0];
	size_t i;

	for (i = 0; i < CHAIN_MEMO_KEPT; i++) {
		if (memcmp(cache->memos[i].key, key, DIGEST_SIZE) == 0)
			return &cache->memos[i];
		if (cache->memos[i].until_us < oldest->until_us)
			oldest = &cache->memos[i];
	}
	return oldest;
}

/* Under SSL_VERIFY_NONE the return value has no effect. */
static int on_verify(X509_STORE_CTX *chain, void *arg)
{
	struct chain_memo *cache = arg;
	int64_t now_us = clock_mono_us();
	uint8_t key[DIGEST_SIZE];
	struct memo *memo;

	if (!key_of(chain, key)) {
		verify(chain);
		return 1;
	}
	memo = find_memo(cache, key);
	if (memo->until_us > now_us &&
	    memcmp(memo->key, key, sizeof(key)) == 0) {
		X509_STORE_CTX_set_error(chain, memo->result);
		return 1;
	}
	memo->result = verify(chain);
	memo->until_us = now_us + CHAIN_MEMO_S * INT64_C(1000000);
	memcpy(memo->key, key, sizeof(key));
	return 1;
}

static void forget(void *parent, void *pointer, CRYPTO_EX_DATA *data, int index,
    long number, void *arg)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)number;
	(void)arg;
	free(pointer);
}

int chain_memo_use(struct ssl_ctx_st *context)
{
	static int index = -1;
	struct chain_memo *cache = calloc(1, sizeof(*cache));

	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, forget);
	if (cache == NULL || index < 0 ||
	    SSL_CTX_set_ex_data(context, index, cache) != 1) {
		free(cache);
		return -ENOMEM;
	}
	SSL_CTX_set_cert_verify_callback(context, on_verify, cache);
	return 0;
}
