/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign/sign.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/base64.h"
#include "lib/sign/sign_verify.h"
#include "tests/support/rows.h"

static char folder[] = "/tmp/egress25-sign-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	return mkdtemp(folder) == NULL;
}

static void path_in(const char *name, char path[200])
{
	snprintf(path, 200, "%s/%s", folder, name);
}

static void write_to(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
}

static void made_once(void **state)
{
	struct sign_key *first, *again;
	uint8_t one[SIGN_PUBLIC_SIZE], two[SIGN_PUBLIC_SIZE];
	struct stat status;
	struct err err;
	char path[200];

	(void)state;
	make_folder(NULL);
	path_in("agent.key", path);
	assert_int_equal(sign_key_load_or_make(path, &first, &err), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(sign_key_load_or_make(path, &again, &err), 0);
	sign_key_public(first, one);
	sign_key_public(again, two);
	assert_memory_equal(one, two, sizeof(one));
	sign_key_free(first);
	sign_key_free(again);
	unlink(path);
	assert_int_equal(rmdir(folder), 0); /* nothing else was left there */
}

static void signs(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_SIZE], signature[SIGN_SIGNATURE_SIZE];
	struct sign_key *key;
	struct err err;
	char path[200];

	(void)state;
	make_folder(NULL);
	path_in("agent.key", path);
	assert_int_equal(sign_key_load_or_make(path, &key, &err), 0);
	sign_key_public(key, public_key);
	assert_int_equal(sign_bytes(key, "hello", 5, signature), 0);
	assert_true(sign_verify(public_key, "hello", 5, signature));
	assert_false(sign_verify(public_key, "hellO", 5, signature));
	signature[0] ^= 1;
	assert_false(sign_verify(public_key, "hello", 5, signature));
	sign_key_free(key);
	unlink(path);
	rmdir(folder);
}

/* RFC 8032, 7.1, TEST 1 */
static void of_private_key(void **state)
{
	static const char *private_hex =
	    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
	static const char *public_hex =
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
	uint8_t private_key[SIGN_SECRET_SIZE], public_key[SIGN_PUBLIC_SIZE];
	uint8_t signature[SIGN_SIGNATURE_SIZE];
	struct sign_key *key;
	char text[65];

	(void)state;
	assert_true(hex_decode(private_hex, private_key, 32));
	assert_int_equal(sign_key_of(private_key, &key), 0);
	sign_key_public(key, public_key);
	hex_encode(public_key, sizeof(public_key), text);
	assert_string_equal(text, public_hex);
	assert_int_equal(sign_bytes(key, "", 0, signature), 0);
	hex_encode(signature, 32, text);
	assert_string_equal(text, "e5564300c360ac729086e2cc806e828a"
				  "84877f1eb8e5d974d873e06522490155");
	sign_key_free(key);
}

static const struct bad_row {
	const char *name, *text;
	mode_t mode;
	const char *sentence; /* behind the path */
} bad_rows[] = {
    {"a key that others may read is refused", "x", 0644,
	": others may read it (mode 0644); make it 0600"},
    {"a key file without a key is refused", "hello\n", 0600,
	": no Ed25519 private key in PEM"},
    {"an empty key file is refused", "", 0600,
	": no Ed25519 private key in PEM"},
};

static void bad_key(void **state)
{
	const struct bad_row *row = *state;
	struct sign_key *key;
	struct err err;
	char path[200];

	make_folder(NULL);
	path_in("agent.key", path);
	write_to(path, row->text, row->mode);
	assert_int_equal(sign_key_load_or_make(path, &key, &err), -22);
	assert_string_equal(err.text + strlen(path), row->sentence);
	unlink(path);
	rmdir(folder);
}

/* It would ask for the passphrase on the terminal of who starts it. */
static void encrypted_key(void **state)
{
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	char passphrase[] = "secret";
	struct sign_key *key;
	struct err err;
	char path[200];
	FILE *file;

	(void)state;
	make_folder(NULL);
	path_in("agent.key", path);
	write_to(path, "", 0600);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PKCS8PrivateKey(file, pair,
			     EVP_aes_128_cbc(), passphrase, 6, NULL, NULL),
	    1);
	fclose(file);
	assert_int_equal(sign_key_load_or_make(path, &key, &err), -EINVAL);
	assert_string_equal(
	    err.text + strlen(path), ": no Ed25519 private key in PEM");
	assert_int_equal(ERR_peek_error(), 0);
	EVP_PKEY_free(pair);
	unlink(path);
	rmdir(folder);
}

static void no_file(void **state)
{
	struct sign_key *key;
	struct err err;
	char path[200];

	(void)state;
	make_folder(NULL);
	path_in("agent.key", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(sign_key_load_or_make(path, &key, &err), -EINVAL);
	assert_string_equal(err.text + strlen(path), ": is no regular file");
	unlink(path);
	rmdir(folder);
}

static void long_path(void **state)
{
	static char path[5000];
	struct sign_key *key;
	struct err err;

	(void)state;
	memset(path, '/', sizeof(path) - 1);
	memcpy(path, "/tmp", 4);
	assert_int_equal(
	    sign_key_load_or_make(path, &key, &err), -ENAMETOOLONG);
}

#define RACERS 8

/* A process that makes or finds the key, and says which one it has. */
static void race(const char *path, int start, int out)
{
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	struct sign_key *key;
	struct err err;
	char go;

	if (read(start, &go, 1) != 0 ||
	    sign_key_load_or_make(path, &key, &err) < 0)
		_exit(1);
	sign_key_public(key, public_key);
	if (write(out, public_key, sizeof(public_key)) != sizeof(public_key))
		_exit(1);
	_exit(0);
}

static void one_key_for_all(const char *path)
{
	uint8_t first[SIGN_PUBLIC_SIZE], other[SIGN_PUBLIC_SIZE];
	int start[2], out[2], i, status;

	assert_int_equal(pipe(start), 0);
	assert_int_equal(pipe(out), 0);
	for (i = 0; i < RACERS; i++)
		if (fork() == 0) {
			close(start[1]);
			race(path, start[0], out[1]);
		}
	close(start[0]);
	close(start[1]); /* now they go */
	for (i = 0; i < RACERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(read(out[0], first, sizeof(first)), sizeof(first));
	for (i = 1; i < RACERS; i++) {
		assert_int_equal(
		    read(out[0], other, sizeof(other)), sizeof(other));
		assert_memory_equal(first, other, sizeof(first));
	}
	close(out[0]);
	close(out[1]);
}

static void racers(void **state)
{
	char path[200];
	int i;

	(void)state;
	make_folder(NULL);
	path_in("agent.key", path);
	for (i = 0; i < 10; i++) {
		one_key_for_all(path);
		unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

/* Bytes that are no point of the curve, and signatures that are noise. */
static void foreign_keys(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_SIZE] = {1};
	uint8_t signature[SIGN_SIGNATURE_SIZE] = {0};

	(void)state;
	assert_false(sign_verify(public_key, "hello", 5, signature));
	memset(public_key, 0xff, sizeof(public_key));
	assert_false(sign_verify(public_key, "hello", 5, signature));
	memset(signature, 0xff, sizeof(signature));
	assert_false(sign_verify(public_key, "hello", 5, signature));
	assert_int_equal(ERR_peek_error(), 0);
}

/* With R the neutral point and S zero, such keys would sign anything. */
static void small_order(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_SIZE] = {1};
	uint8_t signature[SIGN_SIGNATURE_SIZE] = {1};

	(void)state;
	assert_false(sign_verify(public_key, "hello", 5, signature));
	public_key[31] = 0x80;
	assert_false(sign_verify(public_key, "hello", 5, signature));
	memset(public_key, 0xff, sizeof(public_key));
	public_key[0] = 0xec;
	public_key[31] = 0x7f;
	assert_false(sign_verify(public_key, "hello", 5, signature));
	public_key[0] = 0xee;
	assert_false(sign_verify(public_key, "hello", 5, signature));
	memset(public_key, 0, sizeof(public_key));
	signature[0] = 0;
	assert_false(sign_verify(public_key, "hello", 5, signature));
}

static void no_folder(void **state)
{
	struct sign_key *key;
	struct err err;

	(void)state;
	assert_int_equal(
	    sign_key_load_or_make("/nonexistent/agent.key", &key, &err), -2);
	assert_string_equal(
	    err.text, "/nonexistent/agent.key: No such file or directory");
}

static void secrets(void **state)
{
	uint8_t one[SIGN_SECRET_SIZE], two[SIGN_SECRET_SIZE];
	struct err err;
	char path[200];

	(void)state;
	make_folder(NULL);
	path_in("secret", path);
	assert_int_equal(secret_load_or_make(path, one, &err), 0);
	assert_int_equal(secret_load_or_make(path, two, &err), 0);
	assert_memory_equal(one, two, sizeof(one));
	write_to(path, "short", 0600);
	assert_int_equal(secret_load_or_make(path, one, &err), -22);
	assert_string_equal(err.text + strlen(path), ": 5 bytes instead of 32");
	unlink(path);
	rmdir(folder);
}

/* RFC 4231, 4.3 */
static void hmac(void **state)
{
	uint8_t mac[32];
	char text[65];

	(void)state;
	hmac_sha256((const uint8_t *)"Jefe", 4, "what do ya want for nothing?",
	    28, mac);
	hex_encode(mac, 32, text);
	assert_string_equal(text, "5bdcc146bf60754e6a042426089575c7"
				  "5a003f089d2739839dec58b964ec3843");
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a key is made once, for its owner's eyes", made_once);
	test_add(
	    &list, "what is signed verifies, what is changed does not", signs);
	test_add(&list, "a private key's pair and signature are RFC 8032's",
	    of_private_key);
	TEST_ROWS(&list, bad_rows, bad_key);
	test_add(&list, "an encrypted key is refused, nobody is asked",
	    encrypted_key);
	test_add(&list, "a key that is no file is refused", no_file);
	test_add(&list, "a path that is too long is refused", long_path);
	test_add(
	    &list, "who races to make a key ends with the same one", racers);
	test_add(&list, "keys of small order sign nothing", small_order);
	test_add(&list, "keys that are none verify nothing, leave no error",
	    foreign_keys);
	test_add(&list, "no folder, no key", no_folder);
	test_add(&list, "a secret is made once and has its length", secrets);
	test_add(&list, "HMAC-SHA-256 as in RFC 4231", hmac);
	return test_run("sign", &list);
}
