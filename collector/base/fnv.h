/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_FNV_H
#define EGRESS25_COLLECTOR_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits: for entity tags; not for untrusted input. */
static inline uint64_t fnv1a(const void *bytes, size_t length)
{
	const unsigned char *at = bytes, *end = at + length;
	uint64_t value = 14695981039346656037u;

	while (at < end)
		value = (value ^ *at++) * 1099511628211u;
	return value;
}

#endif
