/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/references.h"

#include <string.h>

#include "lib/config/endpoints_file.h"
#include "tests/support/rows.h"

static const char known_text[] = "[a]\nhost = a.example\ncontrol = 443\n"
				 "[b]\nhost = b.example\nports = 25\n"
				 "[c]\nhost = c.example\nports = 587\n"
				 "[d]\ndomain = d.example\nports = 25\n";

static const struct row {
	const char *name;
	uint16_t port; /* that is not open */
	enum port_state state;
	enum mechanism mechanism;
	const char *asked; /* a host that is asked */
	size_t first;
	const char *chosen;
} rows[] = {
    {"two that serve the port", 25, PORT_UNKNOWN, MECHANISM_NO_CONTROL,
	"mx.example", 0, "a b"},
    {"not everybody begins with the first", 25, PORT_UNKNOWN,
	MECHANISM_NO_CONTROL, "mx.example", 5, "b d"},
    {"around the end", 25, PORT_UNKNOWN, MECHANISM_NO_CONTROL, "mx.example", 3,
	"d a"},
    {"not what is asked already", 25, PORT_UNKNOWN, MECHANISM_NO_CONTROL,
	"a.example", 0, "b d"},
    {"another port", 587, PORT_UNKNOWN, MECHANISM_NO_CONTROL, "mx.example", 0,
	"a c"},
    {"nobody serves it", 2525, PORT_UNKNOWN, MECHANISM_NO_CONTROL, "mx.example",
	0, ""},
    {"where nothing answers at all", 25, PORT_UNKNOWN, MECHANISM_OFFLINE,
	"mx.example", 0, "a b"},
    {"a filter is decided", 25, PORT_FILTERED, MECHANISM_DROP, "mx.example", 0,
	""},
    {"so is an endpoint that is down", 25, PORT_ENDPOINT, MECHANISM_DOWN,
	"mx.example", 0, ""},
    {"a name that does not resolve is not a matter of networks", 25,
	PORT_UNKNOWN, MECHANISM_RESOLVE, "mx.example", 0, ""},
    {"nor is a missing route", 25, PORT_UNKNOWN, MECHANISM_NO_ROUTE,
	"mx.example", 0, ""},
};

static void choose(void **state)
{
	const struct row *row = *state;
	struct conf_text text = {"known", known_text, sizeof(known_text) - 1};
	struct explain_port ports[] = {{.port = row->port,
					   .state = row->state,
					   .mechanism = row->mechanism},
	    {.port = 465, .state = PORT_OPEN}};
	struct endpoint_list known, asked = {0}, chosen = {0};
	char names[64] = "";
	struct err err;
	size_t i;
	int count;

	assert_int_equal(endpoints_read_text(&text, &known, &err), 0);
	strcpy(endpoints_add(&asked, row->asked)->host, row->asked);
	count = references_choose(
	    &known, &asked, ports, 2, row->first, &chosen);
	assert_int_equal(count, chosen.count);
	for (i = 0; i < chosen.count; i++) {
		strcat(names, i > 0 ? " " : "");
		strcat(names, chosen.items[i].name);
		assert_int_equal(chosen.items[i].ports.count, 1);
		assert_int_equal(chosen.items[i].ports.port[0], row->port);
		assert_int_equal(chosen.items[i].addresses, 1);
	}
	assert_string_equal(names, row->chosen);
	endpoints_free(&known);
	endpoints_free(&asked);
	endpoints_free(&chosen);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, choose);
	return test_run("references", &list);
}
