/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_SNAPSHOT_H
#define EGRESS25_COLLECTOR_COMMANDS_SNAPSHOT_H

#include "collector/base/options.h"
#include "collector/dumps/export_rows.h"

/* Make the SQLite file `output` with all that is published; one that is there
 * is replaced once it is whole. Of the request the filter counts. */
int command_snapshot(const struct collector_options *options,
    struct export_request *request, const char *output);

#endif
