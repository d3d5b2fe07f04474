/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/proof.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define MADE    INT64_C(1000000)
#define EXPIRES (MADE + PROOF_LIFE_S)

static const uint8_t secret[SIGN_SECRET_SIZE] = {1};
static const uint8_t other_secret[SIGN_SECRET_SIZE] = {2};

static struct addr address(const char *text)
{
	struct addr addr;

	assert_true(addr_parse(&addr, text));
	return addr;
}

static const struct row {
	const char *name, *agent, *address;
	int64_t at_s;
	const uint8_t *secret;
	bool good;
} rows[] = {
    {"for whom and where it was made", "agent-1", "203.0.113.7", MADE, secret,
	true},
    {"until it expires", "agent-1", "203.0.113.7", EXPIRES, secret, true},
    {"not after that", "agent-1", "203.0.113.7", EXPIRES + 1, secret, false},
    {"a little before it was made", "agent-1", "203.0.113.7",
	MADE - PROOF_EARLY_S, secret, true},
    {"not long before", "agent-1", "203.0.113.7", MADE - PROOF_EARLY_S - 1,
	secret, false},
    {"not for another agent", "agent-2", "203.0.113.7", MADE, secret, false},
    {"not for another address", "agent-1", "203.0.113.8", MADE, secret, false},
    {"not for another family", "agent-1", "2001:db8::7", MADE, secret, false},
    {"not with another secret", "agent-1", "203.0.113.7", MADE, other_secret,
	false},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct addr proven = address("203.0.113.7");
	struct addr asked = address(row->address);
	char proof[REPORT_PROOF_SIZE];

	proof_make(secret, "agent-1", &proven, EXPIRES, proof);
	assert_int_equal(
	    proof_check(row->secret, row->agent, &asked, row->at_s, proof),
	    row->good);
}

static const struct garbage_row {
	const char *name, *proof;
} garbage_rows[] = {
    {"nothing", ""},
    {"a dot", "."},
    {"an expiry alone", "1021600"},
    {"an expiry and no MAC", "1021600."},
    {"a MAC and no expiry", ".AAAAAAAAAAAAAAAAAAAAAA"},
    {"a MAC of zeros", "1021600.AAAAAAAAAAAAAAAAAAAAAA"},
    {"a MAC that is too short", "1021600.AAAAAAAAAAAAAAAAAAAA"},
    {"a MAC that is too long", "1021600.AAAAAAAAAAAAAAAAAAAAAAAA"},
    {"a MAC of the whole length", "1021600.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				  "AAAAAAAA"},
    {"no base64", "1021600.AAAAAAAAAAAAAAAAAAAA!!"},
    {"an expiry below 0", "-1021600.AAAAAAAAAAAAAAAAAAAAAA"},
    {"an expiry over 64 bits", "99999999999999999999.AAAAAAAAAAAAAAAAAAAAAA"},
    {"blanks", " 1021600.AAAAAAAAAAAAAAAAAAAAAA"},
    {"bytes that are no text", "\xff\xfe.\x80"},
};

static void garbage(void **state)
{
	const struct garbage_row *row = *state;
	struct addr asked = address("203.0.113.7");

	assert_false(proof_check(secret, "agent-1", &asked, MADE, row->proof));
}

static void every_byte(void **state)
{
	struct addr proven = address("2001:db8::7");
	char proof[REPORT_PROOF_SIZE], changed[REPORT_PROOF_SIZE];
	size_t i;

	(void)state;
	proof_make(secret, "agent-1", &proven, EXPIRES, proof);
	for (i = 0; proof[i] != '\0'; i++) {
		strcpy(changed, proof);
		changed[i] = changed[i] == '1' ? '2' : '1';
		assert_false(
		    proof_check(secret, "agent-1", &proven, MADE, changed));
		strcpy(changed, proof);
		changed[i] = '\0';
		assert_false(
		    proof_check(secret, "agent-1", &proven, MADE, changed));
	}
}

static void pseudonyms(void **state)
{
	char one[17], again[17], other[17], elsewhere[17];

	(void)state;
	proof_pseudonym(secret, "agent-1", one);
	proof_pseudonym(secret, "agent-1", again);
	proof_pseudonym(secret, "agent-2", other);
	proof_pseudonym(other_secret, "agent-1", elsewhere);
	assert_int_equal(strlen(one), 16);
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
	assert_string_not_equal(one, elsewhere);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, garbage_rows, garbage);
	test_add(
	    &list, "a proof of which any byte was changed is none", every_byte);
	test_add(&list, "a pseudonym is the agent's and the collector's own",
	    pseudonyms);
	return test_run("proof", &list);
}
