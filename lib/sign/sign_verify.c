/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign/sign_verify.h"

/* libsodium takes half of OpenSSL's time to verify, which is what a collector
 * spends most on. A module of its own, so that an agent, which only signs, is
 * not linked with libsodium. */
#ifdef HAVE_SODIUM

#include <sodium.h>
#include <stdlib.h>
#include <threads.h>

static void set_up(void)
{
	if (sodium_init() < 0)
		abort(); /* no random numbers: nothing can work */
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
#include <string.h>

/*
 * The y coordinates of the points of small order, in each of their encodings
 * (Cremers and Jackson, "Prime, Order Please!", table 4). With such a public
 * key a signature can be forged without a private key, and it holds for other
 * messages too.
 */
static const uint8_t small_order[][SIGN_PUBLIC_SIZE] = {
    {0x00},
    {0x01},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89,
	0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
	0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76,
	0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
	0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

/* The last bit is the sign of x: ignored. */
static bool is_small_order(const uint8_t public_key[SIGN_PUBLIC_SIZE])
{
	size_t i, last = SIGN_PUBLIC_SIZE - 1;

	for (i = 0; i < sizeof(small_order) / sizeof(*small_order); i++)
		if (memcmp(public_key, small_order[i], last) == 0 &&
		    (public_key[last] & 0x7f) == small_order[i][last])
			return true;
	return false;
}

bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_SIZE], const void *bytes,
    size_t length, const uint8_t signature[SIGN_SIGNATURE_SIZE])
{
	EVP_PKEY *key;
	EVP_MD_CTX *context;
	bool good;

	if (is_small_order(public_key))
		return false;
	key = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, public_key, SIGN_PUBLIC_SIZE);
	context = EVP_MD_CTX_new();
	/* An error left in the queue would be taken for a TLS session's. */
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
