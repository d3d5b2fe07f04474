/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/store.h"

#include "collector/store/store_engine.h"

int store_open(const struct store_settings *settings, struct store **store,
    struct err *err)
{
	return settings->engine->open(settings, store, err);
}

void store_close(struct store *store)
{
	if (store != NULL)
		store->engine->close(store);
}

void store_interrupt(struct store *store)
{
	store->engine->interrupt(store);
}

int store_write(struct store *store, const struct store_report *reports,
    size_t count, bool *duplicate, struct err *err)
{
	const struct store_flags flags = {.duplicate = duplicate};

	return store->engine->write(store, reports, count, &flags, err);
}

int store_write_valid(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err)
{
	return store->engine->write(store, reports, count, flags, err);
}

int store_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, measurement_visit *visit, void *arg,
    struct err *err)
{
	return store->engine->measurements(
	    store, filter, page, visit, arg, err);
}

int store_report_rows(struct store *store, const char *id,
    measurement_visit *visit, void *arg, struct err *err)
{
	return store->engine->report_rows(store, id, visit, arg, err);
}

int store_report_detail(
    struct store *store, const char *id, struct buf *out, struct err *err)
{
	return store->engine->report_detail(store, id, out, err);
}

int store_rollups(struct store *store, const struct row_filter *filter,
    struct rollup_page *page, rollup_visit *visit, void *arg, struct err *err)
{
	if (page != NULL)
		page->is_cut = false;
	return store->engine->rollups(store, filter, page, visit, arg, err);
}

int store_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err)
{
	return store->engine->first_days(store, visit, arg, err);
}

int store_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err)
{
	return store->engine->network(store, asn, network, err);
}

int store_annotate(struct store *store, uint32_t asn,
    const struct annotation *annotation, struct err *err)
{
	return store->engine->annotate(store, asn, annotation, err);
}

int store_annotations(
    struct store *store, annotation_visit *visit, void *arg, struct err *err)
{
	return store->engine->annotations(store, visit, arg, err);
}

int store_totals(
    struct store *store, struct store_totals *totals, struct err *err)
{
	return store->engine->totals(store, totals, err);
}
