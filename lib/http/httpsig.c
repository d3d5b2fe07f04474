/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/httpsig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"

#define LABEL_SIZE     32
#define INTEGER_DIGITS 15 /* RFC 8941, 3.3.1 */
#define COMPONENTS     3
#define DIGEST_NAME    "sha-256"
#define SIGNING_LIST   "(\"@method\" \"@path\" \"content-digest\")"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const char *const components[COMPONENTS] = {
    "@method",
    "@path",
    "content-digest",
};

static bool is_keyid(const char *text)
{
	return text[0] != '\0' && strlen(text) <= 64 &&
	       text[strspn(text, UPPER LOWER DIGITS "_-")] == '\0';
}

/* --- signing --- */

static void make_digest(
    const void *body, size_t length, char text[BASE64_SIZE(32)])
{
	uint8_t digest[32];

	sha256(body, length, digest);
	base64_encode(digest, sizeof(digest), text);
}

int httpsig_sign(const struct httpsig_request *request, const char *keyid,
    int64_t created_s, const struct sign_key *key,
    struct httpsig_headers *headers)
{
	char digest[BASE64_SIZE(32)], base[2048], params[256];
	char text[BASE64_SIZE(SIGN_SIGNATURE_SIZE)];
	uint8_t signature[SIGN_SIGNATURE_SIZE];
	int length, error;

	if (!is_keyid(keyid))
		return -EINVAL;
	make_digest(request->body, request->body_length, digest);
	snprintf(headers->content_digest, sizeof(headers->content_digest),
	    DIGEST_NAME "=:%s:", digest);
	snprintf(params, sizeof(params),
	    SIGNING_LIST ";created=%lld;keyid=\"%s\";alg=\"ed25519\"",
	    (long long)created_s, keyid);
	length = snprintf(base, sizeof(base),
	    "\"@method\": %s\n\"@path\": %s\n\"content-digest\": %s\n"
	    "\"@signature-params\": %s",
	    request->method, request->path, headers->content_digest, params);
	if (length < 0 || (size_t)length >= sizeof(base))
		return -EIO;
	error = sign_bytes(key, base, (size_t)length, signature);
	if (error < 0)
		return error;
	base64_encode(signature, sizeof(signature), text);
	snprintf(headers->signature_input, sizeof(headers->signature_input),
	    "sig1=%s", params);
	snprintf(
	    headers->signature, sizeof(headers->signature), "sig1=:%s:", text);
	return 0;
}

/* --- parsing structured fields (RFC 8941), as much as is needed --- */

/* Each take_* and skip_* function advances past what it reads, or returns false
 * if that is not there. */
struct reader {
	const char *at;
};

static bool take_char(struct reader *in, char c)
{
	if (*in->at != c)
		return false;
	in->at++;
	return true;
}

/* Spaces within an item. */
static void skip_spaces(struct reader *in)
{
	while (*in->at == ' ')
		in->at++;
}

/* Optional whitespace between items. */
static void skip_blanks(struct reader *in)
{
	while (*in->at == ' ' || *in->at == '\t')
		in->at++;
}

/* A dictionary key or parameter name. */
static bool take_key(struct reader *in, char *out, size_t size)
{
	size_t length = strspn(in->at, LOWER DIGITS "_-.*");

	if (length == 0 || length >= size ||
	    strchr(DIGITS "-._", *in->at) != NULL)
		return false;
	memcpy(out, in->at, length);
	out[length] = '\0';
	in->at += length;
	return true;
}

/* A string of any text. */
static bool skip_string(struct reader *in)
{
	if (!take_char(in, '"'))
		return false;
	while (*in->at != '"') {
		if (*in->at == '\\') {
			in->at++;
			if (*in->at != '"' && *in->at != '\\')
				return false;
		}
		if (*in->at < 0x20 || *in->at > 0x7e)
			return false;
		in->at++;
	}
	in->at++;
	return true;
}

/* A string without escapes; no value that is used here needs one. */
static bool take_string(struct reader *in, char *out, size_t size)
{
	const char *begin = in->at + 1;
	size_t length;

	if (!skip_string(in))
		return false;
	length = (size_t)(in->at - begin) - 1;
	if (length >= size || memchr(begin, '\\', length) != NULL)
		return false;
	memcpy(out, begin, length);
	out[length] = '\0';
	return true;
}

static bool take_integer(struct reader *in, int64_t *out)
{
	size_t digits = strspn(in->at, DIGITS);

	if (digits == 0 || digits > INTEGER_DIGITS)
		return false;
	*out = strtoll(in->at, NULL, 10);
	in->at += digits;
	return true;
}

/* ":base64:" of at most `size` bytes. */
static bool take_bytes(
    struct reader *in, uint8_t *out, size_t size, size_t *length)
{
	size_t digits;

	if (!take_char(in, ':'))
		return false;
	digits = strcspn(in->at, ":");
	if (in->at[digits] != ':' ||
	    !base64_decode(in->at, digits, out, size, length))
		return false;
	in->at += digits + 1;
	return true;
}

static bool skip_bytes(struct reader *in)
{
	if (!take_char(in, ':'))
		return false;
	in->at += strspn(in->at, UPPER LOWER DIGITS "+/=");
	return take_char(in, ':');
}

static bool skip_number(struct reader *in)
{
	int64_t whole, fraction;

	take_char(in, '-');
	if (!take_integer(in, &whole))
		return false;
	return !take_char(in, '.') || take_integer(in, &fraction);
}

static bool skip_token(struct reader *in)
{
	if (strspn(in->at, UPPER LOWER "*") == 0)
		return false;
	in->at += strspn(in->at, UPPER LOWER DIGITS "!#$%&'*+-.^_`|~:/");
	return true;
}

/* A bare item of any value (RFC 8941, 3.3). */
static bool skip_item(struct reader *in)
{
	switch (*in->at) {
	case '"':
		return skip_string(in);
	case ':':
		return skip_bytes(in);
	case '?':
		in->at++;
		return take_char(in, '0') || take_char(in, '1');
	default:
		return skip_token(in) || skip_number(in);
	}
}

/* Any number of ";name=value" (RFC 8941, 3.1.2). */
static bool skip_parameters(struct reader *in)
{
	char name[64];

	while (take_char(in, ';')) {
		skip_spaces(in);
		if (!take_key(in, name, sizeof(name)) ||
		    (take_char(in, '=') && !skip_item(in)))
			return false;
	}
	return true;
}

static bool skip_inner_list(struct reader *in)
{
	if (!take_char(in, '('))
		return false;
	for (;;) {
		skip_spaces(in);
		if (take_char(in, ')'))
			return true;
		if (!skip_item(in) || !skip_parameters(in))
			return false;
	}
}

/* Advance to the next member of a dictionary. False: there is none. */
static bool skip_member(struct reader *in)
{
	char key[64];

	skip_blanks(in);
	if (!take_key(in, key, sizeof(key)))
		return false;
	if (take_char(in, '=') &&
	    !(*in->at == '(' ? skip_inner_list(in) : skip_item(in)))
		return false;
	if (!skip_parameters(in))
		return false;
	skip_blanks(in);
	return take_char(in, ',');
}

/* --- verifying --- */

/* The inner list and its parameters while they are parsed. */
struct input {
	char label[LABEL_SIZE];
	/* As they are signed: blanks that may be there are not (RFC 9421, 2.3;
	 * RFC 8941, 4.1). No longer than the header. */
	char params[HTTPSIG_HEADER_SIZE];
	size_t params_length;
	int order[COMPONENTS];
	int count;
};

static void add_text(struct input *input, const char *text, size_t length)
{
	memcpy(input->params + input->params_length, text, length);
	input->params_length += length;
}

static int find_component(const char *name)
{
	int i;

	for (i = 0; i < COMPONENTS; i++)
		if (strcmp(components[i], name) == 0)
			return i;
	return -1;
}

static int read_component(
    struct reader *in, struct input *input, struct err *err)
{
	const char *begin = in->at;
	char name[64];
	int index, i;

	if (!take_string(in, name, sizeof(name)))
		return err_input(err, "Signature-Input: not a list of names");
	index = find_component(name);
	if (index < 0)
		return err_input(err,
		    "Signature-Input: \"%s\" is not understood here", name);
	for (i = 0; i < input->count; i++)
		if (input->order[i] == index)
			return err_input(
			    err, "Signature-Input: \"%s\" twice", name);
	if (input->count > 0)
		add_text(input, " ", 1);
	add_text(input, begin, (size_t)(in->at - begin));
	input->order[input->count++] = index;
	return 0;
}

static int read_components(
    struct reader *in, struct input *input, struct err *err)
{
	if (!take_char(in, '('))
		return err_input(err, "Signature-Input: no list of components");
	add_text(input, "(", 1);
	for (;;) {
		skip_spaces(in);
		if (take_char(in, ')'))
			break;
		if (read_component(in, input, err) < 0)
			return -EINVAL;
		if (*in->at != ' ' && *in->at != ')')
			return err_input(err,
			    "Signature-Input: components with parameters are "
			    "not understood here");
	}
	if (input->count < COMPONENTS)
		return err_input(err,
		    "Signature-Input: @method, @path and content-digest must "
		    "all be signed");
	add_text(input, ")", 1);
	return 0;
}

/* The value of a parameter; it begins with "=", or is missing. */
static bool read_value(
    struct reader *in, const char *name, struct httpsig_params *params)
{
	char alg[32];

	if (strcmp(name, "created") == 0)
		return params->created_s < 0 && take_char(in, '=') &&
		       take_integer(in, &params->created_s);
	if (strcmp(name, "expires") == 0)
		return params->expires_s < 0 && take_char(in, '=') &&
		       take_integer(in, &params->expires_s);
	if (strcmp(name, "keyid") == 0)
		return params->keyid[0] == '\0' && take_char(in, '=') &&
		       take_string(in, params->keyid, sizeof(params->keyid)) &&
		       is_keyid(params->keyid);
	if (strcmp(name, "alg") == 0)
		return take_char(in, '=') &&
		       take_string(in, alg, sizeof(alg)) &&
		       strcmp(alg, "ed25519") == 0;
	return !take_char(in, '=') || skip_item(in);
}

static int read_parameter(struct reader *in, struct input *input,
    struct httpsig_params *params, struct err *err)
{
	const char *begin = in->at;
	char name[32];

	if (!take_key(in, name, sizeof(name)))
		return err_input(err, "Signature-Input: a bad parameter");
	if (!read_value(in, name, params))
		return err_input(err, "Signature-Input: a bad %s", name);
	add_text(input, ";", 1);
	add_text(input, begin, (size_t)(in->at - begin));
	return 0;
}

static int read_input(struct reader in, struct input *input,
    struct httpsig_params *params, struct err *err)
{
	memset(input, 0, sizeof(*input));
	params->created_s = params->expires_s = -1;
	params->keyid[0] = '\0';
	skip_blanks(&in);
	if (!take_key(&in, input->label, sizeof(input->label)) ||
	    !take_char(&in, '='))
		return err_input(err, "Signature-Input: no label");
	if (read_components(&in, input, err) < 0)
		return -EINVAL;
	while (take_char(&in, ';')) {
		skip_spaces(&in);
		if (read_parameter(&in, input, params, err) < 0)
			return -EINVAL;
	}
	skip_blanks(&in);
	if (*in.at != '\0' && *in.at != ',')
		return err_input(err, "Signature-Input: something behind it");
	if (params->created_s < 0)
		return err_input(err, "Signature-Input: no created");
	if (params->keyid[0] == '\0')
		return err_input(err, "Signature-Input: no keyid");
	return 0;
}

/* Choose the first signature of this profile. If there is none, `err` is about
 * the first signature. */
static int choose_input(const char *header, struct input *input,
    struct httpsig_params *params, struct err *err)
{
	struct reader in = {header};
	struct err ignored;

	if (read_input(in, input, params, err) == 0)
		return 0;
	while (skip_member(&in))
		if (read_input(in, input, params, &ignored) == 0)
			return 0;
	return -EINVAL;
}

/* Find the byte sequence under `label` in a dictionary. */
static bool find_bytes(const char *header, const char *label, uint8_t *out,
    size_t size, size_t *length)
{
	struct reader in = {header}, item;
	bool found = false, more = true;
	char key[64];

	while (more) {
		skip_blanks(&in);
		item = in;
		more = skip_member(&in);
		if (!take_key(&item, key, sizeof(key)))
			return false;
		if (strcmp(key, label) != 0)
			continue;
		if (found || !take_char(&item, '=') ||
		    !take_bytes(&item, out, size, length))
			return false;
		found = true;
	}
	return found && *in.at == '\0';
}

static int check_digest(const struct httpsig_request *request,
    const char *header, uint8_t real[32], struct err *err)
{
	uint8_t said[32];
	size_t length;

	if (!find_bytes(header, DIGEST_NAME, said, sizeof(said), &length) ||
	    length != sizeof(said))
		return err_input(err, "Content-Digest: no sha-256");
	sha256(request->body, request->body_length, real);
	if (!equal_constant_time(said, real, sizeof(said)))
		return err_input(
		    err, "Content-Digest: the body has another sha-256");
	return 0;
}

struct text {
	const char *at;
	size_t length;
};

/* The value without blanks around it (RFC 9421, 2.1). */
static struct text trimmed(const char *header)
{
	struct text text = {header + strspn(header, " \t")};

	text.length = strlen(text.at);
	while (
	    text.length > 0 && strchr(" \t", text.at[text.length - 1]) != NULL)
		text.length--;
	return text;
}

static int build_base(const struct httpsig_request *request,
    const char *content_digest, const struct input *input,
    struct httpsig_params *params, struct err *err)
{
	struct text values[COMPONENTS] = {
	    {request->method, strlen(request->method)},
	    {request->path, strlen(request->path)},
	    trimmed(content_digest),
	};
	size_t used = 0, room = sizeof(params->base);
	const struct text *value;
	int i, length;

	for (i = 0; i < input->count; i++) {
		value = &values[input->order[i]];
		length = snprintf(params->base + used, room - used,
		    "\"%s\": %.*s\n", components[input->order[i]],
		    (int)value->length, value->at);
		if (length < 0 || (size_t)length >= room - used)
			return err_input(err, "the path is too long");
		used += (size_t)length;
	}
	length = snprintf(params->base + used, room - used,
	    "\"@signature-params\": %.*s", (int)input->params_length,
	    input->params);
	if (length < 0 || (size_t)length >= room - used)
		return err_input(err, "the path is too long");
	return 0;
}

int httpsig_read(const struct httpsig_request *request,
    const char *content_digest, const char *signature_input,
    const char *signature, struct httpsig_params *params, struct err *err)
{
	struct input input;
	size_t length;

	memset(params, 0, sizeof(*params));
	if (content_digest == NULL)
		return err_input(err, "Content-Digest: missing");
	if (signature_input == NULL)
		return err_input(err, "Signature-Input: missing");
	if (signature == NULL)
		return err_input(err, "Signature: missing");
	if (strlen(content_digest) >= HTTPSIG_HEADER_SIZE)
		return err_input(err, "Content-Digest: too long");
	if (strlen(signature_input) >= HTTPSIG_HEADER_SIZE)
		return err_input(err, "Signature-Input: too long");
	if (strlen(signature) >= HTTPSIG_HEADER_SIZE)
		return err_input(err, "Signature: too long");
	if (choose_input(signature_input, &input, params, err) < 0 ||
	    check_digest(request, content_digest, params->body_sha256, err) < 0)
		return -EINVAL;
	if (!find_bytes(signature, input.label, params->signature,
		sizeof(params->signature), &length) ||
	    length != sizeof(params->signature))
		return err_input(err,
		    "Signature: no ed25519 signature under %s", input.label);
	return build_base(request, content_digest, &input, params, err);
}
