/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_ROW_TEXT_H
#define EGRESS25_COLLECTOR_RECORD_ROW_TEXT_H

/*
 * Many measurements as text: what format_columns_csv() and
 * format_columns_json() write of format_measurement_columns, in less time,
 * since what rows repeat is copied (repeated.h). Pure.
 */

#include <stdbool.h>

#include "collector/record/row.h"
#include "lib/base/buf.h"

struct row_text;

/* NULL: out of memory. */
struct row_text *row_text_new(bool is_json);

/* Append a row: a JSON object without a line end, or a CSV line. Memory that
 * ran out shows as `out->failed`. */
void row_text_append(
    struct row_text *text, const struct measurement *row, struct buf *out);

/* NULL is allowed. */
void row_text_free(struct row_text *text);

#endif
