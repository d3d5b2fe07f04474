/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/evidence/model.h"
#include "lib/base/array.h"

#define DAY_MS    INT64_C(86400000)
#define COUNT_MAX (INT64_C(1) << 40) /* so that no sum overflows */

int32_t evidence_day_of(int64_t ms)
{
	return (int32_t)(ms / DAY_MS - (ms % DAY_MS < 0));
}

int32_t evidence_window_begin(int32_t today)
{
	return today - MODEL_WINDOW + 1;
}

bool evidence_is_later(const struct rollup_row *row, int64_t now_ms)
{
	return row->first_ms > now_ms || row->day > evidence_day_of(now_ms);
}

void evidence_begin(
    struct evidence *evidence, const struct rollup_row *row, int64_t now_ms)
{
	evidence->asn = row->asn;
	evidence->family = row->family;
	evidence->port = row->port;
	evidence->now_ms = now_ms;
	evidence->today = evidence_day_of(now_ms);
	names_clear(&evidence->agents);
	names_clear(&evidence->prefixes);
	names_clear(&evidence->endpoints);
	evidence->nrows = evidence->ndays = evidence->ncells = 0;
}

bool evidence_is_of(
    const struct evidence *evidence, const struct rollup_row *row)
{
	return evidence->asn == row->asn && evidence->family == row->family &&
	       evidence->port == row->port;
}

/* --- rows in --- */

static enum evidence_kind kind_of(const struct rollup_row *row)
{
	bool failed = row->outcome == OUTCOME_FILTERED ||
		      row->outcome == OUTCOME_INTERCEPTED;

	if (row->outcome == OUTCOME_LOCAL ||
	    (failed &&
		(row->where == WHERE_HOST || row->where == WHERE_HOST_OR_PATH)))
		return EVIDENCE_HOME;
	if (row->outcome == OUTCOME_REACHABLE)
		return EVIDENCE_GOOD;
	if (!failed)
		return EVIDENCE_NONE;
	return row->outcome == OUTCOME_FILTERED ? EVIDENCE_BAD
						: EVIDENCE_INTERCEPTED;
}

static bool is_read(
    const struct evidence *evidence, const struct rollup_row *row)
{
	return row->count > 0 &&
	       row->day >= evidence_window_begin(evidence->today) &&
	       !evidence_is_later(row, evidence->now_ms);
}

int evidence_add(struct evidence *evidence, const struct rollup_row *row)
{
	struct evidence_row *grown, *to;

	if (!is_read(evidence, row))
		return 0;
	grown = array_grow(evidence->rows, evidence->nrows, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	evidence->rows = grown;
	to = &grown[evidence->nrows];
	if (names_put(&evidence->agents, row->agent, &to->line) < 0 ||
	    names_put(&evidence->prefixes, row->prefix, &to->prefix) < 0 ||
	    names_put(&evidence->endpoints, row->endpoint, &to->endpoint) < 0)
		return -ENOMEM;
	to->day = row->day;
	to->kind = (uint8_t)kind_of(row);
	to->outcome = (uint8_t)row->outcome;
	to->mechanism = (uint8_t)row->mechanism;
	to->where = (uint8_t)row->where;
	to->count = row->count < COUNT_MAX ? row->count : COUNT_MAX;
	to->first_ms = row->first_ms;
	to->last_ms = row->last_ms;
	evidence->nrows++;
	return 0;
}

/* --- the order --- */

/* All else is summed. */
static int compare_rows(const void *a, const void *b)
{
	const struct evidence_row *left = a, *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	return (left->endpoint > right->endpoint) -
	       (left->endpoint < right->endpoint);
}

static int sort_rows(struct evidence *evidence)
{
	uint32_t *lines = NULL, *prefixes = NULL, *endpoints = NULL;
	int error = names_sort(&evidence->agents, &lines);
	size_t i;

	if (error == 0)
		error = names_sort(&evidence->prefixes, &prefixes);
	if (error == 0)
		error = names_sort(&evidence->endpoints, &endpoints);
	for (i = 0; error == 0 && i < evidence->nrows; i++) {
		struct evidence_row *row = &evidence->rows[i];

		row->line = lines[row->line];
		row->prefix = prefixes[row->prefix];
		row->endpoint = endpoints[row->endpoint];
	}
	free(lines);
	free(prefixes);
	free(endpoints);
	if (error == 0 && evidence->nrows > 0)
		qsort(evidence->rows, evidence->nrows, sizeof(*evidence->rows),
		    compare_rows);
	return error;
}

/* --- days and cells --- */

static int add_cell(struct evidence *evidence, uint32_t endpoint)
{
	struct evidence_cell *cells = array_grow(
	    evidence->cells, evidence->ncells, sizeof(*cells));

	if (cells == NULL)
		return -ENOMEM;
	evidence->cells = cells;
	cells[evidence->ncells++] = (struct evidence_cell){
	    .endpoint = endpoint,
	    .first_good_ms = INT64_MAX,
	    .first_bad_ms = INT64_MAX,
	    .last_good_ms = INT64_MIN,
	    .last_bad_ms = INT64_MIN,
	};
	return 0;
}

static void count_row(
    struct evidence_cell *cell, const struct evidence_row *row)
{
	bool good = row->kind == EVIDENCE_GOOD;
	int64_t *first = good ? &cell->first_good_ms : &cell->first_bad_ms;
	int64_t *last = good ? &cell->last_good_ms : &cell->last_bad_ms;

	*(good ? &cell->good : &cell->bad) += row->count;
	if (row->first_ms < *first)
		*first = row->first_ms;
	if (row->last_ms > *last)
		*last = row->last_ms;
}

static int fill_cells(struct evidence *evidence, struct evidence_day *day)
{
	size_t i;

	day->cell = evidence->ncells;
	for (i = day->row; i < day->row + day->nrows; i++) {
		const struct evidence_row *row = &evidence->rows[i];

		if (row->kind == EVIDENCE_NONE || row->kind == EVIDENCE_HOME)
			continue;
		if ((evidence->ncells == day->cell ||
			evidence->cells[evidence->ncells - 1].endpoint !=
			    row->endpoint) &&
		    add_cell(evidence, row->endpoint) < 0)
			return -ENOMEM;
		count_row(&evidence->cells[evidence->ncells - 1], row);
	}
	day->ncells = evidence->ncells - day->cell;
	return 0;
}

/* The rows of one line and day, from `from` on. */
static int add_day(struct evidence *evidence, size_t from)
{
	const struct evidence_row *rows = evidence->rows + from;
	struct evidence_day *days, day = {.day = rows->day, .row = from};
	size_t newest = 0, i;

	for (i = 0; from + i < evidence->nrows && rows[i].line == rows->line &&
		    rows[i].day == rows->day;
	     i++)
		if (rows[i].last_ms > rows[newest].last_ms ||
		    (rows[i].last_ms == rows[newest].last_ms &&
			rows[i].prefix > rows[newest].prefix))
			newest = i;
	day.nrows = i;
	day.prefix = rows[newest].prefix;
	days = array_grow(evidence->days, evidence->ndays, sizeof(*days));
	if (days == NULL)
		return -ENOMEM;
	evidence->days = days;
	days[evidence->ndays] = day;
	return fill_cells(evidence, &days[evidence->ndays++]);
}

int evidence_end(struct evidence *evidence)
{
	size_t *lines = realloc(evidence->lines,
	    (evidence->agents.count + (size_t)1) * sizeof(*lines));
	size_t at, count = 0;

	if (lines == NULL)
		return -ENOMEM;
	evidence->lines = lines;
	if (sort_rows(evidence) < 0)
		return -ENOMEM;
	for (at = 0; at < evidence->nrows;
	     at += evidence->days[evidence->ndays - 1].nrows) {
		if (at == 0 ||
		    evidence->rows[at].line != evidence->rows[at - 1].line)
			lines[count++] = evidence->ndays;
		if (add_day(evidence, at) < 0)
			return -ENOMEM;
	}
	lines[count] = evidence->ndays;
	return 0;
}

void evidence_free(struct evidence *evidence)
{
	names_free(&evidence->agents);
	names_free(&evidence->prefixes);
	names_free(&evidence->endpoints);
	free(evidence->rows);
	free(evidence->days);
	free(evidence->cells);
	free(evidence->lines);
	memset(evidence, 0, sizeof(*evidence));
}
