/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_OPERATOR_H
#define EGRESS25_COLLECTOR_INTAKE_OPERATOR_H

/*
 * Who runs an agent, as far as its enrolment tells: the token that it used,
 * else the contact that it gave, else the block (/24 or /48) of the public
 * address that it enrolled from. Agents of one operator count as one. The name
 * is a keyed hash, so that neither tokens, contacts nor addresses go out, and
 * nobody can try out which one it is. Pure.
 */

#include "lib/base/addr.h"
#include "lib/sign/sign.h"

#define OPERATOR_NAME_SIZE 17 /* 16 hex digits, and NUL */

/* What was known at the enrolment. */
struct operator_marks {
	const uint8_t *token_sha256; /* 32 bytes; NULL: none was used */
	const char *contact;         /* "": none was given */
	const struct addr *client;   /* NULL: unknown; private: says nothing */
};

/* Name the operator; "" if nothing is known. Contacts that differ in case, and
 * in blanks around them, are one. */
void operator_name(const uint8_t secret[SIGN_SECRET_SIZE],
    const struct operator_marks *marks, char name[OPERATOR_NAME_SIZE]);

#endif
