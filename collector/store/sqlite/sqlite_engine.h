/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_ENGINE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_ENGINE_H

/* The embedded engine: one SQLite file in WAL mode, synced at every commit. */

#include "collector/store/store_engine.h"

/* Its operations, for store_settings.engine. */
extern const struct store_engine sqlite_engine;

#endif
