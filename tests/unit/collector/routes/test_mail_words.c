/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/mail_words.h"

#include <string.h>

#include "tests/support/rows.h"

/* Shown as it was said. */
#define ROW(name, said)          \
	{                        \
		name, said, NULL \
	}

static const struct row {
	const char *name, *said, *shown;
} rows[] = {
    ROW("Postfix", "mx.example.net ESMTP Postfix (Debian)"),
    ROW("Exim",
	"mx.example.net ESMTP Exim 4.96-2 Sat, 28 Nov 2026 10:11:12 +0000"),
    ROW("Sendmail", "mx.example.net ESMTP Sendmail 8.17.1/8.17.1; ready"),
    ROW("a refusal", "5.7.1 Service unavailable; client [[removed]] blocked "
		     "using [removed]"),
    ROW("one for later", "4.2.0 Greylisted, please try again later."),
    ROW("a firewall's stars", "***************2***0*0"),
    ROW("the first word and the last", "a zone"),
    ROW("nothing", ""),
    {"a text of the agent's", "Buy cheap pills of John Smith", "* * * of * *"},
    {"letters put together", "J-o-h-n BuyPills", "* *"},
    {"the beginning of a word", "greylis listed", "* listed"},
    {"other alphabets", "ESMTP \xc3\xa9\xc3\xa9 ready", "ESMTP * ready"},
    {"long numbers", "ESMTP 123456789 ready", "ESMTP * ready"},
};

/* With * in place of what was removed. */
static void shorten(char *text)
{
	static const char removed[] = "[removed]";
	char *at;

	while ((at = strstr(text, removed)) != NULL) {
		*at = '*';
		memmove(at + 1, at + sizeof(removed) - 1,
		    strlen(at + sizeof(removed) - 1) + 1);
	}
}

static void run_row(void **state)
{
	const struct row *row = *state;
	char shown[129];

	mail_words_copy(shown, sizeof(shown), row->said);
	if (row->shown != NULL)
		shorten(shown);
	assert_string_equal(shown, row->shown != NULL ? row->shown : row->said);
}

static void cut(void **state)
{
	char shown[64];
	size_t size;

	(void)state;
	for (size = 1; size < sizeof(shown); size++) {
		memset(shown, 'x', sizeof(shown));
		mail_words_copy(shown, size, "ESMTP (John) ready (Smith) now");
		assert_true(strlen(shown) < size);
		assert_null(strstr(shown, "J"));
		assert_null(strstr(shown, "Sm"));
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "text that is cut shows no other words", cut);
	return test_run("mail_words", &list);
}
