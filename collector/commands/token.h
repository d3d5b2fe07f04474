/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_TOKEN_H
#define EGRESS25_COLLECTOR_COMMANDS_TOKEN_H

#include "collector/base/options.h"

/* Make an enrolment token, which is good for one agent, and print it. */
int command_token(const struct collector_options *options);

#endif
