/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_MIGRATE_H
#define EGRESS25_COLLECTOR_COMMANDS_MIGRATE_H

#include "collector/base/options.h"

/*
 * Copy all that a SQLite file holds to the cluster that is configured, while
 * its collector may run; count there what was copied, and compare. It may be
 * ended at any time and begun again: what is there is not copied twice. `from`
 * is the file; NULL: the one in the state directory. Returns an exit code.
 */
int command_migrate(const struct collector_options *options, const char *from);

#endif
