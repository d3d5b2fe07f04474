/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/row_text.h"

#include <stdlib.h>

#include "collector/record/column.h"
#include "collector/record/format.h"
#include "collector/record/repeated.h"

#define RUNS 32 /* of neighbouring columns of one part; there are 12 */

/* Columns from `first` on, up to the next run's. */
struct run {
	enum row_part part;
	size_t first, index; /* which of its part's runs it is */
};

/* The text of a part's runs, one behind the other, each column with the comma
 * before it. */
struct kept {
	struct buf text;
	size_t ends[RUNS];
};

struct row_text {
	bool is_json;
	struct repeated *repeated; /* struct kept */
	size_t nruns;
	struct run runs[RUNS + 1]; /* the last is the end */
};

static void find_runs(struct row_text *text)
{
	const struct column *columns = format_measurement_columns;
	size_t counts[ROW_PARTS] = {0}, i;

	for (i = 0; columns[i].name != NULL; i++) {
		enum row_part part = row_part_of(&columns[i]);

		if (i > 0 && text->runs[text->nruns - 1].part == part)
			continue;
		if (text->nruns == RUNS)
			abort(); /* more columns: more runs */
		text->runs[text->nruns++] = (struct run){
		    part, i, counts[part]++};
	}
	text->runs[text->nruns].first = i;
}

struct row_text *row_text_new(bool is_json)
{
	struct row_text *text = calloc(1, sizeof(*text));

	if (text == NULL)
		return NULL;
	text->is_json = is_json;
	text->repeated = repeated_new(sizeof(struct kept));
	find_runs(text);
	if (text->repeated == NULL) {
		free(text);
		return NULL;
	}
	return text;
}

static void write_run(const struct row_text *text, const struct run *run,
    const struct measurement *row, struct buf *out)
{
	const struct column *column = format_measurement_columns + run->first;
	const struct column *end = format_measurement_columns + run[1].first;
	struct json_writer json = {.out = out, .more = run->first > 0};

	for (; column < end; column++) {
		if (text->is_json) {
			column_write_json(column, row, &json);
			continue;
		}
		if (column != format_measurement_columns)
			buf_append_char(out, ',');
		column_write_csv(column, row, out);
	}
}

static const struct kept *find_part(
    struct row_text *text, enum row_part part, const struct measurement *row)
{
	struct kept *kept;
	bool known;
	size_t i;

	kept = repeated_find(text->repeated, part, row, &known);
	if (known && !kept->text.failed)
		return kept;
	buf_free(&kept->text);
	for (i = 0; i < text->nruns; i++) {
		if (text->runs[i].part != part)
			continue;
		write_run(text, &text->runs[i], row, &kept->text);
		kept->ends[text->runs[i].index] = kept->text.length;
	}
	return kept;
}

static void append_kept(
    const struct kept *kept, const struct run *run, struct buf *out)
{
	size_t begin = run->index > 0 ? kept->ends[run->index - 1] : 0;

	if (kept->text.failed)
		out->failed = true;
	else
		buf_append(out, kept->text.data + begin,
		    kept->ends[run->index] - begin);
}

void row_text_append(
    struct row_text *text, const struct measurement *row, struct buf *out)
{
	const struct kept *kept[ROW_PARTS] = {NULL};
	const struct run *run;

	kept[ROW_TARGET] = find_part(text, ROW_TARGET, row);
	kept[ROW_RESULT] = find_part(text, ROW_RESULT, row);
	if (text->is_json)
		buf_append_char(out, '{');
	for (run = text->runs; run < text->runs + text->nruns; run++)
		if (run->part == ROW_PROBE)
			write_run(text, run, row, out);
		else
			append_kept(kept[run->part], run, out);
	buf_append_text(out, text->is_json ? "}" : "\r\n");
}

static void drop(void *place)
{
	struct kept *kept = place;

	buf_free(&kept->text);
}

void row_text_free(struct row_text *text)
{
	if (text == NULL)
		return;
	repeated_free(text->repeated, drop);
	free(text);
}
