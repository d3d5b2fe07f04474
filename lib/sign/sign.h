/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_SIGN_SIGN_H
#define EGRESS25_LIB_SIGN_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define SIGN_PUBLIC_SIZE    32
#define SIGN_SIGNATURE_SIZE 64
#define SIGN_SECRET_SIZE    32

/* An Ed25519 key pair (RFC 8032). Opaque; end with sign_key_free(). */
struct sign_key;

/* Read the private key from a PEM file. If there is no such file, make a key
 * and create the file with mode 0600, durably (durable.h). 0; -EINVAL if the
 * file is not an Ed25519 key or others may read it; or -errno. */
int sign_key_load_or_make(
    const char *path, struct sign_key **key, struct err *err);

/* The same for a file in a directory to which others may write: no link is
 * followed, nor is a second name of somebody else's file read. `make` false:
 * -ENOENT where there is none. `path` is for messages. */
struct sign_place {
	int directory;
	const char *name, *path;
	bool make;
};
int sign_key_load_at(
    const struct sign_place *place, struct sign_key **key, struct err *err);

/* The key pair of a private key (RFC 8032, 5.1.5). 0 or -ENOMEM. */
int sign_key_of(
    const uint8_t private_key[SIGN_SECRET_SIZE], struct sign_key **key);

void sign_key_free(struct sign_key *key); /* NULL is allowed */

void sign_key_public(
    const struct sign_key *key, uint8_t public_key[SIGN_PUBLIC_SIZE]);

/* Sign (RFC 8032, 5.1.6). 0, or -EIO if OpenSSL failed. */
int sign_bytes(const struct sign_key *key, const void *bytes, size_t length,
    uint8_t signature[SIGN_SIGNATURE_SIZE]);

void sha256(const void *bytes, size_t length, uint8_t digest[32]);

/* HMAC-SHA-256 (RFC 2104). */
void hmac_sha256(const uint8_t *key, size_t key_length, const void *bytes,
    size_t length, uint8_t mac[32]);

/* Compare in constant time. */
bool equal_constant_time(const void *a, const void *b, size_t length);

/* Read a secret of SIGN_SECRET_SIZE bytes from a file. If there is no such
 * file, create it with random bytes, as sign_key_load_or_make() does. */
int secret_load_or_make(
    const char *path, uint8_t secret[SIGN_SECRET_SIZE], struct err *err);

/* A pem_password_cb that refuses, so that OpenSSL does not ask on the terminal
 * for the passphrase of an encrypted key. */
int sign_no_passphrase(char *text, int size, int writing, void *arg);

#endif
