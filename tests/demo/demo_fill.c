/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/demo/demo_fill.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/commands/command.h"
#include "collector/commands/secret.h"
#include "collector/fleet/past_days.h"
#include "collector/intake/attribute.h"
#include "collector/intake/geo.h"
#include "collector/intake/proof.h"
#include "collector/intake/shown.h"
#include "collector/store/registry.h"
#include "collector/store/sqlite/sqlite_handle.h"
#include "lib/base/clock.h"
#include "lib/config/endpoints_file.h"
#include "lib/report/report_decode.h"
#include "tests/demo/demo_report.h"

#define BATCH       2048 /* reports in a transaction */
#define RECENT_DAYS 30
#define RECENT_STEP 3 /* days between two visits of a line */
#define OLD_STEP    7
#define DAILY_DAYS  16

struct batch {
	struct store_report reports[BATCH];
	struct measurement *rows[BATCH]; /* owned */
	struct buf details[BATCH];       /* owned */
	bool duplicate[BATCH];
	size_t count;
};

struct fill {
	struct demo_world *world;
	struct collector_options options;
	struct store *store;
	struct geo *geo;
	struct endpoint_list endpoints;
	uint8_t secret[SIGN_SECRET_SIZE];
	int64_t start_ms; /* of day 0 */
	size_t serial;
	struct batch *batch;   /* one of `batches`: being made */
	struct batch *written; /* the other one, in the thread; NULL: none */
	struct batch batches[2];
	pthread_t writer;
	struct err err, write_err;
};

/* --- the store --- */

/* A store that is made again if this does not come to its end need not be
 * synced on the way. */
static int sync_never(struct store *store, bool never, struct err *err)
{
	const char *sql = never ? "PRAGMA synchronous = OFF"
				: "PRAGMA synchronous = FULL;"
				  "PRAGMA wal_checkpoint(TRUNCATE)";

	if (sqlite3_exec(sqlite_of(store)->db, sql, NULL, NULL, NULL) ==
	    SQLITE_OK)
		return 0;
	return err_input(
	    err, "sqlite: %s", sqlite3_errmsg(sqlite_of(store)->db));
}

static void *write_batch(void *arg)
{
	struct fill *fill = arg;
	struct batch *batch = fill->written;
	intptr_t error = store_write(fill->store, batch->reports, batch->count,
	    batch->duplicate, &fill->write_err);
	size_t i;

	for (i = 0; i < batch->count; i++) {
		free(batch->rows[i]);
		buf_free(&batch->details[i]);
	}
	batch->count = 0;
	return (void *)error;
}

/* Wait for the batch that is being written. */
static int end_batch(struct fill *fill)
{
	void *error;

	if (fill->written == NULL)
		return 0;
	pthread_join(fill->writer, &error);
	fill->written = NULL;
	if (error != NULL)
		fill->err = fill->write_err;
	return (int)(intptr_t)error;
}

/* Write this batch while the next one is made. */
static int begin_batch(struct fill *fill)
{
	int error = end_batch(fill);

	if (error < 0)
		return error;
	fill->written = fill->batch;
	fill->batch = &fill->batches[fill->batch == fill->batches];
	error = -pthread_create(&fill->writer, NULL, write_batch, fill);
	if (error < 0) {
		fill->written = NULL;
		err_system(&fill->err, error, "a thread");
	}
	return error;
}

/* --- reports --- */

/* Take the report in as the collector would have at that time. */
static int take_in(
    struct fill *fill, const struct demo_round *round, const struct buf *text)
{
	struct batch *batch = fill->batch;
	struct store_report *stored = &batch->reports[batch->count];
	struct buf *detail = &batch->details[batch->count];
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
	if (error == 0)
		shown_pack(
		    &report, &attribution, batch->rows[batch->count], detail);
	report_free(&report);
	if (error < 0 || detail->failed)
		return error < 0 ? error : -ENOMEM;
	stored->detail = detail->data;
	stored->detail_length = detail->length;
	strcpy(stored->id, round->id);
	strcpy(stored->agent_id, round->agent);
	stored->received_ms = attribution.received_ms;
	stored->rows = batch->rows[batch->count++];
	return batch->count == BATCH ? begin_batch(fill) : 0;
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

static void name_agent(
    size_t network, size_t line, char agent[REPORT_AGENT_SIZE])
{
	snprintf(agent, REPORT_AGENT_SIZE, "demo-%zu-%zu", network, line);
}

static int report(struct fill *fill, struct demo_round *round)
{
	char id[REPORT_ID_SIZE], agent[REPORT_AGENT_SIZE];
	char proof4[REPORT_PROOF_SIZE], proof6[REPORT_PROOF_SIZE];
	struct buf text = {0};
	int error;

	round->at_ms = fill->start_ms + round->day * DAY_MS +
		       (int64_t)demo_draw(fill->world, 86000000);
	if (round->at_ms > clock_wall_ms() - MINUTE_MS)
		return 0;
	snprintf(id, sizeof(id), "%08llx-%04llx-7000-8000-%012zx",
	    (unsigned long long)round->at_ms >> 16,
	    (unsigned long long)round->at_ms & 0xffff, ++fill->serial);
	name_agent(round->network, round->line, agent);
	round->id = id;
	round->agent = agent;
	round->endpoint = demo_draw(fill->world, DEMO_ENDPOINTS);
	prove(fill, round, 4, proof4);
	prove(fill, round, 6, proof6);
	round->proof4 = proof4;
	round->proof6 = fill->world->networks[round->network].has_ipv6 ? proof6
								       : NULL;
	demo_report_write(fill->world, round, &text);
	error = take_in(fill, round, &text);
	buf_free(&text);
	return error;
}

/* Days between two visits of a line. */
static int step_of(const struct demo_network *network, int day)
{
	if (demo_is_daily(network) && day >= DEMO_DAYS - DAILY_DAYS)
		return 1;
	return day >= DEMO_DAYS - RECENT_DAYS ? RECENT_STEP : OLD_STEP;
}

/* One day of all lines: a fleet reports day by day. */
static int report_day(struct fill *fill, int day)
{
	struct demo_round round = {.day = day};
	int error = 0;

	for (round.network = 0; round.network < fill->world->count;
	     round.network++) {
		const struct demo_network
		    *network = &fill->world->networks[round.network];

		int step = step_of(network, day);

		if (demo_is_silent(network, day))
			continue;
		for (round.line = 0; error == 0 && round.line < network->nlines;
		     round.line++)
			if ((round.line + (size_t)day) % (size_t)step == 0)
				error = report(fill, &round);
	}
	return error;
}

static int fill_reports(struct fill *fill)
{
	int day, error = 0, ended;

	for (day = 0; error == 0 && day < DEMO_DAYS; day++)
		error = report_day(fill, day);
	if (error == 0 && fill->batch->count > 0)
		error = begin_batch(fill);
	ended = end_batch(fill);
	return error < 0 ? error : ended;
}

/* --- agents --- */

static int enrol(struct fill *fill, size_t network, size_t line)
{
	struct registry_agent agent = {.enrolled_ms = fill->start_ms};

	name_agent(network, line, agent.id);
	snprintf((char *)agent.public_key, sizeof(agent.public_key), "%s",
	    agent.id); /* nobody signs with it */
	return registry_enrol(fill->store, &agent, NULL, &fill->err);
}

static int enrol_all(struct fill *fill)
{
	size_t network, line;
	int error = 0;

	for (network = 0; network < fill->world->count; network++)
		for (line = 0;
		     error == 0 && line < fill->world->networks[network].nlines;
		     line++)
			error = enrol(fill, network, line);
	return error;
}

/* --- what operators say --- */

/* One of each kind: of a network, what its operator says and objects, and what
 * this collector's operator has to say. */
static const struct said {
	size_t network; /* of demo_world.c */
	int day;        /* of the demo's */
	struct annotation annotation;
} all_said[] = {
    {0, DEMO_DAYS - 30,
	{ANNOTATION_REPLY, 0, "noc@hansefibre.example",
	    "Outbound port 25 is closed on consumer lines by default. "
	    "Customers can switch it on in the self-service portal; "
	    "business lines are not affected."}},
    {6, DEMO_DAYS - 12,
	{ANNOTATION_OBJECTION, 0, "postmaster@plainkabel.example",
	    "We take STARTTLS out of nobody's mail. The box belonged to a "
	    "reseller and has been off since the start of the month: please "
	    "measure again."}},
    {6, DEMO_DAYS - 10,
	{ANNOTATION_REMARK, 0, "",
	    "We have asked which prefixes the reseller has. Vantage points "
	    "there go on being counted as they see it."}},
};

static int say(struct fill *fill)
{
	struct annotation annotation;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < sizeof(all_said) / sizeof(*all_said);
	     i++) {
		if (all_said[i].network >= fill->world->count)
			continue;
		annotation = all_said[i].annotation;
		annotation.at_ms = fill->start_ms + all_said[i].day * DAY_MS +
				   HOUR_MS * 9;
		error = store_annotate(fill->store,
		    fill->world->networks[all_said[i].network].asn, &annotation,
		    &fill->err);
	}
	return error;
}

/* --- the past --- */

/* What would have been published at the end of each day. */
static int close_days(struct fill *fill)
{
	static const _Atomic bool never;
	struct store_settings settings;
	struct store *reader = NULL;
	struct past past;
	bool all_closed = false;
	int error = command_store_settings(
	    &fill->options, &settings, &fill->err);

	if (error == 0)
		error = command_open_store(
		    &fill->options, true, &reader, &fill->err);
	if (error < 0)
		return error;
	error = past_open(&past, &settings, reader, &never, &fill->err);
	if (error == 0)
		error = sync_never(past.pen, true, &fill->err);
	while (error == 0 && !all_closed)
		error = past_days_close(
		    &past, clock_wall_ms(), &all_closed, &fill->err);
	past_free(&past);
	store_close(reader);
	return error;
}

/* --- all of it --- */

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

/* It is trusted as an import is: else what it tells of changes would wait for a
 * review, as in each collector's first 90 days. */
static int trust_all(struct fill *fill)
{
	if (sqlite3_exec(sqlite_of(fill->store)->db,
		"UPDATE vantage SET local = 0", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return err_input(&fill->err, "sqlite: %s",
	    sqlite3_errmsg(sqlite_of(fill->store)->db));
}

static int fill_store(struct fill *fill)
{
	int error = sync_never(fill->store, true, &fill->err);

	if (error == 0)
		error = enrol_all(fill);
	if (error == 0)
		error = fill_reports(fill);
	if (error == 0)
		error = trust_all(fill);
	if (error == 0)
		error = say(fill);
	if (error == 0)
		error = close_days(fill);
	if (error == 0)
		error = sync_never(fill->store, false, &fill->err);
	return error;
}

int demo_fill(struct demo_world *world, const char *config)
{
	static struct fill fill;
	int error;

	fill.world = world;
	fill.batch = fill.batches;
	fill.start_ms = (clock_wall_ms() / DAY_MS - (DEMO_DAYS - 1)) * DAY_MS;
	error = open_all(&fill, config);
	if (error == 0)
		error = fill_store(&fill);
	store_close(fill.store);
	geo_close(fill.geo);
	endpoints_free(&fill.endpoints);
	return command_end(error, &fill.err);
}
