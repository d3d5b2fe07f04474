/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/newest.h"

#define ROWS_MAX 50000

int newest_visit(
    struct newest *newest, measurement_visit *visit, void *arg, struct err *err)
{
	struct store_page page = {.limit = ROWS_MAX, .newest_first = true};
	struct row_filter filter;
	int error;

	row_filter_init(&filter);
	filter.since_ms = newest->since_ms;
	error = store_measurements(
	    newest->store, &filter, &page, visit, arg, err);
	newest->is_cut = page.cursor[0] != '\0';
	return error;
}
