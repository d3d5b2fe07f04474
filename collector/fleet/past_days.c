/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/past_days.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/verdict/evidence/model.h"
#include "collector/verdict/published/because.h"
#include "lib/base/array.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

/* Days that are closed together. The days of the window before them let each
 * line find out what it is. */
#define DAYS_TOGETHER (MODEL_WINDOW / 2)
#define LONG_US       INT64_C(2000000)
#define BATCH         256 /* days of networks in a transaction: a few ms */

/* A network at the end of a day. */
struct past_day {
	struct history_day day;
	double wrong;  /* as in network_verdict */
	char *because; /* owned; NULL: as on the day before */
	bool is_held_back;
	int days; /* it has been like that, but for the bound on all */
};

/* Days that are being closed. */
struct closing {
	struct past *past;
	int32_t since_day, last_day;
	struct past_day *days; /* by network and day; owned */
	size_t ndays;
	struct history_day last; /* the day that was seen last */
	int same_days;           /* for how many it was like that */
	struct event *events;    /* owned */
	size_t nevents;
};

static int64_t end_of(int32_t day)
{
	return (day + 1) * DAY_MS - 1;
}

/* --- the days of all networks --- */

static bool is_same_network(
    const struct history_day *a, const struct history_day *b)
{
	return a->asn == b->asn && a->family == b->family && a->port == b->port;
}

static void fill_day(
    struct history_day *to, int32_t day, const struct network_verdict *verdict)
{
	*to = (struct history_day){
	    .day = day,
	    .asn = verdict->asn,
	    .family = verdict->family,
	    .port = verdict->port,
	    .state = verdict->state,
	    .level = verdict->level,
	    .mechanism = verdict->mechanism,
	    .vantage_points = network_lines(
		verdict->state, verdict->vantage_points, verdict->unsteady),
	    .blocked_low = verdict->blocked_low,
	    .blocked_mid = verdict->blocked_mid,
	    .blocked_high = verdict->blocked_high,
	};
}

/* How long the network has been like that, days before those that are closed
 * among them. */
static void count_same(struct closing *closing, const struct history_day *day)
{
	bool goes_on = is_same_network(&closing->last, day) &&
		       closing->last.day == day->day - 1 &&
		       closing->last.state == day->state;

	closing->same_days = goes_on ? closing->same_days + 1 : 1;
	closing->last = *day;
}

/* Does the day need a sentence of its own? */
static bool is_news(const struct closing *closing, const struct past_day *day)
{
	const struct past_day *before = closing->ndays > 0 ? day - 1 : NULL;

	return before == NULL || !is_same_network(&before->day, &day->day) ||
	       before->day.state != day->day.state ||
	       day->days == EVENTS_HOLD || day->days == EVENTS_UNKNOWN;
}

static int add_day(
    void *arg, int32_t day, const struct network_verdict *verdict)
{
	struct closing *closing = arg;
	struct past_day *grown, *to;
	struct history_day seen;

	if (*closing->past->ending)
		return -ECANCELED;
	fill_day(&seen, day, verdict);
	count_same(closing, &seen);
	if (day < closing->since_day)
		return 0;
	grown = array_grow(closing->days, closing->ndays, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	closing->days = grown;
	to = &grown[closing->ndays];
	*to = (struct past_day){
	    .day = seen, .wrong = verdict->wrong, .days = closing->same_days};
	if (is_news(closing, to)) {
		to->because = strdup(verdict->because);
		if (to->because == NULL)
			return -ENOMEM;
	}
	closing->ndays++;
	return 0;
}

/* --- the bound on all accusations, each day --- */

static void hold_back(struct past_day *day)
{
	day->is_held_back = true;
	day->day.state = STATE_INSUFFICIENT;
	day->day.level = LEVEL_NONE;
	day->day.mechanism = MECHANISM_COUNT;
}

static void bound_day(
    struct closing *closing, int32_t day, struct gate_accusation *accusations)
{
	size_t i, count = 0;

	for (i = 0; i < closing->ndays; i++) {
		const struct past_day *one = &closing->days[i];

		if (one->day.day == day && one->wrong >= 0)
			accusations[count++] = (struct gate_accusation){
			    .wrong = one->wrong,
			    .asn = one->day.asn,
			    .family = one->day.family,
			    .port = one->day.port,
			    .number = i,
			};
	}
	gate_close(accusations, count);
	for (i = 0; i < count; i++)
		if (accusations[i].is_held_back)
			hold_back(&closing->days[accusations[i].number]);
}

static int bound_days(struct closing *closing)
{
	struct gate_accusation *accusations = array_new(
	    closing->ndays + 1, sizeof(*accusations));
	int32_t day;

	if (accusations == NULL)
		return -ENOMEM;
	for (day = closing->since_day; day <= closing->last_day; day++)
		bound_day(closing, day, accusations);
	free(accusations);
	return 0;
}

/* --- what changed --- */

/* The last sentence about it that is as old as its state. The first day of a
 * network has one. */
static const char *sentence_of(const struct past_day *day)
{
	if (day->is_held_back)
		return because_held_back;
	while (day->because == NULL)
		day--;
	return day->because;
}

static int add_event(struct closing *closing, const struct past_day *day,
    enum network_state from)
{
	struct event *event = array_grow(
	    closing->events, closing->nevents, sizeof(*event));

	if (event == NULL)
		return -ENOMEM;
	closing->events = event;
	event += closing->nevents++;
	memset(event, 0, sizeof(*event));
	event->at_ms = end_of(day->day.day);
	event->asn = day->day.asn;
	event->family = day->day.family;
	event->port = day->day.port;
	event->from = from;
	event->to = day->day.state;
	event->level = day->day.level;
	event->vantage_points = day->day.vantage_points;
	snprintf(
	    event->because, sizeof(event->because), "%s", sentence_of(day));
	event_identify(event);
	return 0;
}

static bool is_told(const struct events_told *told, const struct past_day *day)
{
	const struct events_day closed = {
	    .day = day->day.day,
	    .state = day->day.state,
	    .days = day->is_held_back ? 1 : day->days,
	    .is_held_back = day->is_held_back,
	};

	return events_tell_closed(told, &closed);
}

static int find_events(struct closing *closing)
{
	struct events_told told = {STATE_INSUFFICIENT, EVENTS_NEVER};
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < closing->ndays; i++) {
		const struct past_day *day = &closing->days[i];

		if (i == 0 || !is_same_network(&day[-1].day, &day->day))
			told = told_of(&closing->past->told, day->day.asn,
			    day->day.family, day->day.port);
		if (!is_told(&told, day))
			continue;
		error = add_event(closing, day, told.state);
		told = (struct events_told){day->day.state, day->day.day};
	}
	return error;
}

/* --- into the store --- */

static int compare_days(const void *a, const void *b)
{
	const struct history_day *left = &((const struct past_day *)a)->day;
	const struct history_day *right = &((const struct past_day *)b)->day;

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return (left->port > right->port) - (left->port < right->port);
}

/* Leave the database to the writer of reports for as long as it was taken. */
static void give_way(int64_t taken_us)
{
	struct timespec pause = {taken_us / 1000000, taken_us % 1000000 * 1000};

	nanosleep(&pause, NULL);
}

static int write_days(struct closing *closing, struct err *err)
{
	struct history_day batch[BATCH];
	struct store_past added = {.days = batch, .closed_day = STORE_NO_DAY};
	int64_t began_us;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < closing->ndays;) {
		if (*closing->past->ending)
			return -ECANCELED;
		for (added.ndays = 0; added.ndays < BATCH && i < closing->ndays;
		     i++)
			batch[added.ndays++] = closing->days[i].day;
		began_us = clock_mono_us();
		error = store_add_past(closing->past->pen, &added, err);
		give_way(clock_mono_us() - began_us);
	}
	return error;
}

/* Events and the last day go together: if this stops before, it begins anew. */
static int write_all(struct closing *closing, struct err *err)
{
	struct store_past last = {
	    .events = closing->events,
	    .nevents = closing->nevents,
	    .closed_day = closing->last_day,
	};
	int error;

	if (closing->ndays > 0)
		qsort(closing->days, closing->ndays, sizeof(*closing->days),
		    compare_days);
	error = write_days(closing, err);
	return error == 0 ? store_add_past(closing->past->pen, &last, err)
			  : error;
}

static void free_closing(struct closing *closing)
{
	size_t i;

	for (i = 0; i < closing->ndays; i++)
		free(closing->days[i].because);
	free(closing->days);
	free(closing->events);
}

static int close_days(
    struct past *past, int32_t since_day, int32_t last_day, struct err *err)
{
	struct closing closing = {
	    .past = past, .since_day = since_day, .last_day = last_day};
	int error = past_begin(past, end_of(last_day), err);

	if (error == 0)
		error = networks_follow(past->reader, end_of(last_day),
		    since_day - EVENTS_UNKNOWN + 1, add_day, &closing, err);
	if (error == 0) {
		error = bound_days(&closing);
		if (error == 0)
			error = find_events(&closing);
		if (error < 0)
			err_system(err, error, "closing a day");
	}
	if (error == 0)
		error = write_all(&closing, err);
	free_closing(&closing);
	return error;
}

/* --- which days --- */

static int see_first_day(void *arg, const struct vantage *vantage)
{
	int32_t *first = arg;

	if (*first == STORE_NO_DAY || vantage->first_day < *first)
		*first = vantage->first_day;
	return 0;
}

/* The last day that is closed, or, of a store that never closed any, the day
 * before its first rollup. */
static int find_closed(
    struct past *past, int32_t today, int32_t *closed, struct err *err)
{
	int32_t first = STORE_NO_DAY;
	int error = store_closed_day(past->reader, closed, err);

	if (error < 0 || *closed != STORE_NO_DAY)
		return error;
	error = store_first_days(past->reader, see_first_day, &first, err);
	*closed = first != STORE_NO_DAY && first < today ? first - 1
							 : today - 1;
	return error;
}

/* The last day that can be closed: it has ended, and the window that ends on it
 * has a measurement. So a clock that is far ahead closes few days to come. */
static int find_last(
    struct past *past, int32_t today, int32_t *last, struct err *err)
{
	struct store_totals totals;
	int error = store_totals(past->reader, &totals, err);

	if (error < 0)
		return error;
	*last = evidence_day_of(totals.last_ms) + MODEL_WINDOW - 1;
	if (*last > today - 1)
		*last = today - 1;
	return 0;
}

int past_days_close(
    struct past *past, int64_t now_ms, bool *all_closed, struct err *err)
{
	int64_t until_us = clock_mono_us() + LONG_US;
	int32_t today = evidence_day_of(now_ms), closed = 0, last = 0, until;
	int error = find_closed(past, today, &closed, err);

	if (error == 0)
		error = find_last(past, today, &last, err);
	while (error == 0 && closed < last) {
		until = closed + DAYS_TOGETHER < last ? closed + DAYS_TOGETHER
						      : last;
		error = close_days(past, closed + 1, until, err);
		closed = until;
		if (clock_mono_us() >= until_us)
			break;
	}
	*all_closed = error == 0 && closed >= last;
	return error;
}
