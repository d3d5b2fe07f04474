/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_COLUMN_H
#define EGRESS25_COLLECTOR_RECORD_COLUMN_H

/*
 * The fields of a row by name. One table of columns gives the JSON keys, the
 * CSV header and its order, and reads a row back. Text is made plain (text.h)
 * where it goes out. Pure.
 */

#include "collector/record/column_type.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/json.h"
#include "lib/json/json_read.h"

/* Write the field as a member of the open JSON object. */
void column_write_json(
    const struct column *column, const void *row, struct json_writer *json);

/* Append the field as in RFC 4180. Text that a spreadsheet would run as a
 * formula (a first character of = + - @, tab or CR) gets a leading '. */
void column_write_csv(
    const struct column *column, const void *row, struct buf *out);

/* Append the names of all columns, as a CSV line. */
void column_write_csv_header(const struct column *columns, struct buf *out);

/* Read the field from its member of `object`. 0, or -EINVAL with a sentence
 * that names the key. */
int column_read(const struct column *column, const struct json_at *object,
    void *row, struct err *err);

#endif
