/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_QUERY_H
#define EGRESS25_COLLECTOR_API_QUERY_H

/* What a request to the API asks for. Pure. */

#include "collector/api/dump_name.h"
#include "collector/record/filter.h"
#include "collector/record/format.h"

/* Which parameters a route takes, as bits. */
enum query_parameter {
	QUERY_ASN = 1 << 0,
	QUERY_COUNTRY = 1 << 1,
	QUERY_FAMILY = 1 << 2,
	QUERY_PORT = 1 << 3,
	QUERY_STATE = 1 << 4,
	QUERY_OUTCOME = 1 << 5,
	QUERY_SINCE = 1 << 6,
	QUERY_UNTIL = 1 << 7,
	QUERY_LIMIT = 1 << 8,
	QUERY_CURSOR = 1 << 9,
	QUERY_FORMAT = 1 << 10,
	QUERY_SEARCH = 1 << 11,
	QUERY_EVIDENCE = 1 << 12,
	QUERY_SORT = 1 << 13,
	QUERY_GROUP = 1 << 14,
	QUERY_LAYOUT = 1 << 15, /* `format` that may be `columns` */
	QUERY_KEYS = 1 << 16,
	QUERY_DAYS = 1 << 17,
	QUERY_TO = 1 << 18,
	QUERY_REPORT = 1 << 19,
	QUERY_AXIS_X = 1 << 20,
	QUERY_AXIS_Y = 1 << 21,
	QUERY_STOPPED_IN = 1 << 22,
	QUERY_YEAR = 1 << 23, /* these four are of paths */
	QUERY_MONTH = 1 << 24,
	QUERY_DAY = 1 << 25,
	QUERY_FILE = 1 << 26,
	QUERY_UPSTREAM = 1 << 27,
};

#define QUERY_LIMIT_DEFAULT 100
#define QUERY_LIMIT_MAX     1000
#define QUERY_LIST_MAX      32 /* values in a comma list */
#define QUERY_KEYS_MAX      64
#define QUERY_DAYS_DEFAULT  60
#define QUERY_DAYS_MAX      92
#define QUERY_SEARCH_MAX    63 /* characters, of UTF-8 */
#define QUERY_VALUE_SIZE    2048

enum query_sort {
	QUERY_SORT_ASN,
	QUERY_SORT_STATE,    /* filtered first */
	QUERY_SORT_EVIDENCE, /* most first */
	QUERY_SORT_SHARE,    /* most blocked first */
	QUERY_SORT_SINCE,    /* newest change first */
	QUERY_SORT_NAME,
	QUERY_SORT_COUNT
};

enum query_axis {
	QUERY_AXIS_NONE,
	QUERY_AXIS_DAY,
	QUERY_AXIS_ASN,
	QUERY_AXIS_COUNTRY,
	QUERY_AXIS_FAMILY,
	QUERY_AXIS_PORT,
	QUERY_AXIS_ENDPOINT,
	QUERY_AXIS_OUTCOME,
	QUERY_AXIS_MECHANISM,
	QUERY_AXIS_COUNT
};

/* "64500.4.25" */
struct query_key {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
};

struct query {
	unsigned given; /* enum query_parameter */
	size_t nasns, nupstreams, ncountries, nports, nkeys;
	uint32_t asns[QUERY_LIST_MAX], upstreams[QUERY_LIST_MAX];
	char countries[QUERY_LIST_MAX][3]; /* upper case */
	uint16_t ports[QUERY_LIST_MAX];
	struct query_key keys[QUERY_KEYS_MAX];
	/* Sets, with a bit a value; empty where any will do. */
	unsigned families, states, outcomes, levels, stops, to;
	int64_t since_ms, until_ms;
	size_t limit;
	char cursor[ROW_CURSOR_SIZE];
	enum format format;
	bool is_columns;                       /* format=columns */
	bool by_family;                        /* group=family */
	char search[4 * QUERY_SEARCH_MAX + 1]; /* `q` */
	enum query_sort sort;
	int64_t days;
	char report[ROW_ID_SIZE];
	enum query_axis axis_x, axis_y;
	struct dump_name dump;
};

/* What nothing was asked of. */
void query_init(struct query *query);

/* Set `filter` to what the store can select by: where a list has several
 * values, the store gives more rows than are wanted (query_wants()). */
void query_to_filter(const struct query *query, struct row_filter *filter);

/* Is it one of those that were asked for, of which lists and sets have any? */
bool query_wants_asn(const struct query *query, uint32_t asn);
bool query_wants_upstream(const struct query *query, uint32_t upstream);
bool query_wants_country(const struct query *query, const char *country);
bool query_wants_port(const struct query *query, uint16_t port);
bool query_wants(unsigned set, int value);

#endif
