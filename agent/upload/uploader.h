/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_UPLOADER_H
#define EGRESS25_AGENT_UPLOAD_UPLOADER_H

/*
 * Everything the service asks of the collector, one call at a time: enrolment
 * if needed, source proofs before a round, the plan, and the spooled reports
 * in order. A failed upload is retried with back-off (backoff.h), and never
 * before the collector's Retry-After. A report that something before the
 * collector refuses is passed over and tried again later.
 */

#include "agent/upload/identity.h"
#include "agent/upload/spool.h"
#include "agent/upload/uplink.h"

struct event_base;
struct uploader;

/* Called from the loop. None of them may free the uploader. */
struct uploader_events {
	/* The answer to uploader_ask_proof(), OK or not. */
	void (*proved)(void *arg, const struct uplink_result *result);
	/* The answer to uploader_ask_plan(); `json` NULL: no plan. */
	void (*planned)(void *arg, const char *json, size_t length);
	/* Nothing left to do now. `well`: every report was delivered, or no
	 * collector is configured. */
	void (*rested)(void *arg, bool well);
	/* uploader_facts() have changed. */
	void (*changed)(void *arg);
	void *arg;
};

struct uploader_facts {
	int64_t upload_ms;     /* wall clock: last acknowledgement, or 0 */
	int64_t failed_ms;     /* wall clock: last failure since then, or 0 */
	char error[256];       /* of that failure */
	int64_t next_ms;       /* alarm.h: next upload attempt, or 0 */
	int64_t stuck_ms;      /* alarm.h: next attempt of stuck ones, or 0 */
	int64_t not_before_ms; /* alarm.h: end of the last Retry-After, or 0 */
	bool refused;          /* a report was set aside */
};

/* `options`, `identity` and `spool` are borrowed; a name from enrolment is
 * stored in `identity`. `options->collector` may be "". NULL: no memory. */
struct uploader *uploader_new(struct event_base *base,
    const struct agent_options *options, struct identity *identity,
    struct spool *spool, const struct uploader_events *events);
void uploader_free(struct uploader *uploader); /* cancels; NULL is allowed */

/* Fetch a proof of this host's public address in each family. */
void uploader_ask_proof(struct uploader *uploader);

void uploader_ask_plan(struct uploader *uploader);

/* Upload what is in the spool; after a failure, not before its retry is due. */
void uploader_send_reports(struct uploader *uploader);

/* The network or the options have changed: abandon the call and the back-off
 * under way, and start again with what was asked for. */
void uploader_restart(struct uploader *uploader);

/* Valid until uploader_free(). */
const struct uploader_facts *uploader_facts(const struct uploader *uploader);

#endif
