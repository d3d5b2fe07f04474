/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/limiter.h"

#include <string.h>

#include "tests/support/rows.h"

#define LIMIT 2

/* "+a": a acquires, "-a": a releases. The answers: "a": a holds a permit now,
 * ".": it waits, or nobody is next. */
static const struct limiter_row {
	const char *name, *events, *answers;
} limiter_rows[] = {
    {"up to the limit all hold a permit at once", "+a+b", "ab"},
    {"the others get it first in, first out", "+a+b+c+d-b-a", "ab..cd"},
    {"a release with an empty queue makes room", "+a+b-a+c", "ab.c"},
    {"one that waits may give up", "+a+b+c+d-c-a", "ab...d"},
    {"a permit that was passed on is passed on again", "+a+b+c+d-a-c",
	"ab..cd"},
    {"a second release takes nobody's permit", "+a+b-a-a+c+d", "ab..c."},
    {"a release without a permit changes nothing", "-a+b+c+d", ".bc."},
};

static void acquire_and_release(void **state)
{
	const struct limiter_row *row = *state;
	struct limiter_permit permits[4] = {0}, *next;
	struct limiter limiter;
	char answers[32] = "";
	const char *event;
	size_t n = 0;

	limiter_init(&limiter, LIMIT);
	for (event = row->events; *event != '\0'; event += 2) {
		next = &permits[event[1] - 'a'];
		if (event[0] == '-')
			next = limiter_release(&limiter, next);
		else if (!limiter_acquire(&limiter, next))
			next = NULL;
		answers[n++] = next != NULL ? (char)('a' + (next - permits))
					    : '.';
		assert_in_range(limiter.held, 0, LIMIT);
	}
	assert_string_equal(answers, row->answers);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, limiter_rows, acquire_and_release);
	return test_run("limiter", &list);
}
