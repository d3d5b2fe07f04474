/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_SERVE_H
#define EGRESS25_COLLECTOR_SERVE_H

#include "collector/base/options.h"

/* Serve until SIGTERM or SIGINT, and return the exit code. SIGHUP reads the
 * configuration again from `config`; NULL: the default path. */
int command_serve(const struct collector_options *options, const char *config);

#endif
