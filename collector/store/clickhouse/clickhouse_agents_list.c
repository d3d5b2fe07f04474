/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_agents_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 256

static int compare_keys(const void *a, const void *b)
{
	const struct agents_key *left = a, *right = b;

	return agents_compare(left, right);
}

/* The keys of those that are not in the order yet. NULL: out of memory. */
static struct agents_key *copy_new(
    struct agents_list *list, const struct agents *agents, size_t *count)
{
	struct agents_key *keys;
	size_t i;

	if (list->moves != agents->moves)
		list->count = 0;
	list->moves = agents->moves;
	*count = agents->count - list->count;
	keys = malloc((*count + 1) * sizeof(*keys));
	for (i = 0; keys != NULL && i < *count; i++)
		agents_read_key(agents, list->count + i, &keys[i]);
	return keys;
}

/* From the end: most that are new enrolled last. With the lock held. */
static void merge(struct agents_list *list, const struct agents *agents,
    const struct agents_key *keys, size_t count)
{
	size_t old = list->count, at = old + count;
	struct agents_key key;

	list->count = at;
	while (count > 0) {
		if (old > 0)
			agents_read_key(agents, list->order[old - 1], &key);
		if (old > 0 && agents_compare(&key, &keys[count - 1]) > 0)
			list->order[--at] = list->order[--old];
		else
			list->order[--at] = keys[--count].number;
	}
}

static int update(struct agents_list *list, const struct agents *agents,
    pthread_mutex_t *lock)
{
	struct agents_key *keys;
	size_t count, *grown = NULL;

	pthread_mutex_lock(lock);
	keys = copy_new(list, agents, &count);
	pthread_mutex_unlock(lock);
	if (keys != NULL)
		grown = realloc(
		    list->order, (list->count + count + 1) * sizeof(*grown));
	if (grown == NULL) {
		free(keys);
		return -ENOMEM;
	}
	list->order = grown;
	qsort(keys, count, sizeof(*keys), compare_keys);
	pthread_mutex_lock(lock);
	merge(list, agents, keys, count);
	pthread_mutex_unlock(lock);
	free(keys);
	return 0;
}

int agents_list_visit(struct agents_list *list, const struct agents *agents,
    pthread_mutex_t *lock, registry_visit *visit, void *arg)
{
	struct registry_agent read[AT_ONCE];
	size_t at, i, count;
	int result = update(list, agents, lock);

	for (at = 0; result == 0 && at < list->count; at += count) {
		count = list->count - at < AT_ONCE ? list->count - at : AT_ONCE;
		pthread_mutex_lock(lock);
		for (i = 0; i < count; i++)
			agents_read(agents, list->order[at + i], &read[i]);
		pthread_mutex_unlock(lock);
		for (i = 0; result == 0 && i < count; i++) {
			read[i].number = (int64_t)(at + i) + 1;
			result = visit(arg, &read[i]);
		}
	}
	return result;
}

void agents_list_free(struct agents_list *list)
{
	free(list->order);
	*list = (struct agents_list){0};
}
