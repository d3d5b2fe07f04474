/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_codes.h"

#include "tests/support/rows.h"

enum meaning {
	PASSES,  /* another server may do it now */
	ACCOUNT, /* who asks is not known, or may not */
	REFUSED, /* another server would say the same */
};

/* Numbers as the servers' sources have them. */
static const struct row {
	const char *name;
	const char *text;
	enum meaning meaning;
} rows[] = {
    {"a server cannot read from its disk", "Code: 74, e", PASSES},
    {"a server cannot write to its disk", "Code: 75, e", PASSES},
    {"a server cannot open a file", "Code: 76, e", PASSES},
    {"a statement took too long", "Code: 159. DB::Exception", PASSES},
    {"a server gets no memory", "Code: 173, e", PASSES},
    {"a server has too many statements", "Code: 202, e", PASSES},
    {"a server does not reach another one", "Code: 210, e", PASSES},
    {"a server has no ZooKeeper", "Code: 225, e", PASSES},
    {"a server ends", "Code: 236, e", PASSES},
    {"a server has no memory left", "Code: 241, e", PASSES},
    {"a server's table is only for reading", "Code: 242, e", PASSES},
    {"a server's disk is full", "Code: 243, e", PASSES},
    {"too few copies are there", "Code: 285, e", PASSES},
    {"ZooKeeper fails", "Code: 999, e", PASSES},
    {"a server's library for the network fails", "Code: 1000, e", PASSES},
    {"a server's library fails", "Code: 1001, e", PASSES},
    {"a server does not know what fails", "Code: 1002, e", PASSES},
    {"a table is not there", "Code: 60, e", REFUSED},
    {"a database is not there", "Code: 81, e", REFUSED},
    {"a setting is not known", "Code: 115, e", REFUSED},
    {"a statement is wrong", "Code: 62, e", REFUSED},
    {"the account may only read", "Code: 164, e", REFUSED},
    {"the account's quota is used up", "Code: 201, e", REFUSED},
    {"the user is not known", "Code: 192, e", ACCOUNT},
    {"the password is wrong", "Code: 516, e", ACCOUNT},
    {"the account may not do that", "Code: 497, e", ACCOUNT},
    {"a text without a number", "Poco::Exception", REFUSED},
    {"no text", "", REFUSED},
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct buf text = {0};
	int code;

	buf_append_text(&text, row->text);
	code = codes_read(&text);
	buf_free(&text);
	assert_int_equal(codes_may_pass(code), row->meaning == PASSES);
	assert_int_equal(codes_are_of_account(code), row->meaning == ACCOUNT);
	assert_true(!codes_are_between_servers(code) || codes_may_pass(code));
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, test_row);
	return test_run("clickhouse_codes", &list);
}
