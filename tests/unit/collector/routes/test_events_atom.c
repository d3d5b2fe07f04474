/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/events_atom.h"

#include <string.h>

#include "tests/support/rows.h"

#define HEAD(query, updated)                                                \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"                      \
	"<feed xmlns=\"http://www.w3.org/2005/Atom\">"                      \
	"<id>tag:egress25,2026:events" query "</id>"                        \
	"<title>Changes of outbound mail ports</title>"                     \
	"<author><name>egress25</name></author>"                            \
	"<link rel=\"self\" type=\"application/atom+xml\" "                 \
	"href=\"/v1/events.atom" query "\"/><updated>" updated "</updated>" \
	"\n"

static const struct event changed = {
    .id = "0123456789abcdef",
    .at_ms = INT64_C(1795478400000),
    .asn = 64500,
    .family = 6,
    .port = 25,
    .from = STATE_OPEN,
    .to = STATE_FILTERED,
    .because = "3 lines in 3 prefixes are blocked.",
};

#define ENTRY(name)                                                          \
	"<entry><id>tag:egress25,2026:event:0123456789abcdef</id>"           \
	"<title>Port 25 IPv6 of " name " went from open to filtered</title>" \
	"<updated>2026-11-24T00:00:00.000Z</updated>"                        \
	"<published>2026-11-24T00:00:00.000Z</published>"                    \
	"<link rel=\"alternate\" type=\"text/html\" "                        \
	"href=\"/as/64500?family=6\"/><category term=\"filtered\"/>"         \
	"<summary>3 lines in 3 prefixes are blocked.</summary></entry>\n"

static const struct feed_row {
	const char *name, *query;
	bool has_event;
	const char *network, *expected;
} feed_rows[] = {
    {"a feed without changes", NULL, false, "",
	HEAD("", "1970-01-01T00:00:00.000Z") "</feed>\n"},
    {"a change of a network with a name", NULL, true, "Hansefibre B.V.",
	HEAD("", "2026-11-24T00:00:00.000Z")
	    ENTRY("Hansefibre B.V. (AS64500)") "</feed>\n"},
    {"a change of a network without one", "port=25&asn=64500", true, "",
	HEAD("?port=25&amp;asn=64500", "2026-11-24T00:00:00.000Z")
	    ENTRY("AS64500") "</feed>\n"},
    {"a name that looks like markup", NULL, true, "<b>\"A\" & B</b>",
	HEAD("", "2026-11-24T00:00:00.000Z") ENTRY(
	    "&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt; (AS64500)") "</feed>\n"},
    {"a name with bytes that XML does not have", NULL, true, "A\x01\xff\x1b[B",
	HEAD("", "2026-11-24T00:00:00.000Z")
	    ENTRY("A???[B (AS64500)") "</feed>\n"},
    {"a name in another script", NULL, true, "Ünïcode 網絡",
	HEAD("", "2026-11-24T00:00:00.000Z")
	    ENTRY("Ünïcode 網絡 (AS64500)") "</feed>\n"},
};

static void feed_is(void **state)
{
	const struct feed_row *row = *state;
	struct network_info info = {.asn = 64500, .country = "DE"};
	struct reply reply = {0};
	struct events_atom feed;

	strcpy(info.name, row->network);
	events_atom_begin(&feed, row->query);
	if (row->has_event)
		events_atom_add(&feed, &changed, &info);
	events_atom_reply(&feed, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body.data, row->expected);
	reply_reset(&reply);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, feed_rows, feed_is);
	return test_run("events_atom", &list);
}
