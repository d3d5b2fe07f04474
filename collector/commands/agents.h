/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_AGENTS_H
#define EGRESS25_COLLECTOR_COMMANDS_AGENTS_H

#include "collector/commands/command.h"

/* List the agents. As JSON: one object a line. */
int command_agents(
    const struct collector_options *options, enum list_format format);

#endif
