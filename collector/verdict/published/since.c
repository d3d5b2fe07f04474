/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/since.h"

#include <stdlib.h>

static int compare_times(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

bool since_find(const struct vote *votes, size_t count,
    bool (*counts)(const struct vote *vote), int64_t *times, int64_t *since_ms)
{
	size_t i, turned = 0, watched = 0;

	for (i = 0; i < count; i++)
		if (counts(&votes[i]) && votes[i].has_since)
			times[turned++] = votes[i].since_ms;
	if (turned < 2)
		return false;
	qsort(times, turned, sizeof(*times), compare_times);
	*since_ms = times[(turned - 1) / 2];
	for (i = 0; i < count; i++)
		watched += counts(&votes[i]) && votes[i].first_ms < *since_ms;
	return 2 * turned >= watched;
}
