/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/health/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

/* A value of its own for each, so that none can stand for another. */
static const struct metrics metrics = {
    .reports_accepted = 101,
    .reports_duplicate = 102,
    .reports_refused = {201, 202, 203, 204, 205, 206, 207, 208, 209},
    .rows_unattributed = 103,
    .rows_unlisted = 114,
    .reports_false_receipts = 115,
    .agents_enrolled = 104,
    .connections_accepted = 105,
    .connections_ended = 106,
    .enrolments_refused = 109,
    .keys_changed = 110,
    .plans_given = 111,
    .proofs_given = INT64_C(9223372036854775807),
    .acks = {.sum_us = 4000001, .buckets = {1, 2, 3, 4, 5, 6, 7, 8}},
    .reads = {.sum_us = 9, .buckets = {11, 0, 0, 0, 0, 0, 0, 12}},
    .http_replies = {300, 301, 302, 303, 304, 305},
};

static const struct metrics_now now = {
    .queued = 401,
    .rows = 402,
    .commits = {.count = 28, .sum_us = 12000345, .buckets = {7, 6, 5, 4, 3, 2}},
    .store_fails = true,
    .expiries = {.count = 29, .sum_us = 5, .buckets = {9}},
    .expired_reports = 403,
    .expired_rows = 404,
    .copies = {.count = 30, .sum_us = 6, .buckets = {8}},
    .dumps_until_ms = 1764115200000,
    .dumps_failed = 411,
    .copies_failed = 405,
    .log_pages = 406,
    .log_copied = 407,
    .censuses = {.count = 31, .sum_us = 7, .buckets = {4}},
    .differing = 3,
    .unsettled = 408,
    .thin = 409,
    .settled = 410,
    .store_bytes = 508,
    .free_bytes = 509,
    .descriptors = 510,
    .descriptors_most = 511,
    .geo_is_sound = true,
    .is_ready = true,
};

static const struct row {
	const char *name, *line;
} rows[] = {
    {"accepted", "egress25_reports_accepted_total 101"},
    {"duplicate", "egress25_reports_duplicate_total 102"},
    {"signature", "egress25_reports_refused_total{reason=\"signature\"} 201"},
    {"too large", "egress25_reports_refused_total{reason=\"too-large\"} 202"},
    {"encoding", "egress25_reports_refused_total{reason=\"encoding\"} 203"},
    {"malformed", "egress25_reports_refused_total{reason=\"malformed\"} 204"},
    {"queue full", "egress25_reports_refused_total{reason=\"queue-full\"} 205"},
    {"store", "egress25_reports_refused_total{reason=\"store\"} 206"},
    {"overload", "egress25_reports_refused_total{reason=\"overload\"} 207"},
    {"limit", "egress25_reports_refused_total{reason=\"limit\"} 208"},
    {"conflict", "egress25_reports_refused_total{reason=\"conflict\"} 209"},
    {"unattributed", "egress25_rows_unattributed_total 103"},
    {"unlisted", "egress25_rows_unlisted_total 114"},
    {"false receipts", "egress25_reports_false_receipts_total 115"},
    {"enrolled", "egress25_agents_enrolled_total 104"},
    {"other keys", "egress25_keys_changed_total 110"},
    {"plans", "egress25_plans_given_total 111"},
    {"unsettled agents", "egress25_fleet_agents{need=\"unsettled\"} 408"},
    {"thin agents", "egress25_fleet_agents{need=\"thin\"} 409"},
    {"settled agents", "egress25_fleet_agents{need=\"settled\"} 410"},
    {"censuses", "egress25_census_seconds_count 31"},
    {"verdicts that were not those of all rows",
	"egress25_census_differing_total 3"},
    {"not enrolled", "egress25_enrolments_refused_total 109"},
    {"a number of 63 bits", "egress25_proofs_given_total 9223372036854775807"},
    {"connections", "egress25_connections_accepted_total 105"},
    {"connections that took too long", "egress25_connections_ended_total 106"},
    {"2xx", "egress25_http_replies_total{class=\"2xx\"} 302"},
    {"5xx", "egress25_http_replies_total{class=\"5xx\"} 305"},
    {"queue", "egress25_queue_length 401"},
    {"rows", "egress25_rows_stored_total 402"},
    {"a store that fails", "egress25_store_failing 1"},
    {"the first bucket", "egress25_commit_seconds_bucket{le=\"0.001\"} 7"},
    {"a bucket holds those before",
	"egress25_commit_seconds_bucket{le=\"2\"} 27"},
    {"the last bucket that ends",
	"egress25_commit_seconds_bucket{le=\"10\"} 27"},
    {"the last bucket", "egress25_commit_seconds_bucket{le=\"+Inf\"} 28"},
    {"seconds, exactly", "egress25_commit_seconds_sum 12.000345"},
    {"how many", "egress25_commit_seconds_count 28"},
    {"steps of removal", "egress25_expiry_step_seconds_count 29"},
    {"reports removed", "egress25_reports_expired_total 403"},
    {"measurements removed", "egress25_rows_expired_total 404"},
    {"copies of the log", "egress25_log_copy_seconds_count 30"},
    {"copies that failed", "egress25_log_copies_failed_total 405"},
    {"up to where there are files",
	"egress25_dumps_until_timestamp_seconds 1764115200"},
    {"days that could not be written", "egress25_dumps_failed_total 411"},
    {"the log", "egress25_log_pages 406"},
    {"what is copied of it", "egress25_log_copied_pages 407"},
    {"the database", "egress25_store_bytes 508"},
    {"its disk", "egress25_store_free_bytes 509"},
    {"acks in the second bucket",
	"egress25_ack_seconds_bucket{le=\"0.005\"} 3"},
    {"acks in all buckets", "egress25_ack_seconds_bucket{le=\"10\"} 28"},
    {"acks, with those that took longer",
	"egress25_ack_seconds_bucket{le=\"+Inf\"} 36"},
    {"what acks took", "egress25_ack_seconds_sum 4.000001"},
    {"acks", "egress25_ack_seconds_count 36"},
    {"reads", "egress25_read_seconds_count 23"},
    {"descriptors", "egress25_descriptors 510"},
    {"how many may be", "egress25_descriptors_most 511"},
    {"geo data", "egress25_geo_sound 1"},
    {"readiness", "egress25_ready 1"},
};

/* The line stands there once. */
static void run_row(void **state)
{
	const struct row *row = *state;
	struct buf out = {0};
	char line[128];
	const char *found;

	metrics_write(&metrics, &now, &out);
	snprintf(line, sizeof(line), "\n%s\n", row->line);
	found = strstr(out.data, line);
	if (found == NULL || strstr(found + 1, line) != NULL)
		fail_msg("%s: not once in\n%s", row->line, out.data);
	buf_free(&out);
}

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789_"

/* A sample is of the family that was announced last; a counter's name ends in
 * _total, a histogram's in what belongs to one. */
static void check_sample(const char *line, const char *family, const char *type)
{
	size_t length = strlen(family);
	const char *rest = line + length;
	char *end;

	assert_memory_equal(line, family, length);
	if (strcmp(type, "counter") == 0)
		assert_string_equal(family + length - 6, "_total");
	if (strcmp(type, "histogram") == 0) {
		rest += strcspn(rest, "{ ");
		assert_true(strncmp(line + length, "_bucket{", 8) == 0 ||
			    strncmp(line + length, "_sum ", 5) == 0 ||
			    strncmp(line + length, "_count ", 7) == 0);
	}
	if (*rest == '{')
		rest = strchr(rest, '}') + 1;
	assert_int_equal(*rest, ' ');
	assert_true(strtod(rest + 1, &end) >= 0);
	assert_int_equal(*end, '\0');
}

/* As the exposition format 0.0.4 has it. */
static void is_well_formed(void **state)
{
	char family[80] = "", type[16] = "", *line, *rest = NULL;
	struct buf out = {0}, seen = {0};

	(void)state;
	metrics_write(&metrics, &now, &out);
	assert_int_equal(out.data[out.length - 1], '\n');
	buf_append_char(&seen, ' ');
	for (line = strtok_r(out.data, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "# HELP ", 7) == 0) {
			snprintf(family, sizeof(family), " %.*s ",
			    (int)strspn(line + 7, NAME_BYTES), line + 7);
			assert_null(strstr(seen.data, family));
			buf_append_text(&seen, family);
			assert_memory_equal(family, " egress25_", 10);
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			assert_int_equal(
			    sscanf(line + 7, "%79s %15s", family, type), 2);
		} else {
			check_sample(line, family, type);
		}
	}
	buf_free(&seen);
	buf_free(&out);
}

static const struct duration_row {
	const char *name;
	int64_t us;
	int bucket; /* METRICS_BUCKETS: none */
} duration_rows[] = {
    {"no time at all", 0, 0},
    {"the end of a bucket is in it", 1000, 0},
    {"behind it is the next", 1001, 1},
    {"the end of the last", 10000000, METRICS_BUCKETS - 1},
    {"longer than all", 10000001, METRICS_BUCKETS},
};

static void add_duration(void **state)
{
	const struct duration_row *row = *state;
	struct metrics_durations durations = {.count = 1, .sum_us = 5};
	int i;

	metrics_add_duration(&durations, row->us);
	assert_int_equal(durations.count, 2);
	assert_int_equal(durations.sum_us, 5 + row->us);
	for (i = 0; i < METRICS_BUCKETS; i++)
		assert_int_equal(durations.buckets[i], i == row->bucket);
}

static void share_duration(void **state)
{
	const struct duration_row *row = *state;
	struct metrics_shared_durations durations = {.sum_us = 5};
	int i;

	metrics_share_duration(&durations, row->us);
	assert_int_equal(durations.sum_us, 5 + row->us);
	for (i = 0; i <= METRICS_BUCKETS; i++)
		assert_int_equal(durations.buckets[i], i == row->bucket);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "each name is announced once, before its samples",
	    is_well_formed);
	TEST_ROWS(&list, duration_rows, add_duration);
	TEST_ROWS(&list, duration_rows, share_duration);
	return test_run("metrics", &list);
}
