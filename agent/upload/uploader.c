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
#include "agent/upload/session.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* In the order of their turn. */
enum job { JOB_PROVE, JOB_PLAN, JOB_UPLOAD, JOB_NONE };

struct contact {
	struct event_base *base;
	const struct agent_options *options;
	struct identity *identity;
	struct spool *spool;
	struct contact_events events;
	struct line line;
	struct event *turn;
	struct alarm *retry;

	bool wanted[JOB_NONE];
	bool busy;
	bool unknown;        /* the collector does not know our key */
	bool enrolled_again; /* since the last proof was asked for */
	bool rotated;        /* a change of the key was tried to be ended */
	struct rotation *rotation;
	struct backoff backoff;
	struct contact_facts facts;
	char uploading[REPORT_ID_SIZE];
};

static void take_turn(struct contact *contact)
{
	event_active(contact->turn, EV_TIMEOUT, 0);
}

/* A call is over; the next one begins from the loop. */
static void end_call(struct contact *contact)
{
	contact->busy = false;
	take_turn(contact);
}

static void heed(struct contact *contact, const struct uplink_result *result)
{
	if (result->retry_after_s > 0)
		contact->facts.not_before_ms = pace_now_ms() +
					       result->retry_after_s *
						   INT64_C(1000);
}

/* --- failure --- */

static void fail_upload(
    struct contact *contact, const char *why, int retry_after_s)
{
	struct contact_facts *facts = &contact->facts;
	uint32_t random;

	random_bytes(&random, sizeof(random));
	contact->wanted[JOB_UPLOAD] = false;
	facts->failed_ms = clock_wall_ms();
	facts->next_ms = pace_now_ms() + backoff_fail(&contact->backoff,
					     retry_after_s * INT64_C(1000),
					     random);
	snprintf(facts->error, sizeof(facts->error), "%s", why);
	alarm_set(contact->retry, facts->next_ms);
	log_warn("%zu reports wait in the spool: %s; the next try is in %lld s",
	    spool_count(contact->spool), why,
	    (long long)((facts->next_ms - pace_now_ms()) / 1000));
	contact->events.changed(contact->events.arg);
}

static void end_proof(
    struct contact *contact, const struct uplink_result *result)
{
	contact->wanted[JOB_PROVE] = false;
	contact->events.proved(contact->events.arg, result);
}

static void fail_plan(struct contact *contact)
{
	contact->wanted[JOB_PLAN] = false;
	contact->events.planned(contact->events.arg, NULL, 0);
}

/* Without a name nothing else can be asked. */
static void fail_all(struct contact *contact, const char *why,
    const struct uplink_result *result)
{
	if (contact->wanted[JOB_UPLOAD])
		fail_upload(contact, why, result->retry_after_s);
	if (contact->wanted[JOB_PLAN])
		fail_plan(contact);
	if (contact->wanted[JOB_PROVE])
		end_proof(contact, result);
	end_call(contact);
}

static void fail_ours(struct contact *contact, const struct err *err)
{
	struct uplink_result result = {.end = UPLINK_TRY_LATER};

	log_error("%s", err->text);
	snprintf(result.why, sizeof(result.why), "%.200s", err->text);
	fail_all(contact, err->text, &result);
}

/* --- enrolment --- */

static void on_enrolled(void *arg, const struct uplink_result *result)
{
	struct contact *contact = arg;
	struct err err;

	heed(contact, result);
	if (result->end != UPLINK_OK) {
		log_error("enrolment: %s", result->why);
		fail_all(contact, "this agent is not enrolled", result);
		return;
	}
	if (identity_keep(contact->options, result->agent_id, contact->identity,
		&err) < 0) {
		fail_ours(contact, &err);
		return;
	}
	log_info("enrolled at %s as agent %s", contact->options->collector,
	    result->agent_id);
	end_call(contact);
}

/* The collector does not know us (any more). Once a round something is done
 * about it. */
static bool enrol_again(
    struct contact *contact, const struct uplink_result *result)
{
	if (result->status != 401 || contact->enrolled_again)
		return false;
	contact->enrolled_again = contact->unknown = true;
	log_warn("%s", result->why);
	end_call(contact);
	return true;
}

/* Perhaps our key was changed by another process; else we enrol anew. */
static void overcome_unknown(struct contact *contact)
{
	contact->unknown = false;
	line_close(&contact->line);
	if (identity_refresh(contact->options, contact->identity)) {
		log_info("the key is another one now");
		contact->rotated = false;
		contact->enrolled_again = false;
		return;
	}
	log_info("enrolling again");
	contact->identity->agent_id[0] = '\0';
}

/* --- a change of the key that was not finished --- */

static void on_rotated(void *arg, const struct uplink_result *result)
{
	struct contact *contact = arg;

	heed(contact, result);
	if (result->end == UPLINK_OK)
		log_info("the change of the key is finished");
	else
		log_warn(
		    "the change of the key is not finished: %s", result->why);
	rotation_cancel(contact->rotation);
	contact->rotation = NULL;
	end_call(contact);
}

static bool begin_rotation(struct contact *contact)
{
	const struct rotation_parts parts = {
	    contact->base, contact->options, contact->identity};

	if (contact->identity->next == NULL || contact->rotated ||
	    contact->identity->agent_id[0] == '\0')
		return false;
	contact->rotated = true;
	line_close(&contact->line);
	contact->rotation = rotation_start(&parts, on_rotated, contact);
	return contact->rotation != NULL;
}

/* --- proofs and plans --- */

static void on_proved(void *arg, const struct uplink_result *result)
{
	struct contact *contact = arg;

	heed(contact, result);
	if (result->end != UPLINK_OK && enrol_again(contact, result))
		return;
	end_proof(contact, result);
	end_call(contact);
}

static void on_planned(void *arg, const struct uplink_result *result)
{
	struct contact *contact = arg;

	heed(contact, result);
	if (result->end != UPLINK_OK && enrol_again(contact, result))
		return;
	contact->wanted[JOB_PLAN] = false;
	if (result->end != UPLINK_OK)
		log_info("no plan: %s", result->why);
	contact->events.planned(contact->events.arg,
	    result->end == UPLINK_OK ? result->body : NULL,
	    result->body_length);
	end_call(contact);
}

/* --- upload --- */

static int settle_upload(struct contact *contact,
    const struct uplink_result *result, struct err *err)
{
	struct contact_facts *facts = &contact->facts;

	contact->backoff.failures = 0;
	if (result->end == UPLINK_OK) {
		facts->upload_ms = clock_wall_ms();
		facts->failed_ms = facts->next_ms = 0;
		facts->error[0] = '\0';
		return spool_remove(contact->spool, contact->uploading, err);
	}
	log_error("report %s can never be accepted and is kept aside: %s",
	    contact->uploading, result->why);
	facts->refused = true;
	return spool_set_aside(contact->spool, contact->uploading, err);
}

static void on_uploaded(void *arg, const struct uplink_result *result)
{
	struct contact *contact = arg;
	struct err err;

	heed(contact, result);
	if (result->end != UPLINK_OK && enrol_again(contact, result))
		return;
	if (result->end == UPLINK_TRY_LATER || result->status == 401) {
		fail_upload(contact, result->why, result->retry_after_s);
	} else if (settle_upload(contact, result, &err) < 0) {
		log_error("%s", err.text);
		fail_upload(contact, err.text, 0);
	}
	contact->events.changed(contact->events.arg);
	end_call(contact);
}

static void upload_oldest(struct contact *contact)
{
	struct buf json = {0};
	struct err err;
	int error = spool_oldest(
	    contact->spool, contact->uploading, &json, &err);

	if (error == 0) {
		uplink_report(contact->line.uplink, json.data, json.length,
		    on_uploaded, contact);
	} else {
		contact->wanted[JOB_UPLOAD] = false;
		if (error != -ENOENT)
			fail_upload(contact, err.text, 0);
		end_call(contact);
	}
	buf_free(&json);
}

/* --- turns --- */

static enum job next_job(const struct contact *contact)
{
	int job;

	for (job = 0; job < JOB_NONE; job++)
		if (contact->wanted[job])
			break;
	if (job == JOB_UPLOAD && (spool_count(contact->spool) == 0 ||
				     contact->options->collector[0] == '\0'))
		return JOB_NONE;
	return (enum job)job;
}

static void rest(struct contact *contact)
{
	line_close(&contact->line);
	contact->wanted[JOB_UPLOAD] = false;
	if (contact->options->collector[0] == '\0')
		log_info("no collector is set: %zu reports are kept",
		    spool_count(contact->spool));
	contact->events.rested(contact->events.arg,
	    !contact->facts.refused &&
		(spool_count(contact->spool) == 0 ||
		    contact->options->collector[0] == '\0'));
}

static void begin_call(struct contact *contact, enum job job)
{
	struct uplink *uplink = contact->line.uplink;

	if (contact->identity->agent_id[0] == '\0')
		uplink_enrol(uplink, NULL, contact->options->contact,
		    on_enrolled, contact);
	else if (job == JOB_PROVE)
		uplink_whoami(uplink, on_proved, contact);
	else if (job == JOB_PLAN)
		uplink_plan(uplink, on_planned, contact);
	else
		upload_oldest(contact);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct contact *contact = arg;
	enum job job = next_job(contact);
	struct err err;

	(void)fd;
	(void)what;
	if (contact->busy)
		return;
	if (job == JOB_NONE) {
		rest(contact);
		return;
	}
	if (contact->unknown)
		overcome_unknown(contact);
	contact->busy = true;
	if (begin_rotation(contact))
		return;
	if (contact->line.uplink == NULL &&
	    line_open(&contact->line, contact->base, contact->options,
		contact->identity, &err) < 0)
		fail_ours(contact, &err);
	else
		begin_call(contact, job);
}

static void want(struct contact *contact, enum job job)
{
	contact->wanted[job] = true;
	take_turn(contact);
}

void contact_prove(struct contact *contact)
{
	contact->enrolled_again = false;
	want(contact, JOB_PROVE);
}

void contact_ask_plan(struct contact *contact)
{
	want(contact, JOB_PLAN);
}

static int64_t upload_time(const struct contact *contact)
{
	const struct contact_facts *facts = &contact->facts;

	return facts->next_ms > facts->not_before_ms ? facts->next_ms
						     : facts->not_before_ms;
}

static void on_retry(void *arg)
{
	struct contact *contact = arg;

	if (pace_now_ms() < upload_time(contact))
		alarm_set(contact->retry, upload_time(contact));
	else
		want(contact, JOB_UPLOAD);
}

/* Where the last try failed, its time counts, not the new report's. */
void contact_upload(struct contact *contact)
{
	if (contact->options->collector[0] != '\0' &&
	    pace_now_ms() < upload_time(contact)) {
		alarm_set(contact->retry, upload_time(contact));
		take_turn(contact);
	} else {
		want(contact, JOB_UPLOAD);
	}
}

void contact_restart(struct contact *contact)
{
	line_close(&contact->line);
	rotation_cancel(contact->rotation);
	contact->rotation = NULL;
	contact->rotated = false;
	contact->busy = false;
	contact->backoff.failures = 0;
	contact->facts.next_ms = contact->facts.not_before_ms = 0;
	alarm_off(contact->retry);
	want(contact, JOB_UPLOAD);
}

const struct contact_facts *contact_facts(const struct contact *contact)
{
	return &contact->facts;
}

/* --- beginning and end --- */

struct contact *contact_new(struct event_base *base,
    const struct agent_options *options, struct identity *identity,
    struct spool *spool, const struct contact_events *events)
{
	struct contact *contact = calloc(1, sizeof(*contact));

	if (contact == NULL)
		return NULL;
	contact->base = base;
	contact->options = options;
	contact->identity = identity;
	contact->spool = spool;
	contact->events = *events;
	contact->turn = evtimer_new(base, on_turn, contact);
	contact->retry = alarm_new(base, on_retry, contact);
	if (contact->turn == NULL || contact->retry == NULL) {
		contact_free(contact);
		return NULL;
	}
	return contact;
}

void contact_free(struct contact *contact)
{
	if (contact == NULL)
		return;
	line_close(&contact->line);
	rotation_cancel(contact->rotation);
	alarm_free(contact->retry);
	if (contact->turn != NULL)
		event_free(contact->turn);
	free(contact);
}
