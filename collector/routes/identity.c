/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/identity.h"

#include <errno.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/http.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"

void identity_name(
    const uint8_t public_key[SIGN_PUBLIC_SIZE], char id[REPORT_AGENT_SIZE])
{
	uint8_t digest[32];

	sha256(public_key, SIGN_PUBLIC_SIZE, digest);
	hex_encode(digest, 16, id);
}

bool identity_is_signed(struct evhttp_request *request)
{
	return http_header(request, "Signature-Input") != NULL;
}

static const char *method_word(struct evhttp_request *request)
{
	switch (evhttp_request_get_command(request)) {
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	default:
		return "GET";
	}
}

static int check_time(
    const struct httpsig_params *params, int64_t skew_s, struct err *err)
{
	int64_t now_s = clock_wall_ms() / 1000;

	if (llabs(params->created_s - now_s) > skew_s)
		return err_input(err,
		    "Signature-Input: created is %lld s away from our clock",
		    (long long)llabs(params->created_s - now_s));
	if (params->expires_s >= 0 && params->expires_s < now_s)
		return err_input(err, "Signature-Input: expired");
	return 0;
}

/* A header with all its lines; NULL where it is absent. */
static const char *whole_header(
    struct evhttp_request *request, const char *name, struct buf *lines)
{
	if (http_header(request, name) == NULL)
		return NULL;
	http_join_header(request, name, lines);
	return lines->failed || lines->length == 0 ? "" : lines->data;
}

int identity_read(struct evhttp_request *request, const struct buf *body,
    int64_t skew_s, struct httpsig_params *params, struct err *err)
{
	struct httpsig_request message = {
	    .method = method_word(request),
	    .path = http_path(request),
	    .body = body->data,
	    .body_length = body->length,
	};
	struct buf digest = {0}, input = {0}, signature = {0};
	int error = httpsig_read(&message,
	    whole_header(request, "Content-Digest", &digest),
	    whole_header(request, "Signature-Input", &input),
	    whole_header(request, "Signature", &signature), params, err);

	buf_free(&digest);
	buf_free(&input);
	buf_free(&signature);
	return error < 0 ? -EINVAL : check_time(params, skew_s, err);
}

int identity_check(struct store *store, struct evhttp_request *request,
    const struct buf *body, int64_t skew_s, struct registry_agent *agent,
    struct err *err)
{
	struct httpsig_params params;
	int error = identity_read(request, body, skew_s, &params, err);

	if (error < 0)
		return error;
	error = registry_find(store, params.keyid, agent, err);
	if (error == -ENOENT || (error == 0 && agent->revoked_ms != 0))
		return err_input(err, "no agent of that keyid is enrolled");
	if (error < 0)
		return error;
	if (!sign_verify(agent->public_key, params.base, strlen(params.base),
		params.signature))
		return err_input(err, "the signature is not the agent's");
	return 0;
}
