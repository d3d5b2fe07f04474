/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/address_count.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "lib/base/random.h"

#define BUCKETS 4096

struct counted {
	struct addr address; /* masked */
	int64_t connections;
	LIST_ENTRY(counted) entry;
};

struct address_count {
	pthread_mutex_t lock;
	uint64_t seed; /* random, so that nobody can choose collisions */
	LIST_HEAD(, counted) buckets[BUCKETS];
};

static struct addr key_of(const struct addr *address)
{
	return addr_mask(address, address->family == 4 ? 32 : 64);
}

static size_t bucket_of(
    const struct address_count *counts, const struct addr *key)
{
	uint64_t hash = counts->seed ^ key->family;
	size_t i;

	for (i = 0; i < 8; i++) {
		hash = (hash ^ key->bytes[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return (size_t)(hash % BUCKETS);
}

/* With the lock held. NULL: it has no connection. */
static struct counted *find(
    const struct address_count *counts, const struct addr *key)
{
	struct counted *counted;

	LIST_FOREACH(counted, &counts->buckets[bucket_of(counts, key)], entry)
		if (addr_equal(&counted->address, key))
			break;
	return counted;
}

struct address_count *address_count_new(void)
{
	struct address_count *counts = calloc(1, sizeof(*counts));

	if (counts == NULL)
		return NULL;
	pthread_mutex_init(&counts->lock, NULL);
	random_bytes(&counts->seed, sizeof(counts->seed));
	return counts;
}

void address_count_free(struct address_count *counts)
{
	struct counted *counted;
	size_t i;

	if (counts == NULL)
		return;
	for (i = 0; i < BUCKETS; i++)
		while ((counted = LIST_FIRST(&counts->buckets[i])) != NULL) {
			LIST_REMOVE(counted, entry);
			free(counted);
		}
	pthread_mutex_destroy(&counts->lock);
	free(counts);
}

static struct counted *add(struct address_count *counts, const struct addr *key)
{
	struct counted *counted = calloc(1, sizeof(*counted));

	if (counted == NULL)
		return NULL;
	counted->address = *key;
	LIST_INSERT_HEAD(
	    &counts->buckets[bucket_of(counts, key)], counted, entry);
	return counted;
}

bool address_count_take(
    struct address_count *counts, const struct addr *address, int64_t most)
{
	struct addr key = key_of(address);
	struct counted *counted;
	bool fits;

	pthread_mutex_lock(&counts->lock);
	counted = find(counts, &key);
	if (counted == NULL)
		counted = add(counts, &key);
	fits = counted != NULL && (most == 0 || counted->connections < most);
	if (fits)
		counted->connections++;
	pthread_mutex_unlock(&counts->lock);
	return fits;
}

void address_count_give(
    struct address_count *counts, const struct addr *address)
{
	struct addr key = key_of(address);
	struct counted *counted;

	pthread_mutex_lock(&counts->lock);
	counted = find(counts, &key);
	if (counted != NULL && --counted->connections <= 0) {
		LIST_REMOVE(counted, entry);
		free(counted);
	}
	pthread_mutex_unlock(&counts->lock);
}
