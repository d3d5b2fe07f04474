/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/listed.h"

#include <string.h>

#include "tests/support/rows.h"

#define ANY    OUTCOME_FILTERED
#define NO_ONE OUTCOME_COUNT /* no diagnosis */

static const struct row {
	const char *name;
	const char *host;    /* of the endpoint; NULL: the list has none */
	const char *address; /* that the agent says it probed; "": none */
	uint16_t port;
	enum outcome outcome;
	bool is_listed;
} rows[] = {
    {"a listed port of a listed name, at a public address", "mx1.example",
	"192.0.2.25", 25, ANY, true},
    {"over IPv6 too", "mx1.example", "2001:db8::25", 25, ANY, true},
    {"and through NAT64", "mx1.example", "64:ff9b::192.0.2.25", 25, ANY, true},
    {"an endpoint that the list does not have", NULL, "192.0.2.25", 25, ANY,
	false},
    {"a port that the endpoint does not have", "mx1.example", "192.0.2.25",
	2525, ANY, false},
    {"a control of the endpoint", "mx1.example", "192.0.2.25", 443, NO_ONE,
	true},
    {"a control with a diagnosis", "mx1.example", "192.0.2.25", 443, ANY,
	false},

    {"nowhere", "mx1.example", "0.0.0.0", 25, ANY, false},
    {"everywhere", "mx1.example", "255.255.255.255", 25, ANY, false},
    {"a multicast group", "mx1.example", "224.0.0.1", 25, ANY, false},
    {"the agent itself", "mx1.example", "127.0.0.1", 25, ANY, false},
    {"a LAN", "mx1.example", "10.0.0.1", 25, ANY, false},
    {"a carrier's LAN", "mx1.example", "100.64.0.1", 25, ANY, false},
    {"a cloud's metadata", "mx1.example", "169.254.169.254", 25, ANY, false},
    {"a LAN, mapped", "mx1.example", "::ffff:10.0.0.1", 25, ANY, false},
    {"a LAN through NAT64", "mx1.example", "64:ff9b::10.0.0.1", 25, ANY, false},
    {"a LAN through 6to4", "mx1.example", "2002:a00:1::1", 25, ANY, false},
    {"the agent itself over IPv6", "mx1.example", "::1", 25, ANY, false},
    {"a link", "mx1.example", "fe80::1", 25, ANY, false},
    {"a LAN over IPv6", "mx1.example", "fd00::1", 25, ANY, false},
    {"a group over IPv6", "mx1.example", "ff02::1", 25, ANY, false},

    {"the laboratory's address, which the list names", "10.0.0.5", "10.0.0.5",
	25, ANY, true},
    {"another address of the laboratory", "10.0.0.5", "10.0.0.6", 25, ANY,
	false},
    {"a public address where the list names another", "192.0.2.25",
	"198.51.100.1", 25, ANY, false},
    {"the list's address through NAT64", "192.0.2.25", "64:ff9b::192.0.2.25",
	25, ANY, true},
    {"another address through NAT64", "192.0.2.25", "64:ff9b::192.0.2.26", 25,
	ANY, false},
    {"the list's address in another prefix", "192.0.2.25",
	"2001:db8::192.0.2.25", 25, ANY, false},

    {"no address, as the diagnosis says", "mx1.example", "", 25,
	OUTCOME_UNKNOWN, true},
    {"no address, and an accusation", "mx1.example", "", 25, OUTCOME_FILTERED,
	false},
    {"no address, and praise", "mx1.example", "", 25, OUTCOME_REACHABLE, false},
    {"no address of what the list names by its own", "192.0.2.25", "", 25,
	OUTCOME_FILTERED, false},
};

static void has(void **state)
{
	const struct row *row = *state;
	struct endpoint endpoint = {.name = "mx1"};
	struct measurement seen = {.port = row->port, .outcome = row->outcome};

	if (row->host != NULL)
		strcpy(endpoint.host, row->host);
	port_list_add(&endpoint.ports, 25, MODE_STARTTLS);
	port_list_add(&endpoint.control, 443, MODE_CONNECT);
	assert_int_equal(
	    addr_parse(&seen.address, row->address), row->address[0] != '\0');
	assert_int_equal(
	    listed_has(row->host != NULL ? &endpoint : NULL, &seen),
	    row->is_listed);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, has);
	return test_run("listed", &list);
}
