/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/report_order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int compare(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_targets(
    const struct measurement *a, const struct measurement *b)
{
	int order = compare(a->family, b->family);

	if (order == 0)
		order = strcmp(a->endpoint, b->endpoint);
	return order != 0 ? order
			  : memcmp(a->address.bytes, b->address.bytes,
				sizeof(a->address.bytes));
}

static int compare_ends(
    const struct measurement *a, const struct measurement *b)
{
	int order = compare(a->port, b->port);

	if (order == 0)
		order = compare(a->ended, b->ended);
	return order != 0 ? order : compare(a->failure, b->failure);
}

static int by_end(const void *a, const void *b)
{
	const struct report_row *one = a, *other = b;
	int order = compare_targets(one->row, other->row);

	if (order == 0)
		order = compare_ends(one->row, other->row);
	return order != 0 ? order : compare(one->number, other->number);
}

static int by_first(const void *a, const void *b)
{
	const struct report_row *one = a, *other = b;
	int order = compare(one->first, other->first);

	return order != 0 ? order : compare(one->number, other->number);
}

/* The rows of one target, of `count`, begin the list. How many. */
static size_t count_target(struct report_row *list, size_t count)
{
	size_t end, i, first = list[0].number;

	for (end = 0;
	     end < count && compare_targets(list[end].row, list[0].row) == 0;
	     end++)
		if (list[end].number < first)
			first = list[end].number;
	for (i = 0; i < end; i++)
		list[i].first = first;
	return end;
}

static size_t count_tries(struct report_row *list, size_t count)
{
	size_t end, i;

	for (end = 0;
	     end < count && compare_targets(list[end].row, list[0].row) == 0 &&
	     compare_ends(list[end].row, list[0].row) == 0;
	     end++)
		;
	for (i = 0; i < end; i++)
		list[i].tries = end;
	return end;
}

struct report_row *report_order(const struct measurement *rows, size_t count)
{
	struct report_row *list = calloc(count + 1, sizeof(*list));
	size_t i;

	if (list == NULL)
		return NULL;
	for (i = 0; i < count; i++)
		list[i] = (struct report_row){.row = &rows[i], .number = i};
	qsort(list, count, sizeof(*list), by_end);
	for (i = 0; i < count;)
		i += count_target(list + i, count - i);
	for (i = 0; i < count;)
		i += count_tries(list + i, count - i);
	qsort(list, count, sizeof(*list), by_first);
	return list;
}
