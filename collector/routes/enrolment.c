/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/enrolment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake/client_limits.h"
#include "collector/intake/operator.h"
#include "collector/routes/enrolment_body.h"
#include "collector/routes/identity.h"
#include "collector/routes/refusal.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "lib/sign/possession_check.h"
#include "lib/sign/sign_verify.h"

/* --- common --- */

/* What the writer does for a POST here. */
struct enrolment_job {
	struct deferred_reply deferred; /* first */
	uint8_t token_sha256[32];
	struct addr client;
};

static void free_job(struct deferred_reply *deferred)
{
	free(deferred);
}

/* NULL: out of memory, which the reply says. */
static struct enrolment_job *new_job(
    const struct request *request, writer_act *act, struct reply *reply)
{
	struct enrolment_job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		refusal_no_memory(reply);
		return NULL;
	}
	job->deferred.job.act = act;
	job->deferred.release = free_job;
	job->client = request->client;
	return job;
}

static void reply_name(struct reply *reply, const char *agent)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};

	json_open_object(&json, NULL);
	json_text(&json, "agent", agent);
	json_close_object(&json);
	reply_json(reply, 200, &body);
}

static void reply_result(
    struct reply *reply, const struct writer_job *job, const char *what)
{
	if (job->error == 0)
		reply_name(reply, job->agent.id);
	else if (job->error == -EACCES)
		refusal_bad_input(reply, 403, &job->err);
	else
		refusal_store(reply, what, &job->err);
}

/* --- enrolling --- */

static void finish_enrolment(
    struct server *server, struct deferred_reply *deferred, struct reply *reply)
{
	if (deferred->job.error == 0)
		server->metrics->agents_enrolled++;
	reply_result(reply, &deferred->job, "enrolment");
}

/* The enrolment is signed with the key in its body. */
static int check_signature(struct server *server, const struct request *request,
    const uint8_t public_key[SIGN_PUBLIC_SIZE], struct err *err)
{
	struct httpsig_params params;

	if (identity_read(request, server->settings->options.limit_clock_skew_s,
		&params, err) < 0)
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

/* Count an enrolment. False: there were too many, which the reply says. */
static bool is_within_limit(
    struct server *server, const struct request *request, struct reply *reply)
{
	int after_s = client_limits_enrol(
	    server->limits, &server->settings->options, &request->client);

	if (after_s == 0)
		return true;
	server->metrics->enrolments_refused++;
	reply_busy(
	    reply, 429, after_s, "too many agents enrolled from there of late");
	return false;
}

static void name_operator(struct server *server, struct enrolment_job *job)
{
	struct registry_agent *agent = &job->deferred.job.agent;
	const struct operator_marks marks = {
	    .token_sha256 = job->deferred.job.token_sha256,
	    .contact = agent->contact,
	    .client = &job->client,
	};

	operator_name(server->secret, &marks, agent->run_by);
}

static void use_token(struct enrolment_job *job, const char *token)
{
	sha256(token, strlen(token), job->token_sha256);
	job->deferred.job.token_sha256 = job->token_sha256;
}

static struct deferred_reply *enrol(struct server *server,
    const struct request *request, const struct enrolment_body *body,
    struct reply *reply)
{
	bool needs_token = server->settings->options.enrol == ENROL_TOKEN;
	struct enrolment_job *job;
	struct registry_agent *agent;

	if (needs_token && body->token[0] == '\0') {
		reply_error(reply, 403, "token",
		    "this collector enrols with a token only");
		return NULL;
	}
	if (!is_within_limit(server, request, reply))
		return NULL;
	job = new_job(request, NULL, reply);
	if (job == NULL)
		return NULL;
	job->deferred.job.enrols = true;
	job->deferred.finish = finish_enrolment;
	agent = &job->deferred.job.agent;
	memcpy(agent->public_key, body->public_key, SIGN_PUBLIC_SIZE);
	memcpy(agent->contact, body->contact, sizeof(agent->contact));
	identity_name(agent->public_key, agent->id);
	agent->enrolled_ms = clock_wall_ms();
	if (needs_token)
		use_token(job, body->token);
	name_operator(server, job);
	return &job->deferred;
}

struct deferred_reply *route_enrol(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct enrolment_body body;
	struct err err = {""};
	int error = enrolment_body_read(
	    request->body, request->body_length, &body, &err);

	if (error == -ENOMEM)
		refusal_no_memory(reply);
	else if (error < 0)
		refusal_bad_input(reply, 400, &err);
	else if (check_signature(server, request, body.public_key, &err) < 0)
		refusal_bad_input(reply, 401, &err);
	else
		return enrol(server, request, &body, reply);
	return NULL;
}

/* --- changing the key --- */

static int replace_key(struct store *store, struct writer_job *job)
{
	return registry_change_key(store, &job->agent, job->new_key, &job->err);
}

static void finish_change(
    struct server *server, struct deferred_reply *deferred, struct reply *reply)
{
	const struct addr *client = &((struct enrolment_job *)deferred)->client;
	const struct writer_job *job = &deferred->job;
	char address[ADDR_TEXT_SIZE], name[REPORT_AGENT_SIZE];

	if (job->error == 0) {
		server->metrics->keys_changed++;
		identity_name(job->new_key, name);
		log_info("agent %s: from now on the key %s counts, asked for "
			 "from %s",
		    job->agent.id, name, addr_format(client, address));
	}
	reply_result(reply, job, "another key");
}

/* The request is signed with the agent's current key. */
static struct deferred_reply *change_key(struct server *server,
    const struct request *request, const struct registry_agent *agent,
    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct reply *reply)
{
	struct enrolment_job *job;
	int after_s;

	if (memcmp(agent->public_key, new_key, SIGN_PUBLIC_SIZE) == 0) {
		reply_name(reply, agent->id);
		return NULL;
	}
	after_s = client_limits_change_key(server->limits,
	    &server->settings->options, agent->id, &request->client);
	if (after_s > 0) {
		reply_busy(
		    reply, 429, after_s, "too many keys were changed of late");
		return NULL;
	}
	job = new_job(request, replace_key, reply);
	if (job == NULL)
		return NULL;
	job->deferred.finish = finish_change;
	job->deferred.job.agent = *agent;
	memcpy(job->deferred.job.new_key, new_key, SIGN_PUBLIC_SIZE);
	return &job->deferred;
}

struct deferred_reply *route_change_key(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct registry_agent agent;
	struct enrolment_body body;
	struct err err = {""};
	int error = identity_check(server, request, &agent, &err);

	if (error < 0) {
		refusal_unidentified(reply, error, &err);
		return NULL;
	}
	error = enrolment_body_read(
	    request->body, request->body_length, &body, &err);
	if (error == 0 &&
	    !possession_holds(body.public_key, agent.id, body.possession))
		error = err_input(
		    &err, "possession: is not public_key's for this agent");
	if (error == -ENOMEM)
		refusal_no_memory(reply);
	else if (error < 0)
		refusal_bad_input(reply, 400, &err);
	else
		return change_key(
		    server, request, &agent, body.public_key, reply);
	return NULL;
}
