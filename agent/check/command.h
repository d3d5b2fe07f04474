/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_COMMAND_H
#define EGRESS25_AGENT_CHECK_COMMAND_H

/* The commands `check` and `explain`: options, examples, and what they run. */

#include "lib/config/args.h"

extern const struct args_command check_command;
extern const struct args_command explain_command;

#endif
