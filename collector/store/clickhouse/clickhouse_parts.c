/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"
#include "lib/base/values.h"

bool parts_parse(const char *name, struct parts_span *span)
{
	size_t length = strcspn(name, "_");
	const char *at = name + length + 1;

	*span = (struct parts_span){.from = 0};
	if (name[length] != '_' || length == 0 ||
	    length >= sizeof(span->partition))
		return false;
	memcpy(span->partition, name, length);
	return values_read_number(&at, '_', 0, INT64_MAX - 1, &span->from) &&
	       values_read_number(
		   &at, '_', span->from, INT64_MAX - 1, &span->to);
}

bool parts_have(const struct parts *parts, const struct parts_span *span)
{
	size_t i;

	for (i = 0; i < parts->count; i++) {
		const struct parts_span *known = &parts->spans[i];

		if (strcmp(known->partition, span->partition) == 0 &&
		    known->from <= span->from && known->to >= span->to)
			return true;
	}
	return false;
}

/* Do they overlap, or is one right behind the other? */
static bool meet(const struct parts_span *a, const struct parts_span *b)
{
	return strcmp(a->partition, b->partition) == 0 &&
	       a->from <= b->to + 1 && b->from <= a->to + 1;
}

int parts_add(struct parts *parts, const struct parts_span *span)
{
	struct parts_span added = *span, *grown;
	size_t i, kept = 0;

	for (i = 0; i < parts->count; i++) {
		const struct parts_span known = parts->spans[i];

		if (!meet(&known, &added)) {
			parts->spans[kept++] = known;
			continue;
		}
		if (known.from < added.from)
			added.from = known.from;
		if (known.to > added.to)
			added.to = known.to;
	}
	parts->count = kept;
	grown = array_grow(parts->spans, parts->count, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	parts->spans = grown;
	grown[parts->count++] = added;
	return 0;
}

void parts_free(struct parts *parts)
{
	free(parts->spans);
	*parts = (struct parts){0};
}
