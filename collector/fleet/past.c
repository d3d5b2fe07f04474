/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/past.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/published/because.h"
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
	grown[past->ntold++] = (struct past_told){
	    event->asn, event->family, event->port, event->to, event->at_ms};
	return 0;
}

static int load_told(struct past *past, struct err *err)
{
	int error;

	past->ntold = 0;
	error = store_last_events(past->reader, add_told, past, err);
	return error == -ENOMEM ? err_system(err, error, "events") : error;
}

/* What the last event of a network told; before the first: insufficient. */
struct past_told past_told_of(
    const struct past *past, uint32_t asn, uint8_t family, uint16_t port)
{
	struct past_told key = {asn, family, port, STATE_INSUFFICIENT, 0};
	struct past_told *found = NULL;

	if (past->ntold > 0)
		found = bsearch(
		    &key, past->told, past->ntold, sizeof(key), compare_told);
	return found != NULL ? *found : key;
}

/* --- today --- */

static bool was_told_today(
    const struct past *past, const struct past_told *told)
{
	return told->at_ms != 0 &&
	       evidence_day_of(told->at_ms) == evidence_day_of(past->now_ms);
}

/* A change of today, unless there is none, or one was told today already: what
 * changes twice a day is told when the day is closed. */
static struct event *add_change(struct past *past, uint32_t asn, uint8_t family,
    uint16_t port, enum network_state to, int *error)
{
	struct past_told told = past_told_of(past, asn, family, port);
	struct event *grown;

	*error = 0;
	if (told.state == to || was_told_today(past, &told))
		return NULL;
	grown = array_grow(past->changes, past->nchanges, sizeof(*grown));
	if (grown == NULL) {
		*error = -ENOMEM;
		return NULL;
	}
	past->changes = grown;
	grown += past->nchanges++;
	memset(grown, 0, sizeof(*grown));
	grown->at_ms = past->now_ms;
	grown->asn = asn;
	grown->family = family;
	grown->port = port;
	grown->from = told.state;
	grown->to = to;
	event_identify(grown);
	return grown;
}

int past_begin(struct past *past, int64_t now_ms, struct err *err)
{
	past->now_ms = now_ms;
	past->nchanges = 0;
	return load_told(past, err);
}

int past_see(struct past *past, const struct network_verdict *verdict)
{
	int error;
	struct event *change = add_change(past, verdict->asn, verdict->family,
	    verdict->port, verdict->state, &error);

	if (change == NULL)
		return error;
	change->level = verdict->level;
	change->vantage_points = verdict->vantage_points;
	snprintf(
	    change->because, sizeof(change->because), "%s", verdict->because);
	return 0;
}

/* The bound on all accusations has taken these back. */
static int see_held_back(struct past *past, const struct judge *judge)
{
	struct event *change;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < judge->naccusations; i++) {
		const struct gate_accusation *held = &judge->accusations[i];

		change = add_change(past, held->asn, held->family, held->port,
		    STATE_INSUFFICIENT, &error);
		if (change == NULL)
			continue;
		change->vantage_points = held->vantage_points;
		snprintf(change->because, sizeof(change->because), "%s.",
		    because_held_back);
	}
	return error;
}

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
	int error;

	drop_held_back(past, judge);
	error = see_held_back(past, judge);
	if (error < 0)
		return err_system(err, error, "events");
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
