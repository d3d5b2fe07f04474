/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_EXPIRE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_EXPIRE_H

/* Removing old reports (store_upkeep.h). */

#include "collector/store/sqlite/sqlite_handle.h"
#include "collector/store/store_upkeep.h"

int sqlite_expire(
    struct store *store, struct store_expiry *expiry, struct err *err);

struct sqlite_limits {
	int64_t expired_ms; /* older reports may have been removed; 0: none */
	int64_t newest_ms;  /* the newest measurement; 0: none */
	int64_t clock_ms;   /* of retention; 0: none */
};

/* 0 or -errno. */
int sqlite_read_limits(
    struct sqlite_store *sqlite, struct sqlite_limits *limits, struct err *err);

#endif
