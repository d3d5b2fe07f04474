/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FORMAT_H
#define EGRESS25_COLLECTOR_RECORD_FORMAT_H

/*
 * Rows as text: the JSON objects and CSV lines of the API and the export, and
 * back for the import. Pure. One table names the columns of each kind, so
 * that JSON keys, CSV header and order cannot part.
 */

#include "collector/record/network.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum format { FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV, FORMAT_COUNT };

/* A measurement as a JSON object (no line end) or as a CSV line (with one).
 * In CSV, text that starts with = + - @, tab or CR gets a leading ' against
 * spreadsheets; fields are quoted as RFC 4180 has it. */
void format_measurement_json(const struct measurement *row, struct buf *out);
void format_measurement_csv(const struct measurement *row, struct buf *out);
void format_measurement_csv_header(struct buf *out);

/* Read a row back from JSON; unknown keys are passed over. Errors name the
 * key. */
int format_measurement_parse(
    const char *json, size_t length, struct measurement *row, struct err *err);

/* The same for a network. */
void format_network_json(const struct network_record *record, struct buf *out);
void format_network_csv(const struct network_record *record, struct buf *out);
void format_network_csv_header(struct buf *out);

#endif
