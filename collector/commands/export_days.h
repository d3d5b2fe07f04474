/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_EXPORT_DAYS_H
#define EGRESS25_COLLECTOR_COMMANDS_EXPORT_DAYS_H

/* `export --by-day`: a file for each day that is over, in one folder, with
 * SHA256SUMS beside them. What is there and has its sum stays as it is, so that
 * an export which broke off goes on with the day at which it did. */

#include "collector/dumps/export_rows.h"

/* Write the days that begin in the request's window, which is changed. 0,
 * -EINVAL: such rows have no day, or -errno. */
int export_days(struct store *store, struct export_request *request,
    const char *folder, struct err *err);

#endif
