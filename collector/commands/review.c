/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/review.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/fleet/networks.h"
#include "collector/store/store_review.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/base/values.h"
#include "lib/config/args.h"
#include "lib/json/json.h"

/* --- the list --- */

struct review_list {
	const struct judge *judge;
	enum list_format format;
	size_t count;
	struct err *err;
};

static const char *status_of(const struct review *review)
{
	if (review == NULL)
		return "held";
	return review->is_released ? "released" : "rejected";
}

static void print_text(
    const struct network_verdict *verdict, const struct review *review)
{
	printf("AS%-9u  IPv%u %5u  %-8s  %-11s %s%s%s\n", verdict->asn,
	    verdict->family, verdict->port, status_of(review),
	    network_state_word(verdict->state), verdict->because,
	    review != NULL ? "; reason: " : "",
	    review != NULL ? review->reason : "");
}

static int print_json(struct review_list *list,
    const struct network_verdict *verdict, const struct review *review)
{
	struct buf line = {0};
	struct json_writer json = {.out = &line};
	bool whole;

	json_open_object(&json, NULL);
	json_integer(&json, "asn", verdict->asn);
	json_integer(&json, "family", verdict->family);
	json_integer(&json, "port", verdict->port);
	json_text(&json, "review", status_of(review));
	json_text_or_null(
	    &json, "reason", review != NULL ? review->reason : "");
	json_text(&json, "state", network_state_word(verdict->state));
	json_text(&json, "because", verdict->because);
	json_close_object(&json);
	whole = !line.failed;
	if (whole)
		printf("%s\n%s", list->count++ > 0 ? "," : "", line.data);
	buf_free(&line);
	return whole ? 0 : err_system(list->err, -ENOMEM, "review");
}

static int list_one(void *arg, const struct networks_judged *judged)
{
	struct review_list *list = arg;
	const struct network_verdict *verdict = judged->verdict;
	const struct review *review = judge_find_review(list->judge, verdict);

	if (!verdict->rests_on_new)
		return 0;
	if (list->format == LIST_JSON)
		return print_json(list, verdict, review);
	print_text(verdict, review);
	return 0;
}

static int list_reviews(
    struct store *store, struct review_list *list, struct err *err)
{
	struct judge judge;
	struct networks_as_of as_of = {&judge, clock_wall_ms()};
	struct row_filter filter;
	int error = networks_learn(
	    store, as_of.now_ms, &judge, NULL, NULL, err);

	row_filter_init(&filter);
	list->judge = &judge;
	judge.ignores_reviews = true;
	if (error == 0)
		error = networks_decide(
		    store, &filter, &as_of, list_one, list, err);
	judge_free(&judge);
	return error;
}

int command_list_reviews(
    const struct collector_options *options, enum list_format format)
{
	struct err err = {""};
	struct review_list list = {.format = format, .err = &err};
	struct store *store;
	int error = command_open_store(options, true, &store, &err);

	if (error < 0)
		return args_fail(error, &err);
	if (format == LIST_JSON)
		printf("{\"items\":[");
	error = list_reviews(store, &list, &err);
	if (format == LIST_JSON && error == 0)
		printf("],\"next\":null}\n");
	store_close(store);
	return command_end(error, &err);
}

/* --- a decision --- */

static int read_reason(
    const char *reason, struct review *review, struct err *err)
{
	if (reason == NULL || reason[0] == '\0')
		return err_input(
		    err, "--reason: is needed, because it is published");
	if (strlen(reason) >= sizeof(review->reason) || !text_is_plain(reason))
		return err_input(err,
		    "--reason: is no plain text of %zu bytes at most",
		    sizeof(review->reason) - 1);
	strcpy(review->reason, reason);
	return 0;
}

static int read_review(
    char **operands, const char *reason, struct review *review, struct err *err)
{
	int64_t port;

	review->at_ms = clock_wall_ms();
	review->is_released = strcmp(operands[0], "release") == 0;
	if (!review->is_released && strcmp(operands[0], "reject") != 0)
		return err_input(
		    err, "'%.40s' is neither release nor reject", operands[0]);
	if (!network_parse_asn(operands[1], &review->asn))
		return err_input(err, "'%.40s' is no AS number", operands[1]);
	if (strcmp(operands[2], "4") != 0 && strcmp(operands[2], "6") != 0)
		return err_input(
		    err, "'%.40s' is no family: 4 or 6", operands[2]);
	review->family = operands[2][0] == '4' ? 4 : 6;
	if (values_parse_count(operands[3], 1, UINT16_MAX, &port, NULL) < 0)
		return err_input(err, "'%.40s' is no port", operands[3]);
	review->port = (uint16_t)port;
	return read_reason(reason, review, err);
}

int command_review(const struct collector_options *options, char **operands,
    const char *reason)
{
	struct review review = {0};
	struct store *store = NULL;
	struct err err = {""};
	int error = read_review(operands, reason, &review, &err);

	if (error == 0)
		error = command_open_store(options, false, &store, &err);
	if (error == 0)
		error = store_decide_review(store, &review, &err);
	store_close(store);
	return command_end(error, &err);
}
