/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_REVIEW_H
#define EGRESS25_COLLECTOR_COMMANDS_REVIEW_H

#include "collector/commands/command.h"

/* List the accusations that rest only on new agents, and what was decided about
 * each. */
int command_list_reviews(
    const struct collector_options *options, enum list_format format);

/* Decide about one: `operands` are "release" or "reject", an AS number, 4 or 6,
 * and a port. The reason is published. */
int command_review(const struct collector_options *options, char **operands,
    const char *reason);

#endif
