/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/limiter.h"

#include <string.h>

#include "tests/support/rows.h"

#define MOST 2

/* What happens, and who is inside by it: "+a" a enters, "-a" a leaves; then
 * the answers: "a" it is a's turn, "." it waits or nobody is next. */
static const struct turns_row {
	const char *name, *events, *answers;
} turns_rows[] = {
    {"as many as may be are inside at once", "+a+b", "ab"},
    {"the others wait in the order in which they came", "+a+b+c+d-b-a",
	"ab..cd"},
    {"who left without anybody waiting makes room", "+a+b-a+c", "ab.c"},
    {"who waits may go away", "+a+b+c+d-c-a", "ab...d"},
    {"whose turn came by another's leaving lets the next in", "+a+b+c+d-a-c",
	"ab..cd"},
    {"to leave twice takes nobody's place", "+a+b-a-a+c+d", "ab..c."},
    {"to leave without having come changes nothing", "-a+b+c+d", ".bc."},
};

static void take_turns(void **state)
{
	const struct turns_row *row = *state;
	struct turn turn[4] = {0}, *next;
	char answers[32] = "";
	struct turns turns;
	const char *event;
	size_t n = 0;

	turns_init(&turns, MOST);
	for (event = row->events; *event != '\0'; event += 2) {
		next = &turn[event[1] - 'a'];
		if (event[0] == '-')
			next = turns_leave(&turns, next);
		else if (!turns_enter(&turns, next))
			next = NULL;
		answers[n++] = next != NULL ? (char)('a' + (next - turn)) : '.';
		assert_in_range(turns.inside, 0, MOST);
	}
	assert_string_equal(answers, row->answers);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, turns_rows, take_turns);
	return test_run("turns", &list);
}
