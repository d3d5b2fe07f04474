/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_SETTINGS_H
#define EGRESS25_COLLECTOR_THREADS_SETTINGS_H

/*
 * Everything that SIGHUP reloads, as one immutable, reference-counted
 * snapshot: a reload publishes a new snapshot, and each thread changes to it
 * at its next request. A thread that holds a reference reads the snapshot
 * without a lock; the last one to drop it frees it.
 */

#include "collector/base/options.h"
#include "collector/fleet/plan.h"
#include "collector/intake/geo.h"
#include "lib/base/prefixes.h"
#include "lib/config/endpoints.h"

struct ssl_ctx_st;

struct settings {
	struct collector_options options;
	struct prefix_list trusted;
	struct endpoint_list endpoints;
	struct plan_parts parts; /* of the endpoints */
	struct geo *geo;
	struct ssl_ctx_st *tls; /* of the public listener; NULL: no TLS */
	size_t references;      /* guarded by the holder's lock */
};

/* Holds the current snapshot, and the lock of all reference counts. */
struct settings_holder;

/* Make a snapshot of these options: read the files that they name. 0, -EINVAL
 * or -errno. The caller owns it until it is published. */
int settings_load(const struct collector_options *options,
    struct settings **settings, struct err *err);

/* Free a snapshot that was not published. NULL is allowed. */
void settings_free(struct settings *settings);

/* A holder whose current snapshot is `settings`, which it owns from then on.
 * NULL: out of memory; `settings` is still the caller's. */
struct settings_holder *settings_holder_new(struct settings *settings);

/* After all references were dropped. NULL is allowed. */
void settings_holder_free(struct settings_holder *holder);

/* Make `settings`, which the holder owns from then on, the current snapshot. */
void settings_publish(
    struct settings_holder *holder, struct settings *settings);

/* Exchange the reference `*held` (NULL: none) for one to the current snapshot.
 */
void settings_renew(
    struct settings_holder *holder, const struct settings **held);

/* Drop the reference `*held` (NULL: none) and set it to NULL. */
void settings_drop(
    struct settings_holder *holder, const struct settings **held);

#endif
