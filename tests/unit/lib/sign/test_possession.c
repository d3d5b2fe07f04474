/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign/possession_check.h"

#include <string.h>

#include "tests/support/key.h"
#include "tests/support/rows.h"

enum spoil { AS_IT_IS, OTHER_KEY, OTHER_AGENT, FLIPPED, CUT, LONGER, NO_TEXT };

static const struct row {
	const char *name;
	enum spoil spoil;
	bool holds;
} rows[] = {
    {"the new key's own word holds", AS_IT_IS, true},
    {"it proves no other key", OTHER_KEY, false},
    {"it is worth nothing for another agent", OTHER_AGENT, false},
    {"a changed byte", FLIPPED, false},
    {"half of it", CUT, false},
    {"more than it", LONGER, false},
    {"nothing", NO_TEXT, false},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct sign_key *key = key_new(), *other = key_new();
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	char proof[POSSESSION_SIZE + 4];

	sign_key_public(row->spoil == OTHER_KEY ? other : key, public_key);
	assert_int_equal(possession_prove(key, "a1", proof), 0);
	if (row->spoil == FLIPPED)
		proof[5] = proof[5] == 'A' ? 'B' : 'A';
	if (row->spoil == CUT)
		proof[40] = '\0';
	if (row->spoil == LONGER)
		strcpy(proof + strlen(proof) - 2, "AAAA");
	if (row->spoil == NO_TEXT)
		proof[0] = '\0';
	assert_int_equal(possession_holds(public_key,
			     row->spoil == OTHER_AGENT ? "a2" : "a1", proof),
	    row->holds);
	sign_key_free(key);
	sign_key_free(other);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("possession", &list);
}
