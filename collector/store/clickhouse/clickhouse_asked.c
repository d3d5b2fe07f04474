/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_asked.h"

#include <string.h>

/* An id is a digest: where it goes need not be hashed well. */
static size_t place_of(const char *id)
{
	size_t place = 0;

	for (; *id != '\0'; id++)
		place = place * 31 + (unsigned char)*id;
	return place % ASKED_MOST;
}

bool asked_is_unknown(const struct asked *asked, const char *id, int64_t now_us)
{
	size_t place = place_of(id);

	return asked->unknown[place].until_us > now_us &&
	       strcmp(asked->unknown[place].id, id) == 0;
}

void asked_note_unknown(struct asked *asked, const char *id, int64_t now_us)
{
	size_t place = place_of(id), length = strlen(id);

	if (length >= sizeof(asked->unknown[place].id))
		return;
	memcpy(asked->unknown[place].id, id, length + 1);
	asked->unknown[place].until_us = now_us + ASKED_KEEP_US;
}

bool asked_may_ask(struct asked *asked, int64_t now_us)
{
	int64_t free_us = asked->free_us > now_us ? asked->free_us : now_us;

	if (free_us - now_us > (ASKED_AT_ONCE - 1) * ASKED_EVERY_US)
		return false;
	asked->free_us = free_us + ASKED_EVERY_US;
	return true;
}
