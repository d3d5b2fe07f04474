/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_DETAIL_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_DETAIL_H

/*
 * What differs inside a network (contract, section 5): where its blocked lines
 * stop, which of its prefixes are how, which destinations get through. Neither
 * a prefix nor a destination is named for which not two lines of two operators
 * speak. Pure but for the memory that it owns.
 */

#include "collector/record/network.h"
#include "collector/verdict/replay/replay.h"

/* Find the details of the replay's day for a verdict that accuses, or says that
 * lines contradict themselves; of others there are none. 0 or -ENOMEM. */
int detail_find(const struct replay *replay, struct network_verdict *verdict);

#endif
