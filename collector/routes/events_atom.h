/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_EVENTS_ATOM_H
#define EGRESS25_COLLECTOR_ROUTES_EVENTS_ATOM_H

/*
 * Events as an Atom feed (RFC 4287): events_atom_begin(); events_atom_add()
 * each, the newest first; events_atom_reply(), or events_atom_drop(). An
 * event's id (a tag URI, RFC 4151) is the same at every collector.
 */

#include "collector/http/reply.h"
#include "collector/record/event.h"

struct events_atom {
	const char *query; /* of the request, or NULL; borrowed */
	struct buf entries;
	int64_t newest_ms; /* 0: there are none */
};

void events_atom_begin(struct events_atom *feed, const char *query);
void events_atom_add(struct events_atom *feed, const struct event *event,
    const struct network_info *info);
void events_atom_reply(struct events_atom *feed, struct reply *reply);
void events_atom_drop(struct events_atom *feed);

#endif
