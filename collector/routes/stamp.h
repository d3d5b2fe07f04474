/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_STAMP_H
#define EGRESS25_COLLECTOR_ROUTES_STAMP_H

/* What every answer of the API carries: when it was made. It is no part of what
 * the entity tag is made of: a later answer that says the same has the same. */

#include "collector/http/reply.h"
#include "collector/view/view.h"
#include "lib/json/json.h"

struct stamp {
	int64_t now_ms;
	char tag[REPLY_TAG_SIZE];
};

/* The stamp of an answer that has this in it so far. */
void stamp_make(struct stamp *stamp, const struct buf *body);

/* Close the object that is open with `generated`, and reply with it. */
void stamp_end(
    const struct stamp *stamp, struct json_writer *json, struct reply *reply);

/* Close the object that is open with the view's generation, which is the entity
 * tag, and its time. */
void stamp_view(
    const struct view *view, struct json_writer *json, struct reply *reply);

/* stamp_make() and stamp_end(). */
void stamp_reply(struct json_writer *json, struct reply *reply);

#endif
