/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_MACHINE_H
#define EGRESS25_AGENT_CHECK_MACHINE_H

#include "agent/explain/surroundings.h"

/* Which container, or WSL, this process runs in, as far as files under `root`
 * ("" for the system's own) and the environment show it. */
enum enclosure machine_enclosure(const char *root);

/* What /sys/class/dmi/id under `root` says of the machine; fields that cannot
 * be read are "". */
void machine_dmi(const char *root, struct provider_traits *traits);

#endif
