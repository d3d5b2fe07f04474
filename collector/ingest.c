/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ingest.h"

#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/attribute.h"
#include "collector/census.h"
#include "collector/http.h"
#include "collector/identity.h"
#include "collector/proof.h"
#include "collector/refusal.h"
#include "lib/base64.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/json_read.h"
#include "lib/log.h"

/* A request whose answer waits for the writer. */
struct pending {
	struct writer_job job; /* first */
	struct server *server;
	struct evhttp_request *request; /* NULL: the client went away */
	struct evhttp_connection *connection;
	struct measurement *rows; /* owned */
	struct buf body;          /* owned: the evidence, where it is kept */
	uint8_t token_sha256[32];
};

static void refuse(struct server *server, enum refusal why)
{
	server->metrics->reports_refused[why]++;
}

/* --- requests that wait for the writer --- */

static void on_closed(struct evhttp_connection *connection, void *arg)
{
	struct pending *pending = arg;

	(void)connection;
	http_abandon(pending->request);
	pending->request = NULL;
}

static struct pending *begin_pending(
    struct server *server, struct evhttp_request *request)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (pending == NULL) {
		refusal_no_memory(request);
		return NULL;
	}
	pending->server = server;
	pending->request = request;
	pending->connection = evhttp_request_get_connection(request);
	evhttp_connection_set_closecb(pending->connection, on_closed, pending);
	return pending;
}

/* The request, to be answered now; NULL where nobody waits any more. */
static struct evhttp_request *take_request(struct pending *pending)
{
	struct evhttp_request *request = pending->request;

	if (request != NULL)
		evhttp_connection_set_closecb(pending->connection, NULL, NULL);
	return request;
}

static void free_pending(struct pending *pending)
{
	free(pending->rows);
	buf_free(&pending->body);
	free(pending);
}

static void put_pending(struct pending *pending)
{
	struct evhttp_request *request;

	if (!pending->body.failed &&
	    writer_put(pending->server->writer, pending->server->mailbox,
		&pending->job) == 0)
		return;
	refuse(pending->server, REFUSED_QUEUE_FULL);
	request = take_request(pending);
	if (request != NULL)
		http_reply_busy(request, 503, REFUSAL_RETRY_S,
		    "too many reports wait to be stored");
	free_pending(pending);
}

/* --- enrolment --- */

static void on_enrolled(struct writer_job *job)
{
	struct pending *pending = (struct pending *)job;
	struct evhttp_request *request = take_request(pending);
	struct buf reply = {0};
	struct json_writer json = {.out = &reply};

	if (job->error == 0)
		pending->server->metrics->agents_enrolled++;
	if (request == NULL) {
		free_pending(pending);
		return;
	}
	if (job->error == 0) {
		json_open_object(&json, NULL);
		json_text(&json, "agent", job->agent.id);
		json_close_object(&json);
		http_reply_json(request, 200, &reply);
	} else if (job->error == -EACCES) {
		http_reply_error(request, 403, "token", job->err.text);
	} else {
		refusal_failed(request, "enrolment", &job->err);
	}
	buf_free(&reply);
	free_pending(pending);
}

static int read_public_key(
    const struct json_at *root, uint8_t key[SIGN_PUBLIC_SIZE], struct err *err)
{
	char text[BASE64_SIZE(SIGN_PUBLIC_SIZE)];
	struct json_at at;
	size_t length;

	json_member(root, "public_key", &at);
	if (json_get_text(&at, text, sizeof(text), err) < 0)
		return -EINVAL;
	if (!base64_decode(
		text, strlen(text), key, SIGN_PUBLIC_SIZE, &length) ||
	    length != SIGN_PUBLIC_SIZE)
		return json_error(&at, err, "not 32 bytes in base64");
	return 0;
}

/* What the enrolment's body says. An empty token is none. */
static int read_enrolment(const struct buf *body, struct registry_agent *agent,
    char token[128], struct err *err)
{
	struct json_at root = {0}, at;
	struct cJSON *tree;
	int error = json_parse(body->data, body->length, &tree, err);

	if (error < 0)
		return error;
	root.value = tree;
	error = json_get_object(&root, err);
	if (error == 0)
		error = read_public_key(&root, agent->public_key, err);
	json_member(&root, "contact", &at);
	if (error == 0)
		error = json_get_text_or(
		    &at, agent->contact, sizeof(agent->contact), "", err);
	json_member(&root, "token", &at);
	if (error == 0)
		error = json_get_text_or(&at, token, 128, "", err);
	json_free(tree);
	return error;
}

/* The enrolment is signed with the key that it brings. */
static int check_possession(struct server *server,
    struct evhttp_request *request, const struct buf *body,
    const struct registry_agent *agent, struct err *err)
{
	struct httpsig_params params;

	if (identity_read(request, body,
		server->settings->options.limit_clock_skew_s, &params, err) < 0)
		return -EINVAL;
	if (strcmp(params.keyid, IDENTITY_ENROL_KEYID) != 0)
		return err_input(err, "Signature-Input: keyid is not \"%s\"",
		    IDENTITY_ENROL_KEYID);
	if (!sign_verify(agent->public_key, params.base, strlen(params.base),
		params.signature))
		return err_input(
		    err, "the signature is not that of public_key");
	return 0;
}

static void enrol(struct server *server, struct evhttp_request *request,
    const struct registry_agent *agent, const char *token)
{
	struct pending *pending;

	if (server->settings->options.enrol == ENROL_TOKEN &&
	    token[0] == '\0') {
		http_reply_error(request, 403, "token",
		    "this collector enrols with a token only");
		return;
	}
	pending = begin_pending(server, request);
	if (pending == NULL)
		return;
	pending->job.is_enrolment = true;
	pending->job.agent = *agent;
	pending->job.done = on_enrolled;
	if (server->settings->options.enrol == ENROL_TOKEN) {
		sha256(token, strlen(token), pending->token_sha256);
		pending->job.token_sha256 = pending->token_sha256;
	}
	put_pending(pending);
}

void ingest_enrolment(struct server *server, struct evhttp_request *request)
{
	struct registry_agent agent = {0};
	char token[128] = "";
	struct buf body = {0};
	struct err err;
	int error;

	error = http_raw_body(request, &body, &err);
	if (error == 0)
		error = read_enrolment(&body, &agent, token, &err);
	if (error == -ENOMEM) {
		refusal_no_memory(request);
	} else if (error < 0) {
		refusal_bad_input(request, 400, &err);
	} else if (check_possession(server, request, &body, &agent, &err) < 0) {
		refusal_bad_input(request, 401, &err);
	} else {
		identity_name(agent.public_key, agent.id);
		agent.enrolled_ms = clock_wall_ms();
		enrol(server, request, &agent, token);
	}
	buf_free(&body);
}

/* --- whoami --- */

static void write_whoami(struct server *server, const struct addr *client,
    const struct registry_agent *agent, struct buf *reply)
{
	struct json_writer json = {.out = reply};
	int64_t expires_s = clock_wall_ms() / 1000 + PROOF_LIFE_S;
	char proof[REPORT_PROOF_SIZE];

	json_open_object(&json, NULL);
	json_address(&json, "address", client);
	json_integer(&json, "family", client->family);
	if (agent != NULL) {
		proof_make(server->secret, agent->id, client, expires_s, proof);
		json_text(&json, "agent", agent->id);
		json_time(&json, "expires", expires_s * 1000);
		json_text(&json, "proof", proof);
		server->metrics->proofs_given++;
	}
	json_close_object(&json);
}

void ingest_whoami(struct server *server, struct evhttp_request *request)
{
	bool is_signed = identity_is_signed(request);
	struct registry_agent agent;
	struct buf nothing = {0}, reply = {0};
	struct addr client;
	struct err err;
	int error = 0;

	http_client(request, server->connections, &server->trusted, &client);
	if (client.family == 0) {
		http_reply_error(request, 400, "X-Forwarded-For",
		    "the proxy in front of us names no address");
		return;
	}
	if (is_signed)
		error = identity_check(server->reader, request, &nothing,
		    server->settings->options.limit_clock_skew_s, &agent, &err);
	if (error < 0) {
		refusal_unidentified(request, error, &err);
		return;
	}
	write_whoami(server, &client, is_signed ? &agent : NULL, &reply);
	http_set_header(request, "Cache-Control", "no-store");
	http_reply_json(request, 200, &reply);
	buf_free(&reply);
}

/* --- reports --- */

static void reply_accepted(
    struct evhttp_request *request, const struct writer_job *job)
{
	struct buf reply = {0};
	struct json_writer json = {.out = &reply};

	json_open_object(&json, NULL);
	json_integer(
	    &json, "accepted", job->duplicate ? 0 : (int64_t)job->report.nrows);
	json_bool(&json, "duplicate", job->duplicate);
	json_close_object(&json);
	http_reply_json(request, 200, &reply);
	buf_free(&reply);
}

static void on_stored(struct writer_job *job)
{
	struct pending *pending = (struct pending *)job;
	struct evhttp_request *request = take_request(pending);
	struct metrics *metrics = pending->server->metrics;

	if (job->error < 0) {
		refuse(pending->server, REFUSED_STORE);
		log_error("report %s: %s", job->report.id, job->err.text);
		if (request != NULL)
			http_reply_busy(request, 503, REFUSAL_RETRY_S,
			    "the report could not be stored");
	} else {
		metrics->reports_accepted += !job->duplicate;
		metrics->reports_duplicate += job->duplicate;
		if (request != NULL)
			reply_accepted(request, job);
	}
	free_pending(pending);
}

static int64_t count_unattributed(const struct measurement *rows, size_t count)
{
	int64_t unattributed = 0;
	size_t i;

	for (i = 0; i < count; i++)
		unattributed += !rows[i].attributed;
	return unattributed;
}

/* What makes the report evidence: the headers that its signature needs, an
 * empty line, and the body as it was sent. */
static void keep_signed(
    struct evhttp_request *request, const struct buf *raw, struct buf *kept)
{
	static const char *const names[] = {"Content-Digest", "Signature-Input",
	    "Signature", "Content-Encoding"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (http_header(request, names[i]) != NULL)
			buf_printf(kept, "%s: %s\r\n", names[i],
			    http_header(request, names[i]));
	buf_append_text(kept, "\r\n");
	buf_append(kept, raw->data, raw->length);
}

/* A report on its way from the request to the writer. */
struct arrival {
	const struct buf *raw; /* as it was sent */
	struct report report;
	struct measurement *rows;
	size_t nrows;
};

/* Hand the rows, which pass to it, to the writer. */
static void store_report(struct server *server, struct evhttp_request *request,
    const struct arrival *arrival)
{
	struct pending *pending = begin_pending(server, request);
	struct store_report *stored;

	if (pending == NULL) {
		free(arrival->rows);
		return;
	}
	server->metrics->rows_unattributed += count_unattributed(
	    arrival->rows, arrival->nrows);
	pending->rows = arrival->rows;
	pending->job.done = on_stored;
	stored = &pending->job.report;
	memcpy(stored->id, arrival->report.id, sizeof(stored->id));
	memcpy(
	    stored->agent_id, arrival->report.agent, sizeof(stored->agent_id));
	stored->received_ms = clock_wall_ms();
	stored->rows = arrival->rows;
	stored->nrows = arrival->nrows;
	if (server->settings->options.keep_signed) {
		keep_signed(request, arrival->raw, &pending->body);
		stored->signed_body = pending->body.data;
		stored->signed_body_length = pending->body.length;
	}
	put_pending(pending);
}

static int make_rows(struct server *server, const struct buf *body,
    const struct registry_agent *agent, struct arrival *arrival,
    struct err *err)
{
	struct report *report = &arrival->report;
	const struct census_view *view = census_hold(server->census);
	struct attribution attribution = {
	    .secret = server->secret,
	    .geo = server->settings->geo,
	    .endpoints = &server->settings->endpoints,
	    .starttls = view != NULL ? &view->starttls : NULL,
	    .received_ms = clock_wall_ms(),
	    .keep_ms = server->settings->options.retention_s * 1000,
	};
	int error = report_decode(body->data, body->length, report, err);

	if (error == 0) {
		if (strcmp(report->agent, agent->id) != 0)
			error = err_input(
			    err, "agent: not who signed the report");
		else
			error = attribute_report(report, &attribution,
			    &arrival->rows, &arrival->nrows, err);
		if (error < 0)
			report_free(report);
	}
	census_drop(server->census, view);
	return error;
}

static void refuse_report(struct server *server, struct evhttp_request *request,
    int error, const struct err *err)
{
	switch (error) {
	case -ENOMEM:
		refuse(server, REFUSED_QUEUE_FULL);
		refusal_no_memory(request);
		return;
	case -E2BIG:
		refuse(server, REFUSED_TOO_LARGE);
		refusal_bad_input(request, 413, err);
		return;
	case -EOPNOTSUPP:
		refuse(server, REFUSED_ENCODING);
		refusal_bad_input(request, 415, err);
		return;
	default:
		refuse(server, REFUSED_MALFORMED);
		refusal_bad_input(request, 400, err);
	}
}

static void take_body(struct server *server, struct evhttp_request *request,
    const struct registry_agent *agent, struct arrival *arrival,
    const struct buf *body)
{
	struct err err;
	int error = make_rows(server, body, agent, arrival, &err);

	if (error < 0) {
		refuse_report(server, request, error, &err);
		return;
	}
	store_report(server, request, arrival);
	report_free(&arrival->report);
}

/* The signature is good. */
static void take_report(struct server *server, struct evhttp_request *request,
    const struct registry_agent *agent, const struct buf *raw)
{
	struct arrival arrival = {.raw = raw};
	struct buf body = {0};
	struct err err;
	int error;

	if (http_header(request, "Content-Encoding") == NULL) {
		take_body(server, request, agent, &arrival, raw);
		return;
	}
	error = http_decode_body(request, raw,
	    (size_t)server->settings->options.limit_body_bytes, &body, &err);
	if (error == 0)
		take_body(server, request, agent, &arrival, &body);
	else
		refuse_report(server, request, error, &err);
	buf_free(&body);
}

void ingest_report(struct server *server, struct evhttp_request *request)
{
	struct registry_agent agent;
	struct buf raw = {0};
	struct err err;
	int error = http_raw_body(request, &raw, &err);

	if (error == 0)
		error = identity_check(server->reader, request, &raw,
		    server->settings->options.limit_clock_skew_s, &agent, &err);
	if (error == 0) {
		take_report(server, request, &agent, &raw);
	} else {
		refuse(server,
		    error == -EINVAL ? REFUSED_SIGNATURE : REFUSED_STORE);
		refusal_unidentified(request, error, &err);
	}
	buf_free(&raw);
}
