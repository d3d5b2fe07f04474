/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A made-up fleet in a collector's store, for "./dev up --demo": reports of 90
 * days go through the decoder, the attribution with its diagnosis, and the
 * store, as those of agents do.
 *
 *	demo asn|country|endpoints NETWORKS	print what the collector needs
 *	demo fill NETWORKS CONFIG		write the reports
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/commands/command.h"
#include "collector/commands/secret.h"
#include "collector/intake/attribute.h"
#include "collector/intake/geo.h"
#include "collector/intake/proof.h"
#include "lib/base/clock.h"
#include "lib/config/endpoints_file.h"
#include "lib/report/report_decode.h"
#include "tests/demo/demo_report.h"

#define SEED         25
#define BATCH        2048 /* reports in a transaction */
#define RECENT_DAYS  30
#define RECENT_STEP  2 /* days between two visits of a line */
#define OLD_STEP     5
#define RANGE_LAST   4095
#define ROUTERS_LAST 15

struct batch {
	struct store_report reports[BATCH];
	struct measurement *rows[BATCH]; /* owned */
	bool duplicate[BATCH];
	size_t count;
};

struct fill {
	struct demo_world world;
	struct collector_options options;
	struct store *store;
	struct geo *geo;
	struct endpoint_list endpoints;
	uint8_t secret[SIGN_SECRET_SIZE];
	int64_t start_ms; /* of day 0 */
	size_t serial;
	struct batch batch;
	struct err err;
};

static int write_batch(struct fill *fill)
{
	struct batch *batch = &fill->batch;
	int error = store_write(fill->store, batch->reports, batch->count,
	    batch->duplicate, &fill->err);
	size_t i;

	for (i = 0; i < batch->count; i++)
		free(batch->rows[i]);
	batch->count = 0;
	return error;
}

/* Take the report in as the collector would have at that time. */
static int take_in(
    struct fill *fill, const struct demo_round *round, const struct buf *text)
{
	struct batch *batch = &fill->batch;
	struct store_report *stored = &batch->reports[batch->count];
	const struct attribution attribution = {
	    .secret = fill->secret,
	    .geo = fill->geo,
	    .endpoints = &fill->endpoints,
	    .run_by = "",
	    .received_ms = round->at_ms + 20000,
	};
	struct report report;
	int error;

	if (text->failed)
		return -ENOMEM;
	error = report_decode(text->data, text->length, &report, &fill->err);
	if (error < 0)
		return error;
	memset(stored, 0, sizeof(*stored));
	error = attribute_report(&report, &attribution,
	    &batch->rows[batch->count], &stored->nrows, &fill->err);
	report_free(&report);
	if (error < 0)
		return error;
	strcpy(stored->id, round->id);
	strcpy(stored->agent_id, round->agent);
	stored->received_ms = attribution.received_ms;
	stored->rows = batch->rows[batch->count++];
	return batch->count == BATCH ? write_batch(fill) : 0;
}

/* The proof that the collector would have given to this line. */
static void prove(struct fill *fill, const struct demo_round *round, int family,
    char proof[REPORT_PROOF_SIZE])
{
	struct addr address;
	char text[48];

	demo_address(round->network, round->line, family, text);
	addr_parse(&address, text);
	proof_make(fill->secret, round->agent, &address,
	    round->at_ms / 1000 + PROOF_LIFE_S - 60, proof);
}

static int report(struct fill *fill, struct demo_round *round)
{
	char id[REPORT_ID_SIZE], agent[32];
	char proof4[REPORT_PROOF_SIZE], proof6[REPORT_PROOF_SIZE];
	struct buf text = {0};
	int error;

	round->at_ms = fill->start_ms + round->day * DAY_MS +
		       (int64_t)demo_draw(&fill->world, 86000000);
	if (round->at_ms > clock_wall_ms() - MINUTE_MS)
		return 0;
	snprintf(id, sizeof(id), "%08llx-%04llx-7000-8000-%012zx",
	    (unsigned long long)round->at_ms >> 16,
	    (unsigned long long)round->at_ms & 0xffff, ++fill->serial);
	snprintf(
	    agent, sizeof(agent), "demo-%zu-%zu", round->network, round->line);
	round->id = id;
	round->agent = agent;
	round->endpoint = demo_draw(&fill->world, DEMO_ENDPOINTS);
	prove(fill, round, 4, proof4);
	prove(fill, round, 6, proof6);
	round->proof4 = proof4;
	round->proof6 = fill->world.networks[round->network].has_ipv6 ? proof6
								      : NULL;
	demo_report_write(&fill->world, round, &text);
	error = take_in(fill, round, &text);
	buf_free(&text);
	return error;
}

/* One day of all lines: a fleet reports day by day. */
static int report_day(struct fill *fill, int day)
{
	int step = day >= DEMO_DAYS - RECENT_DAYS ? RECENT_STEP : OLD_STEP;
	struct demo_round round = {.day = day};
	int error = 0;

	for (round.network = 0; round.network < fill->world.count;
	     round.network++) {
		size_t lines = fill->world.networks[round.network].nlines;

		for (round.line = 0; error == 0 && round.line < lines;
		     round.line++)
			if ((round.line + (size_t)day) % (size_t)step == 0)
				error = report(fill, &round);
	}
	return error;
}

static int fill_store(struct fill *fill)
{
	int64_t today_ms = clock_wall_ms() / DAY_MS * DAY_MS;
	int day, error = 0;

	fill->start_ms = today_ms - (DEMO_DAYS - 1) * DAY_MS;
	for (day = 0; error == 0 && day < DEMO_DAYS; day++)
		error = report_day(fill, day);
	if (error == 0 && fill->batch.count > 0)
		error = write_batch(fill);
	return error;
}

static int open_all(struct fill *fill, const char *config)
{
	struct collector_options *options = &fill->options;
	int error = collector_options_read(config, options, &fill->err);

	if (error == 0)
		error = endpoints_read(
		    options->endpoints, &fill->endpoints, &fill->err);
	if (error == 0)
		error = geo_open(options->geo_asn, options->geo_country,
		    &fill->geo, &fill->err);
	if (error == 0)
		error = command_open_store(
		    options, false, &fill->store, &fill->err);
	if (error == 0)
		error = secret_read_or_begin(
		    options, fill->store, fill->secret, &fill->err);
	return error;
}

static int fill_from(struct fill *fill, const char *config)
{
	int error = open_all(fill, config);

	if (error == 0)
		error = fill_store(fill);
	store_close(fill->store);
	geo_close(fill->geo);
	endpoints_free(&fill->endpoints);
	return command_end(error, &fill->err);
}

static void print_range(uint32_t first, uint32_t last, const char *what)
{
	printf("%u.%u.%u.%u,%u.%u.%u.%u,%s\n", first >> 24, first >> 16 & 255,
	    first >> 8 & 255, first & 255, last >> 24, last >> 16 & 255,
	    last >> 8 & 255, last & 255, what);
}

static void print_range6(const char *prefix, size_t index, const char *what)
{
	printf("%s:%zx::,%s:%zx:ffff:ffff:ffff:ffff:ffff%s,%s\n", prefix, index,
	    prefix, index, strlen(prefix) == 4 ? ":ffff" : "", what);
}

/* The ranges of a network's lines and routers. */
static void print_ranges(const struct demo_world *world, bool is_asn)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		const struct demo_network *network = &world->networks[i];
		char what[80];

		if (is_asn)
			snprintf(what, sizeof(what), "%u,%s", network->asn,
			    network->name);
		else
			snprintf(what, sizeof(what), "%s", network->country);
		print_range(demo_range(i), demo_range(i) + RANGE_LAST, what);
		print_range(
		    demo_routers(i), demo_routers(i) + ROUTERS_LAST, what);
		print_range6("fd00", i, what);
		print_range6("2001:db8", i, what);
	}
}

static void print_endpoints(void)
{
	int i;

	for (i = 0; i < DEMO_ENDPOINTS; i++)
		printf("[mx-%c]\nhost = mx-%c.example\ncontrol = 443\n"
		       "starttls = yes\n\n",
		    'a' + i, 'a' + i);
}

int main(int argc, char **argv)
{
	static struct fill fill;
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	int status = 0;

	if (count == 0 || !demo_world_draw(&fill.world, SEED, count)) {
		fprintf(stderr, "usage: demo asn|country|endpoints NETWORKS\n"
				"       demo fill NETWORKS CONFIG\n");
		return 2;
	}
	if (strcmp(argv[1], "fill") == 0 && argc > 3)
		status = fill_from(&fill, argv[3]);
	else if (strcmp(argv[1], "endpoints") == 0)
		print_endpoints();
	else
		print_ranges(&fill.world, strcmp(argv[1], "asn") == 0);
	demo_world_free(&fill.world);
	return status;
}
