/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_IMPORT_H
#define EGRESS25_COLLECTOR_COMMANDS_IMPORT_H

#include "collector/base/options.h"

enum import_what { IMPORT_MEASUREMENTS, IMPORT_ANNOTATIONS };

/* Import exported rows from files, or from stdin if none is named. Adjacent
 * rows of a report are stored together, all or none; what is wrong ends the
 * import. */
int command_import(const struct collector_options *options,
    enum import_what what, char **files, int nfiles);

#endif
