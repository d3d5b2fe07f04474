/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_REVISE_H
#define EGRESS25_COLLECTOR_STORE_STORE_REVISE_H

/* Changing what stored rows say, and counting their rollups anew (store.h). */

#include "collector/store/store.h"

/* A stored report that was kept as it was signed; all is valid during the
 * call. Of a row what was diagnosed may be changed, and nothing else. */
struct store_revision {
	const char *id; /* its UUID */
	int64_t received_ms;
	const char *signed_body; /* as in store_report.h */
	size_t signed_body_length;
	struct measurement *rows;
	size_t nrows;
};

/* 1: rows were changed, 0: none, or -errno, which undoes the day. */
typedef int store_revise(void *arg, const struct store_revision *report);

struct store_revising {
	int32_t day; /* since 1970, UTC */
	store_revise *revise;
	void *arg;
};

/*
 * Show each report that was kept as it was signed and whose first measurement
 * is of that day, and store what is changed; then count the rollups of each day
 * anew that has such a row, from all measurements that are stored. In one
 * transaction, which is synced when this returns 0; after a failure the day and
 * its rollups are as they were. A day of which measurements may have been
 * removed stays as it is, since its rollups could not be counted. 0, -errno, or
 * what `revise` returned; -EINVAL: the engine cannot.
 */
int store_revise_day(
    struct store *store, const struct store_revising *how, struct err *err);

#endif
