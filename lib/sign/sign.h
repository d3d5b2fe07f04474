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

/* Read the private key from a PEM file, or make a new one there: mode 0600,
 * synced, complete or not there at all. A file that others may read is an
 * error that says so. */
int sign_key_load_or_make(
    const char *path, struct sign_key **key, struct err *err);
void sign_key_free(struct sign_key *key);

void sign_key_public(
    const struct sign_key *key, uint8_t public_key[SIGN_PUBLIC_SIZE]);

/* 0, or -EIO where the library failed. */
int sign_bytes(const struct sign_key *key, const void *bytes, size_t length,
    uint8_t signature[SIGN_SIGNATURE_SIZE]);

/* SHA-256, and HMAC with it (RFC 2104). */
void sha256(const void *bytes, size_t length, uint8_t digest[32]);
void hmac_sha256(const uint8_t *key, size_t key_length, const void *bytes,
    size_t length, uint8_t mac[32]);

/* Compare in a time that does not depend on the bytes. */
bool equal_constant_time(const void *a, const void *b, size_t length);

/* A file of SIGN_SECRET_SIZE random bytes, made on first use, as with keys. */
int secret_load_or_make(
    const char *path, uint8_t secret[SIGN_SECRET_SIZE], struct err *err);

/* OpenSSL's callback for a key that wants a passphrase: there is none, and
 * nobody is asked for it on the terminal. */
int sign_no_passphrase(char *text, int size, int writing, void *arg);

#endif
