/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_EXPORT_H
#define EGRESS25_COLLECTOR_COMMANDS_EXPORT_H

#include "collector/base/options.h"
#include "collector/record/filter.h"

enum export_what { EXPORT_MEASUREMENTS, EXPORT_NETWORKS, EXPORT_ANNOTATIONS };
enum export_format { EXPORT_JSONL, EXPORT_CSV, EXPORT_PARQUET };

/* What `export` writes and where. */
struct export_request {
	enum export_what what;
	enum export_format format;
	struct row_filter filter;
	const char *output; /* NULL: stdout */
};

int command_export(const struct collector_options *options,
    const struct export_request *request);

#endif
