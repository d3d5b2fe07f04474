/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_IMPORT_H
#define EGRESS25_COLLECTOR_COMMANDS_IMPORT_H

#include "collector/base/options.h"

/* Import exported rows from files, or from stdin if none is named. */
int command_import(
    const struct collector_options *options, char **files, int nfiles);

#endif
