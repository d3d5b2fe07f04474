/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_SCHEMA_H
#define EGRESS25_COLLECTOR_COMMANDS_SCHEMA_H

#include "collector/commands/command.h"

/* Make the tables on a ClickHouse cluster, or upgrade them. */
int command_schema(const struct collector_options *options);

#endif
