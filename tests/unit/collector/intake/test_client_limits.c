/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/client_limits.h"

#include "tests/support/rows.h"

#define AGENT "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

struct side {
	const char *agent, *address;
};

typedef int take_one(struct client_limits *limits,
    const struct collector_options *options, const struct side *side);

static struct addr address_of(const struct side *side)
{
	struct addr address;

	assert_true(addr_parse(&address, side->address));
	return address;
}

static int enrols(struct client_limits *limits,
    const struct collector_options *options, const struct side *side)
{
	const struct addr address = address_of(side);

	return client_limits_enrol(limits, options, &address);
}

static int changes_key(struct client_limits *limits,
    const struct collector_options *options, const struct side *side)
{
	const struct addr address = address_of(side);

	return client_limits_change_key(limits, options, side->agent, &address);
}

static int reports(struct client_limits *limits,
    const struct collector_options *options, const struct side *side)
{
	const struct addr address = address_of(side);

	return client_limits_report(limits, options, side->agent, &address);
}

static int asks(struct client_limits *limits,
    const struct collector_options *options, const struct side *side)
{
	const struct addr address = address_of(side);

	return client_limits_ask(limits, options, side->agent, &address);
}

static int looks_anew(struct client_limits *limits,
    const struct collector_options *options, const struct side *side)
{
	const struct addr address = address_of(side);

	(void)options;
	return client_limits_look_anew(limits, side->agent, &address);
}

/* A hundred at a time. */
static int probes(struct client_limits *limits,
    const struct collector_options *options, const struct side *side)
{
	const struct addr address = address_of(side);

	return client_limits_probes(
	    limits, options, side->agent, &address, 100);
}

static const struct row {
	const char *name;
	take_one *take;
	struct side first, second;
	int of_first, of_second; /* that pass of 1000 at once, one after the
				    other */
} rows[] = {
    {"an agent changes its key six times", changes_key, {AGENT, "192.0.2.1"},
	{AGENT, "198.51.100.1"}, 6, 0},
    {"and another one its own", changes_key, {AGENT, "192.0.2.1"},
	{OTHER, "192.0.2.1"}, 6, 6},
    {"an address enrols twenty", enrols, {AGENT, "192.0.2.1"},
	{OTHER, "192.0.2.1"}, 20, 0},
    {"and its prefix thirty", enrols, {AGENT, "192.0.2.1"},
	{OTHER, "192.0.2.2"}, 20, 10},
    {"an agent reports a sixth of its hour's at once, wherever it is", reports,
	{AGENT, "192.0.2.1"}, {AGENT, "198.51.100.1"}, 10, 0},
    {"a prefix's agents share what is the prefix's", reports,
	{AGENT, "192.0.2.1"}, {OTHER, "192.0.2.2"}, 10, 5},
    {"another prefix has its own", reports, {AGENT, "192.0.2.1"},
	{OTHER, "198.51.100.1"}, 10, 10},
    {"so it is in a /48", reports, {AGENT, "2001:db8:1:1::1"},
	{OTHER, "2001:db8:1:2::1"}, 10, 5},
    {"an agent asks as often as it may report", asks, {AGENT, "192.0.2.1"},
	{OTHER, "192.0.2.2"}, 10, 5},
    {"an agent's key is looked for twelve times", looks_anew,
	{AGENT, "192.0.2.1"}, {AGENT, "198.51.100.1"}, 12, 0},
    {"others' keys too, from elsewhere", looks_anew, {AGENT, "192.0.2.1"},
	{OTHER, "198.51.100.1"}, 12, 12},
    {"probes are counted as many as they are", probes, {AGENT, "192.0.2.1"},
	{OTHER, "192.0.2.2"}, 10, 10},
};

static int passed(struct client_limits *limits,
    const struct collector_options *options, take_one *take,
    const struct side *side)
{
	int i, count = 0;

	for (i = 0; i < 1000; i++)
		count += take(limits, options, side) == 0;
	return count;
}

static void is_limited(void **state)
{
	const struct collector_options options = {
	    .limit_enrol_address = 20,
	    .limit_enrol_prefix = 30,
	    .limit_key_changes = 6,
	    .limit_reports_agent = 60,
	    .limit_reports_prefix = 90,
	    .limit_probes_agent = 6000,
	    .limit_probes_prefix = 0,
	};
	const struct row *row = *state;
	struct client_limits *limits = client_limits_new();

	assert_non_null(limits);
	assert_int_equal(
	    passed(limits, &options, row->take, &row->first), row->of_first);
	assert_int_equal(
	    passed(limits, &options, row->take, &row->second), row->of_second);
	client_limits_free(limits);
}

/* --- reads --- */

static struct addr parsed(const char *text)
{
	struct addr address;

	assert_true(addr_parse(&address, text));
	return address;
}

static const struct read_row {
	const char *name, *first, *then;
	int64_t an_hour, ms; /* that the first one spends */
	bool waits;          /* `then` */
} read_rows[] = {
    {"who spends little goes on", "203.0.113.9", "203.0.113.9", 3600, 599,
	false},
    {"who spends a sixth of the hour's at once may ask once more",
	"203.0.113.9", "203.0.113.9", 3600, 600, false},
    {"who spends more waits", "203.0.113.9", "203.0.113.9", 36000, 12000, true},
    {"another address does not", "203.0.113.9", "203.0.113.10", 36000, 12000,
	false},
    {"of IPv6 the /64 waits", "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", 36000,
	12000, true},
    {"the next /64 does not", "2001:db8:0:1::1", "2001:db8:0:2::1", 36000,
	12000, false},
    {"0 is no limit", "203.0.113.9", "203.0.113.9", 0, 1000000, false},
};

/* One answer may cost more than what was left. */
static void reads(void **state)
{
	const struct read_row *row = *state;
	struct collector_options options = {
	    .limit_reads_address = row->an_hour};
	struct client_limits *limits = client_limits_new();
	struct addr first = parsed(row->first), then = parsed(row->then);
	int after_s;

	assert_int_equal(client_limits_may_read(limits, &options, &first), 0);
	client_limits_spend(limits, &options, &first, row->ms * 500);
	client_limits_spend(limits, &options, &first, row->ms * 500);
	after_s = client_limits_may_read(limits, &options, &then);
	assert_int_equal(after_s > 0, row->waits);
	client_limits_free(limits);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, is_limited);
	TEST_ROWS(&list, read_rows, reads);
	return test_run("client_limits", &list);
}
