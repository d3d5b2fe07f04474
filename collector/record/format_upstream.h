/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FORMAT_UPSTREAM_H
#define EGRESS25_COLLECTOR_RECORD_FORMAT_UPSTREAM_H

/* An AS behind which networks are stopped, over one family and port, as text
 * (format.h). It is no verdict on that AS. Pure. */

#include "collector/record/column.h"
#include "collector/record/network.h"

struct upstream_record {
	uint32_t asn;
	char name[ROW_NETWORK_SIZE]; /* "": not known */
	char country[3];
	uint8_t family;
	uint16_t port;
	int64_t networks;
	int64_t witnesses_blocked; /* of all of them */
	/* The first of them; 0 where one was never seen otherwise, or does not
	 * know. */
	int64_t since_ms;
	int64_t last_ms;
	char because[NETWORK_SENTENCE_SIZE];
};

/* A name of NULL ends them. */
extern const struct column format_upstream_columns[];

/* Set `because`, of the rest of the record. */
void upstream_record_say(struct upstream_record *record);

/* Append one as a JSON object, without a line end, as a CSV line; and the
 * header line of these. */
void format_upstream_json(
    const struct upstream_record *record, struct buf *out);
void format_upstream_csv(const struct upstream_record *record, struct buf *out);
void format_upstream_csv_header(struct buf *out);

#endif
