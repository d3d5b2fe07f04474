/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_REVOKE_H
#define EGRESS25_COLLECTOR_COMMANDS_REVOKE_H

#include "collector/base/options.h"

/* Take away an agent's right to report; all that it reported before no longer
 * counts either. */
int command_revoke(const struct collector_options *options, const char *id);

#endif
