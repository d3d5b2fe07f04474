/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/health/metrics.h"

#include <stdio.h>

#include "lib/prometheus/prometheus.h"

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

static void histogram(const struct prometheus *to, const char *name,
    const char *help, const struct metrics_durations *durations)
{
	char part[64], label[24];
	int64_t count = 0;
	size_t i;

	prometheus_begin(to, name, PROMETHEUS_HISTOGRAM, help);
	snprintf(part, sizeof(part), "%s_bucket", name);
	for (i = 0; i < METRICS_BUCKETS; i++) {
		count += durations->buckets[i];
		snprintf(label, sizeof(label), "le=\"%s\"", buckets[i].seconds);
		prometheus_sample(to, part, label, count);
	}
	prometheus_sample(to, part, "le=\"+Inf\"", durations->count);
	snprintf(part, sizeof(part), "%s_sum", name);
	prometheus_seconds(to, part, NULL, durations->sum_us, 6);
	snprintf(part, sizeof(part), "%s_count", name);
	prometheus_sample(to, part, NULL, durations->count);
}

/* Other threads may add meanwhile; the parts agree with one another. */
static void shared_histogram(const struct prometheus *to, const char *name,
    const char *help, const struct metrics_shared_durations *shared)
{
	struct metrics_durations durations = {.sum_us = shared->sum_us};
	size_t i;

	durations.count = shared->buckets[METRICS_BUCKETS];
	for (i = 0; i < METRICS_BUCKETS; i++) {
		durations.buckets[i] = shared->buckets[i];
		durations.count += durations.buckets[i];
	}
	histogram(to, name, help, &durations);
}

static void write_refusals(
    const struct metrics *metrics, const struct prometheus *to)
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
	char label[32];
	int i;

	prometheus_begin(to, "reports_refused_total", PROMETHEUS_COUNTER,
	    "Reports that were not accepted, by reason.");
	for (i = 0; i < REFUSED_COUNT; i++) {
		snprintf(label, sizeof(label), "reason=\"%s\"", words[i]);
		prometheus_sample(to, "reports_refused_total", label,
		    metrics->reports_refused[i]);
	}
}

static void write_http(
    const struct metrics *metrics, const struct prometheus *to)
{
	char label[24];
	int i;

	prometheus_begin(to, "http_replies_total", PROMETHEUS_COUNTER,
	    "HTTP replies, by class of status.");
	for (i = 2; i < 6; i++) {
		snprintf(label, sizeof(label), "class=\"%dxx\"", i);
		prometheus_sample(
		    to, "http_replies_total", label, metrics->http_replies[i]);
	}
}

static void write_fleet(
    const struct metrics_now *now, const struct prometheus *to)
{
	prometheus_begin(to, "fleet_agents", PROMETHEUS_GAUGE,
	    "Agents of late, by what their networks' verdicts need.");
	prometheus_sample(
	    to, "fleet_agents", "need=\"unsettled\"", (int64_t)now->unsettled);
	prometheus_sample(
	    to, "fleet_agents", "need=\"thin\"", (int64_t)now->thin);
	prometheus_sample(
	    to, "fleet_agents", "need=\"settled\"", (int64_t)now->settled);
	histogram(to, "census_seconds", "What counting the fleet took.",
	    &now->censuses);
	prometheus_counter(to, "census_differing_total",
	    "Verdicts that were not what all rows together gave.",
	    now->differing);
}

static void write_system(
    const struct metrics_now *now, const struct prometheus *to)
{
	prometheus_gauge(to, "ready", "What /readyz says.", now->is_ready);
	prometheus_gauge(to, "store_bytes", "The size of the database file.",
	    now->store_bytes);
	if (now->free_bytes >= 0)
		prometheus_gauge(to, "store_free_bytes",
		    "What is free on the database's disk.", now->free_bytes);
	prometheus_gauge(to, "descriptors",
	    "Open descriptors: connections and some files.", now->descriptors);
	prometheus_gauge(to, "descriptors_most",
	    "Descriptors that may be open.", now->descriptors_most);
	prometheus_gauge(to, "geo_sound",
	    "Whether the newest geo databases are in use.", now->geo_is_sound);
}

static void write_upkeep(
    const struct metrics_now *now, const struct prometheus *to)
{
	histogram(to, "expiry_step_seconds",
	    "What steps that removed old reports took.", &now->expiries);
	prometheus_counter(to, "reports_expired_total",
	    "Reports removed because they are too old.", now->expired_reports);
	prometheus_counter(to, "rows_expired_total",
	    "Measurements removed because they are too old.",
	    now->expired_rows);
	histogram(to, "log_copy_seconds",
	    "What copying the store's log into the database took.",
	    &now->copies);
	prometheus_counter(to, "log_copies_failed_total",
	    "Copies of the store's log that failed.", now->copies_failed);
	prometheus_gauge(to, "log_pages",
	    "Pages in the store's log at its last copy.", now->log_pages);
	prometheus_gauge(to, "log_copied_pages",
	    "Pages of the store's log that were copied then.", now->log_copied);
	prometheus_gauge(to, "dumps_until_timestamp_seconds",
	    "The end of the newest day whose files are there; 0: none.",
	    now->dumps_until_ms / 1000);
	prometheus_counter(to, "dumps_failed_total",
	    "Attempts to write days' files that failed.", now->dumps_failed);
}

void metrics_write(const struct metrics *metrics, const struct metrics_now *now,
    struct buf *out)
{
	const struct prometheus to = {out, "egress25_"};

	prometheus_begin(
	    &to, "build_info", PROMETHEUS_GAUGE, "The version that runs.");
	prometheus_sample(
	    &to, "build_info", "version=\"" EGRESS25_VERSION "\"", 1);
	prometheus_counter(&to, "reports_accepted_total",
	    "Reports stored and acknowledged.", metrics->reports_accepted);
	prometheus_counter(&to, "reports_duplicate_total",
	    "Reports that were there already.", metrics->reports_duplicate);
	write_refusals(metrics, &to);
	prometheus_counter(
	    &to, "rows_stored_total", "Measurements stored.", now->rows);
	prometheus_counter(&to, "rows_unattributed_total",
	    "Measurements without a valid source proof.",
	    metrics->rows_unattributed);
	prometheus_counter(&to, "rows_unlisted_total",
	    "Measurements that no endpoint of the list asks for.",
	    metrics->rows_unlisted);
	prometheus_counter(&to, "reports_false_receipts_total",
	    "Reports that do not count, because a beacon's receipt in them is "
	    "not their agent's.",
	    metrics->reports_false_receipts);
	prometheus_counter(&to, "agents_enrolled_total", "Enrolments answered.",
	    metrics->agents_enrolled);
	prometheus_counter(&to, "enrolments_refused_total",
	    "Enrolments that were one too many from there.",
	    metrics->enrolments_refused);
	prometheus_counter(&to, "reads_limited_total",
	    "Reads of an address that had used up its share.",
	    metrics->reads_limited);
	prometheus_counter(&to, "keys_changed_total",
	    "Agents' keys that were changed.", metrics->keys_changed);
	prometheus_counter(&to, "proofs_given_total",
	    "Source proofs handed out.", metrics->proofs_given);
	prometheus_counter(&to, "plans_given_total", "Plans handed out.",
	    metrics->plans_given);
	prometheus_counter(&to, "connections_accepted_total",
	    "Connections accepted.", metrics->connections_accepted);
	prometheus_counter(&to, "connections_ended_total",
	    "Connections ended because they sent no request in time, or to "
	    "make room.",
	    metrics->connections_ended);
	shared_histogram(&to, "ack_seconds",
	    "From a whole request that writes to its reply, synced.",
	    &metrics->acks);
	shared_histogram(&to, "read_seconds",
	    "From a request that reads the store to its reply's first part.",
	    &metrics->reads);
	histogram(&to, "commit_seconds",
	    "What transactions took until they were synced.", &now->commits);
	prometheus_gauge(&to, "store_failing",
	    "Whether the last transaction failed.", now->store_fails);
	prometheus_gauge(&to, "queue_length",
	    "Reports that wait for the writer.", (int64_t)now->queued);
	write_fleet(now, &to);
	write_upkeep(now, &to);
	write_system(now, &to);
	write_http(metrics, &to);
	prometheus_gauge(&to, "connection_bytes",
	    "Requests half sent and replies not read, in all connections.",
	    metrics->connection_bytes);
}
