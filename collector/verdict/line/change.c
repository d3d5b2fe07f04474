/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/line/change.h"

#include <stdbool.h>

static void keep_better(struct change *best, int64_t errors, size_t index)
{
	if (errors < best->errors ||
	    (errors == best->errors && index < best->index))
		*best = (struct change){errors, index};
}

/* Each day that moves from after the change to before it turns what agreed
 * into errors, and errors into what agrees. */
static void try_all(const struct change_day *days, size_t count, bool blocked,
    struct change *best)
{
	int64_t errors = 0;
	size_t i;

	for (i = 0; i < count; i++)
		errors += blocked ? days[i].good : days[i].bad;
	keep_better(best, errors, 0);
	for (i = 0; i < count; i++) {
		int64_t turned = (int64_t)days[i].bad - days[i].good;

		errors += blocked ? turned : -turned;
		keep_better(best, errors, i + 1);
	}
}

struct change change_best(
    const struct change_day *days, size_t count, enum change_now now)
{
	struct change best = {INT64_MAX, 0};

	if (now != CHANGE_TO_OPEN)
		try_all(days, count, true, &best);
	if (now != CHANGE_TO_BLOCKED)
		try_all(days, count, false, &best);
	return best;
}
