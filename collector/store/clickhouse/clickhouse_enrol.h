/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ENROL_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ENROL_H

/* Enrolments (registry.h), many with the same five statements. */

#include "collector/store/registry.h"

int clickhouse_enrol(
    struct store *store, struct registry_enrolment *list, size_t count);

#endif
