/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/key_rotation.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/upload/session.h"

struct rotation {
	struct rotation_parts parts;
	struct line line;
	struct event *turn;
	bool by_new; /* the key that signs */
	bool over;
	struct uplink_result result;
	uplink_done *done;
	void *arg;
};

/* The line ends from the loop, not under its own callback. */
static void take_turn(struct rotation *rotation)
{
	event_active(rotation->turn, EV_TIMEOUT, 0);
}

static void fail(struct rotation *rotation, const struct err *err)
{
	rotation->result = (struct uplink_result){.end = UPLINK_TRY_LATER};
	snprintf(rotation->result.why, sizeof(rotation->result.why), "%.200s",
	    err->text);
	rotation->over = true;
	take_turn(rotation);
}

static void on_answer(void *arg, const struct uplink_result *result)
{
	struct rotation *rotation = arg;

	rotation->result = *result;
	rotation->result.body = NULL;
	rotation->over = result->status != 401 || rotation->by_new;
	rotation->by_new = true;
	take_turn(rotation);
}

static void ask(struct rotation *rotation)
{
	struct rotation_parts *parts = &rotation->parts;
	struct identity signer = *parts->identity;
	struct err err;

	if (rotation->by_new)
		signer.key = signer.next;
	line_close(&rotation->line);
	if (line_open(&rotation->line, parts->base, parts->options, &signer,
		&err) < 0)
		fail(rotation, &err);
	else
		uplink_rotate(rotation->line.uplink, parts->identity->next,
		    on_answer, rotation);
}

static void end(struct rotation *rotation)
{
	struct err err;

	line_close(&rotation->line);
	if (rotation->result.end == UPLINK_OK &&
	    identity_end_change(
		rotation->parts.options, rotation->parts.identity, &err) < 0) {
		rotation->result.end = UPLINK_TRY_LATER;
		snprintf(rotation->result.why, sizeof(rotation->result.why),
		    "%.200s", err.text);
	}
	rotation->done(rotation->arg, &rotation->result);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct rotation *rotation = arg;

	(void)fd;
	(void)what;
	if (rotation->over)
		end(rotation);
	else
		ask(rotation);
}

struct rotation *rotation_start(
    const struct rotation_parts *parts, uplink_done *done, void *arg)
{
	struct rotation *rotation = calloc(1, sizeof(*rotation));

	if (rotation == NULL)
		return NULL;
	rotation->parts = *parts;
	rotation->done = done;
	rotation->arg = arg;
	rotation->turn = evtimer_new(parts->base, on_turn, rotation);
	if (rotation->turn == NULL) {
		free(rotation);
		return NULL;
	}
	take_turn(rotation);
	return rotation;
}

void rotation_cancel(struct rotation *rotation)
{
	if (rotation == NULL)
		return;
	line_close(&rotation->line);
	event_free(rotation->turn);
	free(rotation);
}
