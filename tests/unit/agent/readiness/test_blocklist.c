/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/blocklist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* The answers as addresses with blanks between; "!" is no answer. */
static struct blocklist_answer read_answer(const char *text)
{
	struct blocklist_answer answer = {.failed = strcmp(text, "!") == 0};
	char copy[200], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", answer.failed ? "" : text);
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			assert_true(
			    addr_parse(&answer.code[answer.count++], word));
	return answer;
}

static const struct row {
	const char *name, *zone, *answer, *listed, *unlisted;
	enum blocklist_state state;
	const char *because;
} rows[] = {
    {"not listed", "zen.spamhaus.org", "", "127.0.0.2", "",
	BLOCKLIST_NOT_LISTED, ""},
    {"a source of spam", "zen.spamhaus.org", "127.0.0.2", "127.0.0.2", "",
	BLOCKLIST_LISTED, "127.0.0.2 is SBL, a source of spam"},
    {"PBL is policy, not guilt", "zen.spamhaus.org", "127.0.0.10", "127.0.0.2",
	"", BLOCKLIST_LISTED,
	"127.0.0.10 is PBL, addresses that are not meant to send mail "
	"directly: a policy, no guilt; a static address can be taken off by "
	"its holder"},
    {"two codes", "zen.spamhaus.org", "127.0.0.3 127.0.0.4", "127.0.0.2", "",
	BLOCKLIST_LISTED,
	"127.0.0.3 is CSS, a source of low-reputation mail; 127.0.0.4 is XBL, "
	"a hijacked or infected machine"},
    {"a code without words", "bl.example.org", "127.0.0.2", "127.0.0.2", "",
	BLOCKLIST_LISTED, "127.0.0.2"},
    {"a code of another list has other words", "notspamhaus.example",
	"127.0.0.10", "127.0.0.2", "", BLOCKLIST_LISTED, "127.0.0.10"},
    {"a public resolver is refused", "zen.spamhaus.org", "127.255.255.254",
	"127.255.255.254", "127.255.255.254", BLOCKLIST_REFUSED,
	"it refuses public resolvers: ask through one of your own (--dns)"},
    {"too many queries", "zen.spamhaus.org", "127.255.255.255", "127.0.0.2", "",
	BLOCKLIST_REFUSED, "it refuses: too many queries from this resolver"},
    {"a zone that is none", "zen.spamhaus.org", "127.255.255.252", "", "",
	BLOCKLIST_REFUSED, "it knows no such zone"},
    {"a refused query is no acquittal", "bl.example.org", "", "", "",
	BLOCKLIST_REFUSED,
	"it does not answer here: its test entry (RFC 5782) is missing"},
    {"a list that lists everything", "bl.example.org", "127.0.0.2", "127.0.0.2",
	"127.0.0.2", BLOCKLIST_REFUSED,
	"it lists everything, its test entry (RFC 5782) too"},
    {"a resolver that invents addresses", "bl.example.org", "192.0.2.1",
	"192.0.2.1", "192.0.2.1", BLOCKLIST_REFUSED,
	"its answer is no code of a list: somebody rewrites DNS here"},
    {"no DNS", "bl.example.org", "!", "!", "!", BLOCKLIST_UNKNOWN,
	"DNS gave no answer"},
    {"no DNS for the test entries", "bl.example.org", "", "!", "",
	BLOCKLIST_UNKNOWN, "DNS gave no answer for the list's test entries"},
};

static void judge(void **state)
{
	const struct row *row = *state;
	struct blocklist_answer listed = read_answer(row->listed);
	struct blocklist_answer unlisted = read_answer(row->unlisted);
	struct blocklist_seen seen = {.answer = read_answer(row->answer)};

	strcpy(seen.zone, row->zone);
	blocklist_judge(&seen, &listed, &unlisted);
	assert_int_equal(seen.state, row->state);
	assert_string_equal(seen.because, row->because);
}

static void names(void **state)
{
	struct addr address, listed, unlisted;
	char name[256];

	assert_true(addr_parse(&address, "192.0.2.99"));
	blocklist_query_name(&address, "bl.example.org", name);
	assert_string_equal(name, "99.2.0.192.bl.example.org");
	assert_true(addr_parse(&address, "2001:db8:1:2:3:4:567:89ab"));
	blocklist_query_name(&address, "ugly.example.com", name);
	assert_string_equal(name,
	    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2."
	    "ugly.example.com");
	blocklist_test_points(4, &listed, &unlisted);
	blocklist_query_name(&listed, "bl", name);
	assert_string_equal(name, "2.0.0.127.bl");
	blocklist_query_name(&unlisted, "bl", name);
	assert_string_equal(name, "1.0.0.127.bl");
	blocklist_test_points(6, &listed, &unlisted);
	blocklist_query_name(&listed, "bl", name);
	assert_string_equal(name,
	    "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	    "bl");
}

static void zones(void **state)
{
	struct blocklist_zones found;
	struct err err = {""};

	assert_int_equal(blocklist_parse_zones(
			     "zen.spamhaus.org, bl.example,", &found, &err),
	    0);
	assert_int_equal(found.count, 2);
	assert_string_equal(found.zone[1], "bl.example");
	assert_int_equal(blocklist_parse_zones(" ", &found, &err), -EINVAL);
	assert_int_equal(blocklist_parse_zones("a..b", &found, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'a..b'"));
	assert_int_equal(
	    blocklist_parse_zones("a b c d e f g h i", &found, &err), -EINVAL);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, judge);
	test_add(
	    &list, "names of addresses and test entries (RFC 5782)", names);
	test_add(&list, "zones of a command line", zones);
	return test_run("blocklist", &list);
}
