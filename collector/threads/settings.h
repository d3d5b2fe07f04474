/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_SETTINGS_H
#define EGRESS25_COLLECTOR_THREADS_SETTINGS_H

/*
 * All that SIGHUP changes, as one snapshot that never changes itself: a reload
 * publishes another one, and each thread goes over to it at its next request.
 * Who holds one may read it without a lock; the last one to drop it frees it.
 */

#include "collector/base/options.h"
#include "collector/base/prefixes.h"
#include "collector/fleet/plan.h"
#include "collector/intake/geo.h"
#include "lib/config/endpoints.h"

struct ssl_ctx_st;

struct settings {
	struct collector_options options;
	struct prefix_list trusted;
	struct endpoint_list endpoints;
	struct plan_parts parts; /* of the endpoints */
	struct geo *geo;
	struct ssl_ctx_st *tls; /* of the public listener; NULL: plain */
	size_t holders;         /* the board's lock guards it */
};

/* Where the current one hangs. */
struct settings_board;

/* Make a snapshot of these options: read the files that they name. 0, -EINVAL
 * or -errno. It is the caller's until it is published. */
int settings_load(const struct collector_options *options,
    struct settings **settings, struct err *err);

/* Free one that was not published. NULL is allowed. */
void settings_free(struct settings *settings);

/* A board with its first snapshot, which is then the board's. NULL: no memory.
 */
struct settings_board *settings_board_new(struct settings *settings);
void settings_board_free(struct settings_board *board);

void settings_publish(struct settings_board *board, struct settings *settings);

/* Hold the current snapshot instead of `*held`, which may be NULL. */
void settings_renew(struct settings_board *board, const struct settings **held);

/* Hold none. */
void settings_drop(struct settings_board *board, const struct settings **held);

#endif
