/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_SPOOL_H
#define EGRESS25_AGENT_UPLOAD_SPOOL_H

/*
 * Reports waiting for upload, one file each: STATE/spool/REPORT-ID.json,
 * synced to disk before it counts as kept. Ids are UUIDv7, so the order of
 * names is the order of upload. An unfinished file has a different ending and
 * is deleted on opening. The size is bounded: the oldest reports are dropped
 * first, and counted.
 */

#include <stdint.h>

#include "agent/base/statefile.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/report/report.h"

struct spool;

/* Open STATE/spool, or create it with mode 0700. It holds at most `most_bytes`
 * of waiting reports, and a quarter of that in refused ones. 0; -EBUSY:
 * another process has it open; another -errno. */
int spool_open(const struct state_directory *state, int64_t most_bytes,
    struct spool **spool, struct err *err);
void spool_close(struct spool *spool); /* NULL is allowed */

/* Store a report; on disk when this returns 0. May drop the oldest ones
 * (spool_dropped()). */
int spool_put(struct spool *spool, const char *id, const char *json,
    size_t length, struct err *err);

/* Read the oldest report that is newer than the one named `after` (""): its id,
 * and its text into `json`, which is cleared first. -ENOENT: there is none. A
 * file that cannot be read is set aside and the next one taken. `id` may be
 * `after`. */
int spool_next(struct spool *spool, const char *after, char id[REPORT_ID_SIZE],
    struct buf *json, struct err *err);

/* Delete a report that the collector has acknowledged. An unknown id is 0. */
int spool_remove(struct spool *spool, const char *id, struct err *err);

/* Move a report that the collector will never accept to STATE/spool/refused/.
 * An unknown id is 0. */
int spool_set_aside(struct spool *spool, const char *id, struct err *err);

/* The timestamp in the newest waiting report's id, in ms since 1970; 0: the
 * spool is empty. A report with a later timestamp sorts last even after the
 * wall clock was set back. */
int64_t spool_newest_ms(const struct spool *spool);

/* How many reports wait. */
size_t spool_count(const struct spool *spool);

/* How many were dropped since spool_open() because the spool was full. */
int64_t spool_dropped(const struct spool *spool);

#endif
