/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ENROLMENT_BODY_H
#define EGRESS25_COLLECTOR_ROUTES_ENROLMENT_BODY_H

/* The body of an enrolment or of a change of key (enrolment.h). Pure. */

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct enrolment_body {
	uint8_t public_key[32];
	char contact[256], token[128], possession[128]; /* "": absent */
};

/* Read it; unknown members are ignored. 0, -ENOMEM, or -EINVAL with "member:
 * what is wrong". */
int enrolment_body_read(const char *json, size_t length,
    struct enrolment_body *body, struct err *err);

#endif
