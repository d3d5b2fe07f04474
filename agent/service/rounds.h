/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_ROUNDS_H
#define EGRESS25_AGENT_SERVICE_ROUNDS_H

/*
 * The service's rounds, one at a time: wait until the schedule has a visit
 * due, ask for source proofs, run the round, spool its report, and feed the
 * results back into the schedule.
 */

#include "agent/service/schedule.h"
#include "agent/service/status.h"
#include "agent/upload/uploader.h"
#include "lib/config/endpoints.h"

struct allowance;
struct event_base;
struct rounds;

/* All borrowed. */
struct rounds_parts {
	const struct agent_options *options;
	const struct identity *identity;
	struct spool *spool;
	struct uploader *uploader;
	/* Its fields about rounds, endpoints and the network are kept up to
	 * date. */
	struct status *status;
};

struct rounds_events {
	/* A round is over and its report is spooled. */
	void (*kept)(void *arg);
	/* A round could not be run, or its report not be spooled. */
	void (*failed)(void *arg, const struct err *err);
	/* Asked just before a report is spooled: has the network changed? If
	 * true, the callee has already called rounds_move(). May be NULL. */
	bool (*has_moved)(void *arg);
	/* The status has changed. */
	void (*changed)(void *arg);
	void *arg;
};

/* The endpoints to visit, and the terms of each in the same order. */
struct rounds_terms {
	const struct endpoint_list *endpoints; /* borrowed until replaced */
	const struct schedule_terms *terms;    /* copied */
	int64_t until_ms;                      /* see schedule_set() */
	/* Borrowed; NULL: the endpoints are this agent's own. */
	struct allowance *allowance;
};

/* Nothing runs before rounds_begin(). NULL: no memory. */
struct rounds *rounds_new(struct event_base *base,
    const struct rounds_parts *parts, const struct rounds_events *events);
void rounds_free(struct rounds *rounds); /* NULL is allowed */

/* Replace the terms; a running round continues. 0 or -ENOMEM. */
int rounds_set(struct rounds *rounds, const struct rounds_terms *terms);

/* Start following the schedule. `at_once` (run --once): begin a round of all
 * endpoints now, and do not log when the next one is due. */
void rounds_begin(struct rounds *rounds, bool at_once);

/* The answer to the proof that was asked of the uploader. */
void rounds_proved(struct rounds *rounds, const struct uplink_result *result);

/* The network has changed, or may have: discard the round under way. Visits
 * start again from `at_ms` (alarm.h). */
void rounds_move(struct rounds *rounds, int64_t at_ms);

/* The uploader's facts have changed: the next round waits for its
 * `not_before_ms`. */
void rounds_refresh(struct rounds *rounds);

/* No round is running or starting. */
bool rounds_are_resting(const struct rounds *rounds);

#endif
