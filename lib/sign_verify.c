/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign.h"

/* libsodium needs half of OpenSSL's time for it, and a collector does little
 * else that takes longer. A file of its own: an agent verifies nothing, and
 * then needs no libsodium. */
#ifdef HAVE_SODIUM

#include <sodium.h>
#include <stdlib.h>
#include <threads.h>

static void set_up(void)
{
	if (sodium_init() < 0)
		abort(); /* no random bytes: nothing here can work */
}

bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_SIZE], const void *bytes,
    size_t length, const uint8_t signature[SIGN_SIGNATURE_SIZE])
{
	static once_flag once = ONCE_FLAG_INIT;

	call_once(&once, set_up);
	return crypto_sign_verify_detached(
		   signature, bytes, length, public_key) == 0;
}

#else

#include <openssl/err.h>
#include <openssl/evp.h>

bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_SIZE], const void *bytes,
    size_t length, const uint8_t signature[SIGN_SIGNATURE_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, public_key, SIGN_PUBLIC_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	/* An error left behind would be read as the next TLS session's. */
	ERR_set_mark();
	good = key != NULL && context != NULL &&
	       EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(
		   context, signature, SIGN_SIGNATURE_SIZE, bytes, length) == 1;
	ERR_pop_to_mark();
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good;
}

#endif
