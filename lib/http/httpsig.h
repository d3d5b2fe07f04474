/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_HTTP_HTTPSIG_H
#define EGRESS25_LIB_HTTP_HTTPSIG_H

#include "lib/base/err.h"
#include "lib/sign/sign.h"

/*
 * HTTP message signatures (RFC 9421) as used here: ed25519 over "@method",
 * "@path" and "content-digest", with `created` and `keyid`. Content-Digest is
 * the SHA-256 of the body as sent (RFC 9530).
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

/* A well-formed signature and its parameters. */
struct httpsig_params {
	char keyid[65];
	int64_t created_s;
	int64_t expires_s; /* -1: no `expires` */
	uint8_t signature[SIGN_SIGNATURE_SIZE];
	uint8_t body_sha256[32];
	char base[2048]; /* the signature base (RFC 9421, 2.5) */
};

/* Fill the three headers. 0; -EINVAL unless `keyid` is 1 to 64 characters of
 * [A-Za-z0-9_-]; -EIO if OpenSSL failed or the path is too long. */
int httpsig_sign(const struct httpsig_request *request, const char *keyid,
    int64_t created_s, const struct sign_key *key,
    struct httpsig_headers *headers);

/*
 * Parse the headers of a request, check the body against Content-Digest, and
 * build the signature base. A missing header is NULL; pass a header that came
 * on several lines with ", " between them. -EINVAL says which header is wrong.
 *
 * If there are several signatures, the first well-formed one of this profile
 * counts. It must cover exactly the three components, in any order. Parameters
 * may come in any order; unknown ones are part of the base.
 *
 * The caller then verifies `params->signature` over `params->base` with the key
 * of `params->keyid`, and checks the times.
 */
int httpsig_read(const struct httpsig_request *request,
    const char *content_digest, const char *signature_input,
    const char *signature, struct httpsig_params *params, struct err *err);

#endif
