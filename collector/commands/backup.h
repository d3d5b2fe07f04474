/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_BACKUP_H
#define EGRESS25_COLLECTOR_COMMANDS_BACKUP_H

#include "collector/base/options.h"

/* Copy the database to the file `output` while others use it; a file that is
 * there is replaced once the copy is complete. */
int command_backup(const struct collector_options *options, const char *output);

#endif
