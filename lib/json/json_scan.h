/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_JSON_SCAN_H
#define EGRESS25_LIB_JSON_JSON_SCAN_H

#include <stddef.h>

#include "lib/base/err.h"

#define JSON_DEPTH_MAX 32
/* A value takes 64 bytes and more as a tree: what "[0,0,0..." can make of
 * 1 MiB must have an end that we chose. */
#define JSON_VALUES_MAX 131072

/*
 * Whether `length` bytes are one JSON text (RFC 8259) and nothing else, before
 * memory is spent on it: stricter than cJSON, which takes any byte below 33 for
 * a blank, control characters in text, numbers like 01, and escapes that put a
 * NUL into text. Bytes that are no UTF-8 are let through. An error names the
 * byte, from 0. 0 or -EINVAL.
 */
int json_scan(const char *bytes, size_t length, struct err *err);

#endif
