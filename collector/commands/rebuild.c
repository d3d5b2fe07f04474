/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/rebuild.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "collector/base/progress.h"
#include "collector/commands/command.h"
#include "collector/record/rollup.h"
#include "collector/store/store_upkeep.h"
#include "lib/base/day.h"
#include "lib/base/rfc3339.h"
#include "lib/config/args.h"

/* --- days --- */

static void print_day(int32_t day, const struct store_rebuilt *rebuilt)
{
	char text[RFC3339_SIZE];

	rfc3339_format(rollup_day_ms(day), text);
	printf("%.10s: %" PRId64 " counted, %" PRId64 " before", text,
	    rebuilt->after, rebuilt->before);
	if (rebuilt->too_large > 0)
		printf(", %" PRId64 " were too large%s", rebuilt->too_large,
		    rebuilt->is_kept ? ", and stay: measurements of that month "
				       "have been removed"
				     : "");
	printf("\n");
}

int rebuild_days(
    struct store *store, int32_t first, int32_t last, struct err *err)
{
	struct progress progress = {0};
	struct store_rebuilt rebuilt;
	char text[RFC3339_SIZE];
	int32_t day;
	int error = 0;

	for (day = first; error == 0 && day <= last; day++) {
		if (progress_is_due(&progress)) {
			rfc3339_format(rollup_day_ms(day), text);
			fprintf(stderr, "\r%.10s\033[K", text);
		}
		error = store_rebuild_day(store, day, &rebuilt, err);
		if (error == 0 && (rebuilt.before != rebuilt.after ||
				      rebuilt.too_large > 0)) {
			progress_clear(&progress);
			print_day(day, &rebuilt);
		}
	}
	progress_clear(&progress);
	return error;
}

/* --- which days --- */

static int note_day(void *arg, const struct measurement *row)
{
	*(int32_t *)arg = rollup_day(row->at_ms);
	return 0;
}

/* The day of the oldest or newest measurement; unchanged: there is none. */
static int find_day(
    struct store *store, bool newest, int32_t *day, struct err *err)
{
	struct store_page page = {.limit = 1, .newest_first = newest};
	struct row_filter filter;

	row_filter_init(&filter);
	return store_measurements(store, &filter, &page, note_day, day, err);
}

/* The report that begins last need not end last. */
static int find_days(
    struct store *store, int32_t *first, int32_t *last, struct err *err)
{
	struct store_totals totals;
	int error = find_day(store, false, first, err);

	if (error == 0)
		error = find_day(store, true, last, err);
	if (error == 0)
		error = store_totals(store, &totals, err);
	if (error == 0 && *last >= 0 && rollup_day(totals.last_ms) > *last)
		*last = rollup_day(totals.last_ms);
	return error;
}

static int rebuild(
    struct store *store, int64_t since_ms, int64_t until_ms, struct err *err)
{
	int32_t first = 0, last = -1;
	int error = find_days(store, &first, &last, err);

	if (error < 0)
		return error;
	if (since_ms != 0 && rollup_day(since_ms) > first)
		first = rollup_day(since_ms);
	if (until_ms != 0 && rollup_day(until_ms - 1) < last)
		last = rollup_day(until_ms - 1);
	error = rebuild_days(store, first, last, err);
	if (error == 0)
		printf("%d days counted anew\n",
		    last < first ? 0 : (int)(last - first) + 1);
	return error;
}

int command_rebuild(
    const struct collector_options *options, int64_t since_ms, int64_t until_ms)
{
	struct store *store;
	struct err err = {""};
	int error = command_open_store(options, false, &store, &err);

	if (error == 0)
		error = rebuild(store, since_ms, until_ms, &err);
	store_close(store);
	return command_end(error, &err);
}
