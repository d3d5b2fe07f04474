/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/words.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* Each enum's words: every value from `first` on has one of its own, and it
 * leads back. */

#define WORD(name, type)                          \
	static const char *word_##name(int value) \
	{                                         \
		return name##_word((type)value);  \
	}

WORD(port_mode, enum port_mode)
WORD(stage, enum stage)
WORD(failure, enum failure)
WORD(tls_verify, enum tls_verify)
WORD(path_answer, enum path_answer)
WORD(peer, enum peer_seen)
WORD(own_address, enum own_address)
WORD(dns, enum dns_seen)
WORD(outcome, enum outcome)
WORD(mechanism, enum mechanism)
WORD(where, enum where)

static const struct row {
	const char *name;
	const char *(*word)(int value);
	int (*from_word)(const char *word);
	int first, count; /* values below `first` are absent: "" */
} rows[] = {
    {"port modes", word_port_mode, port_mode_from_word, 0, MODE_COUNT},
    {"stages", word_stage, stage_from_word, 0, STAGE_COUNT},
    {"failures", word_failure, failure_from_word, 1, FAILURE_COUNT},
    {"faults of certificates", word_tls_verify, tls_verify_from_word, 1,
	VERIFY_COUNT},
    {"answers of a path", word_path_answer, path_answer_from_word, 1,
	ANSWER_COUNT},
    {"peers", word_peer, peer_from_word, 1, PEER_COUNT},
    {"own addresses", word_own_address, own_address_from_word, 1, OWN_COUNT},
    {"faults of names", word_dns, dns_from_word, 1, DNS_COUNT},
    {"outcomes", word_outcome, outcome_from_word, 0, OUTCOME_COUNT},
    {"mechanisms", word_mechanism, mechanism_from_word, 0, MECHANISM_COUNT},
    {"places", word_where, where_from_word, 1, WHERE_COUNT},
};

static void has_words(void **state)
{
	const struct row *row = *state;
	int value;

	for (value = 0; value < row->first; value++)
		assert_string_equal(row->word(value), "");
	for (; value < row->count; value++) {
		if (row->word(value) == NULL || row->word(value)[0] == '\0')
			fail_msg("%d has no word", value);
		assert_int_equal(row->from_word(row->word(value)), value);
	}
	assert_string_equal(row->word(row->count), "");
	assert_int_equal(row->from_word("tired"), -1);
	assert_int_equal(row->from_word(""), -1);
}

static void signs_have_words(void **state)
{
	int bit, other;

	(void)state;
	for (bit = 0; bit < SOFT_SIGNS; bit++) {
		assert_true(soft_sign_word(1u << bit)[0] != '\0');
		for (other = 0; other < bit; other++)
			assert_string_not_equal(soft_sign_word(1u << bit),
			    soft_sign_word(1u << other));
	}
	assert_string_equal(soft_sign_word(1u << SOFT_SIGNS), "");
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, has_words);
	test_add(&list, "soft signs", signs_have_words);
	return test_run("words", &list);
}
