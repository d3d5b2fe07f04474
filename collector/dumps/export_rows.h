/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_EXPORT_ROWS_H
#define EGRESS25_COLLECTOR_DUMPS_EXPORT_ROWS_H

/* Rows of a store as JSON lines, CSV or Parquet, in constant memory. */

#include "collector/record/column_type.h"
#include "collector/record/filter.h"
#include "collector/store/store.h"
#include "lib/config/endpoints.h"

enum export_what {
	EXPORT_MEASUREMENTS,
	EXPORT_NETWORKS,
	EXPORT_EVENTS,
	EXPORT_HISTORY,
	EXPORT_ENDPOINTS,
	EXPORT_ANNOTATIONS
};
enum export_format { EXPORT_JSONL, EXPORT_CSV, EXPORT_PARQUET };

/* Takes a row, whose columns are those of its kind; 0 or -errno. */
typedef int export_row(void *arg, const void *row, struct err *err);

struct export_request {
	enum export_what what;
	enum export_format format;
	struct row_filter filter;
	const struct endpoint_list *endpoints; /* borrowed */
	bool is_quiet;                         /* no line on the terminal */
	export_row *visit; /* gets the rows, in place of the sink; or NULL */
};

/* Takes bytes of the file; 0 or -errno, without a sentence. */
typedef int export_sink(void *arg, const void *bytes, size_t length);

/* The columns that such rows have. */
const struct column *export_columns(enum export_what what);

/* Write all that is asked for, with a line on the terminal that says how far it
 * is. *rows: how many there were. 0 or -errno. */
int export_rows(struct store *store, const struct export_request *request,
    export_sink *sink, void *arg, int64_t *rows, struct err *err);

#endif
