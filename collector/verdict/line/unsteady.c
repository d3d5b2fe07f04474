/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/line/unsteady.h"

#include <string.h>

#include "lib/base/day.h"

#define HOURS VOTE_HOURS

static bool is_sound(const struct line_entry *entry, size_t cell)
{
	return cell < LINE_SOUND && (entry->sound >> cell & 1) != 0;
}

/* --- endpoints that answer and fail --- */

struct kinds {
	int64_t good, bad;
};

static struct kinds of_endpoint(
    const struct line_entry *recent, size_t count, uint32_t endpoint)
{
	struct kinds kinds = {0, 0};
	size_t i, j;

	for (i = 0; i < count; i++)
		for (j = 0; j < recent[i].source->ncells; j++)
			if (is_sound(&recent[i], j) &&
			    recent[i].cells[j].endpoint == endpoint) {
				kinds.good += recent[i].cells[j].good > 0;
				kinds.bad += recent[i].cells[j].bad > 0;
			}
	return kinds;
}

static bool is_first_sight(
    const struct line_entry *recent, size_t entry, uint32_t endpoint)
{
	size_t i, j;

	for (i = 0; i < entry; i++)
		for (j = 0; j < recent[i].source->ncells; j++)
			if (recent[i].cells[j].endpoint == endpoint)
				return false;
	return true;
}

/* The next endpoint that answered and failed, from (entry, cell) on. */
static bool next_of_both(const struct line_entry *recent, size_t count,
    size_t at[2], struct kinds *kinds)
{
	for (; at[0] < count; at[0]++, at[1] = 0)
		while (at[1] < recent[at[0]].source->ncells) {
			uint32_t endpoint =
			    recent[at[0]].cells[at[1]++].endpoint;

			if (!is_first_sight(recent, at[0], endpoint))
				continue;
			*kinds = of_endpoint(recent, count, endpoint);
			if (kinds->good > 0 && kinds->bad > 0)
				return true;
		}
	return false;
}

static bool is_seen_without(
    const struct kinds *all, const struct kinds *endpoint)
{
	int64_t good = all->good - endpoint->good;
	int64_t bad = all->bad - endpoint->bad;
	int64_t least = good < bad ? good : bad;

	return (double)least >= MODEL_UNSTEADY_SHARE * (double)(good + bad);
}

/* Endpoints that answer and fail show it, whichever of them is left out: that
 * others always fail is their own matter. */
static bool is_everywhere(const struct line_entry *recent, size_t count)
{
	struct kinds all = {0, 0}, one;
	size_t at[2] = {0, 0}, endpoints = 0;

	for (; next_of_both(recent, count, at, &one); endpoints++) {
		all.good += one.good;
		all.bad += one.bad;
	}
	if (endpoints < 2)
		return false;
	at[0] = at[1] = 0;
	while (next_of_both(recent, count, at, &one))
		if (!is_seen_without(&all, &one))
			return false;
	return true;
}

/* --- a span of the day --- */

/* Successes, and failures, by the hour of the UTC day. */
struct sightings {
	int64_t at[2][HOURS], total[2];
};

static int hour_of(int64_t ms)
{
	return (int)((ms % DAY_MS + DAY_MS) % DAY_MS / HOUR_MS);
}

static void add_sightings(
    struct sightings *sightings, bool failed, int64_t first_ms, int64_t last_ms)
{
	sightings->at[failed][hour_of(first_ms)]++;
	sightings->total[failed]++;
	if (last_ms == first_ms)
		return;
	sightings->at[failed][hour_of(last_ms)]++;
	sightings->total[failed]++;
}

static void gather(
    struct sightings *sightings, const struct line_entry *recent, size_t count)
{
	size_t i, j;

	memset(sightings, 0, sizeof(*sightings));
	for (i = 0; i < count; i++)
		for (j = 0; j < recent[i].source->ncells; j++) {
			const struct evidence_cell *cell = &recent[i].cells[j];

			if (!is_sound(&recent[i], j))
				continue;
			if (cell->good > 0)
				add_sightings(sightings, false,
				    cell->first_good_ms, cell->last_good_ms);
			if (cell->bad > 0)
				add_sightings(sightings, true,
				    cell->first_bad_ms, cell->last_bad_ms);
		}
}

/* The span in which all fails and out of which nothing does, if it disagrees
 * with the fewest sightings; of equal ones the shortest, then the earliest.
 * Returns how many. */
static int64_t best_span(
    const struct sightings *sightings, struct vote_hours *best)
{
	int64_t change[2 * HOURS], errors, best_errors = INT64_MAX;
	int first, length, hour;

	*best = (struct vote_hours){0, 0};
	for (hour = 0; hour < 2 * HOURS; hour++)
		change[hour] = sightings->at[false][hour % HOURS] -
			       sightings->at[true][hour % HOURS];
	for (first = 0; first < HOURS; first++) {
		errors = sightings->total[true];
		for (length = 1; length <= MODEL_HOURLY_MOST; length++) {
			errors += change[first + length - 1];
			if (length < MODEL_HOURLY_LEAST ||
			    errors > best_errors ||
			    (errors == best_errors && length >= best->length))
				continue;
			best_errors = errors;
			*best = (struct vote_hours){
			    (uint8_t)first, (uint8_t)length};
		}
	}
	return best_errors;
}

static bool is_within(const struct vote_hours *hours, int64_t ms)
{
	return (hour_of(ms) - hours->first + HOURS) % HOURS < hours->length;
}

/* Did the endpoint, on a day, what the span says? */
static bool cell_agrees(const struct evidence_cell *cell, bool failed,
    const struct vote_hours *hours)
{
	if (failed)
		return cell->bad > 0 &&
		       (is_within(hours, cell->first_bad_ms) ||
			   is_within(hours, cell->last_bad_ms));
	return cell->good > 0 && (!is_within(hours, cell->first_good_ms) ||
				     !is_within(hours, cell->last_good_ms));
}

static bool entry_agrees(const struct line_entry *entry, bool failed,
    const struct vote_hours *hours, const uint32_t *endpoint)
{
	size_t i;

	for (i = 0; i < entry->source->ncells; i++)
		if (is_sound(entry, i) &&
		    (endpoint == NULL ||
			entry->cells[i].endpoint == *endpoint) &&
		    cell_agrees(&entry->cells[i], failed, hours))
			return true;
	return false;
}

/* Days on which any endpoint, or that one, did. */
static int days_that_agree(const struct line_entry *recent, size_t count,
    bool failed, const struct vote_hours *hours, const uint32_t *endpoint)
{
	size_t i;
	int days = 0;

	for (i = 0; i < count; i++)
		days += entry_agrees(&recent[i], failed, hours, endpoint);
	return days;
}

/* On enough days, and twice at endpoints that did both. */
static bool is_often(const struct line_entry *recent, size_t count,
    const struct vote_hours *hours)
{
	const uint32_t *endpoint;
	size_t i, j;
	int both = 0;

	if (days_that_agree(recent, count, true, hours, NULL) <
		MODEL_HOURLY_MIN ||
	    days_that_agree(recent, count, false, hours, NULL) <
		MODEL_HOURLY_MIN)
		return false;
	for (i = 0; i < count; i++)
		for (j = 0; j < recent[i].source->ncells; j++) {
			endpoint = &recent[i].cells[j].endpoint;
			both += is_first_sight(recent, i, *endpoint) &&
				days_that_agree(
				    recent, count, true, hours, endpoint) > 0 &&
				days_that_agree(
				    recent, count, false, hours, endpoint) > 0;
		}
	return both >= 2;
}

/* Does a span that disagrees with so many sightings explain enough? */
static bool explains(const struct sightings *sightings, int64_t errors)
{
	int64_t good = sightings->total[false], bad = sightings->total[true];
	int64_t least = good < bad ? good : bad;

	return least - errors >= MODEL_HOURLY_MIN &&
	       (double)errors <= MODEL_HOURLY_SHARE * (double)(good + bad);
}

/* No span disagrees with fewer: an hour is within it or not. */
static int64_t fewest_errors(const struct sightings *sightings)
{
	int64_t errors = 0;
	int hour;

	for (hour = 0; hour < HOURS; hour++) {
		int64_t good = sightings->at[false][hour];
		int64_t bad = sightings->at[true][hour];

		errors += good < bad ? good : bad;
	}
	return errors;
}

static bool is_hourly(
    const struct line_entry *recent, size_t count, struct vote_hours *hours)
{
	struct sightings sightings;

	gather(&sightings, recent, count);
	if (explains(&sightings, fewest_errors(&sightings)) &&
	    explains(&sightings, best_span(&sightings, hours)) &&
	    is_often(recent, count, hours))
		return true;
	*hours = (struct vote_hours){0, 0};
	return false;
}

/* --- one change --- */

/* Endpoint-days that disagree with the best story of one change at most: open
 * until some day and blocked from then on, or the reverse. Each day that moves
 * to before the change turns what agreed into errors, and errors into what
 * agrees. */
static int64_t errors_of_change(
    const struct line_entry *recent, size_t count, struct kinds *all)
{
	int64_t turned = 0, least = 0, most = 0;
	size_t i;

	*all = (struct kinds){0, 0};
	for (i = 0; i < count; i++) {
		all->good += recent[i].good;
		all->bad += recent[i].bad;
		turned += (int64_t)recent[i].bad - recent[i].good;
		least = turned < least ? turned : least;
		most = turned > most ? turned : most;
	}
	return all->good + least < all->bad - most ? all->good + least
						   : all->bad - most;
}

/* --- all of it --- */

bool unsteady_is_seen(
    const struct line_entry *recent, size_t count, struct vote_hours *hours)
{
	struct kinds all;
	int64_t errors = errors_of_change(recent, count, &all);

	*hours = (struct vote_hours){0, 0};
	if (errors >= MODEL_HOURLY_MIN && is_hourly(recent, count, hours))
		return true;
	return errors >= MODEL_UNSTEADY_MIN &&
	       (double)errors >=
		   MODEL_UNSTEADY_SHARE * (double)(all.good + all.bad) &&
	       is_everywhere(recent, count);
}
