/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_DEMO_DEMO_FILL_H
#define EGRESS25_TESTS_DEMO_DEMO_FILL_H

/* The reports of a made-up fleet go into a collector's store as those of agents
 * do: through the decoder, the attribution with its diagnosis, and the store;
 * and what was published at the end of each day is written down. */

#include "tests/demo/demo_world.h"

/* Fill the store that the configuration names; it is new. 0, or an exit code
 * after a line on stderr. */
int demo_fill(struct demo_world *world, const char *config);

#endif
