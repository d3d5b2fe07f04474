/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/migrate_past.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_move.h"
#include "collector/store/store_past.h"
#include "collector/store/store_review.h"
#include "lib/base/array.h"

#define DAYS_MOST   20000 /* networks' days that are added together */
#define EVENTS_MOST 5000

/* --- what was published --- */

/* Days that are being copied. */
struct days_moving {
	struct store *target;
	struct history_day *days; /* owned: DAYS_MOST */
	size_t count;
	struct err *err;
};

static int add_days(struct days_moving *moving)
{
	const struct store_past past = {
	    .days = moving->days,
	    .ndays = moving->count,
	    .closed_day = STORE_NO_DAY,
	};
	int error = moving->count == 0
			? 0
			: store_add_past(moving->target, &past, moving->err);

	moving->count = 0;
	return error;
}

static int take_day(void *arg, const struct history_day *day)
{
	struct days_moving *moving = arg;

	moving->days[moving->count++] = *day;
	return moving->count == DAYS_MOST ? add_days(moving) : 0;
}

static int migrate_history(
    struct store *source, struct store *target, struct err *err)
{
	const struct history_filter all = {
	    .since_day = INT32_MIN, .until_day = INT32_MAX};
	struct days_moving moving = {.target = target, .err = err};
	int error;

	moving.days = calloc(DAYS_MOST, sizeof(*moving.days));
	if (moving.days == NULL)
		return err_system(err, -ENOMEM, "days");
	error = store_history(source, &all, take_day, &moving, err);
	if (error == 0)
		error = add_days(&moving);
	free(moving.days);
	return error;
}

struct event_list {
	struct event *events; /* owned: EVENTS_MOST */
	size_t count;
};

static int take_event(void *arg, const struct event *event)
{
	struct event_list *list = arg;

	list->events[list->count++] = *event;
	return 0;
}

static int migrate_events(
    struct store *source, struct store *target, struct err *err)
{
	struct store_page page = {.limit = EVENTS_MOST};
	struct store_past past = {.closed_day = STORE_NO_DAY};
	struct event_list list = {0};
	struct event_filter filter;
	int error = 0;

	list.events = calloc(EVENTS_MOST, sizeof(*list.events));
	if (list.events == NULL)
		return err_system(err, -ENOMEM, "events");
	event_filter_init(&filter);
	do {
		list.count = 0;
		error = store_events(
		    source, &filter, &page, take_event, &list, err);
		past.events = list.events;
		past.nevents = list.count;
		if (error == 0 && list.count > 0)
			error = store_add_past(target, &past, err);
	} while (error == 0 && page.cursor[0] != '\0');
	free(list.events);
	return error;
}

/* A day is closed when all of it is there. It was read before: a day that is
 * closed meanwhile comes the next time. */
static int migrate_published(
    struct store *source, struct store *target, struct err *err)
{
	struct store_past past = {.closed_day = STORE_NO_DAY};
	int error = store_closed_day(source, &past.closed_day, err);

	if (error == 0)
		error = migrate_history(source, target, err);
	if (error == 0)
		error = migrate_events(source, target, err);
	return error == 0 && past.closed_day != STORE_NO_DAY
		   ? store_add_past(target, &past, err)
		   : error;
}

/* --- remarks and decisions --- */

struct remark_moving {
	struct store *target;
	struct err *err;
};

static int take_remark(
    void *arg, uint32_t asn, const struct annotation *annotation)
{
	const struct remark_moving *moving = arg;

	return store_annotate(moving->target, asn, annotation, moving->err);
}

struct review_list {
	struct review *reviews; /* owned */
	size_t count;
};

static int take_review(void *arg, const struct review *review)
{
	struct review_list *list = arg;
	struct review *grown = array_grow(
	    list->reviews, list->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	list->reviews = grown;
	grown[list->count++] = *review;
	return 0;
}

static bool has_newer(
    const struct review_list *list, const struct review *review)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->reviews[i].asn == review->asn &&
		    list->reviews[i].family == review->family &&
		    list->reviews[i].port == review->port)
			return list->reviews[i].at_ms >= review->at_ms;
	return false;
}

static int migrate_reviews(
    struct store *source, struct store *target, struct err *err)
{
	struct review_list here = {0}, there = {0};
	int error = store_reviews(source, take_review, &here, err);
	size_t i;

	if (error == 0)
		error = store_reviews(target, take_review, &there, err);
	if (error == -ENOMEM)
		err_system(err, error, "reviews");
	for (i = 0; error == 0 && i < here.count; i++)
		if (!has_newer(&there, &here.reviews[i]))
			error = store_decide_review(
			    target, &here.reviews[i], err);
	free(here.reviews);
	free(there.reviews);
	return error;
}

int migrate_past(struct store *source, struct store *target, struct err *err)
{
	struct remark_moving moving = {target, err};
	int error = migrate_published(source, target, err);

	if (error == 0)
		error = store_annotations(source, take_remark, &moving, err);
	return error == 0 ? migrate_reviews(source, target, err) : error;
}

/* --- counts of days whose measurements are removed --- */

struct count_lists {
	struct rollup_row *rollups; /* all owned */
	size_t nrollups;
	struct network_info *names;
	size_t nnames;
	struct vantage *vantages;
	size_t nvantages;
	int32_t until_day;
};

static int take_rollup(void *arg, const struct rollup_row *row)
{
	struct count_lists *lists = arg;
	struct rollup_row *grown;

	if (row->day >= lists->until_day)
		return 0;
	grown = array_grow(lists->rollups, lists->nrollups, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	lists->rollups = grown;
	grown[lists->nrollups++] = *row;
	return 0;
}

static int take_vantage(void *arg, const struct vantage *vantage)
{
	struct count_lists *lists = arg;
	struct vantage *grown = array_grow(
	    lists->vantages, lists->nvantages, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	lists->vantages = grown;
	grown[lists->nvantages++] = *vantage;
	return 0;
}

/* Rollups come by ASN. */
static int find_names(
    struct store *source, struct count_lists *lists, struct err *err)
{
	struct network_info *grown;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < lists->nrollups; i++) {
		if (i > 0 && lists->rollups[i].asn == lists->rollups[i - 1].asn)
			continue;
		grown = array_grow(lists->names, lists->nnames, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		lists->names = grown;
		error = store_network(source, lists->rollups[i].asn,
		    &grown[lists->nnames++], err);
		if (error == -ENOENT)
			error = 0;
	}
	return error;
}

int migrate_counts(struct store *source, struct store *target,
    int64_t expired_ms, struct err *err)
{
	struct count_lists lists = {
	    .until_day = rollup_day(expired_ms - 1) + 1};
	struct row_filter filter;
	int error;

	if (expired_ms == 0)
		return 0;
	row_filter_init(&filter);
	filter.until_ms = rollup_day_ms(lists.until_day);
	error = store_rollups(source, &filter, NULL, take_rollup, &lists, err);
	if (error == 0)
		error = store_first_days(source, take_vantage, &lists, err);
	if (error == 0)
		error = find_names(source, &lists, err);
	if (error == 0)
		error = clickhouse_move_counts(target,
		    &(struct move_counts){lists.rollups, lists.nrollups,
			lists.names, lists.nnames, lists.vantages,
			lists.nvantages},
		    err);
	else if (error == -ENOMEM)
		err_system(err, error, "counts");
	free(lists.rollups);
	free(lists.names);
	free(lists.vantages);
	return error;
}
