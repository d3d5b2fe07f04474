/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/told.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/event.h"
#include "collector/record/rollup.h"
#include "lib/base/array.h"

static int compare(const void *a, const void *b)
{
	const struct told_network *left = a, *right = b;

	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return (left->port > right->port) - (left->port < right->port);
}

static int add(void *arg, const struct event *event)
{
	struct told *told = arg;
	struct told_network *grown = array_grow(
	    told->list, told->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	told->list = grown;
	grown[told->count++] = (struct told_network){
	    .asn = event->asn,
	    .family = event->family,
	    .port = event->port,
	    .last = {event->to, rollup_day(event->at_ms)},
	    .from = event->from,
	    .at_ms = event->at_ms,
	};
	return 0;
}

int told_load(struct told *told, struct store *store, struct err *err)
{
	int error;

	told->count = 0;
	error = store_last_events(store, add, told, err);
	return error == -ENOMEM ? err_system(err, error, "events") : error;
}

static const struct told_network *find(
    const struct told *told, uint32_t asn, uint8_t family, uint16_t port)
{
	const struct told_network key = {
	    .asn = asn, .family = family, .port = port};

	return told->count > 0 ? bsearch(&key, told->list, told->count,
				     sizeof(key), compare)
			       : NULL;
}

struct events_told told_of(
    const struct told *told, uint32_t asn, uint8_t family, uint16_t port)
{
	const struct told_network *found = find(told, asn, family, port);

	return found != NULL
		   ? found->last
		   : (struct events_told){STATE_INSUFFICIENT, EVENTS_NEVER};
}

void told_date(const struct told *told, struct network_verdict *verdict)
{
	const struct told_network *found;

	if (verdict->since_ms != 0 || verdict->state == STATE_INSUFFICIENT)
		return;
	found = find(told, verdict->asn, verdict->family, verdict->port);
	if (found == NULL || found->last.state != verdict->state ||
	    found->from == STATE_INSUFFICIENT)
		return;
	verdict->since_ms = found->at_ms;
	verdict->since_is_first = false;
}

void told_free(struct told *told)
{
	free(told->list);
	memset(told, 0, sizeof(*told));
}
