/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_LEFT_OUT_H
#define EGRESS25_AGENT_MEASURE_LEFT_OUT_H

/* What a round did not visit, and why. */

#include <stddef.h>

struct left_out {
	size_t late, forbidden, too_many, too_soon, day_spent; /* addresses */
	size_t day_asked;                                      /* names */
};

/* Into the log. */
void left_out_say(const struct left_out *left_out);

#endif
