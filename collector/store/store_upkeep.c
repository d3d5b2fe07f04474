/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store_upkeep.h"

#include "collector/store/store_engine.h"

int store_expire(
    struct store *store, struct store_expiry *expiry, struct err *err)
{
	return store->engine->expire(store, expiry, err);
}

int store_upkeep(struct store *store, int64_t now_ms, struct err *err)
{
	return store->engine->upkeep != NULL
		   ? store->engine->upkeep(store, now_ms, err)
		   : 0;
}

int64_t store_now(struct store *store, int64_t now_ms)
{
	return store->engine->now != NULL ? store->engine->now(store, now_ms)
					  : now_ms;
}

int store_rebuild_day(struct store *store, int32_t day,
    struct store_rebuilt *rebuilt, struct err *err)
{
	return store->engine->rebuild_day(store, day, rebuilt, err);
}

bool store_has_log(const struct store_settings *settings)
{
	return settings->engine->copy_log != NULL;
}

int store_copy_log(struct store *store, struct store_log *log, struct err *err)
{
	*log = (struct store_log){0};
	return store->engine->copy_log != NULL
		   ? store->engine->copy_log(store, log, err)
		   : 0;
}

int64_t store_log_pages(const struct store *store)
{
	return store->engine->log_pages != NULL
		   ? store->engine->log_pages(store)
		   : 0;
}

int store_back_up(struct store *store, const char *path,
    store_progress *progress, void *arg, struct err *err)
{
	if (store->engine->back_up == NULL)
		return err_input(err,
		    "[store] backend: %s has backups of its own",
		    store->engine->name);
	return store->engine->back_up(store, path, progress, arg, err);
}
