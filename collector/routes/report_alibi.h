/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REPORT_ALIBI_H
#define EGRESS25_COLLECTOR_ROUTES_REPORT_ALIBI_H

/* How the endpoints of a report did elsewhere at the same time: what other
 * networks saw of the same endpoint, family and port within the same hour. */

#include "collector/store/store.h"
#include "lib/json/json.h"

struct report_alibi;

struct report_alibis {
	struct report_alibi *list; /* owned */
	size_t count;
	bool is_whole; /* the hour was counted to its end */
};

/* Look at the hour of these rows of one report, for a short time at most. */
void report_alibi_find(struct report_alibis *alibis, struct store *store,
    const struct measurement *rows, size_t count);

/* Write {"tried","reached","networks"} of a row's endpoint and port as the
 * member `elsewhere`; null: it took too long to count. */
void report_alibi_write(const struct report_alibis *alibis,
    const struct measurement *row, struct json_writer *json);

void report_alibi_free(struct report_alibis *alibis);

#endif
