/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/path_picture.h"

#include <string.h>

#include "tests/support/explain_round.h"
#include "tests/support/rows.h"

#define TITLE "How far each port gets to mx1, 5 hops away:\n"
#define SCALE "  hop 0   1   2   3   4   5\n"

/* The endpoint of explain_round.h is 5 hops away. The pages draw the same
 * lanes of these rows: dashboards/web/test/characters.test.mjs reads them. */
static const struct row {
	const char *name, *round, *picture;
} rows[] = {
    {"a wall behind the last hop that answers",
	"mx1 4 25 drop@2; mx1 4 587 open",
	TITLE SCALE "   25 o---------# .   .   .  silently dropped after hop 2 "
		    "(198.51.100.2)\n"
		    "  587 o-------------------o  greets\n"
		    "\n"},
    {"control ports come last, by their numbers",
	"mx1 4 443 control; mx1 4 80 control-silent; mx1 4 25 drop@1; mx1 4 "
	"465 open",
	TITLE SCALE "   25 o-----# .   .   .   .  silently dropped after hop 1 "
		    "(192.168.1.1)\n"
		    "  465 o-------------------o  greets\n"
		    "   80 o   .   .   .   .   .  no answer\n"
		    "  443 o-------------------o  connects\n"
		    "\n"},
    {"a port whose handshakes were counted is no control",
	"mx1 4 443 control; mx1 4 25 open; mx1 4 25 counted; mx1 4 587 drop@1",
	TITLE SCALE "   25 o-------------------o  greets\n"
		    "  587 o-----# .   .   .   .  silently dropped after hop 1 "
		    "(192.168.1.1)\n"
		    "  443 o-------------------o  connects\n"
		    "\n"},
    {"a mark where somebody else answers", "mx1 4 25 redirect@1",
	TITLE SCALE "   25 o-----@ .   .   .   .  answered by a proxy after "
		    "hop 1 (192.168.1.1)\n"
		    "\n"},
    {"a reset", "mx1 4 25 reset@3",
	TITLE SCALE "   25 o-------------# .   .  reset on the way after hop 3 "
		    "(198.51.100.3)\n"
		    "\n"},
    {"a router that refuses", "mx1 4 25 icmp@2",
	TITLE SCALE "   25 o---------# .   .   .  refused by a router after "
		    "hop 2 (198.51.100.2)\n"
		    "\n"},
    {"a throttle", "mx1 4 25 throttle@2",
	TITLE SCALE
	"   25 o---------# .   .   .  throttled after hop 2 (198.51.100.2)\n"
	"\n"},
    {"cut after connect: the lane arrives", "mx1 4 25 reset-after-connect@path",
	TITLE SCALE
	"   25 o-----------------#-o  cut after connect on the path to the "
	"endpoint\n"
	"\n"},
    {"a stall after connect: the lane arrives", "mx1 4 25 stall-after-connect",
	TITLE SCALE "   25 o-----------------#-o  stalls after connect\n"
		    "\n"},
    {"STARTTLS removed: the lane arrives", "mx1 4 25 starttls-stripped@2",
	TITLE SCALE "   25 o---------@---------o  STARTTLS removed after hop 2 "
		    "(198.51.100.2)\n"
		    "\n"},
    {"another key, at the endpoint's edge", "mx1 4 465 tls-intercepted@network",
	TITLE SCALE "  465 o-----------------@-o  TLS key swapped in the "
		    "network, at a place unknown\n"
		    "\n"},
    {"this host's own rule stands beside the host", "mx1 4 25 denied@0",
	TITLE SCALE "   25 o#  .   .   .   .   .  refused by the sending host\n"
		    "\n"},
    {"a drop on this host stands beside the host", "mx1 4 25 drop@0",
	TITLE SCALE
	"   25 o#  .   .   .   .   .  silently dropped on this host itself\n"
	"\n"},
    {"replies that are lost: the lane arrives", "mx1 4 25 drop-reply@4",
	TITLE SCALE "   25 o-----------------#-o  replies lost on the way "
		    "back, or at the endpoint\n"
		    "\n"},
    {"a place unknown has no wall", "mx1 4 25 drop@network",
	TITLE SCALE "   25 o   .   .   .   .   .  silently dropped in the "
		    "network, at a place unknown\n"
		    "\n"},
    {"this host or the network: no wall, and neither is accused",
	"mx1 4 25 drop@host-or-path",
	TITLE SCALE "   25 o   .   .   .   .   .  silently dropped on this "
		    "host or in the network\n"
		    "\n"},
    {"before the first router", "mx1 4 25 drop@link",
	TITLE SCALE "   25 o-# .   .   .   .   .  silently dropped before the "
		    "first router (a provider's virtual switch, a bridge, or a "
		    "rule of that router)\n"
		    "\n"},
    {"behind first hops that are silent: no wall beside the host",
	"mx1 4 25 drop@path-3",
	TITLE SCALE
	"   25 o   .   .   .   .   .  silently dropped on the path to the "
	"endpoint\n"
	"\n"},
    {"at the access, and the first hop is silent: no wall",
	"mx1 4 25 drop@access",
	TITLE SCALE
	"   25 o   .   .   .   .   .  silently dropped in the first "
	"router (at home the home router) or the next\n"
	"\n"},
    {"the endpoint's own fault is no wall",
	"mx1 4 25 drop@2; mx1 4 587 refused; mx1 4 465 silent; mx1 4 2525 "
	"broken; mx1 4 2587 down",
	TITLE SCALE
	"   25 o---------# .   .   .  silently dropped after hop 2 "
	"(198.51.100.2)\n"
	"  587 o-------------------x  the server refuses\n"
	"  465 o-------------------x  not served there\n"
	" 2525 o-------------------x  the server ends it by itself\n"
	" 2587 o-------------------x  the server is down\n"
	"\n"},
    {"what is not known gets nowhere, and is no wall",
	"mx1 4 25 drop@2; mx1 4 587 no-control; mx1 4 465 offline; mx1 4 2525 "
	"no-route; mx1 4 2587 resolve",
	TITLE SCALE "   25 o---------# .   .   .  silently dropped after hop 2 "
		    "(198.51.100.2)\n"
		    "  587 o   .   .   .   .   .  nothing to compare with\n"
		    "  465 o   .   .   .   .   .  no connection\n"
		    " 2525 o   .   .   .   .   .  no route\n"
		    " 2587 o   .   .   .   .   .  names do not resolve\n"
		    "\n"},
    {"a rejection gets through", "mx1 4 25 rejected; mx1 4 587 drop@2",
	TITLE SCALE "   25 o-------------------o  is rejected by the endpoint\n"
		    "  587 o---------# .   .   .  silently dropped after hop 2 "
		    "(198.51.100.2)\n"
		    "\n"},
    {"only the first target where something is stopped",
	"mx0 4 25 open; mx1 4 25 drop@2; mx2 4 25 drop@2",
	TITLE SCALE "   25 o---------# .   .   .  silently dropped after hop 2 "
		    "(198.51.100.2)\n"
		    "\n"},
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
