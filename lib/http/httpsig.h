/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_HTTP_HTTPSIG_H
#define EGRESS25_LIB_HTTP_HTTPSIG_H

#include "lib/base/err.h"
#include "lib/sign/sign.h"

/*
 * HTTP message signatures (RFC 9421) as this project uses them: ed25519, over
 * "@method", "@path" and "content-digest", with `created` and `keyid`; and
 * Content-Digest: sha-256 (RFC 9530) over the body as it is sent.
 */
#define HTTPSIG_HEADER_SIZE 512

struct httpsig_headers {
	char content_digest[HTTPSIG_HEADER_SIZE];
	char signature_input[HTTPSIG_HEADER_SIZE];
	char signature[HTTPSIG_HEADER_SIZE];
};

struct httpsig_request {
	const char *method; /* "POST" */
	const char *path;   /* without query */
	const void *body;
	size_t body_length;
};

/* What a signature says about itself, once its form is right. */
struct httpsig_params {
	char keyid[65];
	int64_t created_s;
	int64_t expires_s; /* -1: not said */
	uint8_t signature[SIGN_SIGNATURE_SIZE];
	char base[2048]; /* the signature base (RFC 9421, 2.5) */
};

/* Fill the three headers. `keyid` is 1 to 64 of [A-Za-z0-9_-], or -EINVAL; -EIO
 * where the library failed or the path is too long. */
int httpsig_sign(const struct httpsig_request *request, const char *keyid,
    int64_t created_s, const struct sign_key *key,
    struct httpsig_headers *headers);

/*
 * Read the headers of a request (each may be NULL: absent) and build the base
 * that was signed. Checks the body against Content-Digest. Errors say which
 * header is wrong. Of several signatures the first counts that is such a one.
 * Components may come in any order but must be just the three; so may
 * parameters, and those that are not known here are signed as they stand. Of a
 * header on several lines, give the lines with ", " between. Verify
 * `params->signature` over `params->base` with the key of `params->keyid`, and
 * the times against the clock, after it.
 */
int httpsig_read(const struct httpsig_request *request,
    const char *content_digest, const char *signature_input,
    const char *signature, struct httpsig_params *params, struct err *err);

#endif
