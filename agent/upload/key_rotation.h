/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_KEY_ROTATION_H
#define EGRESS25_AGENT_UPLOAD_KEY_ROTATION_H

#include "agent/upload/identity.h"
#include "agent/upload/uplink.h"

/*
 * Another key for this agent, which keeps its name. The new key is on disk
 * (identity_begin_rotation()) before the collector is asked, and takes the old
 * one's place only after its answer. Where that answer was lost, the new key
 * may be in force already: if the old one is not known any more, the same is
 * asked again with the new one.
 */
struct event_base;
struct key_rotation;

/* Borrowed. */
struct key_rotation_parts {
	struct event_base *base;
	const struct agent_options *options;
	struct identity *identity; /* `next` is there */
};

/* Ask. `done` is called exactly once, from the loop, unless cancelled; when the
 * result is OK, the new key is the identity's and the old one is gone. NULL: no
 * memory. */
struct key_rotation *key_rotation_start(
    const struct key_rotation_parts *parts, uplink_done *done, void *arg);

/* No callback will come. NULL is allowed, and so is the call from `done`. It
 * is needed in any case. */
void key_rotation_cancel(struct key_rotation *rotation);

#endif
