/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/throttle.h"

#define HOUR_US   (INT64_C(3600) * 1000000)
#define SECOND_US 1000000
#define WAYS      8 /* entries that a key may use */

/* Mix as splitmix64 does. */
static uint64_t mix(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

static uint64_t begin_key(
    const struct throttle *throttle, int purpose, unsigned kind)
{
	return mix(throttle->seed ^ (uint64_t)purpose << 16 ^ kind);
}

uint64_t throttle_key(
    const struct throttle *throttle, int purpose, const char *name)
{
	uint64_t key = begin_key(throttle, purpose, 0);

	for (; *name != '\0'; name++)
		key = mix(key ^ (unsigned char)*name);
	return key;
}

static uint64_t masked_key(const struct throttle *throttle, int purpose,
    const struct addr *address, unsigned bits)
{
	struct addr masked = addr_mask(address, bits);
	uint64_t key = begin_key(
	    throttle, purpose, bits << 4 ^ address->family);
	int i;

	for (i = 0; i < 16; i++)
		key = mix(key ^ masked.bytes[i]);
	return key;
}

uint64_t throttle_address_key(
    const struct throttle *throttle, int purpose, const struct addr *address)
{
	return masked_key(
	    throttle, purpose, address, address->family == 4 ? 32 : 64);
}

uint64_t throttle_prefix_key(
    const struct throttle *throttle, int purpose, const struct addr *address)
{
	return masked_key(
	    throttle, purpose, address, address->family == 4 ? 24 : 48);
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
		if (ways[i].full_us < least->full_us)
			least = &ways[i];
	}
	return least;
}

/* How long the allowance takes to come back. Parted, so that no product is too
 * large. */
static int64_t time_of(int64_t amount, int64_t an_hour)
{
	return amount / an_hour * HOUR_US +
	       amount % an_hour * (HOUR_US / an_hour) +
	       amount % an_hour * (HOUR_US % an_hour) / an_hour;
}

static int64_t cost_of(const struct throttle_charge *charge)
{
	return time_of(
	    charge->amount < charge->burst ? charge->amount : charge->burst,
	    charge->an_hour);
}

/* When the charge is allowed; `now_us` or before: now. Each moves `full_us` by
 * what it costs. */
static int64_t next_us(struct throttle *throttle,
    const struct throttle_charge *charge, int64_t now_us)
{
	const struct throttle_entry *entry;

	if (charge->an_hour == 0)
		return now_us;
	entry = find_entry(throttle, charge->key);
	if (entry->key != charge->key)
		return now_us;
	return entry->full_us + cost_of(charge) -
	       time_of(charge->burst, charge->an_hour);
}

static void take(struct throttle *throttle,
    const struct throttle_charge *charge, int64_t now_us)
{
	struct throttle_entry *entry;

	if (charge->an_hour == 0)
		return;
	entry = find_entry(throttle, charge->key);
	if (entry->key != charge->key || entry->full_us < now_us)
		entry->full_us = now_us;
	entry->key = charge->key;
	entry->full_us += cost_of(charge);
}

void throttle_spend(struct throttle *throttle,
    const struct throttle_charge *charge, int64_t now_us)
{
	take(throttle, charge, now_us);
}

int throttle_take(struct throttle *throttle,
    const struct throttle_charge *charges, size_t count, int64_t now_us)
{
	int64_t after_us = now_us, charge_us;
	size_t i;

	for (i = 0; i < count; i++) {
		charge_us = next_us(throttle, &charges[i], now_us);
		if (charge_us > after_us)
			after_us = charge_us;
	}
	if (after_us > now_us)
		return (int)((after_us - now_us + SECOND_US - 1) / SECOND_US);
	for (i = 0; i < count; i++)
		take(throttle, &charges[i], now_us);
	return 0;
}
