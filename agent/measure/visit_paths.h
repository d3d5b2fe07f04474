/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_PATHS_H
#define EGRESS25_AGENT_MEASURE_VISIT_PATHS_H

/* What the paths that a visit has traced so far show. Pure. */

#include "agent/measure/visit_state.h"

/* The endpoint's distance, as far as is known, or OBSERVE_ABSENT. */
int visit_paths_distance(const struct visit_plan *plan);

/* The first path that was traced on `port`; NULL: none. */
struct path_seen *visit_paths_of(const struct visit_plan *plan, uint16_t port);

/* The TTL of the last hop that answered; 0: none did. */
int visit_paths_last_ttl(const struct path_seen *path);

/* Nothing came back at all. */
bool visit_paths_is_silent(const struct path_seen *path);

/* The TTL of the first hop behind `ttl` that answered on any path, before the
 * endpoint; 0: none. */
int visit_paths_next_ttl(const struct visit_plan *plan, int ttl);

/* The quickest handshake of any port: others may have waited for an address to
 * be resolved, or been repeated. 0: none stood. */
int64_t visit_paths_quickest_us(const struct visit_plan *plan);

/* How long an answer may be awaited at a TTL, by the slowest hop that was
 * traced and the slowest port; at most `most_ms`, as long as where neither
 * answered.
 */
int visit_paths_patience_ms(const struct visit_plan *plan, int most_ms);

/* Add what more looks found to the path. True: a hop that was not known. */
bool visit_paths_merge(struct path_seen *path, const struct path_seen *more);

/* Whether different routers answered at one TTL. */
bool visit_paths_disagree(const struct path_seen *a, const struct path_seen *b);

#endif
