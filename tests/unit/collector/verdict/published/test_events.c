/* SPDX-License-Identifier: Apache-2.0 */

/* Which changes are told: those that hold. */

#include "collector/verdict/published/events.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* What is published at noon and at the end of each day, a letter each: `i`
 * insufficient, `o` open, `f` filtered, `p` partial, `h` held back. "x*3" is
 * three days that are `x` at noon and at the end. Told is "DAY:STATE", and
 * "DAY-:STATE" at noon, days from 0. */
static const struct row {
	const char *name, *days, *told;
} rows[] = {
    {"nothing is told of what was never known", "i*40", ""},
    {"the first verdict is told at once", "io", " 0:o"},
    {"the first verdict at noon is told then", "oo", " 0-:o"},
    {"what stays is told once", "oo o*40", " 0-:o"},
    {"a change after a quiet week is told at once", "o*10 ff f*9",
	" 0-:o 10-:f"},
    {"a change at the end of a day is told then", "o*10 of f*9", " 0-:o 10:f"},
    {"one that is back the next day is told no more", "o*10 of o*3 f*1",
	" 0-:o 10:f"},
    {"it is told that it is back once that has held", "o*10 of o*9",
	" 0-:o 10:f 15:o"},
    {"soon after the first verdict a change must hold", "o*3 f*9", " 0-:o 7:f"},
    {"what comes and goes is told once a week at most",
	"o*10 f*2 p*2 f*2 p*2 f*2 p*2 f*2", " 0-:o 10-:f 20-:p"},
    {"a change that is not there at the end of the week is not told",
	"o*3 f*4 o*20", " 0-:o"},
    {"that nothing is known is told after two weeks", "o*3 i*40", " 0-:o 16:i"},
    {"a verdict that is back within them is no event", "o*3 i*13 o*9 i*13",
	" 0-:o"},
    {"the two weeks count from the last event", "i*20 oi i*13 i*2",
	" 20-:o 34:i"},
    {"another verdict after a gap is a change", "o*3 i*9 f*2", " 0-:o 12-:f"},
    {"a verdict after it was told that nothing is known is told",
	"o*3 i*30 o*2", " 0-:o 16:i 33-:o"},
    {"what is held back is told at the end of the day", "f*10 fh",
	" 0-:f 10:i"},
    {"what is held back soon after it was told must last", "f*2 fh*9",
	" 0-:f 6:i"},
};

static const char letters[] = "ofpi";

static enum network_state state_of(char letter)
{
	static const enum network_state states[] = {
	    STATE_OPEN, STATE_FILTERED, STATE_PARTIAL, STATE_INSUFFICIENT};
	const char *at = strchr(letters, letter == 'h' ? 'i' : letter);

	assert_non_null(at);
	return states[at - letters];
}

static char letter_of(enum network_state state)
{
	size_t i;

	for (i = 0; letters[i] != '\0'; i++)
		if (state_of(letters[i]) == state)
			return letters[i];
	return '?';
}

struct run {
	struct events_told told;
	struct events_day day;
	char text[400];
};

static void tell(struct run *run, const char *when, enum network_state state)
{
	size_t length = strlen(run->text);

	snprintf(run->text + length, sizeof(run->text) - length, " %d%s:%c",
	    run->day.day, when, letter_of(state));
	run->told = (struct events_told){state, run->day.day};
}

static void live_day(struct run *run, char noon, char end)
{
	enum network_state state = state_of(end);

	if (events_tell_now(&run->told, run->day.day, state_of(noon)))
		tell(run, "-", state_of(noon));
	run->day.days = state == run->day.state ? run->day.days + 1 : 1;
	run->day.state = state;
	run->day.is_held_back = end == 'h';
	if (events_tell_closed(&run->told, &run->day))
		tell(run, "", state);
	run->day.day++;
}

static void live(const char *days, struct run *run)
{
	char noon, end;
	int times, length;

	memset(run, 0, sizeof(*run));
	run->told = (struct events_told){STATE_INSUFFICIENT, EVENTS_NEVER};
	run->day.state = STATE_INSUFFICIENT;
	for (; *days != '\0'; days += length + (days[length] == ' ')) {
		times = 1;
		if (sscanf(days, "%c*%d%n", &noon, &times, &length) == 2)
			end = noon;
		else if (sscanf(days, "%c%c*%d%n", &noon, &end, &times,
			     &length) != 3)
			length = 2;
		while (times-- > 0)
			live_day(run, noon, end);
	}
}

static void events(void **state)
{
	const struct row *row = *state;
	struct run run;

	live(row->days, &run);
	assert_string_equal(run.text, row->told);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, events);
	return test_run("events", &list);
}
