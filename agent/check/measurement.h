/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_MEASUREMENT_H
#define EGRESS25_AGENT_CHECK_MEASUREMENT_H

/*
 * Everything that `check` measures: the round, readiness in parallel, a second
 * opinion if the named hosts do not decide, and hints about this machine. Each
 * step runs the event loop until it is done.
 */

#include "agent/base/options.h"
#include "agent/check/dialogues.h"
#include "agent/check/terminal.h"
#include "agent/explain/surroundings.h"
#include "agent/measure/ehlo.h"
#include "agent/measure/visit_plan.h"
#include "agent/readiness/readiness.h"
#include "lib/config/endpoints.h"
#include "lib/http/httpc.h"
#include "lib/report/report.h"

/* Everything is borrowed. */
struct measurement_request {
	const struct agent_options *options;
	const char
	    *no_options; /* why they are the defaults; "": they are not */
	const struct endpoint_list *endpoints;
	const struct endpoint_list *known; /* references come from it */
	bool named;                        /* by HOSTs, not by a list */
	bool family4, family6;
	enum trace_when trace;
	const char *helo; /* of --ehlo; NULL: not given */
	const char *dns;  /* of --dns; NULL: not given */
	bool verbose, progress;
	int64_t timeout_ms;
	bool readiness;
	const char *domain; /* for SPF; NULL: the address's own name */
	const struct blocklist_zones *blocklists;
};

struct measurement {
	const struct measurement_request *request;
	struct event_base *base;
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct terminal_progress progress;
	struct dialogues dialogues;
	bool done; /* the round is finished, `report` is set */

	struct httpc_url url;
	const struct httpc_url *collector; /* NULL: none, or unusable */
	struct ssl_ctx_st *collector_tls;
	struct err collector_why;
	struct ehlo_view views[2];
	size_t views_pending;
	char ehlo4[256], ehlo6[256]; /* stand-ins, "" for none */
	struct readiness_run *readiness_run;
	int64_t started_us;

	/* Findings. */
	struct report report;
	size_t nreferences; /* of its last targets */
	struct endpoint_list references;
	struct readiness readiness;
	bool has_readiness;
	uint32_t asn; /* of this host, as the collector says; 0: unknown */
	struct surroundings surroundings;
};

/* Open the loop, the resolver and TLS. Call measurement_close() in any case.
 * `request` must outlive it. */
int measurement_open(struct measurement *measurement,
    const struct measurement_request *request, struct err *err);
void measurement_close(struct measurement *measurement);

/* Measure; again after measurement_forget(). 0 or -errno. */
int measurement_run(struct measurement *measurement, struct err *err);
void measurement_forget(struct measurement *measurement);

/* Wait. 0 or -ENOMEM. */
int measurement_pause(struct measurement *measurement, int64_t real_ms);

#endif
