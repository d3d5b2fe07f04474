/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/ehlo_keyword.h"

#include <string.h>

#include "tests/support/rows.h"

#define REMOVED "[removed]"

static const struct row {
	const char *name, *said, *shown;
} rows[] = {
    {"an extension", "PIPELINING", "PIPELINING"},
    {"in small letters", "8bitmime", "8bitmime"},
    {"the first and the last one known", "XSHADOW", "XSHADOW"},
    {"a size", "SIZE 35882577", "SIZE 35882577"},
    {"ways to log in", "AUTH PLAIN XOAUTH2 CRAM-MD5",
	"AUTH PLAIN XOAUTH2 CRAM-MD5"},
    {"as old servers have them", "AUTH=LOGIN PLAIN", "AUTH=LOGIN PLAIN"},
    {"limits", "LIMITS RCPTMAX=100", "LIMITS RCPTMAX=100"},
    {"a firewall's letters", "XXXXXXXA", "XXXXXXXA"},
    {"all of them the same", "XXXXXXXXXXXXXXXXXXX", "XXXXXXXXXXXXXXXXXXX"},
    {"a word of nobody's", "BUY", REMOVED},
    {"a name", "JOHN-SMITH", REMOVED},
    {"the beginning of a keyword", "PIPE", REMOVED},
    {"more than a keyword", "PIPELININGS", REMOVED},
    {"a word after a keyword", "HELP john smith", "HELP " REMOVED},
    {"an address after a keyword", "SIZE 192.0.2.7", "SIZE " REMOVED},
    {"a long number", "SIZE 11234567890", "SIZE " REMOVED},
    {"where there is no room left", "AUTH PLAIN LOGIN GSSAPI NTLM XY",
	"AUTH PLAIN LOGIN GSSAP" REMOVED},
    {"nothing", "", ""},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	char shown[32];

	assert_true(strlen(row->said) < sizeof(shown));
	ehlo_keyword_copy(shown, sizeof(shown), row->said);
	assert_string_equal(shown, row->shown);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("ehlo_keyword", &list);
}
