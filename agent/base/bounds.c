/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/bounds.h"

#include <errno.h>
#include <string.h>

#include "lib/base/public_unicast.h"

/* Relay, submission, submissions (RFC 8314), and what providers offer beside
 * them where those are filtered. */
static const uint16_t mail_ports[] = {25, 465, 587, 2525, 2465, 2587};
static const uint16_t control_ports[] = {80, 443, 993, 995};

int bounds_parse(const char *networks, const char *ports, struct bounds *bounds,
    struct err *err)
{
	memset(bounds, 0, sizeof(*bounds));
	if (prefixes_parse(networks, &bounds->networks, err) < 0)
		return -EINVAL;
	return ports[0] != '\0' ? port_list_parse(ports, &bounds->ports, err)
				: 0;
}

bool bounds_allow(const struct bounds *bounds, const struct addr *addr)
{
	return public_unicast_is(addr) ||
	       prefixes_contain(&bounds->networks, addr);
}

static bool has(const uint16_t *ports, size_t count, uint16_t port)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool may_ask(
    const struct bounds *bounds, uint16_t port, bool only_connect)
{
	if (has(mail_ports, sizeof(mail_ports) / sizeof(*mail_ports), port) ||
	    port_list_has(&bounds->ports, port))
		return true;
	return only_connect &&
	       has(control_ports,
		   sizeof(control_ports) / sizeof(*control_ports), port);
}

/* Returns whether any is gone. */
static bool cut_list(
    const struct bounds *bounds, struct port_list *list, bool are_controls)
{
	struct port_list kept = {0};
	size_t i;

	for (i = 0; i < list->count; i++)
		if (may_ask(bounds, list->port[i],
			are_controls || list->mode[i] == MODE_CONNECT))
			port_list_add(&kept, list->port[i],
			    (enum port_mode)list->mode[i]);
	if (kept.count == list->count)
		return false;
	*list = kept;
	return true;
}

enum bounds_cut bounds_cut(
    const struct bounds *bounds, struct endpoint *endpoint)
{
	struct addr literal;
	bool fewer;

	if (addr_parse(&literal, endpoint->host) &&
	    !bounds_allow(bounds, &literal))
		return BOUNDS_ADDRESS;
	fewer = cut_list(bounds, &endpoint->ports, false);
	fewer = cut_list(bounds, &endpoint->control, true) || fewer;
	if (endpoint->ports.count == 0)
		return BOUNDS_NO_PORT;
	return fewer ? BOUNDS_FEWER_PORTS : BOUNDS_WHOLE;
}
