/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/cell.h"
#include "collector/record/format.h"
#include "collector/record/repeated.h"

struct table {
	const struct column *columns;
	size_t ncolumns;
	struct parquet_column parquet_columns[PARQUET_COLUMNS_MAX];
	struct parquet *parquet;
	/* Of measurements, within a row group: the number of a part's tuple.
	 * Else NULL. */
	struct repeated *repeated;
};

/* All others are words. */
static const enum parquet_type types[COLUMN_TYPES] = {
    [COLUMN_VERSION] = PARQUET_UINT8,
    [COLUMN_TEXT] = PARQUET_TEXT,
    [COLUMN_TIME] = PARQUET_TIME,
    [COLUMN_ASN] = PARQUET_UINT32,
    [COLUMN_U8] = PARQUET_UINT8,
    [COLUMN_U16] = PARQUET_UINT16,
    [COLUMN_U32] = PARQUET_UINT32,
    [COLUMN_INT] = PARQUET_INT32,
    [COLUMN_INT64] = PARQUET_INT64,
    [COLUMN_US] = PARQUET_DOUBLE,
    [COLUMN_DOUBLE] = PARQUET_DOUBLE,
    [COLUMN_CHANCE] = PARQUET_DOUBLE,
    [COLUMN_SINCE] = PARQUET_TIME,
    [COLUMN_ADDRESS] = PARQUET_TEXT,
    [COLUMN_REPORT] = PARQUET_TEXT,
    [COLUMN_SIGNS] = PARQUET_TEXT,
    [COLUMN_BOOL] = PARQUET_BOOL,
    [COLUMN_LISTED] = PARQUET_BOOL,
    [COLUMN_MODE] = PARQUET_TEXT,
    [COLUMN_STAGE] = PARQUET_TEXT,
    [COLUMN_FAILURE] = PARQUET_TEXT,
    [COLUMN_OUTCOME] = PARQUET_TEXT,
    [COLUMN_MECHANISM] = PARQUET_TEXT,
    [COLUMN_WHERE] = PARQUET_TEXT,
    [COLUMN_VERIFY] = PARQUET_TEXT,
    [COLUMN_STATE] = PARQUET_TEXT,
    [COLUMN_REACH] = PARQUET_TEXT,
    [COLUMN_LEVEL] = PARQUET_TEXT,
    [COLUMN_STOP] = PARQUET_TEXT,
    [COLUMN_KIND] = PARQUET_TEXT,
};

int table_open(const struct column *columns,
    const struct parquet_output *output, struct table **out, struct err *err)
{
	struct table *table = calloc(1, sizeof(*table));
	bool is_measurement = columns == format_measurement_columns;
	const struct column *column;
	int error;

	if (table == NULL)
		return err_system(err, -ENOMEM, "writing Parquet");
	table->columns = columns;
	for (column = columns; column->name != NULL; column++)
		table->parquet_columns[table->ncolumns++] =
		    (struct parquet_column){column->name, types[column->type],
			is_measurement ? (int)row_part_of(column) : 0};
	error = parquet_open(table->parquet_columns, table->ncolumns, output,
	    &table->parquet, err);
	if (error == 0 && is_measurement) {
		table->repeated = repeated_new(sizeof(uint32_t));
		if (table->repeated == NULL)
			error = err_system(err, -ENOMEM, "writing Parquet");
	}
	if (error < 0) {
		table_free(table);
		return error;
	}
	*out = table;
	return 0;
}

static void add_cell(struct table *table, size_t column, const void *row)
{
	struct cell cell;

	cell_load(&table->columns[column], row, &cell);
	switch (cell.kind) {
	case CELL_ABSENT:
		break;
	case CELL_TEXT:
		parquet_text(
		    table->parquet, column, cell.text, strlen(cell.text));
		break;
	case CELL_DECIMAL:
		parquet_double(table->parquet, column, cell.decimal);
		break;
	case CELL_INTEGER:
	case CELL_BOOL:
	case CELL_TIME:
		parquet_number(table->parquet, column, cell.integer);
		break;
	}
}

/* The columns of a tuple; 0: those that are in none. */
static void add_cells(struct table *table, int tuple, const void *row)
{
	size_t i;

	for (i = 0; i < table->ncolumns; i++)
		if (table->parquet_columns[i].tuple == tuple)
			add_cell(table, i, row);
}

static void add_part(
    struct table *table, enum row_part part, const struct measurement *row)
{
	uint32_t *number;
	bool known;

	number = repeated_find(table->repeated, part, row, &known);
	if (known) {
		parquet_again(table->parquet, (int)part, *number);
		return;
	}
	add_cells(table, (int)part, row);
	*number = parquet_tuple(table->parquet, (int)part);
}

static void add_measurement(struct table *table, const struct measurement *row)
{
	if (parquet_is_new_group(table->parquet))
		repeated_clear(table->repeated);
	add_part(table, ROW_TARGET, row);
	add_part(table, ROW_RESULT, row);
}

int table_add(struct table *table, const void *row, struct err *err)
{
	if (table->repeated != NULL)
		add_measurement(table, row);
	add_cells(table, 0, row);
	return parquet_end_row(table->parquet, err);
}

int table_finish(struct table *table, struct err *err)
{
	return parquet_finish(table->parquet, err);
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	parquet_free(table->parquet);
	repeated_free(table->repeated, NULL);
	free(table);
}
