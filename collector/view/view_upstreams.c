/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/view/view_upstreams.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/array.h"

/* One for each network; those of one upstream are added up later. */
static struct upstream_record record_of(const struct view_network *network)
{
	return (struct upstream_record){
	    .asn = network->upstream,
	    .family = network->family,
	    .port = network->port,
	    .networks = 1,
	    .witnesses_blocked = network->witnesses_blocked,
	    .since_ms = network->since_ms,
	    .last_ms = network->last_ms,
	};
}

static int compare(const void *a, const void *b)
{
	const struct upstream_record *left = a, *right = b;

	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return (left->port > right->port) - (left->port < right->port);
}

static void add(
    struct upstream_record *sum, const struct upstream_record *record)
{
	sum->networks += record->networks;
	sum->witnesses_blocked += record->witnesses_blocked;
	if (record->since_ms < sum->since_ms)
		sum->since_ms = record->since_ms;
	if (record->last_ms > sum->last_ms)
		sum->last_ms = record->last_ms;
}

/* What is known of the AS itself, where it is measured, too. */
static void name(const struct view *view, struct upstream_record *record)
{
	const struct network_info *info;
	size_t at = view_find(view, record->asn, 0, 0);

	if (at == view->count || view->networks[at].asn != record->asn)
		return;
	info = view_info(view, &view->networks[at]);
	snprintf(record->name, sizeof(record->name), "%s", info->name);
	snprintf(record->country, sizeof(record->country), "%s", info->country);
}

static size_t add_up(
    const struct view *view, struct upstream_record *list, size_t count)
{
	size_t i, used = 0;

	for (i = 0; i < count; i++)
		if (used > 0 && compare(&list[used - 1], &list[i]) == 0)
			add(&list[used - 1], &list[i]);
		else
			list[used++] = list[i];
	for (i = 0; i < used; i++) {
		name(view, &list[i]);
		upstream_record_say(&list[i]);
	}
	return used;
}

int view_list_upstreams(
    const struct view *view, struct upstream_record **list, size_t *count)
{
	struct upstream_record *grown;
	size_t i;

	*list = NULL;
	*count = 0;
	for (i = 0; i < view->count; i++) {
		if (view->networks[i].upstream == 0)
			continue;
		grown = array_grow(*list, *count, sizeof(*grown));
		if (grown == NULL) {
			free(*list);
			return -ENOMEM;
		}
		*list = grown;
		grown[(*count)++] = record_of(&view->networks[i]);
	}
	if (*count > 0)
		qsort(*list, *count, sizeof(**list), compare);
	*count = add_up(view, *list, *count);
	return 0;
}
