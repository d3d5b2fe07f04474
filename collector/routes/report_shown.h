/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REPORT_SHOWN_H
#define EGRESS25_COLLECTOR_ROUTES_REPORT_SHOWN_H

/* What is shown of a report beside its rows (record/report_detail.h), as
 * members of an answer. */

#include "collector/record/report_detail.h"
#include "collector/store/store.h"
#include "lib/json/json.h"

struct report_shown {
	char software[64];
	struct detail_path *paths; /* owned */
	size_t npaths;
	struct detail_probe *probes; /* owned; by row */
	size_t nprobes;
};

/* Read it, as well as it can be: of what is damaged nothing is shown. Zeroed
 * before; release with report_shown_free(). 0, or -errno of the store. */
int report_shown_read(struct report_shown *shown, struct store *store,
    const char *id, struct err *err);

/* "paths" of the target that has this row. */
void report_shown_write_paths(
    const struct report_shown *shown, uint32_t row, struct json_writer *json);

/* What the probe of that row showed; NULL: nothing is known. */
const struct detail_probe *report_shown_probe(
    const struct report_shown *shown, uint32_t row);

/* "ms", "smtp", "reply" and "receipt" of a probe; `shown` may be NULL. */
void report_shown_write_probe(const struct detail_probe *shown,
    const struct measurement *row, struct json_writer *json);

void report_shown_free(struct report_shown *shown);

#endif
