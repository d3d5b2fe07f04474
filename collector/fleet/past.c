/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/past.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"
#include "lib/base/day.h"

#define PEN_BUSY_MS 2000

/* --- what was told --- */

static int compare_told(const void *a, const void *b)
{
	const struct past_told *left = a, *right = b;

	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return (left->port > right->port) - (left->port < right->port);
}

static int add_told(void *arg, const struct event *event)
{
	struct past *past = arg;
	struct past_told *grown = array_grow(
	    past->told, past->ntold, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	past->told = grown;
	grown[past->ntold++] = (struct past_told){event->asn, event->family,
	    event->port, {event->to, evidence_day_of(event->at_ms)}};
	return 0;
}

static int load_told(struct past *past, struct err *err)
{
	int error;

	past->ntold = 0;
	error = store_last_events(past->reader, add_told, past, err);
	return error == -ENOMEM ? err_system(err, error, "events") : error;
}

struct events_told past_told_of(
    const struct past *past, uint32_t asn, uint8_t family, uint16_t port)
{
	struct past_told key = {
	    asn, family, port, {STATE_INSUFFICIENT, EVENTS_NEVER}};
	struct past_told *found = NULL;

	if (past->ntold > 0)
		found = bsearch(
		    &key, past->told, past->ntold, sizeof(key), compare_told);
	return found != NULL ? found->last : key.last;
}

/* --- today --- */

int past_begin(struct past *past, int64_t now_ms, struct err *err)
{
	past->now_ms = now_ms;
	past->nchanges = 0;
	return load_told(past, err);
}

int past_see(struct past *past, const struct network_verdict *verdict)
{
	struct events_told told = past_told_of(
	    past, verdict->asn, verdict->family, verdict->port);
	struct event *change;

	if (!events_tell_now(
		&told, evidence_day_of(past->now_ms), verdict->state))
		return 0;
	change = array_grow(past->changes, past->nchanges, sizeof(*change));
	if (change == NULL)
		return -ENOMEM;
	past->changes = change;
	change += past->nchanges++;
	*change = (struct event){
	    .at_ms = past->now_ms,
	    .asn = verdict->asn,
	    .family = verdict->family,
	    .port = verdict->port,
	    .from = told.state,
	    .to = verdict->state,
	    .level = verdict->level,
	    .vantage_points = verdict->vantage_points,
	};
	snprintf(
	    change->because, sizeof(change->because), "%s", verdict->because);
	event_identify(change);
	return 0;
}

/* The bound on all accusations has taken these back. */
static void drop_held_back(struct past *past, const struct judge *judge)
{
	size_t i, kept = 0;

	for (i = 0; i < past->nchanges; i++) {
		const struct event *change = &past->changes[i];

		if (!judge_holds_back(
			judge, change->asn, change->family, change->port))
			past->changes[kept++] = *change;
	}
	past->nchanges = kept;
}

int past_tell(struct past *past, const struct judge *judge, struct err *err)
{
	struct store_past added = {.closed_day = STORE_NO_DAY};

	drop_held_back(past, judge);
	if (past->nchanges == 0)
		return 0;
	added.events = past->changes;
	added.nevents = past->nchanges;
	return store_add_past(past->pen, &added, err);
}

/* --- begin and end --- */

int past_open(struct past *past, const struct store_settings *settings,
    struct store *reader, const _Atomic bool *ending, struct err *err)
{
	struct store_settings writing = *settings;

	memset(past, 0, sizeof(*past));
	past->reader = reader;
	past->ending = ending;
	writing.read_only = false;
	writing.copies_elsewhere = true;
	writing.busy_ms = PEN_BUSY_MS;
	return store_open(&writing, &past->pen, err);
}

void past_free(struct past *past)
{
	store_close(past->pen);
	free(past->told);
	free(past->changes);
	memset(past, 0, sizeof(*past));
}
