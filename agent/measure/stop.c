/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/measure/visit_count.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/diagnose/counted.h"

struct stop *stops_add(struct stop_list *stops, struct round *round,
    const struct endpoint *endpoint, const char *host, uint8_t family)
{
	struct stop *stop = calloc(1, sizeof(*stop));
	struct target_seen *target;

	if (stop == NULL) {
		log_error("no memory for an address of %s", host);
		return NULL;
	}
	stop->round = round;
	stop->endpoint = endpoint;
	target = &stop->target;
	snprintf(
	    target->endpoint, sizeof(target->endpoint), "%s", endpoint->name);
	snprintf(target->host, sizeof(target->host), "%s", host);
	target->family = family;
	stop->at_us = clock_mono_us();
	STAILQ_INSERT_TAIL(stops, stop, entry);
	return stop;
}

int64_t stops_count(const struct stop_list *stops,
    const struct endpoint *endpoint, uint8_t family)
{
	const struct stop *stop;
	int64_t count = 0;

	STAILQ_FOREACH(stop, stops, entry)
		count += stop->endpoint == endpoint &&
			 stop->target.address.family == family;
	return count;
}

bool stops_have(const struct stop_list *stops, const struct endpoint *endpoint,
    const struct addr *address)
{
	const struct stop *stop;

	STAILQ_FOREACH(stop, stops, entry)
		if (stop->endpoint == endpoint &&
		    addr_equal(&stop->target.address, address))
			return true;
	return false;
}

bool stops_are_visiting(
    const struct stop_list *stops, const struct addr *address)
{
	const struct stop *stop;

	STAILQ_FOREACH(stop, stops, entry)
		if (stop->visit != NULL &&
		    addr_equal(&stop->target.address, address))
			return true;
	return false;
}

static int endpoint_order(const void *a, const void *b)
{
	const struct stop *const *left = a, *const *right = b;

	if ((*left)->endpoint != (*right)->endpoint)
		return (*left)->endpoint < (*right)->endpoint ? -1 : 1;
	if ((*left)->target.family != (*right)->target.family)
		return (*left)->target.family - (*right)->target.family;
	return memcmp(&(*left)->target.address, &(*right)->target.address,
	    sizeof(struct addr));
}

int stops_collect(const struct stop_list *stops, struct report *report)
{
	struct target_seen *target;
	struct stop *stop, **order;
	size_t count = 0, i = 0;

	STAILQ_FOREACH(stop, stops, entry)
		count++;
	order = calloc(count + 1, sizeof(struct stop *));
	if (order == NULL)
		return -ENOMEM;
	STAILQ_FOREACH(stop, stops, entry)
		order[i++] = stop;
	qsort(order, count, sizeof(*order), endpoint_order);
	for (i = 0; i < count; i++) {
		if (order[i]->target.nprobes == 0)
			continue;
		target = report_add_target(report);
		if (target == NULL)
			break;
		*target = order[i]->target;
		order[i]->target.probes = NULL;
		order[i]->target.paths = NULL;
	}
	free(order);
	return i < count ? -ENOMEM : 0;
}

void stops_free(struct stop_list *stops)
{
	struct stop *stop;

	while ((stop = STAILQ_FIRST(stops)) != NULL) {
		STAILQ_REMOVE_HEAD(stops, entry);
		target_seen_free(&stop->target);
		free(stop);
	}
}

bool stop_may_be_chance(const struct stop *stop, uint16_t port)
{
	const struct target_seen *target = &stop->target;
	const struct probe_seen *probe;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		probe = &target->probes[i];
		if (probe->port == port &&
		    (probe->ended == STAGE_DONE ||
			(probe->ended == STAGE_CONNECT &&
			    (probe->failure == FAILURE_TIMEOUT ||
				probe->failure == FAILURE_REFUSED ||
				probe->failure == FAILURE_UNREACHABLE))))
			return true;
	}
	return false;
}

/* By what was tried before it is counted. */
static bool may_be_steady(const struct target_seen *target, uint16_t port)
{
	const struct probe_seen *probe;
	int tries = 0, passed = 0;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		probe = &target->probes[i];
		if (probe->port != port)
			continue;
		tries++;
		passed += probe->ended != STAGE_CONNECT ||
			  probe->failure != FAILURE_TIMEOUT;
	}
	return counted_may_be_steady(tries, passed, VISIT_COUNT_TRIES);
}

struct port_list stop_steady_control(
    const struct stop *stop, const struct port_list *doubted)
{
	const struct probe_seen *probe;
	struct port_list control = {0};
	size_t i;

	for (i = 0; i < stop->target.nprobes && control.count == 0; i++) {
		probe = &stop->target.probes[i];
		if (probe->failure != FAILURE_NONE ||
		    port_list_has(doubted, probe->port) ||
		    !may_be_steady(&stop->target, probe->port))
			continue;
		control.port[0] = probe->port;
		control.count = 1;
	}
	return control;
}
