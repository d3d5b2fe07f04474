/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_STATUS_H
#define EGRESS25_AGENT_SERVICE_STATUS_H

/*
 * The state of `run`, "egress25-status/1": written to STATE/status.json by
 * `run`, printed by the command `status`, and loaded by the next `run`, so that
 * after a restart no endpoint is visited too soon and since when a port is
 * closed is not forgotten. Pure. Times are wall clock milliseconds, 0: never.
 */

#include "agent/service/port_states.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define STATUS_FORMAT        "egress25-status/1"
#define STATUS_FILE          "status.json"
#define STATUS_BYTES_MAX     (8 * 1024 * 1024)
#define STATUS_ENDPOINTS_MAX 4096

struct status_endpoint {
	char name[64];
	int64_t visited_ms, next_ms;
	int64_t away; /* visits turned away, in a row */
};

struct status {
	int64_t pid, process_start; /* field 22 of /proc/PID/stat, in ticks */
	char software[64];
	char agent[65];      /* "": not enrolled */
	char collector[256]; /* "": none */
	char doing[64];      /* "idle", "a round is running" ... */
	int64_t started_ms, written_ms;
	int64_t round_began_ms, round_ended_ms; /* the last complete round */
	int64_t round_addresses;
	int64_t next_ms;
	int64_t spool_reports, spool_dropped;
	int64_t upload_ms;        /* last acknowledgement */
	int64_t upload_failed_ms; /* last failure since then */
	int64_t upload_retry_ms;  /* next attempt */
	char upload_error[256];
	int64_t plan_taken_ms, plan_until_ms; /* taken 0: no plan */
	/* What plans have cost of the day, and may cost. */
	int64_t day_ms, day_syns, day_most;
	int64_t day_questions, day_questions_most;
	struct addr source4, source6; /* as the collector last saw them */
	struct port_states port_states;
	struct status_endpoint *endpoints; /* owned */
	size_t nendpoints;
};

/* Append it as one JSON object and a newline. */
void status_encode(const struct status *status, struct buf *out);

/* Parse it. 0, -EINVAL or -ENOMEM; on failure it is empty. */
int status_decode(
    const char *json, size_t length, struct status *status, struct err *err);

/* Find the endpoint of that name, or add it. NULL: no memory. */
struct status_endpoint *status_endpoint(
    struct status *status, const char *name);

/* Remove the endpoint and its diagnoses. */
void status_drop_endpoint(struct status *status, const char *name);

/* Free its contents; it is empty afterwards. */
void status_free(struct status *status);

#endif
