/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/rollup.h"

#include <string.h>

#include "collector/record/codes.h"
#include "lib/base/day.h"

bool rollup_is_counted(const struct measurement *row)
{
	return row->listed && row->attributed && row->asn != 0 &&
	       row->outcome != OUTCOME_COUNT;
}

int32_t rollup_day(int64_t at_ms)
{
	return (int32_t)day_number(at_ms);
}

int64_t rollup_day_ms(int32_t day)
{
	return day * DAY_MS;
}

/* --- counting --- */

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

void rollup_find_asns(
    const struct measurement *row, uint32_t *after, uint32_t *before)
{
	bool is_failure = row->outcome == OUTCOME_FILTERED ||
			  row->outcome == OUTCOME_INTERCEPTED;
	bool is_placed = row->where == WHERE_LINK ||
			 row->where == WHERE_ACCESS || row->where == WHERE_PATH;

	*after = is_failure && is_placed ? row->after_asn : 0;
	*before = is_failure && is_placed ? row->before_asn : 0;
}

static int compare_asns(
    const struct measurement *a, const struct measurement *b)
{
	uint32_t after[2], before[2];

	rollup_find_asns(a, &after[0], &before[0]);
	rollup_find_asns(b, &after[1], &before[1]);
	return after[0] != after[1] ? compare_numbers(after[0], after[1])
				    : compare_numbers(before[0], before[1]);
}

static int compare_days(int64_t a_ms, int64_t b_ms)
{
	return a_ms == b_ms
		   ? 0
		   : compare_numbers(rollup_day(a_ms), rollup_day(b_ms));
}

/* Those of a report differ in few of these: a number that differs is enough. */
static int compare_numbers_of_keys(
    const struct measurement *a, const struct measurement *b)
{
	if (a->asn != b->asn)
		return compare_numbers(a->asn, b->asn);
	if (a->family != b->family)
		return compare_numbers(a->family, b->family);
	if (a->port != b->port)
		return compare_numbers(a->port, b->port);
	return compare_days(a->at_ms, b->at_ms);
}

static int compare_keys(
    const struct measurement *a, const struct measurement *b)
{
	int order = compare_numbers_of_keys(a, b);

	if (order == 0)
		order = strcmp(a->prefix, b->prefix);
	if (order == 0)
		order = strcmp(a->agent, b->agent);
	if (order == 0)
		order = strcmp(a->endpoint, b->endpoint);
	if (order == 0)
		order = compare_numbers(a->outcome, b->outcome);
	if (order == 0)
		order = compare_numbers(a->mechanism, b->mechanism);
	if (order == 0)
		order = compare_numbers(a->where, b->where);
	return order != 0 ? order : compare_asns(a, b);
}

int rollup_compare(const void *a, const void *b)
{
	return compare_keys(*(const struct measurement *const *)a,
	    *(const struct measurement *const *)b);
}

static void begin(const struct measurement *row, struct rollup_row *rollup)
{
	memset(rollup, 0, sizeof(*rollup));
	rollup->day = rollup_day(row->at_ms);
	rollup->asn = row->asn;
	memcpy(rollup->prefix, row->prefix, sizeof(rollup->prefix));
	rollup->family = row->family;
	rollup->port = row->port;
	memcpy(rollup->agent, row->agent, sizeof(rollup->agent));
	memcpy(rollup->endpoint, row->endpoint, sizeof(rollup->endpoint));
	rollup->outcome = row->outcome;
	rollup->mechanism = row->mechanism;
	rollup->where = row->where;
	rollup_find_asns(row, &rollup->after_asn, &rollup->before_asn);
	rollup->first_ms = rollup->last_ms = row->at_ms;
	rollup->count = 1;
}

size_t rollup_take(const struct measurement *const *rows, size_t count,
    struct rollup_row *rollup)
{
	size_t i;

	begin(rows[0], rollup);
	for (i = 1; i < count; i++) {
		if (compare_keys(rows[0], rows[i]) != 0)
			break;
		rollup->count++;
		if (rows[i]->at_ms < rollup->first_ms)
			rollup->first_ms = rows[i]->at_ms;
		if (rows[i]->at_ms > rollup->last_ms)
			rollup->last_ms = rows[i]->at_ms;
	}
	return i;
}

/* --- codes --- */

int32_t rollup_codes(const struct rollup_row *rollup)
{
	return code_of(CODE_OUTCOME, (int)rollup->outcome) << 16 |
	       code_of(CODE_MECHANISM, (int)rollup->mechanism) << 8 |
	       code_of(CODE_WHERE, (int)rollup->where);
}

bool rollup_set_codes(struct rollup_row *rollup, int64_t codes)
{
	int outcome = code_value(CODE_OUTCOME, (uint8_t)(codes >> 16));
	int mechanism = code_value(CODE_MECHANISM, (uint8_t)(codes >> 8));
	int where = code_value(CODE_WHERE, (uint8_t)codes);

	rollup->outcome = (enum outcome)outcome;
	rollup->mechanism = (enum mechanism)mechanism;
	rollup->where = (enum where)where;
	return codes >> 24 == 0 && outcome >= 0 && mechanism >= 0 && where >= 0;
}
