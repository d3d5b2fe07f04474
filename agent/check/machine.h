/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_MACHINE_H
#define EGRESS25_AGENT_CHECK_MACHINE_H

#include "agent/explain/surroundings.h"

/* Detect a container or WSL from well-known files under `root` ("" for /) and
 * the environment. */
enum enclosure machine_enclosure(const char *root);

/* Read the machine's DMI texts (/sys/class/dmi/id under `root`); unreadable
 * ones are "". */
void machine_dmi(const char *root, struct provider_traits *traits);

#endif
