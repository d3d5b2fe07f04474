/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_ROW_ID_H
#define EGRESS25_COLLECTOR_RECORD_ROW_ID_H

/*
 * The id of a measurement, "REPORT:N": the UUID of its report, in lower case
 * (RFC 9562, 4), and its number there. Pure.
 */

#include "collector/record/row.h"

#define ROW_NUMBER_MAX 999999
#define ROW_UUID_BYTES 16

/* Write the id of row `n`, at most ROW_NUMBER_MAX, of the report. */
void row_id_make(char id[ROW_ID_SIZE], const char *report, uint32_t n);

/* Read the number out of a row's id. False: this is not an id of a row of that
 * report. */
bool row_id_number(const char *id, const char *report, uint32_t *n);

/* Is this the id of a row of any report? No report has the nil or the max UUID
 * (RFC 9562, 5.9 and 5.10). */
bool row_id_is_valid(const char *id);

/* A report's UUID as bytes. False: `text` is not a UUID in lower case. */
bool row_uuid_pack(const char *text, uint8_t uuid[ROW_UUID_BYTES]);

/* And back to text. */
void row_uuid_print(const uint8_t uuid[ROW_UUID_BYTES], char text[37]);

#endif
