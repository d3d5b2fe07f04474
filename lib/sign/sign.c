/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/durable.h"
#include "lib/base/random.h"

#define SECRET_FILE_MAX 4096

struct sign_key {
	EVP_PKEY *pair;
	uint8_t public_key[SIGN_PUBLIC_SIZE];
};

/* --- secret files --- */

static int check_file(int fd, const struct sign_place *place, struct err *err)
{
	const char *path = place->path;
	struct stat status, owner;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return err_input(err, "%s: is no regular file", path);
	if (place->directory != AT_FDCWD && status.st_nlink > 1 &&
	    (fstat(place->directory, &owner) < 0 ||
		status.st_uid != owner.st_uid))
		return err_input(err, "%s: is another name of a file", path);
	if ((status.st_mode & 077) != 0)
		return err_input(err,
		    "%s: others may read it (mode %04o); make it 0600", path,
		    (unsigned)status.st_mode & 07777);
	return 0;
}

static int read_file(const struct sign_place *place,
    char bytes[SECRET_FILE_MAX], size_t *length, struct err *err)
{
	int follow = place->directory == AT_FDCWD ? 0 : O_NOFOLLOW;
	int fd = openat(place->directory, place->name,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | follow);
	ssize_t got = 0;
	int error;

	if (fd < 0)
		return errno == ELOOP
			   ? err_input(err, "%s: is a link", place->path)
			   : -errno;
	error = check_file(fd, place, err);
	if (error == 0)
		got = read(fd, bytes, SECRET_FILE_MAX);
	if (got < 0)
		error = -errno;
	close(fd);
	*length = got < 0 ? 0 : (size_t)got;
	return error;
}

/* --- keys --- */

static int adopt(EVP_PKEY *pair, struct sign_key **out)
{
	struct sign_key *key = calloc(1, sizeof(*key));
	size_t length = SIGN_PUBLIC_SIZE;

	if (key == NULL || pair == NULL ||
	    EVP_PKEY_get_raw_public_key(pair, key->public_key, &length) != 1) {
		EVP_PKEY_free(pair);
		free(key);
		return -ENOMEM;
	}
	key->pair = pair;
	*out = key;
	return 0;
}

int sign_no_passphrase(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int parse_key(const char *path, const char *bytes, size_t length,
    struct sign_key **key, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(bytes, (int)length);
	EVP_PKEY *pair = NULL;

	ERR_set_mark();
	if (bio != NULL)
		pair = PEM_read_bio_PrivateKey(
		    bio, NULL, sign_no_passphrase, NULL);
	ERR_pop_to_mark();
	BIO_free(bio);
	if (pair == NULL || EVP_PKEY_get_id(pair) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(pair);
		return err_input(
		    err, "%s: no Ed25519 private key in PEM", path);
	}
	if (adopt(pair, key) < 0)
		return err_system(err, -ENOMEM, "%s", path);
	return 0;
}

static int make_key(const struct sign_place *place)
{
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long length;
	int error = -ENOMEM;

	if (pair != NULL && bio != NULL &&
	    PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL)) {
		length = BIO_get_mem_data(bio, &bytes);
		error = durable_create(
		    place->directory, place->name, bytes, (size_t)length);
	}
	BIO_free(bio);
	EVP_PKEY_free(pair);
	return error;
}

typedef int make_file(const struct sign_place *place);

/* Read the file; if it does not exist, make it first. Another process may make
 * it at the same time. */
static int read_or_make(const struct sign_place *place, make_file *make,
    char bytes[SECRET_FILE_MAX], size_t *length, struct err *err)
{
	int error = read_file(place, bytes, length, err);

	if (error == -ENOENT && place->make) {
		error = make(place);
		if (error == 0 || error == -EEXIST)
			error = read_file(place, bytes, length, err);
	}
	if (error < 0 && error != -EINVAL)
		return err_system(err, error, "%s", place->path);
	return error;
}

int sign_key_load_at(
    const struct sign_place *place, struct sign_key **key, struct err *err)
{
	char bytes[SECRET_FILE_MAX];
	size_t length;
	int error = read_or_make(place, make_key, bytes, &length, err);

	if (error == 0)
		error = parse_key(place->path, bytes, length, key, err);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return error;
}

int sign_key_load_or_make(
    const char *path, struct sign_key **key, struct err *err)
{
	const struct sign_place place = {AT_FDCWD, path, path, true};

	return sign_key_load_at(&place, key, err);
}

int sign_key_of(
    const uint8_t private_key[SIGN_SECRET_SIZE], struct sign_key **key)
{
	return adopt(EVP_PKEY_new_raw_private_key(
			 EVP_PKEY_ED25519, NULL, private_key, SIGN_SECRET_SIZE),
	    key);
}

void sign_key_free(struct sign_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pair);
	free(key);
}

void sign_key_public(
    const struct sign_key *key, uint8_t public_key[SIGN_PUBLIC_SIZE])
{
	memcpy(public_key, key->public_key, SIGN_PUBLIC_SIZE);
}

int sign_bytes(const struct sign_key *key, const void *bytes, size_t length,
    uint8_t signature[SIGN_SIGNATURE_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = SIGN_SIGNATURE_SIZE;
	int error = -EIO;

	if (context != NULL &&
	    EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) == 1 &&
	    EVP_DigestSign(context, signature, &size, bytes, length) == 1)
		error = 0;
	EVP_MD_CTX_free(context);
	return error;
}

/* --- digests, secrets --- */

void sha256(const void *bytes, size_t length, uint8_t digest[32])
{
	SHA256(length ? bytes : "", length, digest);
}

void hmac_sha256(const uint8_t *key, size_t key_length, const void *bytes,
    size_t length, uint8_t mac[32])
{
	HMAC(EVP_sha256(), key, (int)key_length, bytes, length, mac, NULL);
}

bool equal_constant_time(const void *a, const void *b, size_t length)
{
	return CRYPTO_memcmp(a, b, length) == 0;
}

static int make_secret(const struct sign_place *place)
{
	uint8_t fresh[SIGN_SECRET_SIZE];
	int error;

	random_bytes(fresh, sizeof(fresh));
	error = durable_create(
	    place->directory, place->name, fresh, sizeof(fresh));
	OPENSSL_cleanse(fresh, sizeof(fresh));
	return error;
}

int secret_load_or_make(
    const char *path, uint8_t secret[SIGN_SECRET_SIZE], struct err *err)
{
	char bytes[SECRET_FILE_MAX];
	size_t length;
	const struct sign_place place = {AT_FDCWD, path, path, true};
	int error = read_or_make(&place, make_secret, bytes, &length, err);

	if (error == 0 && length != SIGN_SECRET_SIZE)
		error = err_input(err, "%s: %zu bytes instead of %d", path,
		    length, SIGN_SECRET_SIZE);
	if (error == 0)
		memcpy(secret, bytes, SIGN_SECRET_SIZE);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return error;
}
