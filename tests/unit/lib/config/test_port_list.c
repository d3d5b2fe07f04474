/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/port_list.h"

#include <errno.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/report/words.h"
#include "tests/support/rows.h"

static const struct ports_row {
	const char *name, *text;
	const char *again; /* NULL: an error */
	const char *why;
} ports_rows[] = {
    {"the usual ports have their usual modes", "25 587 465 443",
	"25/starttls 587/starttls 465/tls 443/connect ", NULL},
    {"commas and blanks both part ports", "25,587 ,465",
	"25/starttls 587/starttls 465/tls ", NULL},
    {"a mode may be said", "2525/starttls 25/connect",
	"2525/starttls 25/connect ", NULL},
    {"65535 is a port", "65535", "65535/connect ", NULL},
    {"0 is no port", "0", NULL, "'0' is no port"},
    {"65536 is no port", "25 65536", NULL, "'65536' is no port"},
    {"a word is no port", "smtp", NULL, "'smtp' is no port"},
    {"a negative number is no port", "-25", NULL, "'-25' is no port"},
    {"an unknown mode", "25/plain", NULL, "'25/plain' has no mode"},
    {"a mode that is left out", "25/", NULL, "'25/' has no mode"},
    {"a mode longer than any", "25/starttlsstarttlsstarttls", NULL,
	"has no mode"},
    {"a port twice", "25 587 25/connect", NULL, "port 25 is there twice"},
    {"no port at all", " , ", NULL, "no port is named"},
    {"seventeen ports are too many",
	"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", NULL, "more than 16"},
};

static void ports(void **state)
{
	const struct ports_row *row = *state;
	struct port_list list = {.count = 3};
	struct buf again = {0};
	struct err err = {""};
	int rc = port_list_parse(row->text, &list, &err);
	size_t i;

	if (row->again == NULL) {
		assert_int_equal(rc, -EINVAL);
		assert_int_equal(list.count, 3);
		assert_non_null(strstr(err.text, row->why));
		return;
	}
	assert_int_equal(rc, 0);
	for (i = 0; i < list.count; i++)
		buf_printf(&again, "%u/%s ", list.port[i],
		    port_mode_word((enum port_mode)list.mode[i]));
	assert_string_equal(again.data, row->again);
	buf_free(&again);
}

static void members(void **state)
{
	struct port_list list = {0};
	uint16_t port;

	(void)state;
	for (port = 1; port <= PORT_LIST_MAX; port++)
		assert_true(port_list_add(&list, port, MODE_CONNECT));
	assert_false(port_list_add(&list, port, MODE_CONNECT));
	assert_int_equal(list.count, PORT_LIST_MAX);
	assert_true(port_list_has(&list, PORT_LIST_MAX));
	assert_false(port_list_has(&list, port));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, ports_rows, ports);
	test_add(&list, "a full list takes no further port", members);
	return test_run("port_list", &list);
}
