/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_SINCE_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_SINCE_H

/* When a network became what it is (doc/verdict.md, section 7). Pure. */

#include <stddef.h>

#include "collector/verdict/line/vote.h"

/*
 * The lower median of the changes of the votes that `counts` says yes to, if at
 * least two of these lines changed, and at least half of those that were
 * watched before. The votes are only read; `times` has room for `count` of
 * them. False: it is longer than we know.
 */
bool since_find(const struct vote *votes, size_t count,
    bool (*counts)(const struct vote *vote), int64_t *times, int64_t *since_ms);

#endif
