/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request_deadline.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/rows.h"

#define PAIRS 4

/* Whether the other side sees the end of each: x, or - where it does not. */
static void ends_seen(int fds[PAIRS][2], char seen[PAIRS + 1])
{
	char byte;
	int i;

	for (i = 0; i < PAIRS; i++)
		seen[i] = recv(fds[i][1], &byte, 1, MSG_DONTWAIT) == 0 ? 'x'
								       : '-';
	seen[PAIRS] = '\0';
}

/* Each letter is a step with the socket of that number: b is awaited from the
 * time of its place on, e is whole, c is closed and opened again. */
static const struct row {
	const char *name, *steps;
	int64_t since_us;
	size_t most;
	const char *seen;
	size_t count;
} rows[] = {
    {"who is not awaited is left alone", "", 99, 9, "----", 0},
    {"who is late is shut down", "b0", 99, 9, "x---", 1},
    {"who is not late yet is not", "b0b1", 1, 9, "x---", 1},
    {"who sent all of it in time is not", "b0b1e0", 99, 9, "-x--", 1},
    {"who is awaited again can be late again", "b0e0b0", 99, 9, "x---", 1},
    {"the oldest go first", "b2b1b0b3", 99, 2, "-xx-", 2},
    {"a number that is another's now is left alone", "b0c0", 99, 9, "----", 0},
    {"and does not count against those that are late", "b0c0b1b2", 99, 2,
	"-xx-", 2},
    {"all that are late, where that many may", "b0b1b2b3", 99, 9, "xxxx", 4},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct patience *patience = patience_new(1024);
	int fds[PAIRS][2], other[2], i;
	const char *step;
	char seen[PAIRS + 1];

	for (i = 0; i < PAIRS; i++)
		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
	for (step = row->steps; *step != '\0'; step += 2) {
		i = step[1] - '0';
		if (*step == 'b')
			patience_begin(
			    patience, fds[i][0], 1 + (step - row->steps) / 2);
		else if (*step == 'e')
			patience_end(patience, fds[i][0]);
		else
			dup2(other[0], fds[i][0]);
	}
	assert_int_equal(
	    patience_shut(patience, row->since_us, row->most), row->count);
	ends_seen(fds, seen);
	for (step = row->steps; *step != '\0'; step += 2)
		if (*step == 'c') /* its end was our closing it */
			seen[step[1] - '0'] = '-';
	assert_string_equal(seen, row->seen);
	assert_int_equal(recv(other[1], &i, 1, MSG_DONTWAIT), -1);
	for (i = 0; i < PAIRS; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	close(other[0]);
	close(other[1]);
	patience_free(patience);
}

static void beyond(void **state)
{
	struct patience *patience = patience_new(2);

	(void)state;
	patience_begin(patience, -1, 1);
	patience_begin(patience, 2, 1);
	patience_begin(patience, 1000000, 1);
	patience_end(patience, -1);
	patience_end(patience, 1000000);
	assert_int_equal(patience_shut(patience, 99, 9), 0);
	patience_free(patience);
	patience_free(NULL);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "numbers beyond the table do no harm", beyond);
	return test_run("patience", &list);
}
