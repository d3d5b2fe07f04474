/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/health/metrics.h"

#include <inttypes.h>

static void begin(
    struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP egress25_%s %s\n# TYPE egress25_%s %s\n", name,
	    help, name, type);
}

static void counter(
    struct buf *out, const char *name, const char *help, int64_t value)
{
	begin(out, name, "counter", help);
	buf_printf(out, "egress25_%s %" PRId64 "\n", name, value);
}

/* The bounds of the buckets: from a fast disk to a failing one. */
static const struct bucket {
	int64_t most_us;
	const char *seconds;
} buckets[METRICS_BUCKETS] = {
    {1000, "0.001"},
    {5000, "0.005"},
    {20000, "0.02"},
    {100000, "0.1"},
    {500000, "0.5"},
    {2000000, "2"},
    {10000000, "10"},
};

/* The bucket of a duration; METRICS_BUCKETS: it is beyond the last. */
static size_t bucket_of(int64_t us)
{
	size_t i = 0;

	while (i < METRICS_BUCKETS && us > buckets[i].most_us)
		i++;
	return i;
}

void metrics_add_duration(struct metrics_durations *durations, int64_t us)
{
	size_t i = bucket_of(us);

	if (i < METRICS_BUCKETS)
		durations->buckets[i]++;
	durations->count++;
	durations->sum_us += us;
}

void metrics_share_duration(
    struct metrics_shared_durations *durations, int64_t us)
{
	durations->buckets[bucket_of(us)]++;
	durations->sum_us += us;
}

static void histogram(struct buf *out, const char *name, const char *help,
    const struct metrics_durations *durations)
{
	int64_t count = 0;
	size_t i;

	begin(out, name, "histogram", help);
	for (i = 0; i < METRICS_BUCKETS; i++) {
		count += durations->buckets[i];
		buf_printf(out, "egress25_%s_bucket{le=\"%s\"} %" PRId64 "\n",
		    name, buckets[i].seconds, count);
	}
	buf_printf(out, "egress25_%s_bucket{le=\"+Inf\"} %" PRId64 "\n", name,
	    durations->count);
	buf_printf(out, "egress25_%s_sum %" PRId64 ".%06d\n", name,
	    durations->sum_us / 1000000, (int)(durations->sum_us % 1000000));
	buf_printf(
	    out, "egress25_%s_count %" PRId64 "\n", name, durations->count);
}

/* Other threads may add meanwhile; the parts agree with one another. */
static void shared_histogram(struct buf *out, const char *name,
    const char *help, const struct metrics_shared_durations *shared)
{
	struct metrics_durations durations = {.sum_us = shared->sum_us};
	size_t i;

	durations.count = shared->buckets[METRICS_BUCKETS];
	for (i = 0; i < METRICS_BUCKETS; i++) {
		durations.buckets[i] = shared->buckets[i];
		durations.count += durations.buckets[i];
	}
	histogram(out, name, help, &durations);
}

static void write_refusals(const struct metrics *metrics, struct buf *out)
{
	static const char *const words[REFUSED_COUNT] = {
	    [REFUSED_SIGNATURE] = "signature",
	    [REFUSED_TOO_LARGE] = "too-large",
	    [REFUSED_ENCODING] = "encoding",
	    [REFUSED_MALFORMED] = "malformed",
	    [REFUSED_QUEUE_FULL] = "queue-full",
	    [REFUSED_STORE] = "store",
	    [REFUSED_OVERLOAD] = "overload",
	    [REFUSED_LIMIT] = "limit",
	    [REFUSED_CONFLICT] = "conflict",
	};
	int i;

	begin(out, "reports_refused_total", "counter",
	    "Reports that were not accepted, by reason.");
	for (i = 0; i < REFUSED_COUNT; i++)
		buf_printf(out,
		    "egress25_reports_refused_total{reason=\"%s\"} %" PRId64
		    "\n",
		    words[i], metrics->reports_refused[i]);
}

static void write_http(const struct metrics *metrics, struct buf *out)
{
	int i;

	begin(out, "http_replies_total", "counter",
	    "HTTP replies, by class of status.");
	for (i = 2; i < 6; i++)
		buf_printf(out,
		    "egress25_http_replies_total{class=\"%dxx\"} %" PRId64 "\n",
		    i, metrics->http_replies[i]);
}

static void gauge(
    struct buf *out, const char *name, const char *help, int64_t value)
{
	begin(out, name, "gauge", help);
	buf_printf(out, "egress25_%s %" PRId64 "\n", name, value);
}

static void write_fleet(const struct metrics_now *now, struct buf *out)
{
	begin(out, "fleet_agents", "gauge",
	    "Agents of late, by what their networks' verdicts need.");
	buf_printf(out,
	    "egress25_fleet_agents{need=\"unsettled\"} %zu\n"
	    "egress25_fleet_agents{need=\"thin\"} %zu\n"
	    "egress25_fleet_agents{need=\"settled\"} %zu\n",
	    now->unsettled, now->thin, now->settled);
	histogram(out, "census_seconds", "What counting the fleet took.",
	    &now->censuses);
}

static void write_system(const struct metrics_now *now, struct buf *out)
{
	gauge(out, "ready", "What /readyz says.", now->is_ready);
	gauge(out, "store_bytes", "The size of the database file.",
	    now->store_bytes);
	if (now->free_bytes >= 0)
		gauge(out, "store_free_bytes",
		    "What is free on the database's disk.", now->free_bytes);
	gauge(out, "descriptors",
	    "Open descriptors: connections and some files.", now->descriptors);
	gauge(out, "descriptors_most", "Descriptors that may be open.",
	    now->descriptors_most);
	gauge(out, "geo_sound", "Whether the newest geo databases are in use.",
	    now->geo_is_sound);
}

static void write_upkeep(const struct metrics_now *now, struct buf *out)
{
	histogram(out, "expiry_step_seconds",
	    "What steps that removed old reports took.", &now->expiries);
	counter(out, "reports_expired_total",
	    "Reports removed because they are too old.", now->expired_reports);
	counter(out, "rows_expired_total",
	    "Measurements removed because they are too old.",
	    now->expired_rows);
	histogram(out, "log_copy_seconds",
	    "What copying the store's log into the database took.",
	    &now->copies);
	counter(out, "log_copies_failed_total",
	    "Copies of the store's log that failed.", now->copies_failed);
	gauge(out, "log_pages", "Pages in the store's log at its last copy.",
	    now->log_pages);
	gauge(out, "log_copied_pages",
	    "Pages of the store's log that were copied then.", now->log_copied);
}

void metrics_write(const struct metrics *metrics, const struct metrics_now *now,
    struct buf *out)
{
	begin(out, "build_info", "gauge", "The version that runs.");
	buf_append_text(
	    out, "egress25_build_info{version=\"" EGRESS25_VERSION "\"} 1\n");
	counter(out, "reports_accepted_total",
	    "Reports stored and acknowledged.", metrics->reports_accepted);
	counter(out, "reports_duplicate_total",
	    "Reports that were there already.", metrics->reports_duplicate);
	write_refusals(metrics, out);
	counter(out, "rows_stored_total", "Measurements stored.", now->rows);
	counter(out, "rows_unattributed_total",
	    "Measurements without a valid source proof.",
	    metrics->rows_unattributed);
	counter(out, "rows_unlisted_total",
	    "Measurements that no endpoint of the list asks for.",
	    metrics->rows_unlisted);
	counter(out, "reports_false_receipts_total",
	    "Reports that do not count, because a beacon's receipt in them is "
	    "not their agent's.",
	    metrics->reports_false_receipts);
	counter(out, "agents_enrolled_total", "Enrolments answered.",
	    metrics->agents_enrolled);
	counter(out, "enrolments_refused_total",
	    "Enrolments that were one too many from there.",
	    metrics->enrolments_refused);
	counter(out, "reads_limited_total",
	    "Reads of an address that had used up its share.",
	    metrics->reads_limited);
	counter(out, "keys_changed_total", "Agents' keys that were changed.",
	    metrics->keys_changed);
	counter(out, "proofs_given_total", "Source proofs handed out.",
	    metrics->proofs_given);
	counter(out, "plans_given_total", "Plans handed out.",
	    metrics->plans_given);
	counter(out, "connections_accepted_total", "Connections accepted.",
	    metrics->connections_accepted);
	counter(out, "connections_ended_total",
	    "Connections ended because they sent no request in time, or to "
	    "make room.",
	    metrics->connections_ended);
	shared_histogram(out, "ack_seconds",
	    "From a whole request that writes to its reply, synced.",
	    &metrics->acks);
	shared_histogram(out, "read_seconds",
	    "From a request that reads the store to its reply's first part.",
	    &metrics->reads);
	histogram(out, "commit_seconds",
	    "What transactions took until they were synced.", &now->commits);
	gauge(out, "store_failing", "Whether the last transaction failed.",
	    now->store_fails);
	gauge(out, "queue_length", "Reports that wait for the writer.",
	    (int64_t)now->queued);
	write_fleet(now, out);
	write_upkeep(now, out);
	write_system(now, out);
	write_http(metrics, out);
	gauge(out, "connection_bytes",
	    "Requests half sent and replies not read, in all connections.",
	    metrics->connection_bytes);
}
