/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_UPLOADER_H
#define EGRESS25_AGENT_UPLOAD_UPLOADER_H

/*
 * All that the service says to the collector, one call at a time: enrolment
 * where it is needed, source proofs before a round, the plan, and the reports
 * of the spool in their order. What fails is tried again after a growing time
 * (backoff.h), and never before the collector's Retry-After is over.
 */

#include "agent/upload/identity.h"
#include "agent/upload/spool.h"
#include "agent/upload/uplink.h"

struct event_base;
struct uploader;

/* All are called from the loop. None may free the contact. */
struct uploader_events {
	/* Once for each uploader_ask_proof() that is not given up. */
	void (*proved)(void *arg, const struct uplink_result *result);
	/* The answer to uploader_ask_plan(); `json` NULL: there was none. */
	void (*planned)(void *arg, const char *json, size_t length);
	/* Nothing more can be done now: `well` where all was sent. */
	void (*rested)(void *arg, bool well);
	/* What uploader_facts() tells is otherwise now. */
	void (*changed)(void *arg);
	void *arg;
};

struct uploader_facts {
	int64_t upload_ms;     /* wall clock: the last acknowledgement, or 0 */
	int64_t failed_ms;     /* wall clock: the last failure since, or 0 */
	char error[256];       /* of that failure */
	int64_t next_ms;       /* alarm.h: the next try of an upload, or 0 */
	int64_t not_before_ms; /* alarm.h: the collector wants no call sooner */
	bool refused;          /* some report was set aside */
};

/* `options`, `identity` and `spool` are borrowed; the identity is kept when
 * the collector gives a name. `options->collector` may be "". NULL: no
 * memory. */
struct uploader *uploader_new(struct event_base *base,
    const struct agent_options *options, struct identity *identity,
    struct spool *spool, const struct uploader_events *events);
void uploader_free(struct uploader *uploader); /* cancels; NULL is allowed */

void uploader_ask_proof(struct uploader *uploader);
void uploader_ask_plan(struct uploader *uploader);

/* There is something in the spool. */
void uploader_send_reports(struct uploader *uploader);

/* The network or the options are others: give up the call under way and the
 * wait for the next one. What was asked for is asked anew. */
void uploader_restart(struct uploader *uploader);

const struct uploader_facts *uploader_facts(const struct uploader *uploader);

#endif
