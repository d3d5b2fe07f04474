/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_CODES_H
#define EGRESS25_COLLECTOR_RECORD_CODES_H

/*
 * The numbers that stand for the contract's words in a database. They are
 * fixed for ever and told here alone, so that the enums may be reordered; a
 * word that is new gets the next number. 0 stands for what is absent. Pure.
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
	CODE_KINDS
};

/* The code of an enum's value; what is no value of it has the code 0. */
uint8_t code_of(enum code_kind kind, int value);

/* The value of a code, or -1 for a code that is none. The code 0 is
 * FAILURE_NONE, VERIFY_ABSENT, WHERE_NONE, OUTCOME_COUNT or MECHANISM_COUNT,
 * and no mode or stage. */
int code_value(enum code_kind kind, uint8_t code);

#endif
