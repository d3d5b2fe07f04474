/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/httpsig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base64.h"
#include "tests/unit/rows.h"

#define BODY   "{\"hello\": \"world\"}"
#define DIGEST "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
#define LIST   "(\"@method\" \"@path\" \"content-digest\")"
#define INPUT  "s=" LIST ";created=1618884473;keyid=\"k\""
#define SIGNATURE                                       \
	"s=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==:"

static const struct httpsig_request post = {
    .method = "POST",
    .path = "/v1/reports",
    .body = BODY,
    .body_length = sizeof(BODY) - 1,
};

static const struct read_row {
	const char *name;
	const char *digest, *input, *signature;
	const char *sentence; /* NULL: it is well formed */
} read_rows[] = {
    {"as we sign", DIGEST, INPUT ";alg=\"ed25519\"", SIGNATURE, NULL},
    {"without alg", DIGEST, INPUT, SIGNATURE, NULL},
    {"components in another order", DIGEST,
	"s=(\"content-digest\" \"@path\" \"@method\");created=1;keyid=\"k\"",
	SIGNATURE, NULL},
    {"parameters in another order", DIGEST, "s=" LIST ";keyid=\"k\";created=1",
	SIGNATURE, NULL},
    {"an unknown parameter", DIGEST,
	INPUT ";tag=\"x\";flag;n=5;b=:AA==:", SIGNATURE, NULL},
    {"a second signature behind the first", DIGEST,
	INPUT ", t=(\"@authority\");created=1", SIGNATURE, NULL},
    {"another digest beside ours", "sha-512=:AAAA:, " DIGEST, INPUT, SIGNATURE,
	NULL},
    {"no digest", NULL, INPUT, SIGNATURE, "Content-Digest: missing"},
    {"no input", DIGEST, NULL, SIGNATURE, "Signature-Input: missing"},
    {"no signature", DIGEST, INPUT, NULL, "Signature: missing"},
    {"the digest of another body",
	"sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", INPUT,
	SIGNATURE, "Content-Digest: the body has another sha-256"},
    {"a digest of another kind alone", "sha-512=:AAAA:", INPUT, SIGNATURE,
	"Content-Digest: no sha-256"},
    {"a digest that is no base64", "sha-256=:*:", INPUT, SIGNATURE,
	"Content-Digest: no sha-256"},
    {"nothing is signed", DIGEST, "s=();created=1;keyid=\"k\"", SIGNATURE,
	"Signature-Input: @method, @path and content-digest must all be "
	"signed"},
    {"the body is not signed", DIGEST,
	"s=(\"@method\" \"@path\");created=1;keyid=\"k\"", SIGNATURE,
	"Signature-Input: @method, @path and content-digest must all be "
	"signed"},
    {"a component twice", DIGEST,
	"s=(\"@path\" \"@path\" \"content-digest\");created=1;keyid=\"k\"",
	SIGNATURE, "Signature-Input: \"@path\" twice"},
    {"a component that we do not build", DIGEST,
	"s=(\"@authority\" \"@path\" \"content-digest\");created=1", SIGNATURE,
	"Signature-Input: \"@authority\" is not understood here"},
    {"a component with parameters", DIGEST,
	"s=(\"@path\";req \"@method\" \"content-digest\");created=1", SIGNATURE,
	"Signature-Input: components with parameters are not understood here"},
    {"no created", DIGEST, "s=" LIST ";keyid=\"k\"", SIGNATURE,
	"Signature-Input: no created"},
    {"created is no number", DIGEST, "s=" LIST ";created=now;keyid=\"k\"",
	SIGNATURE, "Signature-Input: a bad created"},
    {"created is before 1970", DIGEST, "s=" LIST ";created=-1;keyid=\"k\"",
	SIGNATURE, "Signature-Input: a bad created"},
    {"created overflows", DIGEST,
	"s=" LIST ";created=99999999999999999999;keyid=\"k\"", SIGNATURE,
	"Signature-Input: a bad created"},
    {"no keyid", DIGEST, "s=" LIST ";created=1", SIGNATURE,
	"Signature-Input: no keyid"},
    {"a keyid with a blank", DIGEST, "s=" LIST ";created=1;keyid=\"a b\"",
	SIGNATURE, "Signature-Input: a bad keyid"},
    {"another algorithm", DIGEST, INPUT ";alg=\"hmac-sha256\"", SIGNATURE,
	"Signature-Input: a bad alg"},
    {"an open string", DIGEST, "s=(\"@method", SIGNATURE,
	"Signature-Input: not a list of names"},
    {"no list", DIGEST, "s=1", SIGNATURE,
	"Signature-Input: no list of components"},
    {"no label", DIGEST, "=1", SIGNATURE, "Signature-Input: no label"},
    {"something behind", DIGEST, INPUT " x", SIGNATURE,
	"Signature-Input: something behind it"},
    {"a signature under another label", DIGEST, INPUT,
	"t=:AAAA:", "Signature: no ed25519 signature under s"},
    {"a signature that is too short", DIGEST, INPUT,
	"s=:AAAA:", "Signature: no ed25519 signature under s"},
};

static void run_read(void **state)
{
	const struct read_row *row = *state;
	struct httpsig_params params;
	struct err err = {""};
	int error;

	error = httpsig_read(
	    &post, row->digest, row->input, row->signature, &params, &err);
	if (row->sentence == NULL) {
		if (error != 0)
			fail_msg("%s", err.text);
		assert_string_equal(params.keyid, "k");
		return;
	}
	assert_int_equal(error, -22);
	assert_string_equal(err.text, row->sentence);
}

static void too_long(void **state)
{
	struct httpsig_params params;
	char input[2 * HTTPSIG_HEADER_SIZE];
	struct err err;

	(void)state;
	memset(input, 'a', sizeof(input) - 1);
	input[sizeof(input) - 1] = '\0';
	assert_int_equal(
	    httpsig_read(&post, DIGEST, input, SIGNATURE, &params, &err), -22);
	assert_string_equal(err.text, "Signature-Input: too long");
}

static struct sign_key *make_key(void)
{
	char path[] = "/tmp/egress25-httpsig-XXXXXX";
	int fd = mkstemp(path);
	struct sign_key *key;
	struct err err;

	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(sign_key_load_or_make(path, &key, &err), 0);
	unlink(path);
	return key;
}

/* What is signed here verifies there; and the base is RFC 9421's, 2.5. */
static void round_trip(void **state)
{
	struct sign_key *key = make_key();
	struct httpsig_headers headers;
	struct httpsig_params params;
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	struct httpsig_request other = post;
	struct err err;

	(void)state;
	sign_key_public(key, public_key);
	assert_int_equal(
	    httpsig_sign(&post, "agent-1", 1618884473, key, &headers), 0);
	assert_string_equal(headers.content_digest, DIGEST);
	assert_int_equal(
	    httpsig_read(&post, headers.content_digest, headers.signature_input,
		headers.signature, &params, &err),
	    0);
	assert_string_equal(params.base,
	    "\"@method\": POST\n\"@path\": /v1/reports\n"
	    "\"content-digest\": " DIGEST "\n"
	    "\"@signature-params\": " LIST
	    ";created=1618884473;keyid=\"agent-1\";alg=\"ed25519\"");
	assert_int_equal(params.created_s, 1618884473);
	assert_true(sign_verify(
	    public_key, params.base, strlen(params.base), params.signature));
	other.path = "/v1/agents";
	assert_int_equal(
	    httpsig_read(&other, headers.content_digest,
		headers.signature_input, headers.signature, &params, &err),
	    0);
	assert_false(sign_verify(
	    public_key, params.base, strlen(params.base), params.signature));
	sign_key_free(key);
}

/* The public Ed25519 key of RFC 9421, B.1.4, and the signature of B.2.6: our
 * verification agrees with theirs. */
static void rfc_vector(void **state)
{
	static const char base[] =
	    "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n"
	    "\"@path\": /foo\n\"@authority\": example.com\n"
	    "\"content-type\": application/json\n\"content-length\": 18\n"
	    "\"@signature-params\": (\"date\" \"@method\" \"@path\" "
	    "\"@authority\" \"content-type\" \"content-length\")"
	    ";created=1618884473;keyid=\"test-key-ed25519\"";
	static const char signature[] =
	    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A"
	    "0w6vuQv5lIp5WPpBKRCw==";
	static const char key[] =
	    "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
	uint8_t public_key[SIGN_PUBLIC_SIZE], bytes[SIGN_SIGNATURE_SIZE];
	size_t length;

	(void)state;
	assert_true(base64_decode(
	    key, strlen(key), public_key, sizeof(public_key), &length));
	assert_true(base64_decode(
	    signature, strlen(signature), bytes, sizeof(bytes), &length));
	assert_true(sign_verify(public_key, base, strlen(base), bytes));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, read_rows, run_read);
	test_add(&list, "a header without end is refused", too_long);
	test_add(&list, "what is signed here verifies there", round_trip);
	test_add(&list, "the example of RFC 9421, B.2.6, verifies", rfc_vector);
	return test_run("httpsig", &list);
}
