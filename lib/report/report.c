/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

struct target_seen *report_add_target(struct report *report)
{
	struct target_seen *grown = array_grow(
	    report->targets, report->ntargets, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	report->targets = grown;
	grown += report->ntargets++;
	memset(grown, 0, sizeof(*grown));
	return grown;
}

void report_free(struct report *report)
{
	size_t i;

	for (i = 0; i < report->ntargets; i++)
		target_seen_free(&report->targets[i]);
	free(report->targets);
	memset(report, 0, sizeof(*report));
}
