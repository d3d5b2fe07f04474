/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store_revise.h"

#include "collector/store/store_engine.h"

int store_revise_day(
    struct store *store, const struct store_revising *how, struct err *err)
{
	if (store->engine->revise_day == NULL)
		return err_input(
		    err, "reports are not kept as they were signed there");
	return store->engine->revise_day(store, how, err);
}
