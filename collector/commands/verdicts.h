/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_VERDICTS_H
#define EGRESS25_COLLECTOR_COMMANDS_VERDICTS_H

#include "collector/commands/command.h"

/* Print the state of every network as of `at_ms`; 0: now. */
int command_verdicts(const struct collector_options *options, int64_t at_ms,
    enum list_format format);

#endif
