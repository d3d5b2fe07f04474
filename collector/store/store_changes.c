/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store_changes.h"

#include "collector/store/store_engine.h"

int store_changes(
    struct store *store, struct store_changes *changes, struct err *err)
{
	return store->engine->changes(store, changes, err);
}
