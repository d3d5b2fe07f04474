/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What each stage of taking a report of 60 probes in costs one thread, in
 * microseconds of CPU. Argument: how many reports (2000).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/intake/attribute.h"
#include "collector/intake/proof.h"
#include "collector/intake/shown.h"
#include "collector/store/registry.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "collector/store/store.h"
#include "facts.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/http/httpsig.h"
#include "lib/report/report_decode.h"
#include "lib/sign/sign_verify.h"

#define AGENTS 100
#define GROUP  30

struct bench {
	struct facts_template templates[AGENTS];
	struct sign_key *key;
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	struct httpsig_headers headers;
	struct attribution attribution;
	uint8_t secret[SIGN_SECRET_SIZE];
	struct endpoint_list endpoints;
	struct report report;
	struct measurement *rows;
	size_t nrows;
	struct buf detail;
	struct store *store, *reader;
	struct store_report group[GROUP];
	size_t ngroup;
	bool duplicates[GROUP];
	struct err err;
};

static void must(int error, const struct err *err)
{
	if (error == 0)
		return;
	fprintf(stderr, "bench_stages: %s\n", err->text);
	exit(1);
}

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void renew(struct bench *bench, size_t i)
{
	char id[37];

	uuid7(clock_wall_ms(), id);
	facts_renew(&bench->templates[i % AGENTS], clock_wall_ms(), id);
}

static void sign(struct bench *bench, size_t i)
{
	struct facts_template *template = &bench->templates[i % AGENTS];
	struct httpsig_request message = {"POST", "/v1/reports",
	    template->bytes.data, template->bytes.length};

	if (httpsig_sign(&message, "agent", 1, bench->key, &bench->headers) < 0)
		exit(1);
}

static void verify(struct bench *bench, size_t i)
{
	struct facts_template *template = &bench->templates[i % AGENTS];
	struct httpsig_request message = {"POST", "/v1/reports",
	    template->bytes.data, template->bytes.length};
	struct httpsig_params params;

	must(httpsig_read(&message, bench->headers.content_digest,
		 bench->headers.signature_input, bench->headers.signature,
		 &params, &bench->err),
	    &bench->err);
	if (!sign_verify(bench->public_key, params.base, strlen(params.base),
		params.signature))
		exit(1);
}

/* With a store of its own, as a worker has, beside one that writes. */
static void find(struct bench *bench, size_t i)
{
	struct registry_agent agent;
	char id[REPORT_AGENT_SIZE];

	snprintf(id, sizeof(id), "agent-%zu", i % AGENTS);
	must(
	    registry_find(bench->reader, id, &agent, &bench->err), &bench->err);
}

static void decode(struct bench *bench, size_t i)
{
	struct facts_template *template = &bench->templates[i % AGENTS];

	must(report_decode(template->bytes.data, template->bytes.length,
		 &bench->report, &bench->err),
	    &bench->err);
}

static void attribute(struct bench *bench, size_t i)
{
	(void)i;
	bench->attribution.received_ms = clock_wall_ms();
	must(attribute_report(&bench->report, &bench->attribution, &bench->rows,
		 &bench->nrows, &bench->err),
	    &bench->err);
	if (!bench->rows[0].attributed)
		exit(1);
}

static void show(struct bench *bench, size_t i)
{
	(void)i;
	shown_pack(
	    &bench->report, &bench->attribution, bench->rows, &bench->detail);
	if (bench->detail.failed)
		exit(1);
}

static void write_group(struct bench *bench)
{
	size_t i;

	must(store_write(bench->store, bench->group, bench->ngroup,
		 bench->duplicates, &bench->err),
	    &bench->err);
	for (i = 0; i < bench->ngroup; i++) {
		free((void *)bench->group[i].rows);
		free((void *)bench->group[i].detail);
	}
	bench->ngroup = 0;
}

/* Hand the rows over; each GROUP-th time a transaction. */
static void keep(struct bench *bench, size_t i)
{
	struct store_report *stored = &bench->group[bench->ngroup++];

	memset(stored, 0, sizeof(*stored));
	memcpy(stored->id, bench->report.id, sizeof(stored->id));
	snprintf(stored->agent_id, sizeof(stored->agent_id), "agent-%zu",
	    i % AGENTS);
	stored->received_ms = clock_wall_ms();
	stored->rows = bench->rows;
	stored->nrows = bench->nrows;
	stored->detail = bench->detail.data;
	stored->detail_length = bench->detail.length;
	bench->detail = (struct buf){0};
	if (bench->ngroup == GROUP)
		write_group(bench);
}

static void end(struct bench *bench, size_t i)
{
	(void)i;
	report_free(&bench->report);
}

static void enrol(struct bench *bench, size_t i)
{
	struct registry_agent agent = {.enrolled_ms = clock_wall_ms()};

	snprintf(agent.id, sizeof(agent.id), "agent-%zu", i);
	memcpy(agent.public_key, &i, sizeof(i));
	must(registry_enrol(bench->store, &agent, NULL, &bench->err),
	    &bench->err);
}

static void set_up(struct bench *bench, const char *folder)
{
	struct store_settings settings = {.engine = &sqlite_engine};
	struct facts_agent agent = {0};
	char path[200];
	size_t i;

	snprintf(path, sizeof(path), "%s/key", folder);
	must(
	    sign_key_load_or_make(path, &bench->key, &bench->err), &bench->err);
	sign_key_public(bench->key, bench->public_key);
	snprintf(settings.path, sizeof(settings.path), "%s/db", folder);
	must(store_open(&settings, &bench->store, &bench->err), &bench->err);
	settings.read_only = true;
	must(store_open(&settings, &bench->reader, &bench->err), &bench->err);
	bench->attribution.secret = bench->secret;
	bench->attribution.endpoints = &bench->endpoints;
	bench->attribution.run_by = "";
	must(geo_open("", "", &bench->attribution.geo, &bench->err),
	    &bench->err);
	for (i = 0; i < AGENTS; i++) {
		agent.number = i;
		snprintf(agent.id, sizeof(agent.id), "%032zx", i);
		enrol(bench, i);
		addr_parse(&agent.source.address, "198.18.1.1");
		proof_make(bench->secret, agent.id, &agent.source.address,
		    clock_wall_ms() / 1000 + 3600, agent.source.proof);
		if (!facts_write_report(&agent, &bench->templates[i]))
			exit(1);
	}
}

static const struct step {
	const char *name;
	void (*run)(struct bench *bench, size_t i);
} steps[] = {
    {"another id and times", renew},
    {"signing", sign},
    {"finding the agent", find},
    {"signature and digest", verify},
    {"reading", decode},
    {"attributing, diagnosing", attribute},
    {"packing what is shown of it", show},
    {"storing, in groups of 30", keep},
    {"freeing", end},
};

#define NSTEPS (sizeof(steps) / sizeof(*steps))

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000, i, k;
	double took[NSTEPS] = {0}, before;
	struct bench *bench = calloc(1, sizeof(*bench));
	char folder[] = "bench-stages-XXXXXX", command[64];

	if (bench == NULL || mkdtemp(folder) == NULL)
		return 1;
	set_up(bench, folder);
	for (i = 0; i < count; i++)
		for (k = 0; k < NSTEPS; k++) {
			before = cpu_us();
			steps[k].run(bench, i);
			took[k] += cpu_us() - before;
		}
	for (k = 0; k < NSTEPS; k++)
		printf("%-28s%8.1f us a report\n", steps[k].name,
		    took[k] / (double)count);
	store_close(bench->reader);
	store_close(bench->store);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) == 0 ? 0 : 1;
}
