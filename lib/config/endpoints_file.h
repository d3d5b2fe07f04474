/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONFIG_ENDPOINTS_FILE_H
#define EGRESS25_LIB_CONFIG_ENDPOINTS_FILE_H

#include "lib/base/err.h"
#include "lib/config/conf.h"
#include "lib/config/endpoints.h"

/*
 * Read an endpoints file (section 3 of the contract). Errors are
 * "file:line: sentence"; an unknown key, a bad value, a key or a name twice, or
 * a section without host and without domain, or with both, is one. A control
 * port that is one of `ports` too is left out: it serves as a control anyway.
 * Unless 0, nothing is owned.
 */
int endpoints_read(
    const char *path, struct endpoint_list *list, struct err *err);
int endpoints_read_text(
    const struct conf_text *text, struct endpoint_list *list, struct err *err);

#endif
