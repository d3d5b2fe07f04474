/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_KEYWORD_H
#define EGRESS25_COLLECTOR_RECORD_KEYWORD_H

/*
 * The EHLO keywords that most servers offer, as numbers: a packed probe has ten
 * of them. Numbers begin where the length of a kept keyword ends, fit into a
 * byte of a varint, and keep their meaning for ever. Pure.
 */

#include <stddef.h>
#include <stdint.h>

/* 0: it has no number. */
uint64_t keyword_number(const char *keyword, size_t length);

/* NULL: none has this number. */
const char *keyword_text(uint64_t number);

#endif
