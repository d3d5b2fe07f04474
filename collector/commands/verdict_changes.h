/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_VERDICT_CHANGES_H
#define EGRESS25_COLLECTOR_COMMANDS_VERDICT_CHANGES_H

#include "collector/store/store.h"

/* Print the networks whose verdict is another one in `after` than in `before`,
 * as of `now_ms`, a line each, and how many there are. 0 or -errno. */
int verdict_changes_print(
    struct store *before, struct store *after, int64_t now_ms, struct err *err);

#endif
