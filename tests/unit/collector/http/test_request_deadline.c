/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request_deadline.h"

#include <string.h>

#include "tests/support/rows.h"

#define COUNT 4

/* Each letter is a step with the deadline of that number: s starts it, at the
 * time of the step's place (1, 2, ...), e ends it. */
static const struct row {
	const char *name, *steps;
	int64_t since_us;
	size_t most;
	const char *taken; /* in their order */
} rows[] = {
    {"a peer that is not waited for is left alone", "", 99, 9, ""},
    {"a late peer is taken", "s0", 99, 9, "0"},
    {"a peer that is not late yet is not", "s0s1", 1, 9, "0"},
    {"a peer whose request was in time is not", "s0s1e0", 99, 9, "1"},
    {"a peer can be late again", "s0e0s0", 99, 9, "0"},
    {"a new request starts a new deadline", "s0s1s0", 2, 9, "1"},
    {"the oldest come first", "s2s1s0s3", 99, 2, "21"},
    {"a peer that is gone is left alone", "s0e0", 99, 9, ""},
    {"and does not count against those that are late", "s0e0s1s2", 99, 2, "12"},
    {"all late peers, if that many may be", "s0s1s2s3", 99, 9, "0123"},
    {"to end one that does not run does no harm", "e0e1s1e0", 99, 9, "1"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct request_deadline deadlines[COUNT] = {{0}}, *late;
	struct request_deadline_queue queue;
	char taken[COUNT + 1] = "";
	const char *step;

	TAILQ_INIT(&queue);
	for (step = row->steps; *step != '\0'; step += 2) {
		struct request_deadline *deadline = &deadlines[step[1] - '0'];

		if (*step == 's')
			request_deadline_start(
			    &queue, deadline, 1 + (step - row->steps) / 2);
		else
			request_deadline_stop(&queue, deadline);
	}
	while (strlen(taken) < row->most &&
	       (late = request_deadline_take(&queue, row->since_us)) != NULL)
		taken[strlen(taken)] = (char)('0' + (late - deadlines));
	assert_string_equal(taken, row->taken);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("request_deadline", &list);
}
