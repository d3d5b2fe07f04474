/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/operands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/report/words.h"

/* HOST, and the port and mode it was given; port 0: none. */
struct operand {
	char host[256];
	uint16_t port;
	enum port_mode mode;
};

static int parse_operand(
    const char *text, struct operand *operand, struct err *err)
{
	char place[300];
	const char *slash = strchr(text, '/');
	int mode = -1, rc;

	if (strlen(text) >= sizeof(place))
		return err_input(err, "'%.40s...' is too long", text);
	snprintf(place, sizeof(place), "%.*s",
	    slash == NULL ? (int)strlen(text) : (int)(slash - text), text);
	rc = values_parse_host_port(place, operand->host, &operand->port, err);
	if (rc != 0)
		return rc;
	operand->mode = operand->port == 465 ? MODE_TLS : MODE_STARTTLS;
	if (slash == NULL)
		return 0;
	mode = port_mode_from_word(slash + 1);
	if (operand->port == 0 || (mode != MODE_STARTTLS && mode != MODE_TLS))
		return err_input(err,
		    "'%.80s' is no HOST:PORT/starttls or HOST:PORT/tls", text);
	operand->mode = (enum port_mode)mode;
	return 0;
}

static int add_port(
    struct port_list *list, uint16_t port, enum port_mode mode, struct err *err)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->port[i] == port && list->mode[i] == mode)
			return 0;
		else if (list->port[i] == port)
			return err_input(
			    err, "port %u is asked in two modes", port);
	if (list->count == VALUES_PORTS_MAX)
		return err_input(err, "more than %d ports", VALUES_PORTS_MAX);
	list->port[list->count] = port;
	list->mode[list->count++] = (uint8_t)mode;
	return 0;
}

static struct endpoint *find_or_add(
    struct endpoint_list *list, const char *host)
{
	struct endpoint *endpoint;
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i].host, host) == 0)
			return &list->items[i];
	endpoint = endpoints_add(list, host);
	if (endpoint == NULL)
		return NULL;
	snprintf(endpoint->host, sizeof(endpoint->host), "%s", host);
	memset(&endpoint->ports, 0, sizeof(endpoint->ports));
	return endpoint;
}

static int add_operand(struct endpoint_list *list,
    const struct operand *operand, const struct port_list *ports,
    struct err *err)
{
	struct endpoint *endpoint = find_or_add(list, operand->host);
	size_t i;
	int rc = 0;

	if (endpoint == NULL)
		return err_system(err, -ENOMEM, "%s", operand->host);
	if (operand->port != 0)
		return add_port(
		    &endpoint->ports, operand->port, operand->mode, err);
	for (i = 0; rc == 0 && i < ports->count; i++)
		rc = add_port(&endpoint->ports, ports->port[i],
		    (enum port_mode)ports->mode[i], err);
	return rc;
}

/* 443, unless it is asked already. */
static void add_control(struct endpoint *endpoint)
{
	size_t i;

	for (i = 0; i < endpoint->ports.count; i++)
		if (endpoint->ports.port[i] == 443)
			return;
	add_port(&endpoint->control, 443, MODE_CONNECT, NULL);
}

int hosts_to_endpoints(char *const *hosts, int nhosts,
    const struct port_list *ports, struct endpoint_list *list, struct err *err)
{
	struct port_list usual = {.count = 0};
	struct operand operand;
	size_t i;
	int n, rc = 0;

	memset(list, 0, sizeof(*list));
	values_parse_ports("25 587 465", &usual, NULL);
	if (ports->count > 0)
		usual = *ports;
	for (n = 0; rc == 0 && n < nhosts; n++) {
		rc = parse_operand(hosts[n], &operand, err);
		if (rc == 0)
			rc = add_operand(list, &operand, &usual, err);
	}
	for (i = 0; i < list->count; i++)
		add_control(&list->items[i]);
	if (rc != 0)
		endpoints_free(list);
	return rc;
}
