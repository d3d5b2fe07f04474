/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store_move.h"

#include <stdlib.h>

/* What it points to is const for whoever writes it, but ours. */
void move_report_free(struct store_report *report)
{
	free((void *)report->rows);
	free((void *)report->detail);
	free((char *)report->signed_body);
}

void move_batch_free(struct move_batch *batch)
{
	size_t i;

	for (i = 0; i < batch->nreports; i++)
		move_report_free(&batch->reports[i]);
	free(batch->reports);
	*batch = (struct move_batch){0};
}
