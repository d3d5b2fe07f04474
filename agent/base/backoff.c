/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/backoff.h"

/* Scale `random` to 0 ... `most`. */
static int64_t scale(int64_t most, uint32_t random)
{
	return (int64_t)((double)most * random / UINT32_MAX);
}

int64_t backoff_fail(struct backoff *backoff, int64_t asked_ms, uint32_t random)
{
	int64_t whole_ms = BACKOFF_FIRST_MS, ms;
	int i;

	for (i = 0; i < backoff->failures && whole_ms < BACKOFF_MOST_MS; i++)
		whole_ms *= 2;
	if (whole_ms > BACKOFF_MOST_MS)
		whole_ms = BACKOFF_MOST_MS;
	else
		backoff->failures++;
	ms = whole_ms / 2 + scale(whole_ms / 2, random);
	if (ms < asked_ms)
		ms = asked_ms + scale(asked_ms / 10, random);
	return ms;
}
