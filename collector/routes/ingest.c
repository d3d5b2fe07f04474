/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/ingest.h"

#include <errno.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet/census.h"
#include "collector/http/http.h"
#include "collector/intake/attribute.h"
#include "collector/intake/proof.h"
#include "collector/routes/identity.h"
#include "collector/routes/refusal.h"
#include "collector/threads/pending.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "lib/json/json_read.h"

static void refuse(struct server *server, enum refusal why)
{
	server->metrics->reports_refused[why]++;
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

/* A disk that is full refuses every report. */
static void say_not_stored(const struct writer_job *job)
{
	static _Thread_local struct log_limit limit;

	if (!log_is_due(&limit, clock_mono_us()))
		return;
	log_error("report %s: %s (and %lld others before)", job->report.id,
	    job->err.text, (long long)limit.unsaid);
	limit.unsaid = 0;
}

static void on_stored(struct writer_job *job)
{
	struct pending *pending = (struct pending *)job;
	struct evhttp_request *request = pending_take_request(pending);
	struct metrics *metrics = pending->server->metrics;

	if (job->error == -EINVAL) {
		refuse(pending->server, REFUSED_MALFORMED);
		if (request != NULL)
			refusal_bad_input(request, 400, &job->err);
	} else if (job->error < 0) {
		refuse(pending->server, REFUSED_STORE);
		say_not_stored(job);
		if (request != NULL)
			http_reply_busy(request, 503, REFUSAL_RETRY_S,
			    "the report could not be stored");
	} else {
		metrics->reports_accepted += !job->duplicate;
		metrics->reports_duplicate += job->duplicate;
		if (request != NULL)
			reply_accepted(request, job);
	}
	pending_free(pending);
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
		if (http_header(request, names[i]) != NULL) {
			buf_printf(kept, "%s: ", names[i]);
			http_join_header(request, names[i], kept);
			buf_append_text(kept, "\r\n");
		}
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
	struct pending *pending = pending_begin(server, request);
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
	pending_put(pending);
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
