/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_share.h"

#include <string.h>

static bool is_same_agent(
    const struct rollup_row *a, const struct rollup_row *b)
{
	return a->day == b->day && a->asn == b->asn && a->family == b->family &&
	       a->port == b->port && strcmp(a->agent, b->agent) == 0 &&
	       strcmp(a->prefix, b->prefix) == 0;
}

bool share_takes(struct share *share, const struct rollup_row *last,
    const struct rollup_row *row)
{
	if (last == NULL || !is_same_agent(last, row))
		share->count = 0;
	if (share->count == SHARE_MOST)
		return false;
	share->count++;
	return true;
}
