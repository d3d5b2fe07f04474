/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_STORED_H
#define EGRESS25_AGENT_CHECK_STORED_H

#include <stdbool.h>

/* `explain`: diagnose a stored report again. */
struct stored_request {
	const char *path;      /* NULL or "-": standard input */
	const char *endpoints; /* file; NULL: nothing is known beforehand */
	bool json;
};

/* Print the table, the sentences, and the rule that decided each diagnosis, or
 * what `check --json` prints. The file holds a report or the output of `check
 * --json`. Returns the exit code: 0, 2 (no such file, not a report) or 4. */
int stored_explain(const struct stored_request *request);

#endif
