/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/doubts.h"

#define COUNTED_PROBES 10 /* of a port */

/* A visit that is under way counts the port at once, beside what else it
 * counts. */
static void tell(struct stop *stop, const struct doubt *doubt, size_t index)
{
	uint32_t bit = (uint32_t)1 << index;

	if (stop->visit != NULL && (stop->counted & bit) == 0 &&
	    stop->target.family == doubt->family &&
	    visit_suspect(stop->visit, doubt->port, doubt->at_once))
		stop->counted |= bit;
}

void doubts_add(struct doubts *doubts, struct stop_list *stops,
    struct stop *stop, uint16_t port, bool at_once)
{
	struct stop *other;
	size_t i;

	for (i = 0; i < doubts->count; i++)
		if (doubts->list[i].port == port &&
		    doubts->list[i].family == stop->target.family)
			break;
	if (i == DOUBTS_MAX)
		return;
	if (i == doubts->count)
		doubts->list[doubts->count++] = (struct doubt){
		    .family = stop->target.family, .port = port};
	doubts->list[i].at_once = doubts->list[i].at_once || at_once;
	stop->counted |= (uint32_t)1 << i;
	STAILQ_FOREACH(other, stops, entry)
		tell(other, &doubts->list[i], i);
}

void doubts_tell(const struct doubts *doubts, struct stop *stop)
{
	size_t i;

	for (i = 0; i < doubts->count; i++)
		tell(stop, &doubts->list[i], i);
}

void doubts_take(const struct doubts *doubts, struct stop *stop,
    struct visit_request *request)
{
	struct port_list *ports = &request->asked;
	size_t i;

	request->at_once = true;
	for (i = 0; i < doubts->count; i++) {
		const struct doubt *doubt = &doubts->list[i];

		if (doubt->family != stop->target.family ||
		    (stop->counted & ((uint32_t)1 << i)) != 0 ||
		    ports->count == PORT_LIST_MAX)
			continue;
		stop->counted |= (uint32_t)1 << i;
		if (!stop_may_be_chance(stop, doubt->port) ||
		    stop->target.nprobes + COUNTED_PROBES * (ports->count + 2) >
			REPORT_PROBES_MAX)
			continue;
		ports->port[ports->count++] = doubt->port;
		request->at_once = request->at_once && doubt->at_once;
	}
}
