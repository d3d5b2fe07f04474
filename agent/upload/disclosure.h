/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_DISCLOSURE_H
#define EGRESS25_AGENT_UPLOAD_DISCLOSURE_H

#include "agent/base/options.h"

/* Log what an agent with these options does, what it sends to whom, and what
 * of that is published. */
void disclosure_log(const struct agent_options *options);

#endif
