/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_STATUSFILE_H
#define EGRESS25_AGENT_SERVICE_STATUSFILE_H

#include "agent/base/options.h"
#include "agent/service/status.h"

/* Read STATE/status.json. -ENOENT: there is none. Unless 0, it is empty. */
int statusfile_read(
    const char *state_directory, struct status *status, struct err *err);

/* Put it in the place of what is there, whole; this process and this moment
 * are written into it. */
int statusfile_write(
    const char *state_directory, struct status *status, struct err *err);

/* The command `status`. Returns the exit code: EXIT_OURS also where no agent
 * is running. */
int statusfile_show(const struct agent_options *options, bool json);

#endif
