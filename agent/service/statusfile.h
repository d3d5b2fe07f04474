/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_STATUSFILE_H
#define EGRESS25_AGENT_SERVICE_STATUSFILE_H

#include "agent/base/options.h"
#include "agent/base/statefile.h"
#include "agent/service/status.h"

/* Read STATE/status.json. 0; -ENOENT: no such file; -EINVAL: malformed; another
 * -errno. On failure `status` is empty. */
int statusfile_read(const struct state_directory *state, struct status *status,
    struct err *err);

/* Replace STATE/status.json atomically, after setting the process and the time
 * in `status` to this process and now. */
int statusfile_write(const struct state_directory *state, struct status *status,
    struct err *err);

enum status_form { STATUS_TEXT, STATUS_JSON, STATUS_PROMETHEUS };

/* The command `status`: print it. Returns the exit code; EXIT_OURS also if no
 * agent is running, unless that is one of the metrics. */
int statusfile_show(const struct agent_options *options, enum status_form form);

#endif
