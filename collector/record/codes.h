/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_CODES_H
#define EGRESS25_COLLECTOR_RECORD_CODES_H

/*
 * The numbers that stand for the contract's words in a database. They never
 * change, and are independent of the enums' order; a new word gets the next
 * free number. 0 stands for an absent value. Pure.
 */

#include <stdint.h>

enum code_kind {
	CODE_MODE,
	CODE_STAGE,
	CODE_FAILURE,
	CODE_VERIFY,
	CODE_OUTCOME,
	CODE_MECHANISM,
	CODE_WHERE,
	CODE_STATE,
	CODE_LEVEL,
	CODE_KINDS
};

/* The code of an enum's value; 0 if it is absent, or not a value of it. */
uint8_t code_of(enum code_kind kind, int value);

/* The value of a code, or -1 for an unknown code. Code 0 is FAILURE_NONE,
 * VERIFY_ABSENT, WHERE_NONE, LEVEL_NONE, OUTCOME_COUNT or MECHANISM_COUNT; a
 * mode, a stage or a state cannot be absent. */
int code_value(enum code_kind kind, uint8_t code);

#endif
