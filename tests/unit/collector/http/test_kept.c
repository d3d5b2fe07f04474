/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/kept.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define LENGTH 5000

/* A request with these Accept-Encoding and If-None-Match; "": without. */
struct question {
	const char *path, *query, *accepts, *knows;
	enum request_method method;
};

static const struct question plain = {
    "/v1/networks", "limit=9", "", "", METHOD_GET};

static void ask(const struct question *question,
    struct request_header headers[2], struct request *request)
{
	headers[0] = (struct request_header){
	    "Accept-Encoding", question->accepts};
	headers[1] = (struct request_header){"If-None-Match", question->knows};
	*request = (struct request){
	    .method = question->method,
	    .path = question->path,
	    .query = question->query,
	    .headers = headers,
	    .nheaders = question->knows[0] != '\0' ? 2 : 1,
	};
}

/* What a handler makes: LENGTH bytes, tagged. */
static void answer(const char *tag, struct reply *reply)
{
	struct buf body = {0};
	int i;

	for (i = 0; i < LENGTH; i++)
		buf_append_char(&body, (char)('a' + i % 26));
	reply_json(reply, 200, &body);
	reply_set_tag(reply, tag);
	reply_set_header(reply, "Link", "<next>");
}

static void keep(
    struct kept *kept, const char *tag, const struct question *question)
{
	struct request_header headers[2];
	struct request request;
	struct reply reply = {0};

	ask(question, headers, &request);
	answer(tag, &reply);
	reply_settle(&reply, &request);
	kept_add(kept, tag, &request, &reply);
	reply_reset(&reply);
}

static const char *header(const struct reply *reply, const char *name)
{
	size_t i;

	for (i = 0; i < reply->nheaders; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			return reply->headers[i].value;
	return "";
}

static const struct row {
	const char *name;
	struct question before, after;
	const char *tag; /* of the second one; of the first it is "7" */
	bool is_kept;
} rows[] = {
    {"the same question", {"/a", "x=1", "", "", METHOD_GET},
	{"/a", "x=1", "", "", METHOD_GET}, "7", true},
    {"in gzip, which is not made again", {"/a", NULL, "gzip", "", METHOD_GET},
	{"/a", NULL, "gzip;q=0.5", "", METHOD_GET}, "7", true},
    {"by HEAD", {"/a", NULL, "gzip", "", METHOD_GET},
	{"/a", NULL, "gzip", "", METHOD_HEAD}, "7", true},
    {"by who has it", {"/a", NULL, "gzip", "", METHOD_GET},
	{"/a", NULL, "gzip", "W/\"7\"", METHOD_GET}, "7", true},
    {"another coding", {"/a", NULL, "gzip", "", METHOD_GET},
	{"/a", NULL, "", "", METHOD_GET}, "7", false},
    {"another query", {"/a", "x=1", "", "", METHOD_GET},
	{"/a", "x=2", "", "", METHOD_GET}, "7", false},
    {"another path", {"/a", NULL, "", "", METHOD_GET},
	{"/b", NULL, "", "", METHOD_GET}, "7", false},
    {"a later view", {"/a", NULL, "", "", METHOD_GET},
	{"/a", NULL, "", "", METHOD_GET}, "8", false},
    {"what was not sent is not kept", {"/a", NULL, "", "W/\"7\"", METHOD_GET},
	{"/a", NULL, "", "", METHOD_GET}, "7", false},
    {"a POST has no answer from before", {"/a", NULL, "", "", METHOD_GET},
	{"/a", NULL, "", "", METHOD_POST}, "7", false},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct request_header headers[2];
	struct request request;
	struct reply reply = {0}, made = {0};
	struct kept kept = {{0}};

	keep(&kept, "7", &row->before);
	ask(&row->after, headers, &request);
	assert_int_equal(
	    kept_recall(&kept, row->tag, &request, &reply), row->is_kept);
	if (row->is_kept) {
		answer("7", &made);
		reply_settle(&reply, &request);
		reply_settle(&made, &request);
		assert_int_equal(reply.status, made.status);
		assert_int_equal(reply.content_length, made.content_length);
		if (made.content_length > 0)
			assert_memory_equal(
			    reply.content, made.content, made.content_length);
		assert_int_equal(reply.nheaders, made.nheaders);
		assert_string_equal(header(&reply, "ETag"), "W/\"7\"");
		assert_string_equal(
		    header(&reply, "Vary"), header(&made, "Vary"));
		assert_string_equal(header(&reply, "Content-Encoding"),
		    header(&made, "Content-Encoding"));
		assert_string_equal(header(&reply, "Link"), "<next>");
	}
	reply_reset(&made);
	reply_reset(&reply);
	kept_free(&kept);
}

/* More than there is room for: the oldest go. */
static void many(void **state)
{
	struct request_header headers[2];
	struct request request;
	struct kept kept = {{0}};
	struct question question = plain;
	char query[16];
	int i;

	(void)state;
	question.query = query;
	for (i = 0; i < 3 * KEPT_COUNT; i++) {
		snprintf(query, sizeof(query), "limit=%d", i);
		keep(&kept, "7", &question);
	}
	for (i = 0; i < 3 * KEPT_COUNT; i++) {
		struct reply reply = {0};

		snprintf(query, sizeof(query), "limit=%d", i);
		ask(&question, headers, &request);
		assert_int_equal(kept_recall(&kept, "7", &request, &reply),
		    i >= 2 * KEPT_COUNT);
		reply_reset(&reply);
	}
	kept_free(&kept);
}

/* What another view made, or none did, is not kept under this one. */
static void other_tag(void **state)
{
	struct request_header headers[2];
	struct request request;
	struct reply reply = {0};
	struct kept kept = {{0}};

	(void)state;
	ask(&plain, headers, &request);
	answer("6", &reply);
	reply_settle(&reply, &request);
	kept_add(&kept, "7", &request, &reply);
	kept_add(&kept, "", &request, &reply);
	reply_reset(&reply);
	assert_false(kept_recall(&kept, "7", &request, &reply));
	kept_free(&kept);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "the last few are kept", many);
	test_add(&list, "an answer of another view is not kept", other_tag);
	return test_run("kept", &list);
}
