/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/past.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"
#include "lib/base/day.h"

#define PEN_BUSY_MS 2000

/* --- today --- */

int past_begin(struct past *past, int64_t now_ms, struct err *err)
{
	past->now_ms = now_ms;
	past->nchanges = 0;
	return told_load(&past->told, past->reader, err);
}

int past_see(struct past *past, const struct network_verdict *verdict)
{
	struct events_told told = told_of(
	    &past->told, verdict->asn, verdict->family, verdict->port);
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
	    .vantage_points = network_lines(
		verdict->state, verdict->vantage_points, verdict->unsteady),
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
	told_free(&past->told);
	free(past->changes);
	memset(past, 0, sizeof(*past));
}
