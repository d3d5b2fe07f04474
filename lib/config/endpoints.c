/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The list holds no capacity: it grows whenever its count is a power of two. */
static bool make_room(struct endpoint_list *list)
{
	struct endpoint *items;
	size_t capacity = list->count == 0 ? 1 : list->count * 2;

	if ((list->count & (list->count - 1)) != 0)
		return true;
	items = realloc(list->items, capacity * sizeof(*items));
	if (items == NULL)
		return false;
	list->items = items;
	return true;
}

struct endpoint *endpoints_add(struct endpoint_list *list, const char *name)
{
	struct endpoint *endpoint;

	if (!make_room(list))
		return NULL;
	endpoint = &list->items[list->count++];
	memset(endpoint, 0, sizeof(*endpoint));
	snprintf(endpoint->name, sizeof(endpoint->name), "%s", name);
	values_parse_ports("25 587 465", &endpoint->ports, NULL);
	endpoint->kind = ENDPOINT_MX;
	endpoint->addresses = 8;
	endpoint->interval_s = 600;
	endpoint->rate = 1;
	return endpoint;
}

const struct endpoint *endpoints_find(
    const struct endpoint_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

static bool has_port(const struct port_list *list, uint16_t port)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->port[i] == port)
			return true;
	return false;
}

static void add_port(struct port_list *list, uint16_t port, uint8_t mode)
{
	if (list->count == VALUES_PORTS_MAX)
		return;
	list->port[list->count] = port;
	list->mode[list->count++] = mode;
}

static void restrict_one(
    struct endpoint *endpoint, const struct port_list *ports)
{
	struct port_list asked = {.count = 0};
	const struct port_list *own = &endpoint->ports;
	size_t i;

	for (i = 0; i < own->count; i++)
		if (has_port(ports, own->port[i]))
			add_port(&asked, own->port[i], own->mode[i]);
		else if (!has_port(&endpoint->control, own->port[i]))
			add_port(
			    &endpoint->control, own->port[i], MODE_CONNECT);
	endpoint->ports = asked;
}

size_t endpoints_restrict(
    struct endpoint_list *list, const struct port_list *ports)
{
	size_t i, asked = 0;

	for (i = 0; i < list->count; i++) {
		restrict_one(&list->items[i], ports);
		asked += list->items[i].ports.count;
	}
	return asked;
}

void endpoints_know_ports(struct endpoint *endpoint)
{
	struct endpoint_known *known = &endpoint->known;
	size_t i;

	known->nserves = 0;
	for (i = 0;
	     i < endpoint->ports.count && known->nserves < DIAGNOSE_SERVES_MAX;
	     i++)
		known->serves[known->nserves++] = endpoint->ports.port[i];
}

void endpoints_free(struct endpoint_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

void endpoints_drop_asked_controls(struct endpoint *endpoint)
{
	struct port_list *control = &endpoint->control;
	size_t i, j, kept = 0;

	for (i = 0; i < control->count; i++) {
		for (j = 0; j < endpoint->ports.count; j++)
			if (endpoint->ports.port[j] == control->port[i])
				break;
		if (j == endpoint->ports.count)
			control->port[kept++] = control->port[i];
	}
	control->count = kept;
}
