/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/retention.h"

#include "lib/base/day.h"

#define REST        4                       /* times the length of the step */
#define SWEEP_US    (60 * INT64_C(1000000)) /* if nothing is old enough */
#define SWEEP_SHARE 10 /* or this part of a short retention time */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Where there is no time to go on from, what is stored says it. */
static void go_on(struct retention *retention, int64_t mono_us)
{
	int64_t newest_ms = retention->newest_ms + DAY_MS;
	int64_t passed_ms = retention->seen_us == 0
				? 0
				: (mono_us - retention->seen_us) / 1000;
	int64_t fast_ms = retention->now_ms + passed_ms * RETENTION_PACE;

	retention->seen_us = mono_us;
	if (retention->now_ms == 0)
		fast_ms = newest_ms;
	retention->now_ms += passed_ms;
	fast_ms = least(fast_ms, newest_ms);
	if (retention->now_ms < fast_ms)
		retention->now_ms = fast_ms;
}

int64_t retention_begin(
    struct retention *retention, int64_t wall_ms, int64_t mono_us)
{
	if (!retention->is_known || retention->newest_ms == 0)
		return INT64_MIN;
	go_on(retention, mono_us);
	if (retention->keep_ms == 0)
		return INT64_MIN;
	return least(retention->now_ms, wall_ms) - retention->keep_ms;
}

void retention_end(struct retention *retention,
    const struct retention_found *found, int64_t began_us, int64_t ended_us)
{
	int64_t rest_us = REST * (ended_us - began_us);
	bool is_first = !retention->is_known && found->newest_ms != 0;

	if (!retention->is_known)
		retention->now_ms = found->clock_ms;
	retention->is_known = true;
	retention->newest_ms = found->newest_ms;
	if (!found->more && !is_first)
		rest_us = least(
		    SWEEP_US, retention->keep_ms == 0
				  ? SWEEP_US
				  : retention->keep_ms * 1000 / SWEEP_SHARE);
	retention->next_us = ended_us + rest_us;
}
