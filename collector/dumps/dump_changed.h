/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_DUMP_CHANGED_H
#define EGRESS25_COLLECTOR_DUMPS_DUMP_CHANGED_H

#include "collector/store/store.h"

/* Would the rows of the day that begins at `day_ms` be others now than those in
 * its CSV files in `folder`? What was visited is none of them: that list is
 * always today's. 0 or -errno. */
int dump_changed(struct store *store, const char *folder, int64_t day_ms,
    bool *changed, struct err *err);

#endif
