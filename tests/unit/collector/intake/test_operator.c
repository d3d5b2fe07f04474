/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/operator.h"

#include <string.h>

#include "tests/support/rows.h"

static const uint8_t secret[SIGN_SECRET_SIZE] = {1};
static const uint8_t other_secret[SIGN_SECRET_SIZE] = {2};

/* How an agent enrolled: a token's first byte (0: none), contact, address. */
struct enrolment {
	uint8_t token;
	const char *contact, *client;
};

static const struct pair_row {
	const char *name;
	struct enrolment one, other;
	bool same;
} pair_rows[] = {
    {"a token counts alone, whatever the contact", {1, "a@example", ""},
	{1, "b@example", "192.0.2.1"}, true},
    {"two tokens are two operators", {1, "a@example", "192.0.2.1"},
	{2, "a@example", "192.0.2.1"}, false},
    {"without a token the contact counts", {0, "a@example", "192.0.2.1"},
	{0, "a@example", "198.51.100.1"}, true},
    {"another contact is another operator, also next door",
	{0, "a@example", "192.0.2.1"}, {0, "b@example", "192.0.2.1"}, false},
    {"case and blanks make no other contact", {0, "Ops@Example ", ""},
	{0, "\tops@example", ""}, true},
    {"without either the block counts", {0, "", "192.0.2.1"},
	{0, " ", "192.0.2.254"}, true},
    {"another block is another operator", {0, "", "192.0.2.1"},
	{0, "", "192.0.3.1"}, false},
    {"over IPv6 it is a /48", {0, "", "2001:db8:1:2::1"},
	{0, "", "2001:db8:1:ffff::9"}, true},
    {"a contact that spells a block is no block", {0, "192.0.2.0/24", ""},
	{0, "", "192.0.2.1"}, false},
};

static void name_of(const struct enrolment *enrolment, const uint8_t *key,
    char name[OPERATOR_NAME_SIZE])
{
	uint8_t token[32] = {enrolment->token};
	struct addr client = {0};
	struct operator_marks marks = {
	    .token_sha256 = enrolment->token != 0 ? token : NULL,
	    .contact = enrolment->contact,
	    .client = &client,
	};

	addr_parse(&client, enrolment->client);
	operator_name(key, &marks, name);
}

static void pair(void **state)
{
	const struct pair_row *row = *state;
	char one[OPERATOR_NAME_SIZE], other[OPERATOR_NAME_SIZE];

	name_of(&row->one, secret, one);
	name_of(&row->other, secret, other);
	assert_int_equal(strlen(one), 16);
	assert_int_equal(strcmp(one, other) == 0, row->same);
	name_of(&row->one, other_secret, other);
	assert_string_not_equal(one, other);
}

static const struct nothing_row {
	const char *name;
	struct enrolment enrolment;
} nothing_rows[] = {
    {"nothing is known", {0, "", ""}},
    {"a loopback address says nothing", {0, "", "127.0.0.1"}},
    {"nor does a private one", {0, "", "10.0.0.7"}},
};

static void nothing(void **state)
{
	const struct nothing_row *row = *state;
	char name[OPERATOR_NAME_SIZE];

	name_of(&row->enrolment, secret, name);
	assert_string_equal(name, "");
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, pair_rows, pair);
	TEST_ROWS(&list, nothing_rows, nothing);
	return test_run("operator", &list);
}
