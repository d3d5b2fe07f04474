/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_ENDPOINTS_FILE_H
#define EGRESS25_LIB_ENDPOINTS_FILE_H

#include "lib/endpoints.h"
#include "lib/err.h"

/* Read an endpoints file (section 3 of the contract). Errors are
 * "file:line: sentence"; an unknown key, a bad value, a section without host
 * and without domain, or with both, or a name twice, is one. Unless 0,
 * nothing is owned. */
int endpoints_read(
    const char *path, struct endpoint_list *list, struct err *err);

#endif
