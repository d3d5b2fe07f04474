/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The input is lines: Content-Digest, Signature-Input, Signature, path; what
 * is left is the body. A digest of "*" stands for the right one.
 */

#include <stdio.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/http/httpsig.h"
#include "tests/fuzz/fuzz.h"

#define LINE_SIZE 2048
#define KEYID                                                  \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789_-"

struct input {
	const char *at, *end;
};

/* A header as an HTTP parser gives it: no NUL, no line end. */
static void take_line(struct input *in, char line[LINE_SIZE])
{
	size_t length = 0;

	while (in->at < in->end && *in->at != '\n') {
		if (*in->at != '\0' && *in->at != '\r' &&
		    length < LINE_SIZE - 1)
			line[length++] = *in->at;
		in->at++;
	}
	if (in->at < in->end)
		in->at++;
	line[length] = '\0';
}

static void right_digest(
    const struct httpsig_request *request, char line[LINE_SIZE])
{
	char text[BASE64_SIZE(32)];
	uint8_t digest[32];

	sha256(request->body, request->body_length, digest);
	base64_encode(digest, sizeof(digest), text);
	snprintf(line, LINE_SIZE, "sha-256=:%s:", text);
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == c;
	return n;
}

static void require_sound(const struct httpsig_params *params)
{
	fuzz_require(strlen(params->base) < sizeof(params->base));
	fuzz_require(count(params->base, '\n') == 3);
	fuzz_require(strstr(params->base, "\"@method\": POST\n") != NULL);
	fuzz_require(
	    strstr(params->base, "\n\"@signature-params\": (") != NULL);
	fuzz_require(params->created_s >= 0 && params->expires_s >= -1);
	fuzz_require(strlen(params->keyid) >= 1);
	fuzz_require(strspn(params->keyid, KEYID) == strlen(params->keyid));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input in = {(const char *)bytes, (const char *)bytes + length};
	char digest[LINE_SIZE], input[LINE_SIZE], signature[LINE_SIZE];
	char path[LINE_SIZE];
	struct httpsig_request request = {.method = "POST", .path = path};
	struct httpsig_params params;
	struct err err = {""};
	int error;

	take_line(&in, digest);
	take_line(&in, input);
	take_line(&in, signature);
	take_line(&in, path);
	request.body = in.at;
	request.body_length = (size_t)(in.end - in.at);
	if (strcmp(digest, "*") == 0)
		right_digest(&request, digest);
	error = httpsig_read(&request, digest, input, signature, &params, &err);
	fuzz_require(error == 0 || error == -22);
	if (error == 0)
		require_sound(&params);
	else
		fuzz_require(err.text[0] != '\0');
	return 0;
}
