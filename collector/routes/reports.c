/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/reports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet/census.h"
#include "collector/http/body.h"
#include "collector/intake/attribute.h"
#include "collector/intake/client_limits.h"
#include "collector/intake/operator.h"
#include "collector/intake/receipts.h"
#include "collector/intake/shown.h"
#include "collector/routes/identity.h"
#include "collector/routes/refusal.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "lib/report/report_decode.h"

/* A report that came in, and what it is decided by. */
struct received {
	const struct request *request;
	const struct registry_agent *agent; /* that signed it */
	struct report report;
	uint8_t digest[32]; /* of the body; once it is decoded, of its JSON */
	enum receipts_found receipts;
	int after_s; /* it is one too many: when to come again */
};

/* A report on its way to the writer. */
struct report_job {
	struct deferred_reply deferred; /* first */
	struct measurement *rows;       /* owned */
	struct buf detail;              /* owned */
	struct buf evidence;            /* owned; the report as it was signed */
};

static void free_report_job(struct deferred_reply *deferred)
{
	struct report_job *job = (struct report_job *)deferred;

	free(job->rows);
	buf_free(&job->detail);
	buf_free(&job->evidence);
	free(job);
}

static void count_refused(struct server *server, enum refusal reason)
{
	server->metrics->reports_refused[reason]++;
}

/* --- after the writer --- */

static void reply_accepted(struct reply *reply, const struct writer_job *job)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};

	json_open_object(&json, NULL);
	json_integer(
	    &json, "accepted", job->duplicate ? 0 : (int64_t)job->report.nrows);
	json_bool(&json, "duplicate", job->duplicate);
	json_close_object(&json);
	reply_json(reply, 200, &body);
}

/* Rate-limited: a full disk refuses every report. */
static void log_not_stored(const struct writer_job *job)
{
	static _Thread_local struct log_limit limit;

	if (!log_is_due(&limit, clock_mono_us()))
		return;
	log_error("report %s: %s (and %lld others before)", job->report.id,
	    job->err.text, (long long)limit.unsaid);
	limit.unsaid = 0;
}

/* Two reports of one id: an agent's fault, or somebody's attempt. */
static void log_conflict(const struct writer_job *job)
{
	static _Thread_local struct log_limit limit;

	if (!log_is_due(&limit, clock_mono_us()))
		return;
	log_warn("agent %s sends another %s (and %lld others before)",
	    job->report.agent_id, job->err.text, (long long)limit.unsaid);
	limit.unsaid = 0;
}

static void finish_report(
    struct server *server, struct deferred_reply *deferred, struct reply *reply)
{
	const struct writer_job *job = &deferred->job;

	if (job->error == -EINVAL) {
		count_refused(server, REFUSED_MALFORMED);
		refusal_bad_input(reply, 400, &job->err);
	} else if (job->error == -EEXIST) {
		count_refused(server, REFUSED_CONFLICT);
		log_conflict(job);
		refusal_bad_input(reply, 409, &job->err);
	} else if (job->error < 0) {
		count_refused(server, REFUSED_STORE);
		log_not_stored(job);
		reply_busy(reply, 503, REFUSAL_RETRY_S,
		    "the report could not be stored");
	} else {
		server->metrics->reports_accepted += !job->duplicate;
		server->metrics->reports_duplicate += job->duplicate;
		reply_accepted(reply, job);
	}
}

/* --- before the writer --- */

static void count_rows(
    struct metrics *metrics, const struct measurement *rows, size_t count)
{
	int64_t unattributed = 0, unlisted = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		unattributed += !rows[i].attributed;
		unlisted += !rows[i].listed;
	}
	metrics->rows_unattributed += unattributed;
	metrics->rows_unlisted += unlisted;
}

/* The evidence: the header fields that the signature needs, an empty line, and
 * the body as it was sent. */
static void keep_evidence(const struct request *request, struct buf *evidence)
{
	static const char *const names[] = {"Content-Digest", "Signature-Input",
	    "Signature", "Content-Encoding"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (request_header(request, names[i]) != NULL) {
			buf_printf(evidence, "%s: ", names[i]);
			request_join_header(request, names[i], evidence);
			buf_append_text(evidence, "\r\n");
		}
	buf_append_text(evidence, "\r\n");
	buf_append(evidence, request->body, request->body_length);
}

/* Agents that enrolled before operators were named have their contact. */
static void find_operator(const struct server *server,
    const struct registry_agent *agent, char name[OPERATOR_NAME_SIZE])
{
	const struct operator_marks marks = {.contact = agent->contact};

	if (agent->run_by[0] != '\0')
		snprintf(name, OPERATOR_NAME_SIZE, "%s", agent->run_by);
	else
		operator_name(server->secret, &marks, name);
}

/* What is kept, and counts for nothing. */
static void unlist(struct measurement *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		rows[i].listed = false;
}

/* Make the rows of a report, which the job then owns. */
static int make_rows(struct server *server, const struct received *received,
    struct report_job *job, struct err *err)
{
	const struct report *report = &received->report;
	char run_by[OPERATOR_NAME_SIZE];
	struct store_report *stored = &job->deferred.job.report;
	const struct census_view *view = census_hold(server->census);
	struct attribution attribution = {
	    .secret = server->secret,
	    .geo = server->settings->geo,
	    .endpoints = &server->settings->endpoints,
	    .starttls = view != NULL ? &view->starttls : NULL,
	    .run_by = run_by,
	    .received_ms = clock_wall_ms(),
	    .keep_ms = server->settings->options.retention_s * 1000,
	};
	int error;

	find_operator(server, received->agent, run_by);
	error = attribute_report(
	    report, &attribution, &job->rows, &stored->nrows, err);
	if (error == 0 && received->receipts != RECEIPTS_FINE)
		unlist(job->rows, stored->nrows);
	if (error == 0)
		shown_pack(report, &attribution, job->rows, &job->detail);
	census_drop(server->census, view);
	stored->rows = job->rows;
	stored->detail = job->detail.data;
	stored->detail_length = job->detail.length;
	return error == 0 && job->detail.failed
		   ? err_system(err, -ENOMEM, "a report's detail")
		   : error;
}

/* Keep the report, then brand its agent. If that fails, the agent sends the
 * report again. */
static int store_and_revoke(struct store *store, struct writer_job *job)
{
	int error = store_write(
	    store, &job->report, 1, &job->duplicate, &job->err);

	if (error < 0)
		return error;
	return registry_revoke(store, job->report.agent_id,
	    job->report.rows[0].agent, clock_wall_ms(), &job->err);
}

static int fill_job(struct server *server, const struct received *received,
    struct report_job *job, struct err *err)
{
	struct store_report *stored = &job->deferred.job.report;
	const struct report *report = &received->report;
	int error = make_rows(server, received, job, err);

	if (error < 0)
		return error;
	count_rows(server->metrics, job->rows, stored->nrows);
	memcpy(stored->id, report->id, sizeof(stored->id));
	memcpy(stored->agent_id, report->agent, sizeof(stored->agent_id));
	memcpy(stored->digest, received->digest, sizeof(stored->digest));
	stored->received_ms = clock_wall_ms();
	if (received->receipts == RECEIPTS_BRAND)
		job->deferred.job.act = store_and_revoke;
	if (!server->settings->options.keep_signed)
		return 0;
	keep_evidence(received->request, &job->evidence);
	stored->signed_body = job->evidence.data;
	stored->signed_body_length = job->evidence.length;
	return job->evidence.failed ? err_system(err, -ENOMEM, "a report") : 0;
}

static int new_job(struct server *server, const struct received *received,
    struct deferred_reply **deferred, struct err *err)
{
	struct report_job *job = calloc(1, sizeof(*job));
	int error;

	if (job == NULL)
		return err_system(err, -ENOMEM, "a report");
	job->deferred.finish = finish_report;
	job->deferred.release = free_report_job;
	error = fill_job(server, received, job, err);
	if (error == 0)
		*deferred = &job->deferred;
	else
		free_report_job(&job->deferred);
	return error;
}

/* The report of a request whose signature is valid. */
static int decode(
    struct server *server, struct received *received, struct err *err)
{
	const struct request *request = received->request;
	struct buf body = {0};
	int error;

	if (request_header(request, "Content-Encoding") == NULL)
		return report_decode(request->body, request->body_length,
		    &received->report, err);
	error = body_decode(request,
	    (size_t)server->settings->options.limit_body_bytes, &body, err);
	if (error == 0) {
		sha256(body.data, body.length, received->digest);
		error = report_decode(
		    body.data, body.length, &received->report, err);
	}
	buf_free(&body);
	return error;
}

static size_t count_probes(const struct report *report)
{
	size_t i, probes = 0;

	for (i = 0; i < report->ntargets; i++)
		probes += report->targets[i].nprobes;
	return probes;
}

/* -EDQUOT: it is one too many. */
static int take_probes(
    struct server *server, struct received *received, struct err *err)
{
	received->after_s = client_limits_probes(server->limits,
	    &server->settings->options, received->agent->id,
	    &received->request->client, count_probes(&received->report));
	if (received->after_s == 0)
		return 0;
	err_input(err, "too many probes of this agent, or from there, of late");
	return -EDQUOT;
}

/* An agent that lies, or a bug in it. */
static void log_false(const struct received *received)
{
	static _Thread_local struct log_limit limit;

	if (!log_is_due(&limit, clock_mono_us()))
		return;
	log_warn("report %s of agent %s has receipts that %s (and %lld others "
		 "before)",
	    received->report.id, received->agent->id,
	    received->receipts == RECEIPTS_BRAND
		? "refute it at two owners' beacons: the agent is revoked"
		: "no honest report has: it does not count",
	    (long long)limit.unsaid);
	limit.unsaid = 0;
}

static int check_receipts(
    struct server *server, struct received *received, struct err *err)
{
	int found = receipts_check(&received->report,
	    &server->settings->endpoints, server->secret,
	    server->settings->geo);

	if (found < 0)
		return err_system(err, found, "a report");
	received->receipts = (enum receipts_found)found;
	if (found != RECEIPTS_FINE) {
		server->metrics->reports_false_receipts++;
		log_false(received);
	}
	return 0;
}

static int take_decoded(struct server *server, struct received *received,
    struct deferred_reply **deferred, struct err *err)
{
	int error = 0;

	if (strcmp(received->report.agent, received->agent->id) != 0)
		return err_input(err, "agent: not who signed the report");
	error = take_probes(server, received, err);
	if (error == 0)
		error = check_receipts(server, received, err);
	return error < 0 ? error : new_job(server, received, deferred, err);
}

static int take_report(struct server *server, struct received *received,
    struct deferred_reply **deferred, struct err *err)
{
	int error;

	received->after_s = client_limits_report(server->limits,
	    &server->settings->options, received->agent->id,
	    &received->request->client);
	if (received->after_s > 0) {
		err_input(err,
		    "too many reports of this agent, or from there, of "
		    "late");
		return -EDQUOT;
	}
	error = decode(server, received, err);
	if (error < 0)
		return error;
	error = take_decoded(server, received, deferred, err);
	report_free(&received->report);
	return error;
}

static void refuse(struct server *server, int error,
    const struct received *received, const struct err *err, struct reply *reply)
{
	switch (error) {
	case -EDQUOT:
		count_refused(server, REFUSED_LIMIT);
		reply_busy(reply, 429, received->after_s, err->text);
		return;
	case -ENOMEM:
		count_refused(server, REFUSED_QUEUE_FULL);
		refusal_no_memory(reply);
		return;
	case -E2BIG:
		count_refused(server, REFUSED_TOO_LARGE);
		refusal_bad_input(reply, 413, err);
		return;
	case -EOPNOTSUPP:
		count_refused(server, REFUSED_ENCODING);
		refusal_bad_input(reply, 415, err);
		return;
	default:
		count_refused(server, REFUSED_MALFORMED);
		refusal_bad_input(reply, 400, err);
	}
}

static enum refusal reason_unidentified(int error)
{
	if (error == -EINVAL)
		return REFUSED_SIGNATURE;
	return error == -EDQUOT ? REFUSED_LIMIT : REFUSED_STORE;
}

struct deferred_reply *route_reports(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct deferred_reply *deferred = NULL;
	struct registry_agent agent;
	struct received received = {.request = request, .agent = &agent};
	struct err err = {""};
	int error = identity_check_body(
	    server, request, &agent, received.digest, &err);

	if (error < 0) {
		count_refused(server, reason_unidentified(error));
		refusal_unidentified(reply, error, &err);
		return NULL;
	}
	error = take_report(server, &received, &deferred, &err);
	if (error < 0)
		refuse(server, error, &received, &err, reply);
	return deferred;
}
