/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake/client_limits.h"
#include "collector/routes/refusal.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/sign/sign_verify.h"

void identity_name(
    const uint8_t public_key[SIGN_PUBLIC_SIZE], char id[REPORT_AGENT_SIZE])
{
	uint8_t digest[32];

	sha256(public_key, SIGN_PUBLIC_SIZE, digest);
	hex_encode(digest, 16, id);
}

bool identity_is_signed(const struct request *request)
{
	return request_header(request, "Signature-Input") != NULL;
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

/* A header field with all its lines, kept in `lines`; NULL if it is absent. */
static const char *whole_header(
    const struct request *request, const char *name, struct buf *lines)
{
	if (request_header(request, name) == NULL)
		return NULL;
	request_join_header(request, name, lines);
	return lines->failed || lines->length == 0 ? "" : lines->data;
}

int identity_read(const struct request *request, int64_t skew_s,
    struct httpsig_params *params, struct err *err)
{
	struct httpsig_request message = {
	    .method = request_method_word(request),
	    .path = request->path,
	    .body = request->body,
	    .body_length = request->body_length,
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

static bool is_signed_by(
    const struct registry_agent *agent, const struct httpsig_params *params)
{
	return agent->revoked_ms == 0 &&
	       sign_verify(agent->public_key, params->base,
		   strlen(params->base), params->signature);
}

/* The agent may have changed its key just now, through another collector. Who
 * signs wrongly without end does not have the store asked without end: a new
 * key is known without that a second later. */
static int check_signature(struct server *server, const struct addr *client,
    const struct httpsig_params *params, struct registry_agent *agent,
    struct err *err)
{
	struct registry_agent before = *agent;
	int error;

	if (is_signed_by(agent, params))
		return 0;
	if (client_limits_look_anew(server->limits, agent->id, client) > 0) {
		err_input(err,
		    "the signature is not the agent's, as others before it");
		return -EDQUOT;
	}
	error = registry_find_anew(server->reader, params->keyid, agent, err);
	if (error < 0 && error != -ENOENT)
		return error;
	if (error == 0 &&
	    memcmp(agent->public_key, before.public_key, SIGN_PUBLIC_SIZE) !=
		0 &&
	    is_signed_by(agent, params))
		return 0;
	return err_input(err, "the signature is not the agent's");
}

int identity_check(struct server *server, const struct request *request,
    struct registry_agent *agent, struct err *err)
{
	uint8_t body_sha256[32];

	return identity_check_body(server, request, agent, body_sha256, err);
}

int identity_check_body(struct server *server, const struct request *request,
    struct registry_agent *agent, uint8_t body_sha256[32], struct err *err)
{
	struct httpsig_params params;
	int error = identity_read(request,
	    server->settings->options.limit_clock_skew_s, &params, err);

	if (error < 0)
		return error;
	error = registry_find(server->reader, params.keyid, agent, err);
	if (error == -ENOENT || (error == 0 && agent->revoked_ms != 0))
		return err_input(err, "no agent of that keyid is enrolled");
	if (error < 0)
		return error;
	error = check_signature(server, &request->client, &params, agent, err);
	if (error < 0)
		return error;
	memcpy(body_sha256, params.body_sha256, 32);
	return 0;
}

bool identity_admit(struct server *server, const struct request *request,
    struct registry_agent *agent, struct reply *reply)
{
	struct err err = {""};
	int error = identity_check(server, request, agent, &err), after_s;

	if (error < 0) {
		refusal_unidentified(reply, error, &err);
		return false;
	}
	after_s = client_limits_ask(server->limits, &server->settings->options,
	    agent->id, &request->client);
	if (after_s > 0)
		reply_busy(reply, 429, after_s,
		    "too many questions of this agent, or from there, of "
		    "late");
	return after_s == 0;
}
