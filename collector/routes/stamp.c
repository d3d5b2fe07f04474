/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/stamp.h"

#include <inttypes.h>
#include <stdio.h>

#include "collector/base/fnv.h"
#include "lib/base/clock.h"

void stamp_make(struct stamp *stamp, const struct buf *body)
{
	stamp->now_ms = clock_wall_ms();
	snprintf(stamp->tag, sizeof(stamp->tag), "%016llx",
	    (unsigned long long)fnv1a(body->data, body->length));
}

void stamp_end(
    const struct stamp *stamp, struct json_writer *json, struct reply *reply)
{
	json_time(json, "generated", stamp->now_ms);
	json_close_object(json);
	reply_json(reply, 200, json->out);
	reply_set_tag(reply, stamp->tag);
}

void stamp_reply(struct json_writer *json, struct reply *reply)
{
	struct stamp stamp;

	stamp_make(&stamp, json->out);
	stamp_end(&stamp, json, reply);
}

void stamp_view(
    const struct view *view, struct json_writer *json, struct reply *reply)
{
	char tag[REPLY_TAG_SIZE];

	json_integer(json, "generation", view->generation);
	json_time(json, "generated", view->generated_ms);
	json_close_object(json);
	reply_json(reply, 200, json->out);
	snprintf(tag, sizeof(tag), "%" PRId64, view->generation);
	reply_set_tag(reply, tag);
}
