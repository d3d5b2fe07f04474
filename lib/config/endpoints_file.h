/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONFIG_ENDPOINTS_FILE_H
#define EGRESS25_LIB_CONFIG_ENDPOINTS_FILE_H

#include "lib/base/err.h"
#include "lib/config/conf.h"
#include "lib/config/endpoints.h"

/*
 * Read an endpoints file (section 3 of the contract). -EINVAL, with
 * "file:line: message", for an unknown key, a bad value, a duplicate key or
 * name, and a section with neither or both of host and domain. Control ports
 * that are asked ports too are removed. `list` owns nothing unless 0 is
 * returned.
 */
int endpoints_read(
    const char *path, struct endpoint_list *list, struct err *err);

/* The same for a file in memory. */
int endpoints_read_text(
    const struct conf_text *text, struct endpoint_list *list, struct err *err);

#endif
