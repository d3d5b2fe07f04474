/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The agent's prober alone (agent/measure/probe.h), as `run` has it in a
 * process that stays: no rounds, no plan, so that a probe is what the other
 * probers call one. Arguments: ADDRESS PORT HOST EHLO. Each line on stdin,
 * "TOTAL IN_FLIGHT", is carried out; the answer is a line too: how many probes
 * went through all of the dialogue with a certificate that verifies.
 */

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/measure/probe.h"
#include "agent/net/tls.h"
#include "lib/config/endpoints.h"

#define PATIENCE_MS 60000

struct bench {
	struct event_base *base;
	struct probe_request request;
	size_t to_start, well;
};

static void on_done(
    void *arg, const struct probe_seen *seen, const struct addr *local);

static void start_one(struct bench *bench)
{
	if (bench->to_start == 0)
		return;
	bench->to_start--;
	if (probe_start(bench->base, &bench->request, NULL, on_done, bench) ==
	    NULL) {
		fputs("bench_probe: no memory or no descriptors\n", stderr);
		exit(1);
	}
}

static void on_done(
    void *arg, const struct probe_seen *seen, const struct addr *local)
{
	struct bench *bench = arg;

	(void)local;
	bench->well += seen->ended == STAGE_DONE &&
		       seen->tls.verify == VERIFY_OK;
	start_one(bench);
}

static void set_up(struct bench *bench, char **argv)
{
	struct err err;

	bench->base = event_base_new();
	bench->request = (struct probe_request){
	    .port = (uint16_t)atoi(argv[2]),
	    .mode = MODE_STARTTLS,
	    .host = argv[3],
	    .ehlo = argv[4],
	    .connect_ms = PATIENCE_MS,
	    .banner_ms = PATIENCE_MS,
	    .reply_ms = PATIENCE_MS,
	    .total_ms = PATIENCE_MS,
	};
	if (bench->base == NULL ||
	    !addr_parse(&bench->request.address, argv[1]) ||
	    tls_probe_context(&bench->request.tls, &err) != 0) {
		fputs("bench_probe: cannot begin\n", stderr);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	size_t in_flight;

	if (argc != 5) {
		fputs("usage: bench_probe ADDRESS PORT HOST EHLO\n", stderr);
		return 2;
	}
	set_up(&bench, argv);
	while (scanf("%zu %zu", &bench.to_start, &in_flight) == 2) {
		bench.well = 0;
		for (; in_flight > 0; in_flight--)
			start_one(&bench);
		event_base_dispatch(bench.base);
		printf("%zu\n", bench.well);
		fflush(stdout);
	}
	tls_context_free(bench.request.tls);
	event_base_free(bench.base);
	return 0;
}
