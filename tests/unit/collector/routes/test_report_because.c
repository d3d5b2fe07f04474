/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/report_because.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* What was measured on port 25, and what is said of it. */
static const struct row {
	const char *name;
	struct measurement seen;
	size_t tries;
	const char *said;
} rows[] = {
    {"a drop after a hop",
	{.family = 4,
	    .ended = STAGE_CONNECT,
	    .failure = FAILURE_TIMEOUT,
	    .outcome = OUTCOME_FILTERED,
	    .after_hop = 1,
	    .endpoint_hops = 9,
	    .icmp_type = -1},
	2,
	"\"Port 25: no answer to the connection request (TCP SYN), in 2 "
	"tries.\","
	"\"The last hop that answered on port 25 is hop 1.\","
	"\"The endpoint itself is 9 hops away.\""},
    {"a wall before the first router",
	{.family = 4,
	    .ended = STAGE_CONNECT,
	    .failure = FAILURE_TIMEOUT,
	    .outcome = OUTCOME_FILTERED,
	    .after_hop = 0,
	    .endpoint_hops = -1,
	    .icmp_type = -1},
	1,
	"\"Port 25: no answer to the connection request (TCP SYN).\","
	"\"No hop answered on port 25.\""},
    {"a refusing router, and what its code means",
	{.family = 4,
	    .ended = STAGE_CONNECT,
	    .failure = FAILURE_UNREACHABLE,
	    .outcome = OUTCOME_UNKNOWN,
	    .icmp_type = 3,
	    .icmp_code = 13},
	1,
	"\"Port 25: an ICMP message said that it cannot be reached.\","
	"\"The message was ICMP type 3, code 13: administratively "
	"prohibited.\""},
    {"the same code means something else over IPv6",
	{.family = 6,
	    .ended = STAGE_CONNECT,
	    .failure = FAILURE_UNREACHABLE,
	    .outcome = OUTCOME_UNKNOWN,
	    .icmp_type = 1,
	    .icmp_code = 3},
	1,
	"\"Port 25: an ICMP message said that it cannot be reached.\","
	"\"The message was ICMPv6 type 1, code 3: address unreachable.\""},
    {"a code that nobody explains",
	{.family = 4,
	    .ended = STAGE_CONNECT,
	    .failure = FAILURE_UNREACHABLE,
	    .outcome = OUTCOME_UNKNOWN,
	    .icmp_type = 3,
	    .icmp_code = 99},
	1,
	"\"Port 25: an ICMP message said that it cannot be reached.\","
	"\"The message was ICMP type 3, code 99.\""},
    {"a stall after the connection stood",
	{.family = 4,
	    .ended = STAGE_BANNER,
	    .failure = FAILURE_TIMEOUT,
	    .outcome = OUTCOME_UNKNOWN,
	    .icmp_type = -1},
	1, "\"Port 25: connected, but no greeting came.\""},
    {"a cut in the dialogue",
	{.family = 4,
	    .ended = STAGE_EHLO,
	    .failure = FAILURE_RESET,
	    .outcome = OUTCOME_UNKNOWN,
	    .icmp_type = -1},
	3, "\"Port 25: the connection was reset after EHLO, in 3 tries.\""},
    {"STARTTLS that is not there",
	{.family = 4,
	    .ended = STAGE_STARTTLS,
	    .failure = FAILURE_NO_STARTTLS,
	    .outcome = OUTCOME_UNKNOWN,
	    .icmp_type = -1},
	1, "\"Port 25: the reply to EHLO did not offer STARTTLS.\""},
    {"a server that turns us away says so",
	{.family = 4,
	    .ended = STAGE_BANNER,
	    .failure = FAILURE_REJECTED,
	    .outcome = OUTCOME_REACHABLE,
	    .icmp_type = -1,
	    .smtp_code = 554},
	1,
	"\"Port 25: the server turned the client away.\","
	"\"The SMTP reply that decided was 554.\""},
    {"a dialogue that passes",
	{.family = 4,
	    .ended = STAGE_DONE,
	    .outcome = OUTCOME_REACHABLE,
	    .after_hop = 8,
	    .endpoint_hops = 9,
	    .icmp_type = -1},
	1, "\"Port 25: the SMTP dialogue went through to QUIT.\""},
    {"a control that connects",
	{.family = 4,
	    .mode = MODE_CONNECT,
	    .ended = STAGE_DONE,
	    .outcome = OUTCOME_COUNT,
	    .icmp_type = -1},
	1, "\"Port 25: the connection was made.\""},
};

static void say(const struct measurement *seen, size_t tries, struct buf *out)
{
	struct json_writer json = {.out = out};
	struct measurement row = *seen;

	row.port = 25;
	json_open_object(&json, NULL);
	report_because_write(&row, tries, &json);
	json_close_object(&json);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	char wanted[512];
	struct buf out = {0};

	say(&row->seen, row->tries, &out);
	snprintf(wanted, sizeof(wanted), "{\"because\":[%s]}", row->said);
	assert_string_equal(out.data, wanted);
	buf_free(&out);
}

/* However an attempt may end, it is said in words of its own. */
static void every_end_has_words(void **state)
{
	(void)state;
	for (int stage = 0; stage < STAGE_COUNT; stage++)
		for (int failure = 0; failure < FAILURE_COUNT; failure++) {
			const struct measurement seen = {
			    .ended = (enum stage)stage,
			    .failure = (enum failure)failure,
			    .icmp_type = -1,
			};
			struct buf out = {0};

			say(&seen, 1, &out);
			assert_null(strstr(out.data, "(null)"));
			assert_null(strstr(out.data, ": ."));
			buf_free(&out);
		}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "every end has words of its own", every_end_has_words);
	return test_run("report_because", &list);
}
