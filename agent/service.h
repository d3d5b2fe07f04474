/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_H
#define EGRESS25_AGENT_SERVICE_H

#include "agent/options.h"

/* `run`: enrol where needed, prove the sources, a round, spool, upload; again
 * after every interval unless `once`. Returns the exit code. */
int service_run(const struct agent_options *options, bool once);

/* `enrol`: make the key, enrol, keep the identity. Returns the exit code. */
int service_enrol(const struct agent_options *options, const char *token);

#endif
