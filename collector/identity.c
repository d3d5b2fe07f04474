/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/identity.h"

#include <errno.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http.h"
#include "lib/base64.h"
#include "lib/clock.h"

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
	if (params->expires_s != 0 && params->expires_s < now_s)
		return err_input(err, "Signature-Input: expired");
	return 0;
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

	if (httpsig_read(&message, http_header(request, "Content-Digest"),
		http_header(request, "Signature-Input"),
		http_header(request, "Signature"), params, err) < 0)
		return -EINVAL;
	return check_time(params, skew_s, err);
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
