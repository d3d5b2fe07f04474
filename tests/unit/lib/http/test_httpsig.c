/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/httpsig.h"

#include <string.h>

#include "lib/base/base64.h"
#include "lib/sign/sign_verify.h"
#include "tests/support/key.h"
#include "tests/support/rows.h"

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
    {"another's signature first, of what is not known here", DIGEST,
	"t=(\"@authority\" \"a\";sf;key=\"b\" :AA==:);tag=\"p\";flag, " INPUT,
	"t=:AAAA:, " SIGNATURE, NULL},
    {"another's signature first, by another algorithm", DIGEST,
	"t=" LIST ";created=1;keyid=\"o\";alg=\"hmac-sha256\",\t" INPUT,
	"t=:AAAA:, " SIGNATURE, NULL},
    {"members without a value, and items, before ours", DIGEST,
	"a, b;c=1, d=7, " INPUT, "a, b;c, " SIGNATURE, NULL},
    {"parameters of the digest and of the signature", DIGEST ";a;b=1, c", INPUT,
	SIGNATURE ";a=?0", NULL},
    {"nothing but other signatures", DIGEST,
	"t=(\"@authority\");created=1, u=(\"@query\");created=1", SIGNATURE,
	"Signature-Input: \"@authority\" is not understood here"},
    {"another's list that is open", DIGEST, "t=(\"@authority\", " INPUT,
	SIGNATURE, "Signature-Input: \"@authority\" is not understood here"},
    {"expires twice", DIGEST, INPUT ";expires=0;expires=9", SIGNATURE,
	"Signature-Input: a bad expires"},
    {"a second signature behind the first", DIGEST,
	INPUT ", t=(\"@authority\");created=1", SIGNATURE, NULL},
    {"another digest beside ours", "sha-512=:AAAA:, " DIGEST, INPUT, SIGNATURE,
	NULL},
    {"unknown parameters of every type, escapes too", DIGEST,
	INPUT ";tag=\"a \\\"b\\\\\";t=*a/b;d=-1.5;y=?1;n=?0;b=::", SIGNATURE,
	NULL},
    {"two signatures, ours second", DIGEST, INPUT, "t=:AAAA:, " SIGNATURE,
	NULL},
    {"blanks around the digest are not signed", " \t" DIGEST "\t ", INPUT,
	SIGNATURE, NULL},
    {"more signed than we know", DIGEST,
	"s=(\"@method\" \"@path\" \"content-digest\" \"date\");created=1",
	SIGNATURE, "Signature-Input: \"date\" is not understood here"},
    {"the method is not signed", DIGEST,
	"s=(\"@path\" \"content-digest\");created=1;keyid=\"k\"", SIGNATURE,
	"Signature-Input: @method, @path and content-digest must all be "
	"signed"},
    {"a line end in a parameter", DIGEST, INPUT ";t=\"a\nb\"", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a byte that is not ASCII", DIGEST, INPUT ";t=\"\xc3\xa9\"", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a string with an escape that is none", DIGEST, INPUT ";t=\"\\n\"",
	SIGNATURE, "Signature-Input: a bad t"},
    {"a parameter whose string is open", DIGEST, INPUT ";t=\"a", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a parameter whose escape is open", DIGEST, INPUT ";t=\"a\\", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a parameter whose bytes are open", DIGEST, INPUT ";t=:AA", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a parameter of no type", DIGEST, INPUT ";t=(", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a parameter without a value behind =", DIGEST, INPUT ";t=", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a boolean that is none", DIGEST, INPUT ";t=?2", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a number that ends in a point", DIGEST, INPUT ";t=1.", SIGNATURE,
	"Signature-Input: a bad t"},
    {"a parameter without a name", DIGEST, INPUT ";=1", SIGNATURE,
	"Signature-Input: a bad parameter"},
    {"a parameter in capitals", DIGEST, INPUT ";Tag=1", SIGNATURE,
	"Signature-Input: a bad parameter"},
    {"a tab inside the list", DIGEST,
	"s=(\"@method\"\t\"@path\" \"content-digest\");created=1", SIGNATURE,
	"Signature-Input: components with parameters are not understood here"},
    {"no blank between components", DIGEST,
	"s=(\"@method\"\"@path\" \"content-digest\");created=1", SIGNATURE,
	"Signature-Input: components with parameters are not understood here"},
    {"created twice", DIGEST, INPUT ";created=2", SIGNATURE,
	"Signature-Input: a bad created"},
    {"created without a value", DIGEST, "s=" LIST ";created;keyid=\"k\"",
	SIGNATURE, "Signature-Input: a bad created"},
    {"created as a decimal", DIGEST, "s=" LIST ";created=1.5;keyid=\"k\"",
	SIGNATURE, "Signature-Input: something behind it"},
    {"keyid twice", DIGEST, INPUT ";keyid=\"other\"", SIGNATURE,
	"Signature-Input: a bad keyid"},
    {"keyid as a token", DIGEST, "s=" LIST ";created=1;keyid=k", SIGNATURE,
	"Signature-Input: a bad keyid"},
    {"an empty keyid", DIGEST, "s=" LIST ";created=1;keyid=\"\"", SIGNATURE,
	"Signature-Input: a bad keyid"},
    {"a keyid of 65", DIGEST,
	"s=" LIST ";created=1;keyid=\"01234567890123456789012345678901234567890"
	"123456789012345678901234\"",
	SIGNATURE, "Signature-Input: a bad keyid"},
    {"alg without a value", DIGEST, INPUT ";alg", SIGNATURE,
	"Signature-Input: a bad alg"},
    {"alg as a token", DIGEST, INPUT ";alg=ed25519", SIGNATURE,
	"Signature-Input: a bad alg"},
    {"an empty input", DIGEST, "", SIGNATURE, "Signature-Input: no label"},
    {"a signature that is no base64", DIGEST, INPUT,
	"s=:*:", "Signature: no ed25519 signature under s"},
    {"a signature that is a string", DIGEST, INPUT, "s=\"AAAA\"",
	"Signature: no ed25519 signature under s"},
    {"a signature twice", DIGEST, INPUT, SIGNATURE ", " SIGNATURE,
	"Signature: no ed25519 signature under s"},
    {"something behind the signature", DIGEST, INPUT, SIGNATURE "x",
	"Signature: no ed25519 signature under s"},
    {"a signature with a comma behind", DIGEST, INPUT, SIGNATURE ",",
	"Signature: no ed25519 signature under s"},
    {"something behind the digest", DIGEST "x", INPUT, SIGNATURE,
	"Content-Digest: no sha-256"},
    {"a digest twice", DIGEST ", " DIGEST, INPUT, SIGNATURE,
	"Content-Digest: no sha-256"},
    {"an empty digest", "", INPUT, SIGNATURE, "Content-Digest: no sha-256"},
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
	struct httpsig_request far = post;
	char header[2 * HTTPSIG_HEADER_SIZE], path[2000];
	struct err err;

	(void)state;
	memset(header, 'a', sizeof(header) - 1);
	header[sizeof(header) - 1] = '\0';
	assert_int_equal(
	    httpsig_read(&post, header, INPUT, SIGNATURE, &params, &err), -22);
	assert_string_equal(err.text, "Content-Digest: too long");
	assert_int_equal(
	    httpsig_read(&post, DIGEST, header, SIGNATURE, &params, &err), -22);
	assert_string_equal(err.text, "Signature-Input: too long");
	assert_int_equal(
	    httpsig_read(&post, DIGEST, INPUT, header, &params, &err), -22);
	assert_string_equal(err.text, "Signature: too long");
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	far.path = path;
	assert_int_equal(
	    httpsig_read(&far, DIGEST, INPUT, SIGNATURE, &params, &err), -22);
	assert_string_equal(err.text, "the path is too long");
}

/* Unknown parameters are signed as they stand, but for blanks that need not
 * be there; so is the digest (RFC 9421, 2.1 and 2.3). */
static void canonical(void **state)
{
	struct httpsig_params params;
	struct err err;

	(void)state;
	assert_int_equal(httpsig_read(&post, " " DIGEST " ",
			     "s=( \"@path\"  \"content-digest\" \"@method\" )"
			     "; nonce=\"\\\"\";created=7;keyid=\"k\", y=();z",
			     SIGNATURE, &params, &err),
	    0);
	assert_string_equal(params.base,
	    "\"@path\": /v1/reports\n\"content-digest\": " DIGEST "\n"
	    "\"@method\": POST\n"
	    "\"@signature-params\": (\"@path\" \"content-digest\" \"@method\")"
	    ";nonce=\"\\\"\";created=7;keyid=\"k\"");
	assert_int_equal(params.created_s, 7);
}

/* What is signed here verifies there; and the base is RFC 9421's, 2.5. */
static void round_trip(void **state)
{
	struct sign_key *key = key_new();
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

static void tampered(void **state)
{
	struct sign_key *key = key_new();
	struct httpsig_headers headers;
	struct httpsig_params params;
	struct httpsig_request other = post;
	struct err err;

	(void)state;
	assert_int_equal(httpsig_sign(&post, "a", 1, key, &headers), 0);
	other.body = "{\"hello\": \"World\"}";
	assert_int_equal(
	    httpsig_read(&other, headers.content_digest,
		headers.signature_input, headers.signature, &params, &err),
	    -22);
	assert_string_equal(
	    err.text, "Content-Digest: the body has another sha-256");
	other.body_length = 0;
	assert_int_equal(
	    httpsig_read(&other, headers.content_digest,
		headers.signature_input, headers.signature, &params, &err),
	    -22);
	sign_key_free(key);
}

/* A GET has a digest too. */
static void no_body(void **state)
{
	struct sign_key *key = key_new();
	struct httpsig_headers headers;
	struct httpsig_params params;
	struct httpsig_request get = {.method = "GET", .path = "/v1/whoami"};
	struct err err;

	(void)state;
	assert_int_equal(httpsig_sign(&get, "a", 1, key, &headers), 0);
	assert_string_equal(headers.content_digest,
	    "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
	assert_int_equal(
	    httpsig_read(&get, headers.content_digest, headers.signature_input,
		headers.signature, &params, &err),
	    0);
	sign_key_free(key);
}

static void not_signed(void **state)
{
	struct sign_key *key = key_new();
	struct httpsig_headers headers;
	struct httpsig_request far = post;
	char path[3000];

	(void)state;
	assert_int_equal(httpsig_sign(&post, "", 1, key, &headers), -22);
	assert_int_equal(httpsig_sign(&post, "a\"b", 1, key, &headers), -22);
	memset(path, 'a', 65);
	path[65] = '\0';
	assert_int_equal(httpsig_sign(&post, path, 1, key, &headers), -22);
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	far.path = path;
	assert_int_equal(httpsig_sign(&far, "a", 1, key, &headers), -5);
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
	test_add(&list, "a header or path without end is refused", too_long);
	test_add(&list, "parameters are signed without idle blanks", canonical);
	test_add(&list, "what is signed here verifies there", round_trip);
	test_add(
	    &list, "a body that was changed is not what was signed", tampered);
	test_add(
	    &list, "a request without a body has the empty digest", no_body);
	test_add(
	    &list, "a bad keyid or an endless path is not signed", not_signed);
	test_add(&list, "the example of RFC 9421, B.2.6, verifies", rfc_vector);
	return test_run("httpsig", &list);
}
