/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HEALTH_METRICS_H
#define EGRESS25_COLLECTOR_HEALTH_METRICS_H

/* What the collector counts, and the Prometheus text of it (prefix egress25_,
 * no label that grows with networks or agents). Any thread may count. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/* Why a report was not accepted. */
enum refusal {
	REFUSED_SIGNATURE, /* unknown agent, bad signature, clock */
	REFUSED_TOO_LARGE,
	REFUSED_ENCODING,
	REFUSED_MALFORMED,
	REFUSED_QUEUE_FULL,
	REFUSED_STORE,
	REFUSED_OVERLOAD, /* waited too long for its turn */
	REFUSED_COUNT
};

struct metrics {
	_Atomic int64_t reports_accepted, reports_duplicate;
	_Atomic int64_t reports_refused[REFUSED_COUNT];
	_Atomic int64_t rows_unattributed;
	_Atomic int64_t agents_enrolled, enrolments_refused, keys_changed;
	_Atomic int64_t proofs_given, plans_given;
	_Atomic int64_t connections_accepted, connections_ended;
	/* By hundreds of the status; [0] the rest. */
	_Atomic int64_t http_replies[6];
	/* When something was last refused because there is too much
	 * (clock_mono_us()); 0: never. For /readyz alone. */
	_Atomic int64_t overloaded_us;
};

/* Durations, as a histogram. */
#define METRICS_BUCKETS 7
struct metrics_durations {
	int64_t count, sum_us;
	int64_t buckets[METRICS_BUCKETS]; /* each by itself; longer: in none */
};
void metrics_add_duration(struct metrics_durations *durations, int64_t us);

/* Gauges and counters of others, as of now. */
struct metrics_now {
	size_t queued;
	int64_t rows;
	struct metrics_durations commits;
	bool store_fails;
	struct metrics_durations expiries; /* steps of removal */
	int64_t expired_reports, expired_rows;
	struct metrics_durations copies; /* of the log into the database */
	int64_t copies_failed, log_pages, log_copied;
	struct metrics_durations censuses; /* of the fleet */
	size_t unsettled, thin, settled;   /* agents, by their networks' need */
	int64_t store_bytes, free_bytes;   /* of its disk; -1: unknown */
	int64_t descriptors, descriptors_most;
	bool geo_is_sound, is_ready;
};

void metrics_write(const struct metrics *metrics, const struct metrics_now *now,
    struct buf *out);

#endif
