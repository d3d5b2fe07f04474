/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_SERVICE_H
#define EGRESS25_AGENT_SERVICE_SERVICE_H

/*
 * `run`: keeps to the plan or the endpoints file (planner.h), round by round
 * (rounds.h), and sends what was seen (uploader.h); follows the network
 * (netwatch.h), SIGHUP, and the service manager (notify.h).
 *
 * `config` is read again at SIGHUP; NULL: the default path. `once`: one round
 * of the endpoints file now, one upload, and the end. Returns the exit code.
 */

#include <stdbool.h>

int service_run(const char *config, bool once);

#endif
