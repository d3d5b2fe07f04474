/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_STATUS_H
#define EGRESS25_AGENT_SERVICE_STATUS_H

/*
 * What `run` says of itself, "egress25-status/1": written down in STATE by
 * `run`, read by the command `status`, and read again by the next `run`, so
 * that a restart neither visits an endpoint too soon nor forgets since when a
 * port is closed. Pure. Times are wall clock milliseconds, 0: never.
 */

#include "agent/service/port_states.h"
#include "lib/base/err.h"

#define STATUS_FORMAT        "egress25-status/1"
#define STATUS_FILE          "status.json"
#define STATUS_BYTES_MAX     (8 * 1024 * 1024)
#define STATUS_ENDPOINTS_MAX 4096

struct status_endpoint {
	char name[64];
	int64_t visited_ms, next_ms;
	int64_t away; /* visits in a row that were turned away */
};

struct status {
	int64_t pid, process_start; /* /proc/PID/stat, 22: clock ticks */
	char software[64];
	char agent[65];      /* "": not enrolled */
	char collector[256]; /* "": none */
	char doing[64];      /* "resting", "a round is running" ... */
	int64_t started_ms, written_ms;
	int64_t round_began_ms, round_ended_ms; /* of the last that ended */
	int64_t round_addresses;
	int64_t next_ms;
	int64_t spool_reports, spool_dropped;
	int64_t upload_ms;        /* the last one that was acknowledged */
	int64_t upload_failed_ms; /* the last failure since then */
	int64_t upload_retry_ms;  /* the next try */
	char upload_error[256];
	int64_t plan_taken_ms, plan_until_ms; /* taken 0: the own file */
	struct addr source4, source6; /* as the collector saw them last */
	struct port_states port_states;
	struct status_endpoint *endpoints; /* owned */
	size_t nendpoints;
};

/* Append it as one JSON object and a line end. */
void status_encode(const struct status *status, struct buf *out);

/* Read it. -EINVAL or -ENOMEM: then it is empty. */
int status_decode(
    const char *json, size_t length, struct status *status, struct err *err);

/* The endpoint of that name; a new one where it is not there. NULL: no
 * memory. */
struct status_endpoint *status_endpoint(
    struct status *status, const char *name);

/* Forget the endpoint, and what was seen of it. */
void status_drop_endpoint(struct status *status, const char *name);

/* Free what it owns; it is empty then. */
void status_free(struct status *status);

#endif
