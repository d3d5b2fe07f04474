/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_REDIAGNOSE_H
#define EGRESS25_COLLECTOR_COMMANDS_REDIAGNOSE_H

#include "collector/base/options.h"

/* Take the reports that were kept as they were signed through today's
 * diagnosis, on a copy of the database, and print what verdicts that changes.
 * `publish`: then do the same to the database, a day a transaction. Returns an
 * exit code. */
int command_rediagnose(const struct collector_options *options, bool publish);

#endif
