/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "lib/base/array.h"

/* --- names --- */

static int compare_asns(const void *a, const void *b)
{
	const struct network_info *left = a, *right = b;

	return (left->asn > right->asn) - (left->asn < right->asn);
}

const struct network_info *clickhouse_names_find(
    const struct clickhouse_names *names, uint32_t asn)
{
	struct network_info key = {.asn = asn};

	return names->count == 0 ? NULL
				 : bsearch(&key, names->list, names->count,
				       sizeof(key), compare_asns);
}

/* The network of that ASN, which is not below the last one. */
static struct network_info *add(struct clickhouse_names *names, uint32_t asn)
{
	struct network_info *grown = array_grow(
	    names->list, names->count, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	names->list = grown;
	grown += names->count++;
	memset(grown, 0, sizeof(*grown));
	grown->asn = asn;
	return grown;
}

static int take_name(void *arg, struct wire *wire)
{
	struct network_info read = {0}, *added;

	read.asn = (uint32_t)wire_take(wire, 4);
	wire_take_text(wire, read.name, sizeof(read.name));
	wire_take_text(wire, read.country, sizeof(read.country));
	if (wire->ran_out)
		return 0;
	added = add(arg, read.asn);
	if (added == NULL)
		return -ENOMEM;
	*added = read;
	return 0;
}

/* Of the newest day the name that most measurements had. */
static const char names_sql[] =
    "SELECT asn, network, country FROM (SELECT asn, day, country, network,"
    " sum(counted) AS times FROM @D.vantage FINAL WHERE counted > 0"
    " GROUP BY asn, day, country, network) ORDER BY asn, day DESC,"
    " times DESC, network, country LIMIT 1 BY asn";

static int note_annotation(
    void *arg, uint32_t asn, const struct annotation *annotation)
{
	struct clickhouse_names *names = arg;
	struct network_info *found = (struct network_info *)
	    clickhouse_names_find(names, asn);

	if (found == NULL) {
		found = add(names, asn);
		if (found == NULL)
			return -ENOMEM;
		network_add_annotation(found, annotation);
		qsort(names->list, names->count, sizeof(*names->list),
		    compare_asns);
		return 0;
	}
	network_add_annotation(found, annotation);
	return 0;
}

int clickhouse_names_read(
    struct clickhouse_names *names, struct clickhouse *handle, struct err *err)
{
	struct clickhouse_names fresh = {0};
	const struct clickhouse_select select = {
	    .sql = names_sql, .row = take_name, .arg = &fresh};
	int error = clickhouse_select(handle, &select, err);

	if (error == 0)
		error = clickhouse_annotations(
		    &handle->store, note_annotation, &fresh, err);
	if (error != 0) {
		clickhouse_names_free(&fresh);
		return error == -ENOMEM ? err_system(err, error, "names")
					: error;
	}
	clickhouse_names_free(names);
	*names = fresh;
	return 0;
}

void clickhouse_names_free(struct clickhouse_names *names)
{
	free(names->list);
	*names = (struct clickhouse_names){0};
}

/* --- totals --- */

static int take_totals(void *arg, struct wire *wire)
{
	struct store_totals read, *totals = arg;

	read.reports = totals->reports;
	read.measurements = wire_take_signed(wire, 8);
	read.agents = wire_take_signed(wire, 8);
	read.networks = wire_take_signed(wire, 8);
	read.first_ms = wire_take_signed(wire, 8);
	read.last_ms = wire_take_signed(wire, 8);
	if (!wire->ran_out)
		*totals = read;
	return 0;
}

static int take_reports(void *arg, struct wire *wire)
{
	struct store_totals *totals = arg;
	uint64_t count = wire_take(wire, 8);

	if (!wire->ran_out)
		totals->reports = (int64_t)count;
	return 0;
}

/* Agents and networks stay when their measurements are removed. */
static const char totals_sql[] =
    "SELECT toInt64(sum(if(day >= toDate(%u), listed, 0))),"
    " toInt64(uniqExactIf(agent, counted > 0 AND agent NOT IN"
    " (SELECT agent FROM @D.revoked))), toInt64(uniqExactIf(asn,"
    " counted > 0)), toInt64(minIf(first_ms, day >= toDate(%u))),"
    " toInt64(max(last_ms)) FROM @D.vantage FINAL";

int clickhouse_names_read_totals(
    struct store_totals *totals, struct clickhouse *handle, struct err *err)
{
	struct clickhouse_select select = {.row = take_reports, .arg = totals};
	struct clickhouse_meta meta;
	struct buf sql = {0};
	int error = clickhouse_meta_read(handle, &meta, err);

	memset(totals, 0, sizeof(*totals));
	/* An import of several agents' rows has an entry for each. */
	select.sql = "SELECT countIf(own = 1) + uniqExactIf(report, own = 0)"
		     " FROM @D.report FINAL";
	if (error == 0)
		error = clickhouse_select(handle, &select, err);
	buf_printf(&sql, totals_sql, filter_day(meta.values[META_EXPIRED_MS]),
	    filter_day(meta.values[META_EXPIRED_MS]));
	select.sql = sql.data;
	select.row = take_totals;
	if (error == 0)
		error = sql.failed ? err_system(err, -ENOMEM, "totals")
				   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

/* --- annotations --- */

struct annotation_listing {
	annotation_visit *visit;
	void *arg;
};

static int take_annotation(void *arg, struct wire *wire)
{
	const struct annotation_listing *listing = arg;
	struct annotation annotation;
	uint32_t asn = (uint32_t)wire_take(wire, 4);

	annotation.kind = (enum annotation_kind)wire_take(wire, 1);
	annotation.at_ms = wire_take_signed(wire, 8);
	wire_take_text(wire, annotation.by, sizeof(annotation.by));
	wire_take_text(wire, annotation.text, sizeof(annotation.text));
	return wire->ran_out ? 0
			     : listing->visit(listing->arg, asn, &annotation);
}

int clickhouse_annotations(
    struct store *store, annotation_visit *visit, void *arg, struct err *err)
{
	struct annotation_listing listing = {visit, arg};
	const struct clickhouse_select select = {
	    .sql = "SELECT asn, kind, at_ms, said_by, text FROM @D.said FINAL"
		   " WHERE text != '' ORDER BY asn, at_ms DESC, kind",
	    .row = take_annotation,
	    .arg = &listing,
	};

	return clickhouse_select(clickhouse_of(store), &select, err);
}
