/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

static const char *const kind_words[] = {
    [ENDPOINT_MX] = "mx",
    [ENDPOINT_SUBMISSION] = "submission",
    [ENDPOINT_BEACON] = "beacon",
};

const char *endpoint_kind_word(enum endpoint_kind kind)
{
	return kind_words[kind];
}

int endpoint_kind_from_word(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(kind_words) / sizeof(*kind_words); i++)
		if (strcmp(word, kind_words[i]) == 0)
			return (int)i;
	return -1;
}

struct endpoint *endpoints_add(struct endpoint_list *list, const char *name)
{
	struct endpoint *endpoint = array_grow(
	    list->items, list->count, sizeof(*endpoint));

	if (endpoint == NULL)
		return NULL;
	list->items = endpoint;
	endpoint += list->count++;
	memset(endpoint, 0, sizeof(*endpoint));
	snprintf(endpoint->name, sizeof(endpoint->name), "%s", name);
	port_list_parse("25 587 465", &endpoint->ports, NULL);
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

static void restrict_one(
    struct endpoint *endpoint, const struct port_list *ports)
{
	struct port_list asked = {.count = 0};
	const struct port_list *own = &endpoint->ports;
	size_t i;

	for (i = 0; i < own->count; i++)
		if (port_list_has(ports, own->port[i]))
			port_list_add(
			    &asked, own->port[i], (enum port_mode)own->mode[i]);
		else if (!port_list_has(&endpoint->control, own->port[i]))
			port_list_add(
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
	     i < endpoint->ports.count && known->nserves < KNOWN_PORTS_MAX; i++)
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
	size_t i, kept = 0;

	for (i = 0; i < control->count; i++)
		if (!port_list_has(&endpoint->ports, control->port[i]))
			control->port[kept++] = control->port[i];
	control->count = kept;
}
