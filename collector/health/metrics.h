/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HEALTH_METRICS_H
#define EGRESS25_COLLECTOR_HEALTH_METRICS_H

/*
 * The collector's metrics in Prometheus's text format, with the prefix
 * egress25_. No label has values that grow with the number of networks or
 * agents.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/* Why a report was refused. */
enum refusal {
	REFUSED_SIGNATURE, /* unknown agent, bad signature, clock */
	REFUSED_TOO_LARGE,
	REFUSED_ENCODING,
	REFUSED_MALFORMED,
	REFUSED_QUEUE_FULL,
	REFUSED_STORE,
	REFUSED_OVERLOAD, /* it would have waited too long */
	REFUSED_LIMIT,    /* too many of this agent, or from there */
	REFUSED_CONFLICT, /* another report has its id */
	REFUSED_COUNT
};

#define METRICS_BUCKETS 7

/* A histogram of durations. Start from zeroes. */
struct metrics_durations {
	int64_t count, sum_us;
	int64_t buckets[METRICS_BUCKETS]; /* not cumulative; a duration beyond
					     the last is in none */
};

/* The same, to which any thread may add. */
struct metrics_shared_durations {
	_Atomic int64_t sum_us;
	/* The last one: durations that are in none of the others. */
	_Atomic int64_t buckets[METRICS_BUCKETS + 1];
};

/* Counters, which any thread may add to. Start from zeroes. */
struct metrics {
	_Atomic int64_t reports_accepted, reports_duplicate;
	_Atomic int64_t reports_refused[REFUSED_COUNT];
	_Atomic int64_t rows_unattributed, rows_unlisted;
	_Atomic int64_t reports_false_receipts;
	_Atomic int64_t agents_enrolled, enrolments_refused, keys_changed;
	_Atomic int64_t proofs_given, plans_given;
	_Atomic int64_t connections_accepted, connections_ended;
	_Atomic int64_t reads_limited;
	/* By the first digit of the status; [0]: any other. */
	_Atomic int64_t http_replies[6];
	/* From the whole request to its reply: what a POST wrote is synced, or
	 * (of a stream) its first part is read. */
	struct metrics_shared_durations acks, reads;
	_Atomic int64_t connection_bytes; /* a gauge (peer_memory.h) */
	_Atomic int64_t connection_loops; /* which share them; no metric */
	/* Monotonic: when something was last refused for lack of capacity, and
	 * when a connection was last ended for lack of memory; 0: never. For
	 * /readyz, not metrics. */
	_Atomic int64_t overloaded_us, crowded_us;
};

/* Count one duration. Not atomic. */
void metrics_add_duration(struct metrics_durations *durations, int64_t us);

/* Likewise, from any thread. */
void metrics_share_duration(
    struct metrics_shared_durations *durations, int64_t us);

/* Figures that others keep, as they are now. */
struct metrics_now {
	size_t queued;
	int64_t rows;
	struct metrics_durations commits;
	bool store_fails;
	struct metrics_durations expiries; /* steps of removing old reports */
	int64_t expired_reports, expired_rows;
	struct metrics_durations copies; /* of the log back to the database */
	int64_t copies_failed, log_pages, log_copied;
	int64_t dumps_until_ms; /* end of the newest day; 0: none */
	int64_t dumps_failed;
	struct metrics_durations censuses; /* of the fleet */
	int64_t differing; /* verdicts that were not those of all rows */
	size_t unsettled, thin, settled; /* agents by class (plan.h) */
	int64_t store_bytes;
	int64_t free_bytes; /* on the store's disk; -1: unknown */
	int64_t descriptors, descriptors_most;
	bool geo_is_sound, is_ready;
};

/* Append the text of all metrics. Memory that ran out shows as `out->failed`.
 */
void metrics_write(const struct metrics *metrics, const struct metrics_now *now,
    struct buf *out);

#endif
