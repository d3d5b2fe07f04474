/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && (term == NULL || strcmp(term, "dumb") != 0);
}

void terminal_progress_begin(struct terminal_progress *progress, bool wanted)
{
	struct winsize size;

	progress->shown = wanted && is_terminal(STDERR_FILENO);
	progress->width = 80;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		progress->width = size.ws_col;
}

void terminal_progress_say(
    const struct terminal_progress *progress, const char *sentence)
{
	/* Back to the start of the line, and erase what is left of it. */
	if (progress->shown)
		fprintf(stderr, "\r%.*s\033[K", progress->width - 1, sentence);
}

bool terminal_wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");

	return is_terminal(STDOUT_FILENO) &&
	       (no_color == NULL || *no_color == '\0');
}
