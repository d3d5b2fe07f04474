/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SPOOL_H
#define EGRESS25_AGENT_SPOOL_H

/*
 * Reports that wait for the collector, one file each, synced before they
 * count: STATE/spool/<report id>.json. UUIDv7 sorts by time, so the names'
 * order is the order of upload. A file that was not finished has another name
 * and is removed on opening.
 */

#include "lib/buf.h"
#include "lib/err.h"

struct spool;

/* Open or make STATE/spool, mode 0700. */
int spool_open(
    const char *state_directory, struct spool **spool, struct err *err);
void spool_close(struct spool *spool);

/* Keep a report; it is on disk when this returns 0. */
int spool_put(struct spool *spool, const char *id, const char *json,
    size_t length, struct err *err);

/* The oldest report's id and text. -ENOENT: the spool is empty. */
int spool_oldest(
    struct spool *spool, char id[37], struct buf *json, struct err *err);

/* It was acknowledged: forget it. */
int spool_remove(struct spool *spool, const char *id, struct err *err);

/* It can never be accepted: move it to STATE/spool/refused/. */
int spool_set_aside(struct spool *spool, const char *id, struct err *err);

size_t spool_count(const struct spool *spool);

#endif
