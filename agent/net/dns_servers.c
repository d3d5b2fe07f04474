/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/dns_servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_SIZE 80

/* "%eth0" at the end of an address is cut off it. */
static bool take_zone(struct dns_server *server, char *address)
{
	char *zone = strchr(address, '%');

	if (zone == NULL)
		return true;
	*zone++ = '\0';
	if (*zone == '\0' || strlen(zone) >= sizeof(server->zone))
		return false;
	snprintf(server->zone, sizeof(server->zone), "%s", zone);
	return true;
}

static bool take_port(struct dns_server *server, const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || port == 0 ||
	    port > 65535)
		return false;
	server->port = (uint16_t)port;
	return true;
}

/* ADDRESS, [ADDRESS]:PORT or 192.0.2.53:PORT. */
static bool parse_one(struct dns_server *server, char *text)
{
	char *address = text, *port = NULL, *close;

	memset(server, 0, sizeof(*server));
	if (*text == '[') {
		close = strchr(++address, ']');
		if (close == NULL || (close[1] != '\0' && close[1] != ':'))
			return false;
		*close = '\0';
		port = close[1] == ':' ? close + 2 : NULL;
	} else if (strchr(text, ':') != NULL &&
		   strchr(text, ':') == strrchr(text, ':')) {
		port = strchr(text, ':') + 1;
		port[-1] = '\0';
	}
	return take_zone(server, address) &&
	       addr_parse(&server->address, address) &&
	       (server->zone[0] == '\0' || server->address.family == 6) &&
	       (port == NULL || take_port(server, port));
}

/* One item of `length` characters. */
static bool add(struct dns_servers *servers, const char *item, size_t length)
{
	struct dns_server server;
	char text[ITEM_SIZE];

	if (length >= sizeof(text))
		return false;
	memcpy(text, item, length);
	text[length] = '\0';
	if (!parse_one(&server, text))
		return false;
	if (servers->count < DNS_SERVERS_MAX)
		servers->server[servers->count++] = server;
	return true;
}

bool dns_servers_parse(struct dns_servers *servers, const char *text)
{
	static const char blanks[] = " \t,";
	size_t length;

	servers->count = 0;
	for (; *(text += strspn(text, blanks)) != '\0'; text += length) {
		length = strcspn(text, blanks);
		if (!add(servers, text, length))
			return false;
	}
	return servers->count > 0;
}

void dns_servers_from_resolv_conf(struct dns_servers *servers, const char *text)
{
	static const char keyword[] = "nameserver";
	const size_t length = sizeof(keyword) - 1;

	servers->count = 0;
	for (; *text != '\0'; text += strcspn(text, "\n")) {
		text += strspn(text, "\n");
		if (strncmp(text, keyword, length) != 0 ||
		    (text[length] != ' ' && text[length] != '\t'))
			continue;
		text += length;
		text += strspn(text, " \t");
		add(servers, text, strcspn(text, " \t\r\n;#"));
	}
}

bool dns_servers_have_zone(const struct dns_servers *servers)
{
	size_t i;

	for (i = 0; i < servers->count; i++)
		if (servers->server[i].zone[0] != '\0')
			return true;
	return false;
}
