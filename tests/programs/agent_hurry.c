/* SPDX-License-Identifier: Apache-2.0 */

/*
 * egress25-agent with one thing more, for tests: EGRESS25_HURRY=N in the
 * environment (1 to 10000) divides every waiting time of `run` and of
 * `check --wait` by N.
 */

#include <stdlib.h>

#include "agent/base/alarm.h"
#include "lib/base/values.h"

/* main() of agent/main.c, built under this name. */
int egress25_agent_main(int argc, char **argv);

int main(int argc, char **argv)
{
	const char *text = getenv("EGRESS25_HURRY");
	int64_t times = 1;

	if (text != NULL &&
	    values_parse_count(text, 1, 10000, &times, NULL) == 0)
		alarm_hurry(times);
	return egress25_agent_main(argc, argv);
}
