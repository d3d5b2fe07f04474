/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/throttle.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define WAYS    8 /* entries that a key may use */

/* Mix as splitmix64 does. */
static uint64_t mix(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

static uint64_t key_of(
    const struct throttle *throttle, const struct addr *address, unsigned bits)
{
	struct addr masked = addr_mask(address, bits);
	uint64_t key = mix(throttle->seed ^ bits ^ address->family);
	int i;

	for (i = 0; i < 16; i++)
		key = mix(key ^ masked.bytes[i]);
	return key;
}

/* The entry of `key`, or the one to replace: the least recently used. */
static struct throttle_entry *find_entry(
    struct throttle *throttle, uint64_t key)
{
	struct throttle_entry
	    *ways = &throttle->entries[key % (THROTTLE_ENTRIES / WAYS) * WAYS];
	struct throttle_entry *least = &ways[0];
	int i;

	for (i = 0; i < WAYS; i++) {
		if (ways[i].key == key)
			return &ways[i];
		if (ways[i].full_ms < least->full_ms)
			least = &ways[i];
	}
	return least;
}

/* When the next action is allowed; `now_ms` or before: now. Each action moves
 * `full_ms` by an hour divided by the limit. */
static int64_t next_ms(const struct throttle_entry *entry, uint64_t key,
    int64_t limit, int64_t now_ms)
{
	if (limit == 0 || entry->key != key)
		return now_ms;
	return entry->full_ms - (limit - 1) * (HOUR_MS / limit);
}

static void count(
    struct throttle_entry *entry, uint64_t key, int64_t limit, int64_t now_ms)
{
	if (limit == 0)
		return;
	if (entry->key != key || entry->full_ms < now_ms)
		entry->full_ms = now_ms;
	entry->key = key;
	entry->full_ms += HOUR_MS / limit;
}

int throttle_take(struct throttle *throttle, const struct addr *address,
    const struct throttle_limits *limits, int64_t now_ms)
{
	uint64_t key = key_of(throttle, address, 128);
	uint64_t wide_key = key_of(
	    throttle, address, address->family == 4 ? 24 : 48);
	struct throttle_entry *entry = find_entry(throttle, key);
	struct throttle_entry *wide = find_entry(throttle, wide_key);
	int64_t after_ms = next_ms(entry, key, limits->by_address, now_ms);
	int64_t wide_ms = next_ms(wide, wide_key, limits->by_prefix, now_ms);

	if (wide_ms > after_ms)
		after_ms = wide_ms;
	if (after_ms > now_ms)
		return (int)((after_ms - now_ms + 999) / 1000);
	count(entry, key, limits->by_address, now_ms);
	count(wide, wide_key, limits->by_prefix, now_ms);
	return 0;
}
