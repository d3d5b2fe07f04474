/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SERVERS_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SERVERS_H

/* Which servers did not answer lately, for all threads of the process, so that
 * each of them need not find out. */

#include "collector/store/clickhouse/clickhouse_handle.h"

/* It did not answer: for half a minute others are asked first. */
void servers_note_silent(const struct httpc_url *url);

/* It was left, since it was slow: for some seconds others are asked first. */
void servers_note_slow(const struct httpc_url *url);

/* Note a read; and may one leave a slow server at once for another, which costs
 * both of them? One in ten reads may: else all servers would have all of the
 * work where all are slow. */
void servers_note_read(void);
bool servers_may_leave(void);

/* A read waited for long, as for a server that was stopped: for half a minute
 * others may do so, too. */
void servers_note_hang(void);
bool servers_reads_hang(void);

bool servers_is_silent(const struct httpc_url *url);

/* Does the server in use answer at all? It may be busy with a long statement.
 * `arg` is a handle (struct link). */
bool servers_is_alive(void *arg);

/* Ask all of them, one after another. True: one that answered before has not
 * twice, but for those of which that was said already. */
bool servers_went_away(struct clickhouse *handle);

/* The server to ask after the one in use: the next that answers, or, if none
 * does, the next. */
size_t servers_next(const struct clickhouse *handle);

#endif
