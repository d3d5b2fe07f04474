/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/bounds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

static const struct cut_row {
	const char *name, *networks, *own_ports; /* the configuration */
	const char *host, *ports, *control;      /* what the plan says */
	enum bounds_cut cut;
	const char *left; /* ports, then controls */
} cut_rows[] = {
    {"mail ports and a control", "", "", "mx.example.net", "25 587 465", "443",
	BOUNDS_WHOLE, "25 587 465 | 443"},
    {"all that a plan may ask", "", "", "192.0.2.25",
	"25 465 587 2525 2465 2587", "80 443 993 995", BOUNDS_WHOLE,
	"25 465 587 2525 2465 2587 | 80 443 993 995"},
    {"a mail port as a control", "", "", "mx.example.net", "25", "443 587",
	BOUNDS_WHOLE, "25 | 443 587"},
    {"an asked control port, handshake only", "", "", "mx.example.net",
	"25 443/connect", "993", BOUNDS_WHOLE, "25 443 | 993"},
    {"a dialogue with a web server is none", "", "", "mx.example.net",
	"25 443/starttls 80/tls", "443", BOUNDS_FEWER_PORTS, "25 | 443"},
    {"ssh, telnet, SMB, RDP, Redis", "", "", "mx.example.net", "25 22 23 3389",
	"443 445 6379", BOUNDS_FEWER_PORTS, "25 | 443"},
    {"no port is left", "", "", "mx.example.net", "22/connect 8080", "443",
	BOUNDS_NO_PORT, " | 443"},
    {"a private address", "", "", "192.168.1.1", "25", "443", BOUNDS_ADDRESS,
	NULL},
    {"a private IPv6 address", "", "", "fd00::1", "25", "443", BOUNDS_ADDRESS,
	NULL},
    {"loopback in NAT64's clothes", "", "", "64:ff9b::127.0.0.1", "25", "443",
	BOUNDS_ADDRESS, NULL},
    {"the cloud's metadata", "", "", "169.254.169.254", "25", "80",
	BOUNDS_ADDRESS, NULL},
    {"an own mail server in the home's network", "192.168.1.25", "",
	"192.168.1.25", "25", "443", BOUNDS_WHOLE, "25 | 443"},
    {"its neighbour is still private", "192.168.1.25", "", "192.168.1.26", "25",
	"443", BOUNDS_ADDRESS, NULL},
    {"a port that the agent's owner allows", "", "1025 4430/connect",
	"mx.example.net", "25 1025", "4430 4431", BOUNDS_FEWER_PORTS,
	"25 1025 | 4430"},
};

static void list(const struct port_list *ports, char *text)
{
	size_t i;

	for (i = 0; i < ports->count; i++)
		sprintf(text + strlen(text), "%s%d", i > 0 ? " " : "",
		    ports->port[i]);
}

static void cut(void **state)
{
	const struct cut_row *row = *state;
	struct endpoint endpoint = {"mx"};
	struct bounds bounds;
	struct err err = {""};
	char left[256] = "";

	assert_int_equal(
	    bounds_parse(row->networks, row->own_ports, &bounds, &err), 0);
	snprintf(endpoint.host, sizeof(endpoint.host), "%s", row->host);
	assert_int_equal(port_list_parse(row->ports, &endpoint.ports, &err), 0);
	assert_int_equal(
	    port_list_parse(row->control, &endpoint.control, &err), 0);
	assert_int_equal(bounds_cut(&bounds, &endpoint), row->cut);
	if (row->left == NULL)
		return;
	list(&endpoint.ports, left);
	strcat(left, " | ");
	list(&endpoint.control, left);
	assert_string_equal(left, row->left);
}

static const struct bad_row {
	const char *name, *networks, *ports;
} bad_rows[] = {
    {"a network that is a name", "home.example.net", ""},
    {"a network with host bits", "192.168.1.25/24", ""},
    {"a port that is none", "", "25 mail"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct bounds bounds;
	struct err err = {""};

	assert_int_equal(
	    bounds_parse(row->networks, row->ports, &bounds, &err), -EINVAL);
	assert_true(err.text[0] != '\0');
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, cut_rows, cut);
	TEST_ROWS(&list, bad_rows, bad);
	return test_run("bounds", &list);
}
