/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/references.h"

#include <errno.h>
#include <string.h>

/* Nothing to compare with, or nothing answered at all. */
static bool is_undecided(
    const struct explain_port *ports, size_t count, uint16_t port)
{
	const struct explain_port *found = port_state_find(ports, count, port);

	return found != NULL && found->state == PORT_UNKNOWN &&
	       (found->mechanism == MECHANISM_NO_CONTROL ||
		   found->mechanism == MECHANISM_OFFLINE);
}

static struct port_list undecided_of(const struct endpoint *endpoint,
    const struct explain_port *ports, size_t count)
{
	struct port_list list = {.count = 0};
	size_t i;

	for (i = 0; i < endpoint->ports.count; i++) {
		if (endpoint->ports.mode[i] == MODE_CONNECT ||
		    !is_undecided(ports, count, endpoint->ports.port[i]))
			continue;
		list.port[list.count] = endpoint->ports.port[i];
		list.mode[list.count++] = endpoint->ports.mode[i];
	}
	return list;
}

static bool is_asked(
    const struct endpoint_list *asked, const struct endpoint *endpoint)
{
	const struct endpoint *other;
	size_t i;

	for (i = 0; i < asked->count; i++) {
		other = &asked->items[i];
		if ((endpoint->host[0] != '\0' &&
			strcmp(other->host, endpoint->host) == 0) ||
		    (endpoint->domain[0] != '\0' &&
			strcmp(other->domain, endpoint->domain) == 0))
			return true;
	}
	return false;
}

int references_choose(const struct endpoint_list *known,
    const struct endpoint_list *asked, const struct explain_port *ports,
    size_t count, size_t first, struct endpoint_list *chosen)
{
	const struct endpoint *endpoint;
	struct endpoint *added;
	struct port_list undecided;
	size_t i, taken = 0;

	for (i = 0; i < known->count && taken < REFERENCES_MAX; i++) {
		endpoint = &known->items[(first + i) % known->count];
		undecided = undecided_of(endpoint, ports, count);
		if (undecided.count == 0 || is_asked(asked, endpoint))
			continue;
		added = endpoints_add(chosen, endpoint->name);
		if (added == NULL)
			return -ENOMEM;
		*added = *endpoint;
		added->ports = undecided;
		added->addresses = 1;
		taken++;
	}
	return (int)taken;
}
