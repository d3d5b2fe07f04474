/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request_deadline.h"

#include <stddef.h>

void request_deadline_start(struct request_deadline_queue *queue,
    struct request_deadline *deadline, int64_t now_us)
{
	request_deadline_stop(queue, deadline);
	deadline->since_us = now_us;
	TAILQ_INSERT_TAIL(queue, deadline, entry);
}

void request_deadline_stop(
    struct request_deadline_queue *queue, struct request_deadline *deadline)
{
	if (deadline->since_us == 0)
		return;
	TAILQ_REMOVE(queue, deadline, entry);
	deadline->since_us = 0;
}

struct request_deadline *request_deadline_take(
    struct request_deadline_queue *queue, int64_t since_us)
{
	struct request_deadline *oldest = TAILQ_FIRST(queue);

	if (oldest == NULL || oldest->since_us > since_us)
		return NULL;
	request_deadline_stop(queue, oldest);
	return oldest;
}
