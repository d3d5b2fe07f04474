/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/sentence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sentence_add(struct sentence *sentence, const char *format, ...)
{
	size_t room = sentence->size - sentence->length;
	va_list args;
	int added;

	va_start(args, format);
	added = vsnprintf(sentence->out + sentence->length, room, format, args);
	va_end(args);
	if (added > 0)
		sentence->length += (size_t)added < room ? (size_t)added
							 : room - 1;
}

static bool has_endpoint(
    const struct explain_selection *of, const char *endpoint)
{
	const struct explain_item *item;
	size_t at = 0;

	while ((item = explain_next(of, &at)) != NULL)
		if (strcmp(explain_target(of->round, item)->endpoint,
			endpoint) == 0)
			return true;
	return false;
}

/* The endpoint of `item` was named already: an item before it has the same. */
static bool was_named(
    const struct explain_selection *of, const struct explain_item *item)
{
	const char *endpoint = explain_target(of->round, item)->endpoint;
	const struct explain_item *before;
	size_t at = 0;

	while ((before = explain_next(of, &at)) != item)
		if (strcmp(explain_target(of->round, before)->endpoint,
			endpoint) == 0)
			return true;
	return false;
}

/* Name the first `most` endpoints of `of`, of `count`, each once; returns how
 * many there are. An endpoint has one name however many addresses it has,
 * unless some of them are in `against` (which may be NULL): then each address
 * is named. */
static size_t list_names(struct sentence *sentence,
    const struct explain_selection *of, const struct explain_selection *against,
    size_t most, size_t count)
{
	const struct explain_item *item;
	const struct target_seen *target;
	char address[ADDR_TEXT_SIZE];
	size_t at = 0, found = 0;
	bool split;

	while ((item = explain_next(of, &at)) != NULL) {
		target = explain_target(of->round, item);
		split = against != NULL &&
			has_endpoint(against, target->endpoint);
		if ((!split && was_named(of, item)) || found++ >= most)
			continue;
		if (found > 1)
			sentence_add(sentence, found == count ? " and " : ", ");
		sentence_add(sentence, "%.40s", target->endpoint);
		if (split)
			sentence_add(sentence, " (%s)",
			    addr_format(&target->address, address));
	}
	return found;
}

size_t sentence_add_names(struct sentence *sentence,
    const struct explain_selection *of, const struct explain_selection *against)
{
	size_t count = list_names(NULL, of, against, 0, 0);

	if (count <= SENTENCE_NAMES_MOST)
		return list_names(sentence, of, against, count, count);
	list_names(sentence, of, against, SENTENCE_NAMES_MOST - 1, count);
	sentence_add(
	    sentence, " and %zu more", count - (SENTENCE_NAMES_MOST - 1));
	return count;
}

void sentence_add_family(
    struct sentence *sentence, const struct explain_selection *of)
{
	int family = explain_only_family(of);

	if (family != 0)
		sentence_add(sentence, " over IPv%d", family);
}
