/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/record/rollup.h"

/* FNV-1a. */
static uint64_t hash(const char *text)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		sum = (sum ^ (uint8_t)*text) * UINT64_C(1099511628211);
	return sum;
}

void event_identify(struct event *event)
{
	char key[100];

	snprintf(key, sizeof(key), "%u %u %u %d %s %s", event->asn,
	    event->family, event->port, rollup_day(event->at_ms),
	    network_state_word(event->from), network_state_word(event->to));
	snprintf(event->id, sizeof(event->id), "%016" PRIx64, hash(key));
}

void event_filter_init(struct event_filter *filter)
{
	memset(filter, 0, sizeof(*filter));
	filter->to = -1;
}
