/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_SPOOL_H
#define EGRESS25_AGENT_UPLOAD_SPOOL_H

/*
 * Reports that wait for the collector, one file each, synced before they
 * count: STATE/spool/<report id>.json. UUIDv7 sorts by time, so the names'
 * order is the order of upload. A file that was not finished has another name
 * and is removed on opening. Bounded in bytes: the oldest go first, counted.
 */

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/report/report.h"

struct spool;

/* Open or make STATE/spool, mode 0700. It holds at most `most_bytes`, and what
 * was set aside at most a fourth of that; of both the oldest go first. -EBUSY:
 * another process has it open. */
int spool_open(const char *state_directory, int64_t most_bytes,
    struct spool **spool, struct err *err);
void spool_close(struct spool *spool);

/* Keep a report; it is on disk when this returns 0. Older ones may have been
 * dropped for it (spool_dropped()). */
int spool_put(struct spool *spool, const char *id, const char *json,
    size_t length, struct err *err);

/* The oldest report's id and text. -ENOENT: the spool is empty. A file that
 * cannot be read is set aside and the next one taken. */
int spool_oldest(struct spool *spool, char id[REPORT_ID_SIZE], struct buf *json,
    struct err *err);

/* It was acknowledged: forget it. */
int spool_remove(struct spool *spool, const char *id, struct err *err);

/* It can never be accepted: move it to STATE/spool/refused/. */
int spool_set_aside(struct spool *spool, const char *id, struct err *err);

/* The time in the newest waiting report's id, in ms since 1970; 0: none
 * waits. A later id keeps the order, whatever the wall clock says. */
int64_t spool_newest_ms(const struct spool *spool);

/* How many wait, and how many were dropped for want of room since opening. */
size_t spool_count(const struct spool *spool);
int64_t spool_dropped(const struct spool *spool);

#endif
