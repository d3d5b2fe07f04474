/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_ROUNDS_H
#define EGRESS25_AGENT_SERVICE_ROUNDS_H

/*
 * The rounds of the service, one at a time: waits until the schedule has
 * something to visit, asks for source proofs, runs the round, puts its report
 * into the spool, and tells the schedule what came of it.
 */

#include "agent/service/schedule.h"
#include "agent/service/status.h"
#include "agent/upload/uploader.h"
#include "lib/config/endpoints.h"

struct event_base;

/* All borrowed. */
struct rounds_parts {
	const struct agent_options *options;
	const struct identity *identity;
	struct spool *spool;
	struct uploader *uploader;
	/* What it tells of rounds, endpoints and the network is kept true. */
	struct status *status;
};

struct rounds_events {
	/* A round is over and its report is in the spool. */
	void (*kept)(void *arg);
	/* A round could not be run, or its report not be kept. */
	void (*failed)(void *arg, const struct err *err);
	/* Asked last, before a report is kept: whether the network is another
	 * one. Then the callee has called rounds_move(). May be NULL. */
	bool (*has_moved)(void *arg);
	/* The status is otherwise now. */
	void (*changed)(void *arg);
	void *arg;
};

/* What is visited: endpoints, and in the same order what is agreed of each. */
struct rounds_terms {
	const struct endpoint_list *endpoints; /* borrowed until the next */
	const struct schedule_terms *terms;    /* copied */
	int64_t until_ms;                      /* alarm.h; see schedule.h */
};

/* It does nothing before rounds_begin(). NULL: no memory. */
struct rounds *rounds_new(struct event_base *base,
    const struct rounds_parts *parts, const struct rounds_events *events);
void rounds_free(struct rounds *rounds); /* NULL is allowed */

/* Visit these from now on; a round that runs goes on. 0 or -ENOMEM. */
int rounds_set(struct rounds *rounds, const struct rounds_terms *terms);

/* Keep to the schedule from now on. `at_once`: begin a round with all
 * endpoints now, and say nothing of a second one. */
void rounds_begin(struct rounds *rounds, bool at_once);

/* The answer to the proof that it asked the contact for. */
void rounds_proved(struct rounds *rounds, const struct uplink_result *result);

/* The network is another one, or cannot be told from another one: nothing that
 * is under way counts; anew from `at_ms` (alarm.h). */
void rounds_move(struct rounds *rounds, int64_t at_ms);

/* The contact's facts are others: perhaps the next round waits for them. */
void rounds_refresh(struct rounds *rounds);

/* No round runs or is about to. */
bool rounds_are_resting(const struct rounds *rounds);

#endif
