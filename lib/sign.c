/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FILE_MAX 4096

struct sign_key {
	EVP_PKEY *pair;
	uint8_t public_key[SIGN_PUBLIC_SIZE];
};

/* --- files that only their owner may read --- */

static int write_all(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	ssize_t written;

	while (length > 0) {
		written = write(fd, at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		at += written;
		length -= (size_t)written;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Sync the directory that `path` is in, so that a new name in it stays. */
static int sync_parent(const char *path)
{
	char parent[PATH_MAX];
	char *slash;
	int fd, error = 0;

	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (slash == NULL)
		strcpy(parent, ".");
	else
		slash[slash == parent] = '\0';
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* EINVAL: a file system that has nothing to sync there. */
	if (fsync(fd) < 0 && errno != EINVAL)
		error = -errno;
	close(fd);
	return error;
}

/* Make the file with these bytes, complete and synced, unless it is there
 * already: then -EEXIST, and what is there is synced too. The unfinished
 * file's name is random because two containers that share a volume may share
 * a process id. */
static int make_file(const char *path, const void *bytes, size_t length)
{
	char unfinished[PATH_MAX];
	uint64_t number;
	int fd, error, sync_error;

	random_bytes(&number, sizeof(number));
	if ((size_t)snprintf(unfinished, sizeof(unfinished),
		"%s.%016" PRIx64 ".new", path, number) >= sizeof(unfinished))
		return -ENAMETOOLONG;
	fd = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = write_all(fd, bytes, length);
	if (close(fd) < 0 && error == 0)
		error = -errno;
	if (error == 0 && link(unfinished, path) < 0)
		error = -errno;
	unlink(unfinished);
	if (error < 0 && error != -EEXIST)
		return error;
	sync_error = sync_parent(path);
	return sync_error < 0 ? sync_error : error;
}

static int check_file(int fd, const char *path, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return err_input(err, "%s: is no regular file", path);
	if ((status.st_mode & 077) != 0)
		return err_input(err,
		    "%s: others may read it (mode %04o); make it 0600", path,
		    (unsigned)status.st_mode & 07777);
	return 0;
}

static int read_file(const char *path, char bytes[SECRET_FILE_MAX],
    size_t *length, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t got = 0;
	int error;

	if (fd < 0)
		return -errno;
	error = check_file(fd, path, err);
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

/* Or OpenSSL asks for it on the terminal. */
static int no_passphrase(char *text, int size, int writing, void *arg)
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
		pair = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
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

static int make_key(const char *path)
{
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long length;
	int error = -ENOMEM;

	if (pair != NULL && bio != NULL &&
	    PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL)) {
		length = BIO_get_mem_data(bio, &bytes);
		error = make_file(path, bytes, (size_t)length);
	}
	BIO_free(bio);
	EVP_PKEY_free(pair);
	return error;
}

int sign_key_load_or_make(
    const char *path, struct sign_key **key, struct err *err)
{
	char bytes[SECRET_FILE_MAX];
	size_t length;
	int error;

	error = read_file(path, bytes, &length, err);
	if (error == -ENOENT) {
		error = make_key(path);
		if (error < 0 && error != -EEXIST)
			return err_system(err, error, "%s", path);
		error = read_file(path, bytes, &length, err);
	}
	if (error == -EINVAL)
		return error;
	if (error < 0)
		return err_system(err, error, "%s", path);
	error = parse_key(path, bytes, length, key, err);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return error;
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

/* --- digests, secrets, random --- */

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

int secret_load_or_make(
    const char *path, uint8_t secret[SIGN_SECRET_SIZE], struct err *err)
{
	char bytes[SECRET_FILE_MAX];
	uint8_t fresh[SIGN_SECRET_SIZE];
	size_t length;
	int error;

	error = read_file(path, bytes, &length, err);
	if (error == -ENOENT) {
		random_bytes(fresh, sizeof(fresh));
		error = make_file(path, fresh, sizeof(fresh));
		if (error < 0 && error != -EEXIST)
			return err_system(err, error, "%s", path);
		error = read_file(path, bytes, &length, err);
	}
	if (error == -EINVAL)
		return error;
	if (error < 0)
		return err_system(err, error, "%s", path);
	if (length != SIGN_SECRET_SIZE)
		return err_input(err, "%s: %zu bytes instead of %d", path,
		    length, SIGN_SECRET_SIZE);
	memcpy(secret, bytes, SIGN_SECRET_SIZE);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return 0;
}

void random_bytes(void *out, size_t length)
{
	char *at = out;
	ssize_t got;

	while (length > 0) {
		got = getrandom(at, length, 0);
		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			at += got;
			length -= (size_t)got;
		}
	}
}

void uuid7(int64_t wall_ms, char text[37])
{
	uint8_t b[16];
	int i;

	random_bytes(b, sizeof(b));
	for (i = 0; i < 6; i++)
		b[i] = (uint8_t)(wall_ms >> (8 * (5 - i)));
	b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	snprintf(text, 37,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
}
