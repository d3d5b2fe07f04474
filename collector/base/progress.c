/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/base/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define PROGRESS_US 1000000

bool progress_is_due(struct progress *progress)
{
	int64_t now_us = clock_mono_us();

	if (now_us - progress->shown_us < PROGRESS_US || !isatty(STDERR_FILENO))
		return false;
	progress->shown_us = now_us;
	return true;
}

void progress_clear(const struct progress *progress)
{
	if (progress->shown_us != 0)
		fprintf(stderr, "\r\033[K");
}
