/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/report_alibi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

#define LOOK_US   15000
#define ROWS_MOST 200000

struct report_alibi {
	const struct measurement *row; /* of the report: endpoint and port */
	int64_t tried, reached;
	uint32_t *asns; /* owned; that reached it, each once */
	size_t nasns;
};

struct look {
	struct report_alibis *alibis;
	uint32_t own_asn;
};

static int compare(const void *a, const void *b)
{
	const struct measurement *one = ((const struct report_alibi *)a)->row;
	const struct measurement *other = ((const struct report_alibi *)b)->row;

	if (one->port != other->port)
		return one->port < other->port ? -1 : 1;
	if (one->family != other->family)
		return one->family < other->family ? -1 : 1;
	return strcmp(one->endpoint, other->endpoint);
}

static struct report_alibi *find(
    const struct report_alibis *alibis, const struct measurement *row)
{
	const struct report_alibi wanted = {.row = row};

	return alibis->count == 0
		   ? NULL
		   : bsearch(&wanted, alibis->list, alibis->count,
			 sizeof(*alibis->list), compare);
}

static int add_asn(struct report_alibi *alibi, uint32_t asn)
{
	uint32_t *grown;
	size_t i;

	for (i = 0; i < alibi->nasns; i++)
		if (alibi->asns[i] == asn)
			return 0;
	grown = array_grow(alibi->asns, alibi->nasns, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	alibi->asns = grown;
	grown[alibi->nasns++] = asn;
	return 0;
}

/* Only who was proved to be elsewhere counts. */
static int look_at(void *arg, const struct measurement *row)
{
	struct look *look = arg;
	struct report_alibi *alibi;

	if (!row->attributed || row->asn == look->own_asn)
		return 0;
	alibi = find(look->alibis, row);
	if (alibi == NULL)
		return 0;
	alibi->tried++;
	if (row->outcome != OUTCOME_REACHABLE)
		return 0;
	alibi->reached++;
	return add_asn(alibi, row->asn);
}

static bool begin(
    struct report_alibis *alibis, const struct measurement *rows, size_t count)
{
	size_t i, all = 0;

	memset(alibis, 0, sizeof(*alibis));
	alibis->list = calloc(count, sizeof(*alibis->list));
	if (alibis->list == NULL)
		return false;
	for (i = 0; i < count; i++)
		if (rows[i].outcome != OUTCOME_COUNT)
			alibis->list[all++].row = &rows[i];
	qsort(alibis->list, all, sizeof(*alibis->list), compare);
	for (i = 0; i < all; i++)
		if (i == 0 || compare(&alibis->list[alibis->count - 1],
				  &alibis->list[i]) != 0)
			alibis->list[alibis->count++].row = alibis->list[i].row;
	return true;
}

void report_alibi_find(struct report_alibis *alibis, struct store *store,
    const struct measurement *rows, size_t count)
{
	struct store_page page = {.limit = ROWS_MOST, .newest_first = true};
	struct look look = {alibis, rows[0].asn};
	struct row_filter filter;
	struct err err = {""};

	if (!begin(alibis, rows, count))
		return;
	row_filter_init(&filter);
	filter.since_ms = rows[0].at_ms / HOUR_MS * HOUR_MS;
	filter.until_ms = filter.since_ms + HOUR_MS;
	page.until_us = clock_mono_us() + LOOK_US;
	alibis->is_whole = store_measurements(store, &filter, &page, look_at,
			       &look, &err) == 0 &&
			   page.cursor[0] == '\0';
}

void report_alibi_write(const struct report_alibis *alibis,
    const struct measurement *row, struct json_writer *json)
{
	const struct report_alibi *alibi = find(alibis, row);

	if (!alibis->is_whole || alibi == NULL) {
		json_null(json, "elsewhere");
		return;
	}
	json_open_object(json, "elsewhere");
	json_integer(json, "tried", alibi->tried);
	json_integer(json, "reached", alibi->reached);
	json_integer(json, "networks", (int64_t)alibi->nasns);
	json_close_object(json);
}

void report_alibi_free(struct report_alibis *alibis)
{
	size_t i;

	for (i = 0; i < alibis->count; i++)
		free(alibis->list[i].asns);
	free(alibis->list);
	memset(alibis, 0, sizeof(*alibis));
}
