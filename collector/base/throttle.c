/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/base/throttle.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define WAYS    8 /* places that a key may have */

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

/* Its place, or the one that matters least. */
static struct throttle_place *place_of(struct throttle *throttle, uint64_t key)
{
	struct throttle_place
	    *ways = &throttle->places[key % (THROTTLE_PLACES / WAYS) * WAYS];
	struct throttle_place *least = &ways[0];
	int i;

	for (i = 0; i < WAYS; i++) {
		if (ways[i].key == key)
			return &ways[i];
		if (ways[i].full_ms < least->full_ms)
			least = &ways[i];
	}
	return least;
}

/* When it may next; at most `now_ms`: now. Each time moves the moment when all
 * is given back by an hour's part. */
static int64_t next_ms(const struct throttle_place *place, uint64_t key,
    int64_t limit, int64_t now_ms)
{
	if (limit == 0 || place->key != key)
		return now_ms;
	return place->full_ms - (limit - 1) * (HOUR_MS / limit);
}

static void count(
    struct throttle_place *place, uint64_t key, int64_t limit, int64_t now_ms)
{
	if (limit == 0)
		return;
	if (place->key != key || place->full_ms < now_ms)
		place->full_ms = now_ms;
	place->key = key;
	place->full_ms += HOUR_MS / limit;
}

int throttle_take(struct throttle *throttle, const struct addr *address,
    const struct throttle_limits *limits, int64_t now_ms)
{
	uint64_t key = key_of(throttle, address, 128);
	uint64_t wide_key = key_of(
	    throttle, address, address->family == 4 ? 24 : 48);
	struct throttle_place *place = place_of(throttle, key);
	struct throttle_place *wide = place_of(throttle, wide_key);
	int64_t after_ms = next_ms(place, key, limits->by_address, now_ms);
	int64_t wide_ms = next_ms(wide, wide_key, limits->by_prefix, now_ms);

	if (wide_ms > after_ms)
		after_ms = wide_ms;
	if (after_ms > now_ms)
		return (int)((after_ms - now_ms + 999) / 1000);
	count(place, key, limits->by_address, now_ms);
	count(wide, wide_key, limits->by_prefix, now_ms);
	return 0;
}
