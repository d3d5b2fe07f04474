/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/verdicts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/fleet/networks.h"
#include "collector/record/format.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/config/args.h"

struct verdict_list {
	struct store *store;
	enum list_format format;
	struct buf line;
	size_t count;
	struct err *err;
};

static void print_verdict(const struct network_record *record)
{
	const struct network_verdict *verdict = &record->verdict;
	char name[32];

	text_copy_printable(
	    name, sizeof(name), record->info.name, strlen(record->info.name));
	printf("AS%-9u %-31s %-2s  IPv%u %5u  %-12s %4.2f  %s\n", verdict->asn,
	    name, record->info.country, verdict->family, verdict->port,
	    network_state_word(verdict->state), verdict->confidence,
	    verdict->because);
}

static int list_verdict(void *arg, const struct networks_judged *judged)
{
	struct verdict_list *list = arg;
	struct network_record record;
	int error = networks_complete(
	    list->store, judged->verdict, &record, list->err);

	if (error < 0)
		return error;
	if (list->format == LIST_TEXT) {
		print_verdict(&record);
		return 0;
	}
	buf_clear(&list->line);
	format_network_json(&record, false, &list->line);
	if (list->line.failed)
		return -ENOMEM;
	printf("%s\n%s", list->count++ > 0 ? "," : "", list->line.data);
	return 0;
}

static int list_verdicts(struct verdict_list *list, int64_t at_ms)
{
	struct row_filter filter;
	struct judge judge;
	const struct networks_as_of as_of = {&judge, at_ms};
	int error = networks_learn(
	    list->store, at_ms, &judge, NULL, NULL, list->err);

	row_filter_init(&filter);
	judge.ignores_reviews = true;
	if (error == 0)
		error = networks_decide(list->store, &filter, &as_of,
		    list_verdict, list, list->err);
	judge_free(&judge);
	buf_free(&list->line);
	return error;
}

int command_verdicts(const struct collector_options *options, int64_t at_ms,
    enum list_format format)
{
	struct err err = {""};
	struct verdict_list list = {.format = format, .err = &err};
	int error = command_open_store(options, true, &list.store, &err);

	if (error < 0)
		return args_fail(error, &err);
	if (format == LIST_JSON)
		printf("{\"items\":[");
	error = list_verdicts(&list, at_ms != 0 ? at_ms : clock_wall_ms());
	if (format == LIST_JSON && error == 0)
		printf("],\"next\":null}\n");
	store_close(list.store);
	return command_end(error, &err);
}
