/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/key_rotation.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/upload/session.h"

struct key_rotation {
	struct key_rotation_parts parts;
	struct session session;
	struct event *wake;
	bool by_new; /* signed with the new key */
	bool over;
	struct uplink_result result;
	uplink_done *done;
	void *arg;
};

/* The session is closed from the loop, not from its own callback. */
static void wake(struct key_rotation *rotation)
{
	event_active(rotation->wake, EV_TIMEOUT, 0);
}

static void fail(struct key_rotation *rotation, const struct err *err)
{
	rotation->result = (struct uplink_result){.end = UPLINK_TRY_LATER};
	snprintf(rotation->result.why, sizeof(rotation->result.why), "%.200s",
	    err->text);
	rotation->over = true;
	wake(rotation);
}

static void on_answer(void *arg, const struct uplink_result *result)
{
	struct key_rotation *rotation = arg;

	rotation->result = *result;
	rotation->result.body = NULL;
	rotation->over = result->status != 401 || rotation->by_new;
	rotation->by_new = true;
	wake(rotation);
}

static void ask(struct key_rotation *rotation)
{
	struct key_rotation_parts *parts = &rotation->parts;
	struct identity signer = *parts->identity;
	struct err err;

	if (rotation->by_new)
		signer.key = signer.next;
	session_close(&rotation->session);
	if (session_open(&rotation->session, parts->base, parts->options,
		&signer, &err) < 0)
		fail(rotation, &err);
	else
		uplink_rotate(rotation->session.uplink, parts->identity->next,
		    on_answer, rotation);
}

static void end(struct key_rotation *rotation)
{
	struct err err;

	session_close(&rotation->session);
	if (rotation->result.end == UPLINK_OK &&
	    identity_finish_rotation(
		rotation->parts.options, rotation->parts.identity, &err) < 0) {
		rotation->result.end = UPLINK_TRY_LATER;
		snprintf(rotation->result.why, sizeof(rotation->result.why),
		    "%.200s", err.text);
	}
	rotation->done(rotation->arg, &rotation->result);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct key_rotation *rotation = arg;

	(void)fd;
	(void)what;
	if (rotation->over)
		end(rotation);
	else
		ask(rotation);
}

struct key_rotation *key_rotation_start(
    const struct key_rotation_parts *parts, uplink_done *done, void *arg)
{
	struct key_rotation *rotation = calloc(1, sizeof(*rotation));

	if (rotation == NULL)
		return NULL;
	rotation->parts = *parts;
	rotation->done = done;
	rotation->arg = arg;
	rotation->wake = evtimer_new(parts->base, on_wake, rotation);
	if (rotation->wake == NULL) {
		free(rotation);
		return NULL;
	}
	wake(rotation);
	return rotation;
}

void key_rotation_cancel(struct key_rotation *rotation)
{
	if (rotation == NULL)
		return;
	session_close(&rotation->session);
	event_free(rotation->wake);
	free(rotation);
}
