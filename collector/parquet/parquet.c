/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/parquet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "collector/parquet/parquet_footer.h"

/* The tuples of the group that is being made. */
struct tuples {
	uint32_t count;
	uint32_t current; /* of the row that is being made */
	uint32_t *rows;   /* a row each: its tuple; NULL: no column has one */
};

struct parquet {
	struct parquet_facts facts;
	struct tuples tuples[PARQUET_TUPLES_MAX + 1]; /* by number; not 0 */
	struct parquet_chunk *chunks;
	size_t rows; /* of the group that is being made */
	struct parquet_output output;
	int64_t offset; /* in the file */
};

static int no_memory(struct err *err)
{
	return err_system(err, -ENOMEM, "writing Parquet");
}

static int write_out(
    struct parquet *parquet, struct buf *bytes, struct err *err)
{
	int error = 0;

	if (bytes->failed)
		error = no_memory(err);
	if (error == 0) {
		error = parquet->output.sink(
		    parquet->output.arg, bytes->data, bytes->length);
		if (error < 0)
			err_system(err, error, "writing Parquet");
	}
	parquet->offset += (int64_t)bytes->length;
	buf_free(bytes);
	return error;
}

static bool make_tuples(struct parquet *parquet, int tuple)
{
	struct tuples *tuples = &parquet->tuples[tuple];

	if (tuple > 0 && tuples->rows == NULL)
		tuples->rows = malloc(
		    parquet->output.group_rows * sizeof(*tuples->rows));
	return tuple == 0 || tuples->rows != NULL;
}

static int begin(struct parquet *parquet, struct err *err)
{
	const struct parquet_facts *facts = &parquet->facts;
	struct buf magic = {0};
	size_t i;

	parquet->chunks = calloc(facts->ncolumns, sizeof(*parquet->chunks));
	if (parquet->chunks == NULL)
		return no_memory(err);
	for (i = 0; i < facts->ncolumns; i++) {
		parquet_chunk_init(&parquet->chunks[i], &facts->columns[i],
		    parquet->output.group_rows);
		if (!make_tuples(parquet, facts->columns[i].tuple))
			return no_memory(err);
	}
	buf_append_text(&magic, "PAR1");
	return write_out(parquet, &magic, err);
}

int parquet_open(const struct parquet_column *columns, size_t count,
    const struct parquet_output *output, struct parquet **out, struct err *err)
{
	struct parquet *parquet = calloc(1, sizeof(*parquet));
	int error;

	if (parquet == NULL)
		return no_memory(err);
	parquet->facts.columns = columns;
	parquet->facts.ncolumns = count;
	parquet->output = *output;
	if (parquet->output.group_rows == 0)
		parquet->output.group_rows = PARQUET_GROUP_ROWS;
	error = begin(parquet, err);
	if (error < 0) {
		parquet_free(parquet);
		return error;
	}
	*out = parquet;
	return 0;
}

void parquet_number(struct parquet *parquet, size_t column, int64_t value)
{
	parquet_chunk_put(&parquet->chunks[column], value);
}

void parquet_double(struct parquet *parquet, size_t column, double value)
{
	int64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	parquet_chunk_put(&parquet->chunks[column], bits);
}

void parquet_text(
    struct parquet *parquet, size_t column, const char *text, size_t length)
{
	parquet_chunk_put_text(&parquet->chunks[column], text, length);
}

uint32_t parquet_tuple(struct parquet *parquet, int tuple)
{
	const struct parquet_facts *facts = &parquet->facts;
	struct tuples *tuples = &parquet->tuples[tuple];
	size_t i;

	for (i = 0; i < facts->ncolumns; i++)
		if (facts->columns[i].tuple == tuple)
			parquet_chunk_end(&parquet->chunks[i]);
	tuples->current = tuples->count++;
	return tuples->current;
}

void parquet_again(struct parquet *parquet, int tuple, uint32_t number)
{
	parquet->tuples[tuple].current = number;
}

bool parquet_is_new_group(const struct parquet *parquet)
{
	return parquet->rows == 0;
}

/* A new group at the end of the list; NULL: out of memory. */
static struct parquet_group *add_group(struct parquet_facts *facts)
{
	struct parquet_group *groups = realloc(
	    facts->groups, (facts->ngroups + 1) * sizeof(*groups));
	struct parquet_group *group;

	if (groups == NULL)
		return NULL;
	facts->groups = groups;
	group = &groups[facts->ngroups];
	memset(group, 0, sizeof(*group));
	group->chunks = calloc(facts->ncolumns, sizeof(*group->chunks));
	if (group->chunks == NULL)
		return NULL;
	facts->ngroups++;
	return group;
}

static int write_group(struct parquet *parquet, struct err *err)
{
	struct parquet_facts *facts = &parquet->facts;
	struct parquet_group *group;
	struct buf bytes = {0};
	ZSTD_CCtx *context;
	size_t i;
	int error = 0;

	if (parquet->rows == 0)
		return 0;
	context = ZSTD_createCCtx();
	group = add_group(facts);
	if (context == NULL || group == NULL) {
		ZSTD_freeCCtx(context);
		return no_memory(err);
	}
	group->rows = (int64_t)parquet->rows;
	for (i = 0; error == 0 && i < facts->ncolumns; i++) {
		const struct parquet_rows rows = {parquet->rows,
		    parquet->tuples[facts->columns[i].tuple].rows};

		if (parquet_chunk_write(&parquet->chunks[i], &rows, context,
			parquet->offset, &bytes, &group->chunks[i]) < 0)
			error = no_memory(err);
		if (error == 0)
			error = write_out(parquet, &bytes, err);
	}
	buf_free(&bytes);
	ZSTD_freeCCtx(context);
	facts->rows += group->rows;
	parquet->rows = 0;
	for (i = 1; i <= PARQUET_TUPLES_MAX; i++)
		parquet->tuples[i].count = 0;
	return error;
}

int parquet_end_row(struct parquet *parquet, struct err *err)
{
	const struct parquet_facts *facts = &parquet->facts;
	size_t i;

	for (i = 0; i < facts->ncolumns; i++)
		if (facts->columns[i].tuple == 0)
			parquet_chunk_end(&parquet->chunks[i]);
	for (i = 1; i <= PARQUET_TUPLES_MAX; i++)
		if (parquet->tuples[i].rows != NULL)
			parquet->tuples[i]
			    .rows[parquet->rows] = parquet->tuples[i].current;
	parquet->rows++;
	return parquet->rows == parquet->output.group_rows
		   ? write_group(parquet, err)
		   : 0;
}

int parquet_finish(struct parquet *parquet, struct err *err)
{
	struct buf footer = {0};
	int error = write_group(parquet, err);

	if (error < 0)
		return error;
	parquet_footer_put(&parquet->facts, &footer);
	return write_out(parquet, &footer, err);
}

static void free_groups(struct parquet_facts *facts)
{
	size_t i, column;

	for (i = 0; i < facts->ngroups; i++) {
		for (column = 0; column < facts->ncolumns; column++) {
			buf_free(&facts->groups[i].chunks[column].least);
			buf_free(&facts->groups[i].chunks[column].greatest);
		}
		free(facts->groups[i].chunks);
	}
	free(facts->groups);
}

void parquet_free(struct parquet *parquet)
{
	size_t i;

	if (parquet == NULL)
		return;
	for (i = 0; parquet->chunks != NULL && i < parquet->facts.ncolumns; i++)
		parquet_chunk_free(&parquet->chunks[i]);
	free_groups(&parquet->facts);
	for (i = 1; i <= PARQUET_TUPLES_MAX; i++)
		free(parquet->tuples[i].rows);
	free(parquet->chunks);
	free(parquet);
}
