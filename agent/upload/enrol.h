/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_ENROL_H
#define EGRESS25_AGENT_UPLOAD_ENROL_H

#include "agent/base/options.h"

/* The command `enrol`: create the key if there is none, register it with the
 * collector and store the agent's name. `token` may be NULL. Returns the exit
 * code. */
int enrol_run(const struct agent_options *options, const char *token);

/* The command `enrol --rotate`: replace the agent's key, keeping its name
 * (key_rotation.h). Resumes a rotation that was interrupted. Returns the exit
 * code. */
int enrol_rotate(const struct agent_options *options);

#endif
