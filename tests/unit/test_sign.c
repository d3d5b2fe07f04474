/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base64.h"
#include "tests/unit/rows.h"

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

static void uuids(void **state)
{
	char one[37], two[37];

	(void)state;
	uuid7(INT64_C(0x017F22E279B0), one);
	uuid7(INT64_C(0x017F22E279B1), two);
	assert_memory_equal(one, "017f22e2-79b0-7", 15);
	assert_non_null(strchr("89ab", one[19]));
	assert_true(strcmp(one, two) < 0);
	uuid7(INT64_C(0x017F22E279B1), one);
	assert_string_not_equal(one, two);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a key is made once, for its owner's eyes", made_once);
	test_add(
	    &list, "what is signed verifies, what is changed does not", signs);
	TEST_ROWS(&list, bad_rows, bad_key);
	test_add(&list, "no folder, no key", no_folder);
	test_add(&list, "a secret is made once and has its length", secrets);
	test_add(&list, "HMAC-SHA-256 as in RFC 4231", hmac);
	test_add(&list, "UUIDv7 sorts by time and never repeats", uuids);
	return test_run("sign", &list);
}
