/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_ENROL_H
#define EGRESS25_AGENT_UPLOAD_ENROL_H

#include "agent/base/options.h"

/* `enrol`: make the key, make it known to the collector, keep the name.
 * `token` may be NULL. Returns the exit code. */
int enrol_run(const struct agent_options *options, const char *token);

/* `enrol --rotate`: make another key and have the collector take it in the
 * place of the old one; the agent keeps its name. What was not finished the
 * last time is finished. Returns the exit code. */
int enrol_rotate(const struct agent_options *options);

#endif
