/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One path trace from where this runs, as JSON, for test_trace.py:
 *	trace_driver ADDRESS PORT [MIN_TTL MAX_TTL]
 */

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/measure/trace.h"
#include "lib/base/clock.h"
#include "lib/report/words.h"

static void print_hop(const struct hop_seen *hop, bool first)
{
	char text[ADDR_TEXT_SIZE];

	printf("%s{\"ttl\": %d, \"address\": \"%s\"}", first ? "" : ", ",
	    hop->ttl, addr_format(&hop->address, text));
}

static void on_done(void *arg, const struct path_seen *path)
{
	char from[ADDR_TEXT_SIZE];
	size_t i;

	printf("{\"port\": %u, \"reached\": %s, \"answer\": \"%s\", "
	       "\"answer_ttl\": %d, \"from\": \"%s\", \"ms\": %d, \"hops\": [",
	    path->port, path->reached ? "true" : "false",
	    path_answer_word(path->answer), path->answer_ttl,
	    addr_format(&path->answer_from, from),
	    (int)((clock_mono_us() - *(int64_t *)arg) / 1000));
	for (i = 0; i < path->nhops; i++)
		print_hop(&path->hops[i], i == 0);
	printf("]}\n");
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct trace_request request;
	int64_t began_us = clock_mono_us();
	struct addr address;

	if (base == NULL || argc < 3 || !addr_parse(&address, argv[1]))
		return 2;
	trace_request_init(&request, &address, (uint16_t)atoi(argv[2]));
	if (argc > 4) {
		request.min_ttl = atoi(argv[3]);
		request.max_ttl = atoi(argv[4]);
	}
	if (trace_start(base, &request, on_done, &began_us) == NULL)
		return 4;
	event_base_dispatch(base);
	event_base_free(base);
	return 0;
}
