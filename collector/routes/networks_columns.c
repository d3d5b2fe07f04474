/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/networks_columns.h"

#include <stdlib.h>

#include "collector/routes/refusal.h"
#include "collector/routes/stamp.h"
#include "collector/view/view_select.h"
#include "lib/report/words.h"

/* A row: the networks of an AS and family, which stand side by side. */
struct group {
	size_t first, end;
};

struct groups {
	const struct view *view;
	struct group *list; /* owned */
	size_t count;
};

static size_t end_of_group(const struct view *view, size_t first)
{
	const struct view_network *head = &view->networks[first];
	size_t end = first;

	while (end < view->count && view->networks[end].asn == head->asn &&
	       view->networks[end].family == head->family)
		end++;
	return end;
}

static bool has_wanted(const struct view *view, const struct group *group,
    const struct query *query)
{
	size_t i;

	for (i = group->first; i < group->end; i++)
		if (view_wants(view, &view->networks[i], query))
			return true;
	return false;
}

static bool find_groups(
    const struct view *view, const struct query *query, struct groups *groups)
{
	struct group group = {0};

	groups->view = view;
	groups->list = calloc(view->count + 1, sizeof(*groups->list));
	if (groups->list == NULL)
		return false;
	for (; group.first < view->count; group.first = group.end) {
		group.end = end_of_group(view, group.first);
		if (has_wanted(view, &group, query))
			groups->list[groups->count++] = group;
	}
	return true;
}

/* --- columns --- */

typedef void write_cell(struct json_writer *json, const struct view *view,
    const struct group *group);

static const struct view_network *head_of(
    const struct view *view, const struct group *group)
{
	return &view->networks[group->first];
}

static void write_asn(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	json_integer(json, NULL, head_of(view, group)->asn);
}

static void write_name(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	json_text_or_null(
	    json, NULL, view_info(view, head_of(view, group))->name);
}

static void write_country(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	json_text_or_null(
	    json, NULL, view_info(view, head_of(view, group))->country);
}

static void write_family(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	json_integer(json, NULL, head_of(view, group)->family);
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void write_last(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	int64_t last = 0;
	size_t i;

	for (i = group->first; i < group->end; i++)
		last = greater(last, view->networks[i].last_ms);
	json_time_or_null(json, NULL, last);
}

static void write_points(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	int64_t most = 0;
	size_t i;

	for (i = group->first; i < group->end; i++)
		most = greater(most, view->networks[i].vantage_points);
	json_integer(json, NULL, most);
}

static void write_prefixes(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	int64_t most = 0;
	size_t i;

	for (i = group->first; i < group->end; i++)
		most = greater(most, view->networks[i].prefixes);
	json_integer(json, NULL, most);
}

static void write_endpoints(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	int64_t most = 0;
	size_t i;

	for (i = group->first; i < group->end; i++)
		most = greater(most, view->networks[i].endpoints);
	json_integer(json, NULL, most);
}

/* [state, mechanism, level, low, mid, high, since, since_is_first] */
static void write_state(
    struct json_writer *json, const struct view_network *network)
{
	json_open_array(json, NULL);
	json_text(
	    json, NULL, network_state_word((enum network_state)network->state));
	json_text_or_null(
	    json, NULL, mechanism_word((enum mechanism)network->mechanism));
	json_text_or_null(
	    json, NULL, network_level_word((enum network_level)network->level));
	json_decimal(json, NULL, network->blocked_low, 3);
	json_decimal(json, NULL, network->blocked_mid, 3);
	json_decimal(json, NULL, network->blocked_high, 3);
	json_time_or_null(json, NULL, network->since_ms);
	json_bool(json, NULL, network->since_is_first);
	json_close_array(json);
}

static void write_port(struct json_writer *json, const struct view *view,
    const struct group *group, uint16_t port)
{
	size_t i;

	for (i = group->first; i < group->end; i++)
		if (view->networks[i].port == port) {
			write_state(json, &view->networks[i]);
			return;
		}
	json_null(json, NULL);
}

static void write_p25(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	write_port(json, view, group, 25);
}

static void write_p587(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	write_port(json, view, group, 587);
}

static void write_p465(struct json_writer *json, const struct view *view,
    const struct group *group)
{
	write_port(json, view, group, 465);
}

static const struct {
	const char *name;
	write_cell *write;
} columns[] = {
    {"asn", write_asn},
    {"name", write_name},
    {"country", write_country},
    {"family", write_family},
    {"last", write_last},
    {"vantage_points", write_points},
    {"prefixes", write_prefixes},
    {"endpoints", write_endpoints},
    {"p25", write_p25},
    {"p587", write_p587},
    {"p465", write_p465},
};

static void write_columns(const struct groups *groups, struct json_writer *json)
{
	size_t column, row;

	json_open_object(json, "columns");
	for (column = 0; column < sizeof(columns) / sizeof(*columns);
	     column++) {
		json_open_array(json, columns[column].name);
		for (row = 0; row < groups->count; row++)
			columns[column].write(
			    json, groups->view, &groups->list[row]);
		json_close_array(json);
	}
	json_close_object(json);
}

void networks_columns(
    const struct view *view, const struct query *query, struct reply *reply)
{
	struct groups groups = {0};
	struct buf body = {0};
	struct json_writer json = {.out = &body};

	if (!find_groups(view, query, &groups)) {
		refusal_no_memory(reply);
		return;
	}
	json_open_object(&json, NULL);
	json_integer(&json, "rows", (int64_t)groups.count);
	write_columns(&groups, &json);
	free(groups.list);
	stamp_view(view, &json, reply);
}
