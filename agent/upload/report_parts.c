/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/report_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/report_decode.h"
#include "lib/report/report_encode.h"

#define HEAD_BYTES 4096 /* all of a report but its targets, at most */
#define WHOLE      (INT64_C(1) << 40)
#define HALF       2

const struct report_limits report_limits = {
    REPORT_BYTES_MAX, REPORT_TARGETS_MAX, REPORT_ALL_PROBES_MAX};

struct report report_part(
    const struct report *report, size_t from, size_t to, const char *id)
{
	struct report part = *report;

	snprintf(part.id, sizeof(part.id), "%s", id);
	part.targets = report->targets + from;
	part.ntargets = to - from;
	return part;
}

/* --- cutting --- */

static int64_t share(size_t part, size_t of)
{
	return ((int64_t)part * WHOLE + (int64_t)of - 1) / (int64_t)of;
}

/* What the target takes of a report's room, of WHOLE: of that which it
 * takes most of. -ENOMEM. */
static int64_t weigh(const struct report *report, size_t index,
    const struct report_limits *limits, struct buf *room)
{
	struct report alone = report_part(report, index, index + 1, "");
	int64_t bytes, probes = share(alone.targets[0].nprobes, limits->probes);
	int64_t most = share(1, limits->targets);

	buf_clear(room);
	report_encode(&alone, room);
	if (room->failed)
		return -ENOMEM;
	bytes = share(room->length, limits->bytes > HALF * HEAD_BYTES
					? limits->bytes - HEAD_BYTES
					: limits->bytes);
	most = probes > most ? probes : most;
	return bytes > most ? bytes : most;
}

static int weigh_all(const struct report *report,
    const struct report_limits *limits, int64_t *weights)
{
	struct buf room = {0};
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < report->ntargets; i++) {
		weights[i] = weigh(report, i, limits, &room);
		error = weights[i] < 0 ? (int)weights[i] : 0;
	}
	buf_free(&room);
	return error;
}

/* Behind the targets of the same endpoint, or of the same family where those
 * are too much, or else behind this one. */
static size_t group_end(
    const struct report *report, const int64_t *weights, size_t from)
{
	const struct target_seen *first = &report->targets[from];
	int64_t sum = 0, of_family = 0;
	size_t i, family_end = from + 1;

	for (i = from;
	     i < report->ntargets &&
	     strcmp(report->targets[i].endpoint, first->endpoint) == 0;
	     i++) {
		sum += weights[i];
		if (report->targets[i].family == first->family) {
			family_end = i + 1;
			of_family = sum;
		}
	}
	if (sum <= WHOLE)
		return i;
	return of_family <= WHOLE ? family_end : from + 1;
}

/* A part ends where the targets up to there make up its share of all. */
static size_t cut(const struct report *report, const int64_t *weights,
    size_t parts, size_t *ends)
{
	int64_t all = 0, done = 0, part = 0, group;
	size_t i, from, to, count = 0;

	for (i = 0; i < report->ntargets; i++)
		all += weights[i];
	for (from = 0; from < report->ntargets; from = to) {
		to = group_end(report, weights, from);
		for (group = 0, i = from; i < to; i++)
			group += weights[i];
		if (from > 0 && part > 0 &&
		    (part + group > WHOLE ||
			done * (int64_t)parts >= all * (int64_t)(count + 1))) {
			ends[count++] = from;
			part = 0;
		}
		part += group;
		done += group;
	}
	ends[count++] = report->ntargets;
	return count;
}

int report_parts_cut(const struct report *report,
    const struct report_limits *limits, size_t **ends, size_t *count)
{
	int64_t *weights = calloc(report->ntargets + 1, sizeof(*weights));
	size_t least;
	int error = -ENOMEM;

	*ends = calloc(report->ntargets + 1, sizeof(**ends));
	if (weights != NULL && *ends != NULL)
		error = weigh_all(report, limits, weights);
	if (error == 0) {
		/* As many as must be, then evenly. */
		least = cut(report, weights, 1, *ends);
		*count = cut(report, weights, least, *ends);
	}
	free(weights);
	if (error < 0) {
		free(*ends);
		*ends = NULL;
	}
	return error;
}

/* --- halving --- */

/* A UUIDv7 (RFC 9562, 5.7): its time, and its last 48 bits. */
void report_half_id(const char *id, int half, char half_id[REPORT_ID_SIZE])
{
	char middle[11] = "7000-8000-";
	uint64_t high = 0, low = 0, tail = 0;

	if (strlen(id) == REPORT_ID_SIZE - 1) {
		memcpy(middle, id + 14, sizeof(middle) - 1);
		sscanf(id, "%8" SCNx64 "-%4" SCNx64, &high, &low);
		sscanf(id + 24, "%12" SCNx64, &tail);
	}
	high = (high << 16 | low) + 1;
	/* An odd factor maps each number to another one. */
	tail = (tail * UINT64_C(6364136223846793005) + 1 + (uint64_t)half) &
	       UINT64_C(0xffffffffffff);
	snprintf(half_id, REPORT_ID_SIZE,
	    "%08" PRIx64 "-%04" PRIx64 "-%s%012" PRIx64,
	    high >> 16 & 0xffffffff, high & 0xffff, middle, tail);
}

/* Between two endpoints, as near to the middle as can be. */
static size_t middle_of(const struct report *report)
{
	size_t count = report->ntargets, i, best = count / HALF;
	size_t distance = count;

	for (i = 1; i < count; i++) {
		size_t off = i > count / HALF ? i - count / HALF
					      : count / HALF - i;

		if (off >= distance || strcmp(report->targets[i - 1].endpoint,
					   report->targets[i].endpoint) == 0)
			continue;
		best = i;
		distance = off;
	}
	return best;
}

int report_halve(
    const char *json, size_t length, struct buf halves[2], struct err *err)
{
	char id[REPORT_ID_SIZE];
	struct report report, part;
	int half, error = report_decode(json, length, &report, err);
	size_t middle;

	if (error < 0)
		return error;
	if (report.ntargets < HALF) {
		report_free(&report);
		return err_input(err, "a report of one target");
	}
	middle = middle_of(&report);
	for (half = 0; half < HALF; half++) {
		report_half_id(report.id, half, id);
		part = report_part(&report, half == 0 ? 0 : middle,
		    half == 0 ? middle : report.ntargets, id);
		buf_clear(&halves[half]);
		report_encode(&part, &halves[half]);
		if (halves[half].failed)
			error = err_system(err, -ENOMEM, "a report");
	}
	report_free(&report);
	return error;
}
