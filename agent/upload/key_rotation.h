/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_KEY_ROTATION_H
#define EGRESS25_AGENT_UPLOAD_KEY_ROTATION_H

/*
 * Replace the agent's key at the collector; the agent keeps its name. The new
 * key is written to disk before the request (identity_begin_rotation()), and
 * replaces the old one only after the collector's answer. If that answer was
 * lost, the new key may already be in force: when the collector no longer
 * knows the old key, the request is repeated, signed with the new one.
 */

#include "agent/upload/identity.h"
#include "agent/upload/uplink.h"

struct event_base;
struct key_rotation;

/* All borrowed. */
struct key_rotation_parts {
	struct event_base *base;
	const struct agent_options *options;
	struct identity *identity; /* `next` is not NULL */
};

/* Start. `done` is called exactly once, from the loop, unless cancelled. If
 * its result is OK, the identity has the new key and the old one is freed.
 * NULL: no memory. */
struct key_rotation *key_rotation_start(
    const struct key_rotation_parts *parts, uplink_done *done, void *arg);

/* Free it, also after `done`; `done` will not be called any more. NULL is
 * allowed, and so is calling it from `done`. */
void key_rotation_cancel(struct key_rotation *rotation);

#endif
