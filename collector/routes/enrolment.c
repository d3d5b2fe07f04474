/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/enrolment.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/http.h"
#include "collector/intake/throttle.h"
#include "collector/routes/enrolment_body.h"
#include "collector/routes/identity.h"
#include "collector/routes/refusal.h"
#include "collector/threads/pending.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/json/json.h"
#include "lib/sign/possession.h"

struct enrolments {
	pthread_mutex_t lock;
	struct throttle throttle;
};

struct enrolments *enrolments_new(void)
{
	struct enrolments *enrolments = calloc(1, sizeof(*enrolments));

	if (enrolments == NULL)
		return NULL;
	pthread_mutex_init(&enrolments->lock, NULL);
	random_bytes(
	    &enrolments->throttle.seed, sizeof(enrolments->throttle.seed));
	return enrolments;
}

void enrolments_free(struct enrolments *enrolments)
{
	if (enrolments == NULL)
		return;
	pthread_mutex_destroy(&enrolments->lock);
	free(enrolments);
}

/* --- what both have in common --- */

static void reply_name(struct evhttp_request *request, const char *agent)
{
	struct buf reply = {0};
	struct json_writer json = {.out = &reply};

	json_open_object(&json, NULL);
	json_text(&json, "agent", agent);
	json_close_object(&json);
	if (reply.failed)
		refusal_no_memory(request);
	else
		http_reply_json(request, 200, &reply);
	buf_free(&reply);
}

/* The writer has done it, or not. */
static void reply_done(struct evhttp_request *request,
    const struct writer_job *job, const char *what)
{
	if (job->error == 0)
		reply_name(request, job->agent.id);
	else if (job->error == -EACCES)
		refusal_bad_input(request, 403, &job->err);
	else
		refusal_failed(request, what, &job->err);
}

/* --- enrolling --- */

static int add(struct store *store, struct writer_job *job)
{
	return registry_enrol(store, &job->agent, job->token_sha256, &job->err);
}

static void on_enrolled(struct writer_job *job)
{
	struct pending *pending = (struct pending *)job;
	struct evhttp_request *request = pending_take_request(pending);

	if (job->error == 0)
		pending->server->metrics->agents_enrolled++;
	if (request != NULL)
		reply_done(request, job, "enrolment");
	pending_free(pending);
}

/* The enrolment is signed with the key that it brings. */
static int check_possession(struct server *server,
    struct evhttp_request *request, const struct buf *body,
    const uint8_t public_key[SIGN_PUBLIC_SIZE], struct err *err)
{
	struct httpsig_params params;

	if (identity_read(request, body,
		server->settings->options.limit_clock_skew_s, &params, err) < 0)
		return -EINVAL;
	if (strcmp(params.keyid, IDENTITY_ENROL_KEYID) != 0)
		return err_input(err, "Signature-Input: keyid is not \"%s\"",
		    IDENTITY_ENROL_KEYID);
	if (!sign_verify(
		public_key, params.base, strlen(params.base), params.signature))
		return err_input(
		    err, "the signature is not that of public_key");
	return 0;
}

/* False: too often of late, and the request is answered. */
static bool may_enrol(struct server *server, struct evhttp_request *request)
{
	const struct collector_options *options = &server->settings->options;
	struct throttle_limits limits = {
	    .by_address = options->limit_enrol_address,
	    .by_prefix = options->limit_enrol_prefix,
	};
	struct addr client;
	int after_s;

	http_client(request, server->connections, &server->trusted, &client);
	pthread_mutex_lock(&server->enrolments->lock);
	after_s = throttle_take(&server->enrolments->throttle, &client, &limits,
	    clock_mono_us() / 1000);
	pthread_mutex_unlock(&server->enrolments->lock);
	if (after_s == 0)
		return true;
	server->metrics->enrolments_refused++;
	http_reply_busy(request, 429, after_s,
	    "too many agents enrolled from there of late");
	return false;
}

static void enrol(struct server *server, struct evhttp_request *request,
    const struct enrolment_body *asked)
{
	struct registry_agent *agent;
	struct pending *pending;

	if (server->settings->options.enrol == ENROL_TOKEN &&
	    asked->token[0] == '\0') {
		http_reply_error(request, 403, "token",
		    "this collector enrols with a token only");
		return;
	}
	if (!may_enrol(server, request))
		return;
	pending = pending_begin(server, request);
	if (pending == NULL)
		return;
	pending->job.act = add;
	agent = &pending->job.agent;
	memcpy(agent->public_key, asked->public_key, SIGN_PUBLIC_SIZE);
	memcpy(agent->contact, asked->contact, sizeof(agent->contact));
	identity_name(agent->public_key, agent->id);
	agent->enrolled_ms = clock_wall_ms();
	pending->job.done = on_enrolled;
	if (server->settings->options.enrol == ENROL_TOKEN) {
		sha256(
		    asked->token, strlen(asked->token), pending->token_sha256);
		pending->job.token_sha256 = pending->token_sha256;
	}
	pending_put(pending);
}

void enrolment_add(struct server *server, struct evhttp_request *request)
{
	struct enrolment_body asked;
	struct buf body = {0};
	struct err err;
	int error = http_raw_body(request, &body, &err);

	if (error == 0)
		error = enrolment_body_read(
		    body.data, body.length, &asked, &err);
	if (error == -ENOMEM)
		refusal_no_memory(request);
	else if (error < 0)
		refusal_bad_input(request, 400, &err);
	else if (check_possession(
		     server, request, &body, asked.public_key, &err) < 0)
		refusal_bad_input(request, 401, &err);
	else
		enrol(server, request, &asked);
	buf_free(&body);
}

/* --- another key --- */

static int replace_key(struct store *store, struct writer_job *job)
{
	return registry_change_key(store, &job->agent, job->new_key, &job->err);
}

static void on_changed(struct writer_job *job)
{
	struct pending *pending = (struct pending *)job;
	struct evhttp_request *request = pending_take_request(pending);
	char address[ADDR_TEXT_SIZE], name[REPORT_AGENT_SIZE];

	if (job->error == 0) {
		pending->server->metrics->keys_changed++;
		identity_name(job->new_key, name);
		log_info("agent %s: from now on the key %s counts, asked for "
			 "from %s",
		    job->agent.id, name,
		    addr_format(&pending->client, address));
	}
	if (request != NULL)
		reply_done(request, job, "another key");
	pending_free(pending);
}

/* The request is the agent's, by the key that counts now. */
static void change_key(struct server *server, struct evhttp_request *request,
    const struct registry_agent *agent, const uint8_t new_key[SIGN_PUBLIC_SIZE])
{
	struct pending *pending;

	if (memcmp(agent->public_key, new_key, SIGN_PUBLIC_SIZE) == 0) {
		reply_name(request, agent->id);
		return;
	}
	pending = pending_begin(server, request);
	if (pending == NULL)
		return;
	http_client(
	    request, server->connections, &server->trusted, &pending->client);
	pending->job.act = replace_key;
	pending->job.agent = *agent;
	memcpy(pending->job.new_key, new_key, SIGN_PUBLIC_SIZE);
	pending->job.done = on_changed;
	pending_put(pending);
}

void enrolment_change_key(struct server *server, struct evhttp_request *request)
{
	struct registry_agent agent;
	struct enrolment_body asked;
	struct buf body = {0};
	struct err err;
	int error = http_raw_body(request, &body, &err);

	if (error == 0)
		error = identity_check(server->reader, request, &body,
		    server->settings->options.limit_clock_skew_s, &agent, &err);
	if (error < 0) {
		refusal_unidentified(request, error, &err);
		buf_free(&body);
		return;
	}
	error = enrolment_body_read(body.data, body.length, &asked, &err);
	if (error == 0 &&
	    !possession_holds(asked.public_key, agent.id, asked.possession))
		error = err_input(
		    &err, "possession: is not public_key's for this agent");
	if (error == -ENOMEM)
		refusal_no_memory(request);
	else if (error < 0)
		refusal_bad_input(request, 400, &err);
	else
		change_key(server, request, &agent, asked.public_key);
	buf_free(&body);
}
