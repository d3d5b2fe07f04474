/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/retention.h"

#define DAY_MS      (INT64_C(24) * 3600 * 1000)
#define REST        4                       /* times the length of the step */
#define SWEEP_US    (60 * INT64_C(1000000)) /* if nothing is old enough */
#define SWEEP_SHARE 10 /* or this part of a short retention time */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t retention_begin(
    struct retention *retention, int64_t wall_ms, int64_t mono_us)
{
	int64_t trusted_ms = retention->newest_ms + DAY_MS;

	if (retention->seen_us != 0)
		retention->now_ms += (mono_us - retention->seen_us) / 1000;
	retention->seen_us = mono_us;
	if (retention->now_ms < trusted_ms)
		retention->now_ms = trusted_ms;
	retention->now_ms = least(retention->now_ms, wall_ms);
	if (retention->keep_ms == 0)
		return INT64_MIN;
	return retention->now_ms - retention->keep_ms;
}

void retention_end(struct retention *retention, int64_t newest_ms, bool more,
    int64_t began_us, int64_t ended_us)
{
	int64_t rest_us = REST * (ended_us - began_us);
	bool is_first = retention->newest_ms == 0 && newest_ms != 0;

	retention->newest_ms = newest_ms;
	if (!more && !is_first)
		rest_us = least(
		    SWEEP_US, retention->keep_ms == 0
				  ? SWEEP_US
				  : retention->keep_ms * 1000 / SWEEP_SHARE);
	retention->next_us = ended_us + rest_us;
}
