/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_OPENAPI_H
#define EGRESS25_COLLECTOR_API_OPENAPI_H

/* The description of the API (OpenAPI 3.1.0) from its table of routes. Pure. */

#include "collector/api/route.h"

/* Append the document. */
void openapi_write(
    const struct route *routes, const char *version, struct buf *out);

#endif
