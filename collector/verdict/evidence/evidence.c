/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/evidence/model.h"
#include "lib/base/day.h"

#define FEW_ROWS  8
#define ROOM      64                 /* rows, days or cells, at first */
#define COUNT_MAX (INT64_C(1) << 40) /* so that no sum overflows */

int32_t evidence_day_of(int64_t ms)
{
	return (int32_t)day_number(ms);
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
	evidence->is_kept = false;
}

bool evidence_is_of(
    const struct evidence *evidence, const struct rollup_row *row)
{
	return evidence->asn == row->asn && evidence->family == row->family &&
	       evidence->port == row->port;
}

/* --- rows in --- */

enum evidence_kind evidence_kind_of(enum outcome outcome, enum where where)
{
	bool failed = outcome == OUTCOME_FILTERED ||
		      outcome == OUTCOME_INTERCEPTED;

	if (outcome == OUTCOME_LOCAL ||
	    (failed && (where == WHERE_HOST || where == WHERE_HOST_OR_PATH)))
		return EVIDENCE_HOME;
	if (outcome == OUTCOME_REACHABLE)
		return EVIDENCE_GOOD;
	if (!failed)
		return EVIDENCE_NONE;
	return outcome == OUTCOME_FILTERED ? EVIDENCE_BAD
					   : EVIDENCE_INTERCEPTED;
}

static bool is_later(
    const struct evidence *evidence, int32_t day, int64_t first_ms)
{
	return first_ms > evidence->now_ms || day > evidence->today;
}

static bool is_read(
    const struct evidence *evidence, const struct rollup_row *row)
{
	return row->count > 0 &&
	       row->day >= evidence_window_begin(evidence->today) &&
	       (evidence->is_kept ||
		   !is_later(evidence, row->day, row->first_ms));
}

/* Rows in the store's order mostly name what the row before them named. */
static int number_name(struct names *names, const char *name,
    const uint32_t *before, uint32_t *number)
{
	if (before == NULL || strcmp(names_text(names, *before), name) != 0)
		return names_put(names, name, number);
	*number = *before;
	return 0;
}

static int number_names(struct evidence *evidence, const struct rollup_row *row,
    const struct evidence_row *before, struct evidence_row *to)
{
	if (number_name(&evidence->agents, row->agent,
		before != NULL ? &before->line : NULL, &to->line) < 0 ||
	    number_name(&evidence->prefixes, row->prefix,
		before != NULL ? &before->prefix : NULL, &to->prefix) < 0)
		return -ENOMEM;
	return names_put(&evidence->endpoints, row->endpoint, &to->endpoint);
}

/* Twice the room; NULL: out of memory, and the array is unchanged. */
static void *grow(void *items, size_t *room, size_t size)
{
	size_t more = *room > 0 ? 2 * *room : ROOM;
	void *grown = realloc(items, more * size);

	if (grown != NULL)
		*room = more;
	return grown;
}

struct evidence_row *evidence_next_row(struct evidence *evidence)
{
	struct evidence_row *rows = evidence->rows;

	if (evidence->nrows == evidence->rows_room) {
		rows = grow(rows, &evidence->rows_room, sizeof(*rows));
		if (rows == NULL)
			return NULL;
		evidence->rows = rows;
	}
	return &rows[evidence->nrows];
}

int evidence_add(struct evidence *evidence, const struct rollup_row *row)
{
	struct evidence_row *to;

	if (!is_read(evidence, row))
		return 0;
	to = evidence_next_row(evidence);
	if (to == NULL)
		return -ENOMEM;
	if (number_names(
		evidence, row, evidence->nrows > 0 ? to - 1 : NULL, to) < 0)
		return -ENOMEM;
	to->day = row->day;
	to->kind = (uint8_t)evidence_kind_of(row->outcome, row->where);
	to->outcome = (uint8_t)row->outcome;
	to->mechanism = (uint8_t)row->mechanism;
	to->where = (uint8_t)row->where;
	to->after_asn = row->after_asn;
	to->before_asn = row->before_asn;
	to->count = row->count < COUNT_MAX ? row->count : COUNT_MAX;
	to->first_ms = row->first_ms;
	to->last_ms = row->last_ms;
	evidence->nrows++;
	return 0;
}

/* --- the order --- */

enum sort_key { BY_ENDPOINT, BY_DAY, BY_LINE };

/* Those of the window, and one for all later ones, of rows that are kept: these
 * are sorted when their time has come. */
#define SORT_DAYS (MODEL_WINDOW + 1)

static size_t key_of(const struct evidence *evidence,
    const struct evidence_row *row, enum sort_key key)
{
	if (key == BY_ENDPOINT)
		return row->endpoint;
	if (key == BY_LINE)
		return row->line;
	if (row->day > evidence->today)
		return MODEL_WINDOW;
	return (size_t)(row->day - evidence_window_begin(evidence->today));
}

/* Copy the rows in the order of the key, equal ones in the order that they
 * have. `ends` has room for each value of the key, and one more. */
static void sort_by(const struct evidence *evidence, enum sort_key key,
    const struct evidence_row *from, struct evidence_row *to, size_t *ends)
{
	size_t i, keys = key == BY_ENDPOINT ? evidence->endpoints.count
			 : key == BY_LINE   ? evidence->agents.count
					    : SORT_DAYS;

	for (i = 0; i <= keys; i++)
		ends[i] = 0;
	for (i = 0; i < evidence->nrows; i++)
		ends[key_of(evidence, &from[i], key) + 1]++;
	for (i = 1; i <= keys; i++)
		ends[i] += ends[i - 1];
	for (i = 0; i < evidence->nrows; i++)
		to[ends[key_of(evidence, &from[i], key)]++] = from[i];
}

static bool is_in_order(
    const struct evidence_row *a, const struct evidence_row *b)
{
	if (a->line != b->line)
		return a->line < b->line;
	return a->day != b->day ? a->day < b->day : a->endpoint <= b->endpoint;
}

/* How many rows from the first on are. Rows that were packed are, and what was
 * added to them stands at the end. */
static size_t count_in_order(const struct evidence *evidence)
{
	size_t i;

	for (i = 1; i < evidence->nrows; i++)
		if (!is_in_order(&evidence->rows[i - 1], &evidence->rows[i]))
			return i;
	return evidence->nrows;
}

/* Put the rows from `from` on where they belong among those before. */
static void insert_rows(struct evidence *evidence, size_t from)
{
	struct evidence_row *rows = evidence->rows, moved;
	size_t to;

	for (; from < evidence->nrows; from++) {
		moved = rows[from];
		for (to = from; to > 0 && !is_in_order(&rows[to - 1], &moved);)
			to--;
		memmove(rows + to + 1, rows + to, (from - to) * sizeof(*rows));
		rows[to] = moved;
	}
}

/* By line, day and endpoint; all else is summed. */
static int order_rows(struct evidence *evidence)
{
	size_t keys = SORT_DAYS + (size_t)evidence->agents.count +
		      evidence->endpoints.count;
	struct evidence_row *other = malloc(
	    evidence->rows_room * sizeof(*other));
	size_t *ends = malloc((keys + 1) * sizeof(*ends));

	if (other == NULL || ends == NULL) {
		free(other);
		free(ends);
		return -ENOMEM;
	}
	sort_by(evidence, BY_ENDPOINT, evidence->rows, other, ends);
	sort_by(evidence, BY_DAY, other, evidence->rows, ends);
	sort_by(evidence, BY_LINE, evidence->rows, other, ends);
	free(evidence->rows);
	free(ends);
	evidence->rows = other;
	return 0;
}

static int number_in_order(struct evidence *evidence)
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
	return error;
}

static int sort_rows(struct evidence *evidence)
{
	size_t sorted;

	if ((!names_are_sorted(&evidence->agents) ||
		!names_are_sorted(&evidence->prefixes) ||
		!names_are_sorted(&evidence->endpoints)) &&
	    number_in_order(evidence) < 0)
		return -ENOMEM;
	sorted = count_in_order(evidence);
	if (evidence->nrows - sorted > FEW_ROWS)
		return order_rows(evidence);
	insert_rows(evidence, sorted);
	return 0;
}

/* --- what is kept --- */

static bool is_same_count(
    const struct evidence_row *a, const struct evidence_row *b)
{
	return a->line == b->line && a->day == b->day &&
	       a->endpoint == b->endpoint && a->prefix == b->prefix &&
	       a->outcome == b->outcome && a->mechanism == b->mechanism &&
	       a->where == b->where && a->after_asn == b->after_asn &&
	       a->before_asn == b->before_asn;
}

static void sum_into(struct evidence_row *to, const struct evidence_row *row)
{
	to->count += row->count;
	if (to->count > COUNT_MAX)
		to->count = COUNT_MAX;
	if (row->first_ms < to->first_ms)
		to->first_ms = row->first_ms;
	if (row->last_ms > to->last_ms)
		to->last_ms = row->last_ms;
}

/* Sum what is counted alike, as the store does. In order, such rows are of one
 * line, day and endpoint, and few. */
static void sum_rows(struct evidence *evidence)
{
	struct evidence_row *rows = evidence->rows;
	size_t i, at, kept = 0;

	for (i = 0; i < evidence->nrows; i++) {
		for (at = kept; at > 0; at--) {
			if (is_same_count(&rows[at - 1], &rows[i]) ||
			    rows[at - 1].endpoint != rows[i].endpoint ||
			    rows[at - 1].day != rows[i].day ||
			    rows[at - 1].line != rows[i].line)
				break;
		}
		if (at > 0 && is_same_count(&rows[at - 1], &rows[i]))
			sum_into(&rows[at - 1], &rows[i]);
		else
			rows[kept++] = rows[i];
	}
	evidence->nrows = kept;
}

int evidence_sum(struct evidence *evidence)
{
	if (sort_rows(evidence) < 0)
		return -ENOMEM;
	sum_rows(evidence);
	return 0;
}

/* --- days and cells --- */

static int add_cell(struct evidence *evidence, uint32_t endpoint)
{
	struct evidence_cell *cells = evidence->cells;

	if (evidence->ncells == evidence->cells_room) {
		cells = grow(cells, &evidence->cells_room, sizeof(*cells));
		if (cells == NULL)
			return -ENOMEM;
		evidence->cells = cells;
	}
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

/* How many rows from `from` on are of its line and day. */
static size_t count_day(const struct evidence *evidence, size_t from)
{
	const struct evidence_row *rows = evidence->rows + from;
	size_t count = 1;

	while (from + count < evidence->nrows &&
	       rows[count].line == rows->line && rows[count].day == rows->day)
		count++;
	return count;
}

/* The rows of one line and day, from `from` on. */
static int add_day(struct evidence *evidence, size_t from, size_t count)
{
	const struct evidence_row *rows = evidence->rows + from;
	struct evidence_day *days = evidence->days;
	struct evidence_day day = {
	    .day = rows->day, .row = from, .nrows = count};
	size_t newest = 0, i;

	for (i = 1; i < count; i++)
		if (rows[i].last_ms > rows[newest].last_ms ||
		    (rows[i].last_ms == rows[newest].last_ms &&
			rows[i].prefix > rows[newest].prefix))
			newest = i;
	day.prefix = rows[newest].prefix;
	if (evidence->ndays == evidence->days_room) {
		days = grow(days, &evidence->days_room, sizeof(*days));
		if (days == NULL)
			return -ENOMEM;
		evidence->days = days;
	}
	days[evidence->ndays] = day;
	return fill_cells(evidence, &days[evidence->ndays++]);
}

int evidence_end(struct evidence *evidence)
{
	return evidence_end_from(evidence, INT32_MIN);
}

int evidence_end_from(struct evidence *evidence, int32_t from_day)
{
	size_t *lines = realloc(evidence->lines,
	    (evidence->agents.count + (size_t)1) * sizeof(*lines));
	size_t at, of_day, count = 0;

	if (lines == NULL)
		return -ENOMEM;
	evidence->lines = lines;
	evidence->ndays = evidence->ncells = 0;
	if (sort_rows(evidence) < 0)
		return -ENOMEM;
	for (at = 0; at < evidence->nrows; at += of_day) {
		of_day = count_day(evidence, at);
		if (at == 0 ||
		    evidence->rows[at].line != evidence->rows[at - 1].line)
			lines[count++] = evidence->ndays;
		if (evidence->rows[at].day >= from_day &&
		    add_day(evidence, at, of_day) < 0)
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
