/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/public_text.h"

#include <stdbool.h>
#include <string.h>

#include "tests/support/rows.h"

/* The endpoint is mx.example.net; * stands for "[removed]". */
static const struct row {
	const char *name, *said, *shown;
} rows[] = {
    {"a greeting is shown as it is", "mx.example.net ESMTP Postfix (Debian)",
	"mx.example.net ESMTP Postfix (Debian)"},
    {"hosts of the same domain are its own", "in-3.MX2.Example.NET ESMTP",
	"in-3.MX2.Example.NET ESMTP"},
    {"versions and enhanced codes stay", "5.7.1 Exim 4.96.1 refused.",
	"5.7.1 Exim 4.96.1 refused."},
    {"the address of who asked", "Client host [203.0.113.7] blocked",
	"Client host [*] blocked"},
    {"with words around it", "blocked:203.0.113.7, see list", "*, see list"},
    {"turned around, as lists have it", "7.113.0.203.bl.example.org lists you",
	"* lists you"},
    {"an IPv6 address", "no mail from 2001:db8::7 here", "no mail from * here"},
    {"an IPv6 literal", "hello [IPv6:2001:db8:0:1::7]", "hello [*]"},
    {"as a host name with dashes", "Hello 203-0-113-7.dyn.example.org",
	"Hello *"},
    {"dashes within the server's own domain", "Hello 203-0-113-7.example.net",
	"Hello *"},
    {"in hexadecimal", "Hello cb007107", "Hello *"},
    {"as digits alone", "Hello cpe203000113007", "Hello *"},
    {"underscores do not hide it", "Hello 203_0_113_7", "Hello *"},
    {"the name of who asked", "250 Hello john.home.example.org, nice",
	"250 Hello *, nice"},
    {"a name in the last letters of another", "Hello notexample.net",
	"Hello *"},
    {"a link", "see https://example.org/q?ip=1", "see *=1"},
    {"a mail address", "write to abuse@example.net", "write to *"},
    {"control and bidirectional characters",
	"a\x1b[31mb \xe2\x80\xae"
	"c\r\n",
	"a?[31mb ?c??"},
    {"an unlisted endpoint has no names of its own", "!mx.example.net ESMTP",
	"* ESMTP"},
};

/* With * in place of what was removed. */
static void shorten(char *text)
{
	static const char removed[] = "[removed]";
	char *at = strstr(text, removed);

	while (at != NULL) {
		*at = '*';
		memmove(at + 1, at + sizeof(removed) - 1,
		    strlen(at + sizeof(removed) - 1) + 1);
		at = strstr(at, removed);
	}
}

static void run_row(void **state)
{
	static const char *const known[] = {"mx.example.net", NULL};
	const struct row *row = *state;
	bool unlisted = row->said[0] == '!';
	char shown[129];

	public_text_copy(shown, sizeof(shown), row->said + unlisted,
	    unlisted ? known + 1 : known);
	shorten(shown);
	assert_string_equal(shown, row->shown);
}

/* The endpoint, a name that it may say, one that it may not. */
static const struct domain_row {
	const char *name, *endpoint, *own, *other;
} domain_rows[] = {
    {"a country's company", "mx.example.co.uk", "in.example.co.uk",
	"john.smith.co.uk"},
    {"of more letters", "mx.example.com.au", "in.EXAMPLE.com.AU",
	"john-smith.com.au"},
    {"a country's own", "mx.example.de", "in.example.de", "example2.de"},
    {"what everybody shares alone", "co.uk", "", "john.smith.co.uk"},
    {"a TLD of three letters", "mx.co.net", "in.co.net", "in.c2.net"},
};

static void run_domain(void **state)
{
	const struct domain_row *row = *state;
	const char *const known[] = {row->endpoint, NULL};
	char shown[129];

	public_text_copy(shown, sizeof(shown), row->own, known);
	assert_string_equal(shown, row->own);
	public_text_copy(shown, sizeof(shown), row->other, known);
	assert_string_equal(shown, "[removed]");
}

/* However short the room is, no part of an address comes through. */
static void cut(void **state)
{
	static const char *const known[] = {NULL};
	char shown[64];
	size_t size;

	(void)state;
	for (size = 1; size < sizeof(shown); size++) {
		public_text_copy(shown, size, "from 203.0.113.7 today", known);
		assert_null(strstr(shown, "20"));
		assert_true(strlen(shown) < size);
	}
}

static const struct software_row {
	const char *name, *said, *shown;
} software_rows[] = {
    {"the agent's name and version", "egress25-agent/0.1.0",
	"egress25-agent/0.1.0"},
    {"no text of another kind", "<b>buy</b>", ""},
    {"a version of a packager", "egress25-agent/0.1.0~rc1-2",
	"egress25-agent/0.1.0~rc1-2"},
    {"no sentence", "buy cheap pills", ""},
    {"nor one before a version", "buy cheap pills/1", ""},
    {"nor one after a name", "agent/1 buy cheap pills", ""},
    {"nor one for a version", "agent/buy-cheap-pills", ""},
    {"a name without a version", "test", ""},
    {"no more than a name and a version", "agent/1/2", ""},
    {"no long name", "buy-cheap-pills-and-more-now/1", ""},
    {"no address", "agent/203.0.113.7", ""},
    {"no control characters", "agent\n1", ""},
};

static void run_software(void **state)
{
	const struct software_row *row = *state;
	char shown[64];

	public_text_software(shown, sizeof(shown), row->said);
	assert_string_equal(shown, row->shown);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, domain_rows, run_domain);
	TEST_ROWS(&list, software_rows, run_software);
	test_add(&list, "text that is cut shows no part of an address", cut);
	return test_run("public_text", &list);
}
