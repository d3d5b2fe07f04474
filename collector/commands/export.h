/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_EXPORT_H
#define EGRESS25_COLLECTOR_COMMANDS_EXPORT_H

#include "collector/base/options.h"
#include "collector/dumps/export_rows.h"

/* `export`: write what is asked for to `output` (NULL: stdout), or by day into
 * that folder. The list of endpoints is read here. */
int command_export(const struct collector_options *options,
    struct export_request *request, const char *output, bool by_day);

#endif
