/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/uploader.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/alarm.h"
#include "agent/base/backoff.h"
#include "agent/upload/key_rotation.h"
#include "agent/upload/report_parts.h"
#include "agent/upload/session.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"

#define STUCK_MOST 3 /* in a row: then it is not about the reports */

/* In order of priority. */
enum job { JOB_PROVE, JOB_PLAN, JOB_UPLOAD, JOB_NONE };

/* Reports that something before the collector refuses, a proxy with a limit of
 * its own, say. Those behind them go on meanwhile. */
struct stuck {
	char last[REPORT_ID_SIZE]; /* the newest of them; "": there are none */
	char why[256];
	int in_a_row;
	struct backoff backoff;
};

struct uploader {
	struct event_base *base;
	const struct agent_options *options;
	struct identity *identity;
	struct spool *spool;
	struct uploader_events events;
	struct session session;
	struct event *wake;
	struct alarm *retry;

	bool wanted[JOB_NONE];
	bool busy;
	bool unknown;        /* the collector answered 401: unknown key */
	bool enrolled_again; /* tried since the last uploader_ask_proof() */
	bool rotated;        /* tried to finish an interrupted rotation */
	struct key_rotation *rotation;
	struct backoff backoff;
	struct stuck stuck;
	struct uploader_facts facts;
	char uploading[REPORT_ID_SIZE];
};

static void wake(struct uploader *uploader)
{
	event_active(uploader->wake, EV_TIMEOUT, 0);
}

/* A call is over; the next one starts from the loop. */
static void end_call(struct uploader *uploader)
{
	uploader->busy = false;
	wake(uploader);
}

/* Note the Retry-After of an answer. */
static void note_retry_after(
    struct uploader *uploader, const struct uplink_result *result)
{
	if (result->retry_after_s > 0)
		uploader->facts.not_before_ms = alarm_now_ms() +
						result->retry_after_s *
						    INT64_C(1000);
}

/* --- failure --- */

static void fail_upload(
    struct uploader *uploader, const char *why, int retry_after_s)
{
	struct uploader_facts *facts = &uploader->facts;
	uint32_t random;

	random_bytes(&random, sizeof(random));
	uploader->wanted[JOB_UPLOAD] = false;
	facts->failed_ms = clock_wall_ms();
	facts->next_ms = alarm_now_ms() + backoff_fail(&uploader->backoff,
					      retry_after_s * INT64_C(1000),
					      random);
	snprintf(facts->error, sizeof(facts->error), "%s", why);
	alarm_set(uploader->retry, facts->next_ms);
	log_warn("%zu waiting in the spool: %s; next attempt in %lld s",
	    spool_count(uploader->spool), why,
	    (long long)((facts->next_ms - alarm_now_ms()) / 1000));
	uploader->events.changed(uploader->events.arg);
}

static void end_proof(
    struct uploader *uploader, const struct uplink_result *result)
{
	uploader->wanted[JOB_PROVE] = false;
	uploader->events.proved(uploader->events.arg, result);
}

static void fail_plan(struct uploader *uploader)
{
	uploader->wanted[JOB_PLAN] = false;
	uploader->events.planned(uploader->events.arg, NULL, 0);
}

/* Without a name every call fails. */
static void fail_all(struct uploader *uploader, const char *why,
    const struct uplink_result *result)
{
	if (uploader->wanted[JOB_UPLOAD])
		fail_upload(uploader, why, result->retry_after_s);
	if (uploader->wanted[JOB_PLAN])
		fail_plan(uploader);
	if (uploader->wanted[JOB_PROVE])
		end_proof(uploader, result);
	end_call(uploader);
}

static void fail_ours(struct uploader *uploader, const struct err *err)
{
	struct uplink_result result = {.end = UPLINK_TRY_LATER};

	log_error("%s", err->text);
	snprintf(result.why, sizeof(result.why), "%.200s", err->text);
	fail_all(uploader, err->text, &result);
}

/* --- enrolment --- */

static void on_enrolled(void *arg, const struct uplink_result *result)
{
	struct uploader *uploader = arg;
	struct err err;

	note_retry_after(uploader, result);
	if (result->end != UPLINK_OK) {
		log_error("enrolment failed: %s", result->why);
		fail_all(uploader, "this agent is not enrolled", result);
		return;
	}
	if (identity_keep(uploader->options, result->agent_id,
		uploader->identity, &err) < 0) {
		fail_ours(uploader, &err);
		return;
	}
	log_info("enrolled at %s as agent %s", uploader->options->collector,
	    result->agent_id);
	end_call(uploader);
}

/* On 401 (the collector does not know this key, or no longer), try once a
 * round to recover. */
static bool enrol_again(
    struct uploader *uploader, const struct uplink_result *result)
{
	if (result->status != 401 || uploader->enrolled_again)
		return false;
	uploader->enrolled_again = uploader->unknown = true;
	log_warn("%s", result->why);
	end_call(uploader);
	return true;
}

/* Another process may have rotated the key; if not, enrol again. */
static void recover_identity(struct uploader *uploader)
{
	uploader->unknown = false;
	session_close(&uploader->session);
	if (identity_refresh(uploader->options, uploader->identity)) {
		log_info("another process has replaced the key");
		uploader->rotated = false;
		uploader->enrolled_again = false;
		return;
	}
	log_info("enrolling again");
	uploader->identity->agent_id[0] = '\0';
}

/* --- an interrupted key rotation --- */

static void on_rotated(void *arg, const struct uplink_result *result)
{
	struct uploader *uploader = arg;

	note_retry_after(uploader, result);
	if (result->end == UPLINK_OK)
		log_info("key rotation finished");
	else
		log_warn("key rotation not finished: %s", result->why);
	key_rotation_cancel(uploader->rotation);
	uploader->rotation = NULL;
	end_call(uploader);
}

static bool begin_rotation(struct uploader *uploader)
{
	const struct key_rotation_parts parts = {
	    uploader->base, uploader->options, uploader->identity};

	if (uploader->identity->next == NULL || uploader->rotated ||
	    uploader->identity->agent_id[0] == '\0')
		return false;
	uploader->rotated = true;
	session_close(&uploader->session);
	uploader->rotation = key_rotation_start(&parts, on_rotated, uploader);
	return uploader->rotation != NULL;
}

/* --- proofs and plans --- */

static void on_proved(void *arg, const struct uplink_result *result)
{
	struct uploader *uploader = arg;

	note_retry_after(uploader, result);
	if (result->end != UPLINK_OK && enrol_again(uploader, result))
		return;
	end_proof(uploader, result);
	end_call(uploader);
}

static void on_planned(void *arg, const struct uplink_result *result)
{
	struct uploader *uploader = arg;

	note_retry_after(uploader, result);
	if (result->end != UPLINK_OK && enrol_again(uploader, result))
		return;
	uploader->wanted[JOB_PLAN] = false;
	if (result->end != UPLINK_OK)
		log_info("no plan: %s", result->why);
	uploader->events.planned(uploader->events.arg,
	    result->end == UPLINK_OK ? result->body : NULL,
	    result->body_length);
	end_call(uploader);
}

/* --- upload --- */

/* Its halves are there only if it was halved just before a crash. */
static int remove_uploaded(struct uploader *uploader, struct err *err)
{
	char id[REPORT_ID_SIZE];
	int half,
	    error = spool_remove(uploader->spool, uploader->uploading, err);

	for (half = 0; half < 2 && error == 0; half++) {
		report_half_id(uploader->uploading, half, id);
		error = spool_remove(uploader->spool, id, err);
	}
	return error;
}

static int settle_upload(struct uploader *uploader,
    const struct uplink_result *result, struct err *err)
{
	struct uploader_facts *facts = &uploader->facts;

	uploader->backoff.failures = 0;
	uploader->stuck.in_a_row = 0;
	if (uploader->stuck.last[0] == '\0')
		uploader->stuck.backoff.failures = 0;
	if (result->end == UPLINK_OK) {
		facts->upload_ms = clock_wall_ms();
		facts->failed_ms = facts->next_ms = 0;
		facts->error[0] = '\0';
		return remove_uploaded(uploader, err);
	}
	log_error("report %s was refused and is set aside: %s",
	    uploader->uploading, result->why);
	facts->refused = true;
	return spool_set_aside(uploader->spool, uploader->uploading, err);
}

/* Too big for the collector, or for a proxy before it: two halves take its
 * place. -EINVAL: it cannot be halved. */
static int halve(struct uploader *uploader, struct err *err)
{
	struct buf whole = {0}, halves[2] = {{0}, {0}};
	char id[REPORT_ID_SIZE];
	int half, error = spool_next(
		      uploader->spool, uploader->stuck.last, id, &whole, err);

	if (error == 0 && strcmp(id, uploader->uploading) != 0)
		error = -EINVAL;
	if (error == 0)
		error = report_halve(whole.data, whole.length, halves, err);
	for (half = 0; half < 2 && error == 0; half++) {
		report_half_id(uploader->uploading, half, id);
		error = spool_put(uploader->spool, id, halves[half].data,
		    halves[half].length, err);
	}
	if (error == 0)
		error = spool_remove(uploader->spool, uploader->uploading, err);
	buf_free(&whole);
	buf_free(&halves[0]);
	buf_free(&halves[1]);
	return error;
}

static bool halve_too_large(
    struct uploader *uploader, const struct uplink_result *result)
{
	struct err err;

	if (result->status != 413 || halve(uploader, &err) < 0)
		return false;
	log_info(
	    "report %s is too large: it is sent as two", uploader->uploading);
	uploader->events.changed(uploader->events.arg);
	end_call(uploader);
	return true;
}

/* Is this an answer to one report, from something that is not the collector?
 * Others may pass. */
static bool is_stuck(const struct uplink_result *result)
{
	return result->end == UPLINK_TRY_LATER && result->status / 100 == 4 &&
	       result->status != 408 && result->status != 425 &&
	       result->status != 429 && result->retry_after_s == 0;
}

/* Go on behind it. False: too many in a row are refused like that. */
static bool pass_over(
    struct uploader *uploader, const struct uplink_result *result)
{
	struct stuck *stuck = &uploader->stuck;
	uint32_t random;

	random_bytes(&random, sizeof(random));
	if (stuck->last[0] == '\0')
		uploader->facts.stuck_ms = alarm_now_ms() +
					   backoff_fail(
					       &stuck->backoff, 0, random);
	memcpy(stuck->last, uploader->uploading, sizeof(stuck->last));
	snprintf(stuck->why, sizeof(stuck->why), "report %s: %.200s",
	    uploader->uploading, result->why);
	log_warn("report %s waits, and later ones go on: %s",
	    uploader->uploading, result->why);
	if (++stuck->in_a_row < STUCK_MOST)
		return true;
	stuck->in_a_row = 0;
	return false;
}

/* All that is behind the stuck ones is sent. */
static void wait_for_stuck(struct uploader *uploader)
{
	struct uploader_facts *facts = &uploader->facts;

	facts->failed_ms = clock_wall_ms();
	memcpy(facts->error, uploader->stuck.why, sizeof(facts->error));
	alarm_set(uploader->retry, facts->stuck_ms);
	uploader->events.changed(uploader->events.arg);
}

static void on_uploaded(void *arg, const struct uplink_result *result)
{
	struct uploader *uploader = arg;
	struct err err;

	note_retry_after(uploader, result);
	if (result->end != UPLINK_OK && enrol_again(uploader, result))
		return;
	if (halve_too_large(uploader, result))
		return;
	if (is_stuck(result) && pass_over(uploader, result)) {
		end_call(uploader);
		return;
	}
	if (result->end == UPLINK_TRY_LATER || result->status == 401) {
		fail_upload(uploader, result->why, result->retry_after_s);
	} else if (settle_upload(uploader, result, &err) < 0) {
		log_error("%s", err.text);
		fail_upload(uploader, err.text, 0);
	}
	uploader->events.changed(uploader->events.arg);
	end_call(uploader);
}

/* The oldest, once the stuck ones are due again. */
static void upload_next(struct uploader *uploader)
{
	struct stuck *stuck = &uploader->stuck;
	struct buf json = {0};
	struct err err;
	int error;

	if (alarm_now_ms() >= uploader->facts.stuck_ms) {
		uploader->facts.stuck_ms = 0;
		stuck->last[0] = '\0';
	}
	error = spool_next(
	    uploader->spool, stuck->last, uploader->uploading, &json, &err);
	if (error == 0) {
		uplink_report(uploader->session.uplink, json.data, json.length,
		    on_uploaded, uploader);
	} else {
		uploader->wanted[JOB_UPLOAD] = false;
		if (error != -ENOENT)
			fail_upload(uploader, err.text, 0);
		else if (stuck->last[0] != '\0')
			wait_for_stuck(uploader);
		end_call(uploader);
	}
	buf_free(&json);
}

/* --- the next call --- */

static enum job next_job(const struct uploader *uploader)
{
	int job;

	for (job = 0; job < JOB_NONE; job++)
		if (uploader->wanted[job])
			break;
	if (job == JOB_UPLOAD && (spool_count(uploader->spool) == 0 ||
				     uploader->options->collector[0] == '\0'))
		return JOB_NONE;
	return (enum job)job;
}

static void rest(struct uploader *uploader)
{
	session_close(&uploader->session);
	uploader->wanted[JOB_UPLOAD] = false;
	if (uploader->options->collector[0] == '\0')
		log_info(
		    "no collector is configured: %zu reports stay in the spool",
		    spool_count(uploader->spool));
	uploader->events.rested(uploader->events.arg,
	    !uploader->facts.refused &&
		(spool_count(uploader->spool) == 0 ||
		    uploader->options->collector[0] == '\0'));
}

static void begin_call(struct uploader *uploader, enum job job)
{
	struct uplink *uplink = uploader->session.uplink;

	if (uploader->identity->agent_id[0] == '\0')
		uplink_enrol(uplink, NULL, uploader->options->contact,
		    on_enrolled, uploader);
	else if (job == JOB_PROVE)
		uplink_whoami(uplink, on_proved, uploader);
	else if (job == JOB_PLAN)
		uplink_plan(uplink, on_planned, uploader);
	else
		upload_next(uploader);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct uploader *uploader = arg;
	enum job job = next_job(uploader);
	struct err err;

	(void)fd;
	(void)what;
	if (uploader->busy)
		return;
	if (job == JOB_NONE) {
		rest(uploader);
		return;
	}
	if (uploader->unknown)
		recover_identity(uploader);
	uploader->busy = true;
	if (begin_rotation(uploader))
		return;
	if (uploader->session.uplink == NULL &&
	    session_open(&uploader->session, uploader->base, uploader->options,
		uploader->identity, &err) < 0)
		fail_ours(uploader, &err);
	else
		begin_call(uploader, job);
}

static void want(struct uploader *uploader, enum job job)
{
	uploader->wanted[job] = true;
	wake(uploader);
}

void uploader_ask_proof(struct uploader *uploader)
{
	uploader->enrolled_again = false;
	want(uploader, JOB_PROVE);
}

void uploader_ask_plan(struct uploader *uploader)
{
	want(uploader, JOB_PLAN);
}

static int64_t upload_time(const struct uploader *uploader)
{
	const struct uploader_facts *facts = &uploader->facts;

	return facts->next_ms > facts->not_before_ms ? facts->next_ms
						     : facts->not_before_ms;
}

static void on_retry(void *arg)
{
	struct uploader *uploader = arg;

	if (alarm_now_ms() < upload_time(uploader))
		alarm_set(uploader->retry, upload_time(uploader));
	else
		want(uploader, JOB_UPLOAD);
}

/* A new report does not shorten the back-off of an earlier failure. */
void uploader_send_reports(struct uploader *uploader)
{
	if (uploader->options->collector[0] != '\0' &&
	    alarm_now_ms() < upload_time(uploader)) {
		alarm_set(uploader->retry, upload_time(uploader));
		wake(uploader);
	} else {
		want(uploader, JOB_UPLOAD);
	}
}

void uploader_restart(struct uploader *uploader)
{
	session_close(&uploader->session);
	key_rotation_cancel(uploader->rotation);
	uploader->rotation = NULL;
	uploader->rotated = false;
	uploader->busy = false;
	uploader->backoff.failures = 0;
	memset(&uploader->stuck, 0, sizeof(uploader->stuck));
	uploader->facts.stuck_ms = 0;
	uploader->facts.next_ms = uploader->facts.not_before_ms = 0;
	alarm_off(uploader->retry);
	want(uploader, JOB_UPLOAD);
}

const struct uploader_facts *uploader_facts(const struct uploader *uploader)
{
	return &uploader->facts;
}

/* --- creation and destruction --- */

struct uploader *uploader_new(struct event_base *base,
    const struct agent_options *options, struct identity *identity,
    struct spool *spool, const struct uploader_events *events)
{
	struct uploader *uploader = calloc(1, sizeof(*uploader));

	if (uploader == NULL)
		return NULL;
	uploader->base = base;
	uploader->options = options;
	uploader->identity = identity;
	uploader->spool = spool;
	uploader->events = *events;
	uploader->wake = evtimer_new(base, on_wake, uploader);
	uploader->retry = alarm_new(base, on_retry, uploader);
	if (uploader->wake == NULL || uploader->retry == NULL) {
		uploader_free(uploader);
		return NULL;
	}
	return uploader;
}

void uploader_free(struct uploader *uploader)
{
	if (uploader == NULL)
		return;
	session_close(&uploader->session);
	key_rotation_cancel(uploader->rotation);
	alarm_free(uploader->retry);
	if (uploader->wake != NULL)
		event_free(uploader->wake);
	free(uploader);
}
