/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_JSON_SCAN_H
#define EGRESS25_LIB_JSON_JSON_SCAN_H

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/json/json_value.h"

#define JSON_DEPTH_MAX 32
/* Bounds the memory for 1 MiB of "[0,0,0..."; keys do not count. */
#define JSON_VALUES_MAX 131072

/*
 * Read `length` bytes that are one JSON document (RFC 8259) and nothing else.
 * Stricter than the RFC in three points: no text holds a NUL, also not as an
 * escape; no surrogate stands alone; the limits above. Bytes that are not
 * UTF-8 are let through. 0; -EINVAL with a sentence that names the byte, from
 * 0; or -ENOMEM. `*root` is the first of the values, the caller's to free();
 * NULL unless 0 is returned.
 */
int json_scan(const char *bytes, size_t length, struct json_value **root,
    struct err *err);

#endif
