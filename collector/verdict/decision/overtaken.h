/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_DECISION_OVERTAKEN_H
#define EGRESS25_COLLECTOR_VERDICT_DECISION_OVERTAKEN_H

/*
 * Lines that a change has overtaken (doc/verdict.md, section 6, step 1): their
 * last evidence is older than the change of two other operators' lines to the
 * other class. An agent that reports rarely does not hold back a change. Pure.
 */

#include <stddef.h>

#include "collector/verdict/line/vote.h"

/* Move the votes that still count to the front, in their order, and return how
 * many they are. */
size_t overtaken_drop(struct vote *votes, size_t count);

#endif
