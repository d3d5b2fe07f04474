/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_SERVER_H
#define EGRESS25_COLLECTOR_THREADS_SERVER_H

/*
 * What a handler works with; each thread that runs handlers has its own.
 * Workers (worker.h) have an event loop; readers (read_pool.h) have none. The
 * members marked as shared are the same for all threads and need no lock.
 */

#include "collector/health/metrics.h"
#include "collector/store/store.h"
#include "collector/threads/settings.h"
#include "collector/threads/writer.h"
#include "lib/sign/sign.h"

struct address_count;
struct census;
struct dump_nightly;
struct client_limits;
struct read_pool;

struct server {
	/* The current snapshot, valid until the handler returns: what lives
	 * longer copies what it needs. */
	const struct settings *settings;
	struct store *reader;            /* this thread's, read-only */
	struct writer *writer;           /* shared */
	struct metrics *metrics;         /* shared: atomic numbers */
	struct read_pool *pool;          /* shared */
	struct settings_holder *holder;  /* shared */
	struct census *census;           /* shared */
	struct dump_nightly *nightly;    /* shared; NULL: none */
	struct client_limits *limits;    /* shared */
	struct address_count *addresses; /* shared; NULL: not counted */
	bool is_ending; /* the main thread's: the collector shuts down */
	uint8_t secret[SIGN_SECRET_SIZE];
};

/* Start `server`, of a new thread, with what is shared with `like`. */
void server_init(struct server *server, const struct server *like);

/* Change to the current settings: between two requests. */
void server_take_settings(struct server *server);

/* Close what is this thread's. */
void server_end(struct server *server);

#endif
