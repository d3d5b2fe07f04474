/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_TERMINAL_H
#define EGRESS25_AGENT_CHECK_TERMINAL_H

#include <stdbool.h>

/* A progress line on stderr. Zero-initialised, it shows nothing. */
struct terminal_progress {
	bool shown;
	int width;
};

/* Shown only if `wanted` and stderr is a terminal that can erase a line. */
void terminal_progress_begin(struct terminal_progress *progress, bool wanted);

/* Replace the line; "" erases it. */
void terminal_progress_say(
    const struct terminal_progress *progress, const char *sentence);

/* True: stdout is a terminal, and NO_COLOR (no-color.org) is unset or empty. */
bool terminal_wants_colour(void);

#endif
