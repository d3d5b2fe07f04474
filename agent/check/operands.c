/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/operands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/check/idn.h"
#include "agent/explain/explain_round.h"
#include "lib/base/values.h"
#include "lib/report/words.h"

/* HOST, and the port and mode it was given; port 0: none. */
struct operand {
	char host[256];
	uint16_t port;
	enum port_mode mode;
	bool is_domain; /* its MX hosts are meant */
};

static enum port_mode smtp_mode(uint16_t port)
{
	return port == 465 ? MODE_TLS : MODE_STARTTLS;
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
	if (!port_list_add(list, port, mode))
		return err_input(err, "more than %d ports", PORT_LIST_MAX);
	return 0;
}

/* --- --ports --- */

static int parse_port(
    const char *text, struct operands *operands, struct err *err)
{
	struct port_list one = {.count = 0};
	int rc = port_list_parse(text, &one, err);

	if (rc != 0)
		return rc;
	if (strchr(text, '/') == NULL)
		one.mode[0] = (uint8_t)smtp_mode(one.port[0]);
	if (port_list_has(&operands->ports, one.port[0]) ||
	    port_list_has(&operands->control, one.port[0]))
		return err_input(err, "port %u twice", one.port[0]);
	return add_port(
	    one.mode[0] == MODE_CONNECT ? &operands->control : &operands->ports,
	    one.port[0], (enum port_mode)one.mode[0], err);
}

int operands_parse_ports(
    const char *text, struct operands *operands, struct err *err)
{
	char copy[512], *rest = copy, *word;
	int rc = 0;

	if (strlen(text) >= sizeof(copy))
		return err_input(err, "'%.40s...' is too long", text);
	snprintf(copy, sizeof(copy), "%s", text);
	while (rc == 0 && (word = strsep(&rest, ", ")) != NULL)
		if (*word != '\0')
			rc = parse_port(word, operands, err);
	if (rc == 0 && operands->ports.count == 0)
		rc = err_input(err, "'%.80s' names no port to ask", text);
	return rc;
}

/* --- HOST --- */

static int parse_domain(
    const char *text, struct operand *operand, struct err *err)
{
	int rc = idn_to_ascii(text, operand->host, err);

	if (rc != 0)
		return rc;
	operand->port = 0;
	operand->is_domain = true;
	if (!values_is_host_name(operand->host))
		return err_input(err, "'%.80s' is no domain", text);
	return 0;
}

/* The host of HOST:PORT in ASCII; an address stays as it is. */
static int convert_host(
    const char *text, char *place, size_t size, struct err *err)
{
	const char *colon = strrchr(text, ':');
	char name[300], ascii[256];
	int rc;

	if (colon == NULL || *text == '[' || strchr(text, ':') != colon)
		colon = text + strlen(text);
	if (*text == '[' || (*colon == '\0' && strchr(text, ':') != NULL)) {
		snprintf(place, size, "%s", text);
		return 0;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(colon - text), text);
	rc = idn_to_ascii(name, ascii, err);
	if (rc == 0)
		snprintf(place, size, "%s%s", ascii, colon);
	return rc;
}

static int parse_host(
    const char *text, struct operand *operand, struct err *err)
{
	char given[300], place[300];
	const char *slash = strchr(text, '/');
	int mode = -1, rc;

	if (strlen(text) >= sizeof(given))
		return err_input(err, "'%.40s...' is too long", text);
	snprintf(given, sizeof(given), "%.*s",
	    slash == NULL ? (int)strlen(text) : (int)(slash - text), text);
	rc = convert_host(given, place, sizeof(place), err);
	if (rc == 0)
		rc = values_parse_host_port(
		    place, operand->host, &operand->port, err);
	if (rc != 0)
		return rc;
	operand->mode = smtp_mode(operand->port);
	if (slash == NULL)
		return 0;
	mode = port_mode_from_word(slash + 1);
	if (operand->port == 0 || (mode != MODE_STARTTLS && mode != MODE_TLS))
		return err_input(err,
		    "'%.80s' is no HOST:PORT/starttls or HOST:PORT/tls", text);
	operand->mode = (enum port_mode)mode;
	return 0;
}

static int parse_operand(
    const char *text, struct operand *operand, struct err *err)
{
	const char *at = strrchr(text, '@');

	memset(operand, 0, sizeof(*operand));
	if (at != NULL && at > text)
		return parse_domain(at + 1, operand, err);
	return parse_host(text, operand, err);
}

/* --- endpoints --- */

static struct endpoint *find_or_add(
    struct endpoint_list *list, const struct operand *operand)
{
	struct endpoint *endpoint;
	char name[300];
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(operand->is_domain ? list->items[i].domain
					      : list->items[i].host,
			operand->host) == 0)
			return &list->items[i];
	snprintf(name, sizeof(name), "%s%s", operand->host,
	    operand->is_domain ? EXPLAIN_MX_MARK : "");
	endpoint = endpoints_add(list, name);
	if (endpoint == NULL)
		return NULL;
	snprintf(operand->is_domain ? endpoint->domain : endpoint->host, 256,
	    "%s", operand->host);
	memset(&endpoint->ports, 0, sizeof(endpoint->ports));
	return endpoint;
}

static int add_operand(struct endpoint_list *list,
    const struct operand *operand, const struct port_list *ports,
    struct err *err)
{
	struct endpoint *endpoint = find_or_add(list, operand);
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

static int add_operands(const struct operands *operands,
    struct endpoint_list *list, struct err *err)
{
	struct port_list usual[2] = {{.count = 0}};
	struct operand operand;
	int n, rc = 0;

	port_list_parse("25 587 465", &usual[0], NULL);
	port_list_parse("25", &usual[1], NULL);
	if (operands->ports.count > 0)
		usual[0] = usual[1] = operands->ports;
	for (n = 0; rc == 0 && n < operands->nhosts; n++) {
		rc = parse_operand(operands->hosts[n], &operand, err);
		if (rc == 0)
			rc = add_operand(
			    list, &operand, &usual[operand.is_domain], err);
	}
	if (rc != 0 || operands->mx_domain == NULL)
		return rc;
	memset(&operand, 0, sizeof(operand));
	rc = parse_domain(operands->mx_domain, &operand, err);
	return rc != 0 ? rc : add_operand(list, &operand, &usual[1], err);
}

/* 443 and what --ports calls a control, unless it is asked already. */
static void add_controls(
    struct endpoint *endpoint, const struct operands *operands)
{
	size_t i;

	add_port(&endpoint->control, 443, MODE_CONNECT, NULL);
	for (i = 0; i < operands->control.count; i++)
		add_port(&endpoint->control, operands->control.port[i],
		    MODE_CONNECT, NULL);
	endpoints_drop_asked_controls(endpoint);
}

int operands_to_endpoints(const struct operands *operands,
    struct endpoint_list *list, struct err *err)
{
	size_t i;
	int rc;

	memset(list, 0, sizeof(*list));
	rc = add_operands(operands, list, err);
	for (i = 0; i < list->count; i++)
		add_controls(&list->items[i], operands);
	if (rc != 0)
		endpoints_free(list);
	return rc;
}
