/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FORMAT_H
#define EGRESS25_COLLECTOR_RECORD_FORMAT_H

/*
 * Rows as text, the JSON objects and CSV lines of the API and the export; and
 * from JSON back to rows for the import. Text in CSV is guarded against
 * spreadsheet formulas (column.h). Memory that ran out shows as `out->failed`.
 * Pure.
 */

#include "collector/record/column.h"
#include "collector/record/network.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

/* FORMAT_PARQUET is no text: parquet/table.h writes it. */
enum format {
	FORMAT_JSON,
	FORMAT_JSONL,
	FORMAT_CSV,
	FORMAT_PARQUET,
	FORMAT_COUNT
};

/* The columns of a `struct measurement`, in the contract's order (section 5),
 * and those of a `struct network_record`. A name of NULL ends them. */
extern const struct column format_measurement_columns[];
extern const struct column format_network_columns[];
extern const struct column format_annotation_columns[];

/* Append a row of these columns as a JSON object, without a line end, or as a
 * CSV line. */
void format_columns_json(
    const struct column *columns, const void *row, struct buf *out);
void format_columns_csv(
    const struct column *columns, const void *row, struct buf *out);

/* Write the member "blocked_share" of the open JSON object. */
void format_share(
    struct json_writer *json, double low, double mid, double high);

/* Append a measurement as a JSON object, without a line end. */
void format_measurement_json(const struct measurement *row, struct buf *out);

/* Append a measurement as a CSV line. */
void format_measurement_csv(const struct measurement *row, struct buf *out);

/* Append the header line of measurements. */
void format_measurement_csv_header(struct buf *out);

/* Read a measurement from a JSON object of `length` bytes; unknown keys are
 * ignored. 0, -ENOMEM, or -EINVAL with a sentence that names the key. */
int format_measurement_parse(
    const char *json, size_t length, struct measurement *row, struct err *err);

/* Append a network as a JSON object, without a line end; with its reasons as a
 * list of sentences, or in one. */
void format_network_json(
    const struct network_record *record, bool sentences, struct buf *out);

/* Append a network as a CSV line. */
void format_network_csv(const struct network_record *record, struct buf *out);

/* Append the header line of networks. */
void format_network_csv_header(struct buf *out);

/* Read an annotation, which becomes the first one of `info`, and its ASN, as
 * format_measurement_parse(). Without a kind it is a reply. */
int format_annotation_parse(const char *json, size_t length,
    struct network_info *info, struct err *err);

#endif
