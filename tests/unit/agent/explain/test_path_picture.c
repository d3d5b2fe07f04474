/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/path_picture.h"

#include <string.h>

#include "tests/support/explain_round.h"
#include "tests/support/rows.h"

#define TITLE "How far each port gets to mx1, 5 hops away:\n"
#define SCALE "  hop 0   1   2   3   4   5\n"

/* The endpoint of explain_round.h is 5 hops away. */
static const struct row {
	const char *name, *round, *picture;
} rows[] = {
    {"a wall behind the last hop that answers",
	"mx1 4 25 drop@2; mx1 4 587 open",
	TITLE SCALE "   25 o---------# .   .   .  filtered/drop after hop 2 "
		    "(198.51.100.2)\n"
		    "  587 o-------------------o  reachable/open\n\n"},
    {"a mark where somebody else answers", "mx1 4 25 redirect@1",
	TITLE SCALE "   25 o-----@ .   .   .   .  intercepted/redirect "
		    "after hop 1 (192.168.1.1)\n\n"},
    {"this host's own rule stands beside the host", "mx1 4 25 denied@0",
	TITLE SCALE "   25 o#  .   .   .   .   .  local/denied this host\n\n"},
    {"replies that are lost: the lane arrives", "mx1 4 25 drop-reply@4",
	TITLE SCALE "   25 o------------------#o  filtered/drop-reply after "
		    "hop 4 (198.51.100.4)\n\n"},
    {"a place unknown has no wall", "mx1 4 25 drop@network",
	TITLE SCALE "   25 o   .   .   .   .   .  filtered/drop in the "
		    "network\n\n"},
    {"the endpoint's own fault is no wall",
	"mx1 4 25 drop@2; mx1 4 587 refused",
	TITLE SCALE "   25 o---------# .   .   .  filtered/drop after hop 2 "
		    "(198.51.100.2)\n"
		    "  587 o-------------------x  endpoint/refused\n\n"},
    {"only the first target where something is stopped",
	"mx0 4 25 open; mx1 4 25 drop@2; mx2 4 25 drop@2",
	TITLE SCALE "   25 o---------# .   .   .  filtered/drop after hop 2 "
		    "(198.51.100.2)\n\n"},
    {"nothing is stopped: nothing is drawn", "mx1 4 25 open", ""},
    {"the endpoint's distance is not known: nothing is drawn",
	"mx1 4 25 drop+@2", ""},
};

static void draw(void **state)
{
	const struct row *row = *state;
	struct explain_round round;
	struct report report;
	struct buf out = {0};

	explain_round_make(&round, &report, row->round);
	path_picture_add(&round, &out);
	assert_false(out.failed);
	assert_string_equal(out.data != NULL ? out.data : "", row->picture);
	buf_free(&out);
	explain_round_drop(&round, &report);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, draw);
	return test_run("path_picture", &list);
}
