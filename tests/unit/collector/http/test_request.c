/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request.h"

#include <string.h>

#include "tests/support/rows.h"

#define TRUSTED "127.0.0.0/8 10.0.0.0/8 2001:db8:f::/48"

/* --- the client --- */

/* X-Forwarded-For's values, a header field each, and whom they name. */
static const struct client_row {
	const char *name;
	const char *forwarded[2]; /* NULL: no such field */
	const char *client;
	const char *peer; /* NULL: 127.0.0.1, which is trusted */
} client_rows[] = {
    {"a trusted peer that forwards for nobody is the client", {NULL},
	"127.0.0.1"},
    {"a proxy's client", {"203.0.113.9"}, "203.0.113.9"},
    {"IPv6", {"2001:db8::9"}, "2001:db8::9"},
    {"the last one counts, the others were made up",
	{"192.0.2.1,198.51.100.1 , 203.0.113.9 "}, "203.0.113.9"},
    {"proxies of ours are skipped",
	{"192.0.2.1, 203.0.113.9, 10.1.1.1, 2001:db8:f::1"}, "203.0.113.9"},
    {"several fields are one list", {"192.0.2.1", "203.0.113.9"},
	"203.0.113.9"},
    {"ours alone: the first of them", {"10.1.1.1, 10.2.2.2"}, "10.1.1.1"},
    {"no address is nobody, not the one before it", {"203.0.113.9, unknown"},
	""},
    {"an address with a port is none", {"203.0.113.9:4711"}, ""},
    {"an empty field is nobody", {""}, ""},
    {"commas are nobody", {",,,"}, ""},
    {"a mapped address is its IPv4 address", {"::ffff:203.0.113.9"},
	"203.0.113.9"},
    {"a stranger's claim does not count", {"203.0.113.9"}, "192.0.2.7",
	"192.0.2.7"},
};

static void find_client(void **state)
{
	const struct client_row *row = *state;
	struct request_header headers[2];
	struct request request = {.path = "/", .headers = headers};
	struct prefix_list trusted;
	struct addr client, wanted = {0};
	struct err err;

	assert_int_equal(prefixes_parse(TRUSTED, &trusted, &err), 0);
	addr_parse(&client, row->peer != NULL ? row->peer : "127.0.0.1");
	while (
	    request.nheaders < 2 && row->forwarded[request.nheaders] != NULL) {
		headers[request.nheaders] = (struct request_header){
		    "x-forwarded-FOR", row->forwarded[request.nheaders]};
		request.nheaders++;
	}
	request_find_client(&request, &trusted, &client);
	if (row->client[0] != '\0')
		assert_true(addr_parse(&wanted, row->client));
	assert_int_equal(client.family, wanted.family);
	assert_true(wanted.family == 0 || addr_equal(&client, &wanted));
}

/* --- tags --- */

static const struct field_row {
	const char *name, *value; /* NULL: no such field */
	bool is_taken;
} tag_rows[] = {
    {"no condition", NULL, false},
    {"its own tag", "\"a\"", true},
    {"its own tag, weak", "W/\"a\"", true},
    {"its own tag among others", "\"x\", W/\"y\" ,\"a\"", true},
    {"any tag", "* ", true},
    {"another tag", "\"b\"", false},
    {"its own tag without the quotes", "a", false},
    {"an empty condition", "", false},
};

static struct request request_with(
    const char *name, const char *value, struct request_header *header)
{
	*header = (struct request_header){name, value};
	return (struct request){
	    .path = "/", .headers = header, .nheaders = value != NULL};
}

static void has_tag(void **state)
{
	const struct field_row *row = *state;
	struct request_header header;
	struct request request = request_with(
	    "if-none-match", row->value, &header);

	assert_int_equal(request_has_tag(&request, "\"a\""), row->is_taken);
}

/* --- methods --- */

static void methods(void **state)
{
	static const struct {
		enum request_method method;
		const char *word;
		bool is_read;
	} wanted[] = {
	    {METHOD_GET, "GET", true},
	    {METHOD_HEAD, "HEAD", true},
	    {METHOD_POST, "POST", false},
	    {METHOD_OTHER, "", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		struct request request = {.method = wanted[i].method};

		assert_string_equal(
		    request_method_word(&request), wanted[i].word);
		assert_int_equal(request_is_read(&request), wanted[i].is_read);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, client_rows, find_client);
	TEST_ROWS(&list, tag_rows, has_tag);
	test_add(&list, "methods have their words; GET and HEAD read", methods);
	return test_run("request", &list);
}
