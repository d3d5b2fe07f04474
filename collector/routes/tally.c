/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/wording.h"
#include "lib/base/day.h"
#include "lib/base/rfc3339.h"
#include "lib/report/words.h"

#define SIZE_LEAST 64

struct tally_cell {
	uint32_t x, y;
	int64_t measurements; /* 0: a free cell */
};

/* --- counting --- */

static struct tally_cell *place_of(
    const struct tally *tally, uint32_t x, uint32_t y)
{
	uint64_t hash = ((uint64_t)x << 32 | y) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 32) & (tally->size - 1);

	while (tally->cells[at].measurements != 0 &&
	       (tally->cells[at].x != x || tally->cells[at].y != y))
		at = (at + 1) & (tally->size - 1);
	return &tally->cells[at];
}

/* Half of the table stays free. */
static int make_room(struct tally *tally)
{
	struct tally grown = {.count = tally->count};
	size_t i;

	if (tally->count * 2 < tally->size)
		return 0;
	grown.size = tally->size > 0 ? tally->size * 2 : SIZE_LEAST;
	grown.cells = calloc(grown.size, sizeof(*grown.cells));
	if (grown.cells == NULL)
		return -ENOMEM;
	for (i = 0; i < tally->size; i++) {
		const struct tally_cell *old = &tally->cells[i];

		if (old->measurements != 0)
			*place_of(&grown, old->x, old->y) = *old;
	}
	free(tally->cells);
	tally->cells = grown.cells;
	tally->size = grown.size;
	return 0;
}

static int value_of(struct tally *tally, enum query_axis axis,
    const struct rollup_row *row, const char *country, uint32_t *value)
{
	*value = 0;
	switch (axis) {
	case QUERY_AXIS_DAY:
		*value = (uint32_t)row->day;
		break;
	case QUERY_AXIS_ASN:
		*value = row->asn;
		break;
	case QUERY_AXIS_COUNTRY:
		if (country[0] != '\0')
			*value = (uint32_t)country[0] << 8 |
				 (uint32_t)country[1];
		break;
	case QUERY_AXIS_FAMILY:
		*value = row->family;
		break;
	case QUERY_AXIS_PORT:
		*value = row->port;
		break;
	case QUERY_AXIS_ENDPOINT:
		return names_put(&tally->endpoints, row->endpoint, value);
	case QUERY_AXIS_OUTCOME:
		*value = (uint32_t)row->outcome;
		break;
	case QUERY_AXIS_MECHANISM:
		*value = (uint32_t)row->mechanism;
		break;
	default:
		break;
	}
	return 0;
}

int tally_add(
    struct tally *tally, const struct rollup_row *row, const char *country)
{
	struct tally_cell *cell;
	uint32_t x, y;

	if (row->count <= 0)
		return 0;
	if (value_of(tally, tally->x, row, country, &x) < 0 ||
	    value_of(tally, tally->y, row, country, &y) < 0 ||
	    make_room(tally) < 0)
		return -ENOMEM;
	cell = place_of(tally, x, y);
	tally->count += cell->measurements == 0;
	cell->x = x;
	cell->y = y;
	cell->measurements += row->count;
	return 0;
}

/* --- writing --- */

static int compare_values(
    const struct tally *tally, enum query_axis axis, uint32_t a, uint32_t b)
{
	if (axis == QUERY_AXIS_ENDPOINT)
		return strcmp(names_text(&tally->endpoints, a),
		    names_text(&tally->endpoints, b));
	return (a > b) - (a < b);
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct tally_cell *left = a, *right = b;
	int order = compare_values(
	    arg, ((struct tally *)arg)->x, left->x, right->x);

	return order != 0 ? order
			  : compare_values(arg, ((struct tally *)arg)->y,
				left->y, right->y);
}

static void write_country(uint32_t value, struct json_writer *json)
{
	const char country[3] = {(char)(value >> 8), (char)value, '\0'};

	json_text_or_null(json, "country", country);
}

static void write_value(const struct tally *tally, enum query_axis axis,
    uint32_t value, struct json_writer *json)
{
	const char *name = wording_axes.word((int)axis);
	char day[RFC3339_SIZE];

	switch (axis) {
	case QUERY_AXIS_DAY:
		rfc3339_format((int32_t)value * DAY_MS, day);
		day[10] = '\0';
		json_text(json, name, day);
		break;
	case QUERY_AXIS_COUNTRY:
		write_country(value, json);
		break;
	case QUERY_AXIS_ENDPOINT:
		json_text(json, name, names_text(&tally->endpoints, value));
		break;
	case QUERY_AXIS_OUTCOME:
		json_text(json, name, outcome_word((enum outcome)value));
		break;
	case QUERY_AXIS_MECHANISM:
		json_text_or_null(
		    json, name, mechanism_word((enum mechanism)value));
		break;
	case QUERY_AXIS_ASN:
	case QUERY_AXIS_FAMILY:
	case QUERY_AXIS_PORT:
		json_integer(json, name, value);
		break;
	default:
		break;
	}
}

int tally_write(const struct tally *tally, struct json_writer *json)
{
	struct tally_cell *sorted = malloc(
	    (tally->count + 1) * sizeof(*sorted));
	size_t i, count = 0;

	if (sorted == NULL)
		return -ENOMEM;
	for (i = 0; i < tally->size; i++)
		if (tally->cells[i].measurements != 0)
			sorted[count++] = tally->cells[i];
	qsort_r(sorted, count, sizeof(*sorted), compare, (void *)tally);
	json_open_array(json, "items");
	for (i = 0; i < count; i++) {
		json_open_object(json, NULL);
		write_value(tally, tally->x, sorted[i].x, json);
		write_value(tally, tally->y, sorted[i].y, json);
		json_integer(json, "measurements", sorted[i].measurements);
		json_close_object(json);
	}
	json_close_array(json);
	free(sorted);
	return 0;
}

void tally_free(struct tally *tally)
{
	names_free(&tally->endpoints);
	free(tally->cells);
	memset(tally, 0, sizeof(*tally));
}
