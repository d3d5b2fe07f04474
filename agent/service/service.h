/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_SERVICE_H
#define EGRESS25_AGENT_SERVICE_SERVICE_H

#include <stdbool.h>

/*
 * The command `run`: follow the plan or the endpoints file (planner.h) round
 * by round (rounds.h), upload the reports (uploader.h), and react to network
 * changes (netwatch.h), SIGHUP and the service manager (notify.h).
 *
 * `config` is read again at SIGHUP; NULL: the default path. `once`: one round
 * of the endpoints file now, one upload, and exit. Returns the exit code.
 */
int service_run(const char *config, bool once);

#endif
