/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_OUTPUT_H
#define EGRESS25_AGENT_CHECK_OUTPUT_H

/* Prints the result of `check`. */

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/config/endpoints.h"
#include "lib/report/report.h"

enum output_form { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_NAGIOS, OUTPUT_LETTER };

/* Everything is borrowed. */
struct output {
	const struct report *report;
	size_t nreferences; /* of the report's last targets */
	const struct endpoint_list *endpoints; /* what was asked */
	const struct readiness *readiness;     /* NULL: not looked up */
	const struct surroundings *surroundings;
	const struct buf *dialogues; /* word for word; may be empty */
};

/* Print it on stdout; the dialogues go to stderr unless `form` is text. Returns
 * the exit code, or -ENOMEM. */
int output_print(
    const struct output *output, enum output_form form, struct err *err);

/* True: the port's state is open. */
bool output_is_open(const struct output *output, uint16_t port);

/* Report an error on stderr, or on stdout as a plugin line (OUTPUT_NAGIOS).
 * Returns the exit code for `rc`, a negative errno. */
int output_fail(enum output_form form, int rc, const struct err *err);

#endif
