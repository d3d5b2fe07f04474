/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/view/view_past.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A day in a byte; 0: nothing is known. */
static uint8_t pack_day(int state, int level)
{
	return (uint8_t)(1 + state + level * STATE_COUNT);
}

static uint8_t *day_at(struct view *view, size_t network, int32_t day)
{
	return &view->days[network * VIEW_DAYS + (size_t)(day - view->since)];
}

static bool is_same(const struct view_network *a, const struct view_network *b)
{
	return a->asn == b->asn && a->family == b->family && a->port == b->port;
}

/* What the view before has of a network, but for its own today. */
static void take_over(struct view *view, const struct view *before, size_t to)
{
	const struct view_network *network = &view->networks[to];
	size_t from = view_find(
	    before, network->asn, network->family, network->port);
	int32_t day = view->since > before->since ? view->since : before->since;

	if (from == before->count || !is_same(network, &before->networks[from]))
		return;
	for (; day < before->past_until; day++)
		*day_at(view, to,
		    day) = before->days[from * VIEW_DAYS +
					(size_t)(day - before->since)];
}

int view_past_begin(struct view *view, const struct view *before)
{
	int32_t today = (int32_t)(view->generated_ms / 86400000);
	size_t i;

	view->since = today - VIEW_DAYS + 1;
	view->past_until = view->since;
	if (before != NULL && before->past_until > view->since)
		view->past_until = before->past_until;
	view->days = calloc(view->count + 1, VIEW_DAYS);
	if (view->days == NULL)
		return -ENOMEM;
	for (i = 0; i < view->count; i++) {
		if (before != NULL && before->days != NULL)
			take_over(view, before, i);
		*day_at(view, i, today) = pack_day(
		    view->networks[i].state, view->networks[i].level);
	}
	return 0;
}

void view_past_add(struct view *view, const struct history_day *day)
{
	const struct view_network key = {
	    .asn = day->asn, .family = day->family, .port = day->port};
	size_t at = view_find(view, day->asn, day->family, day->port);

	if (day->day < view->since || day->day >= view->since + VIEW_DAYS)
		return;
	if (day->day >= view->past_until)
		view->past_until = day->day + 1;
	if (at < view->count && is_same(&key, &view->networks[at]))
		*day_at(view, at, day->day) = pack_day(
		    (int)day->state, (int)day->level);
}

struct view_day view_past_day(
    const struct view *view, size_t network, int32_t day)
{
	struct view_day found = {false, STATE_INSUFFICIENT, LEVEL_NONE};
	uint8_t packed;

	if (view->days == NULL || day < view->since ||
	    day >= view->since + VIEW_DAYS)
		return found;
	packed = view->days[network * VIEW_DAYS + (size_t)(day - view->since)];
	if (packed == 0)
		return found;
	found.is_known = true;
	found.state = (enum network_state)((packed - 1) % STATE_COUNT);
	found.level = (enum network_level)((packed - 1) / STATE_COUNT);
	return found;
}

bool view_past_count(const struct view *view, const struct view_states *of,
    const char *country, int32_t day, int64_t networks[STATE_COUNT])
{
	bool is_known = false;
	size_t i;

	memset(networks, 0, STATE_COUNT * sizeof(*networks));
	for (i = 0; i < view->count; i++) {
		const struct view_network *network = &view->networks[i];
		struct view_day found;

		if (network->family != of->family ||
		    network->port != of->port ||
		    (country[0] != '\0' &&
			strcmp(view_info(view, network)->country, country) !=
			    0))
			continue;
		found = view_past_day(view, i, day);
		if (!found.is_known)
			continue;
		is_known = true;
		networks[found.state]++;
	}
	return is_known;
}
