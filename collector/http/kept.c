/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct kept_reply *one)
{
	buf_free(&one->body);
	free(one->link);
	memset(one, 0, sizeof(*one));
}

void kept_free(struct kept *kept)
{
	size_t i;

	for (i = 0; i < KEPT_COUNT; i++)
		forget(&kept->replies[i]);
	memset(kept, 0, sizeof(*kept));
}

/* False: it is too long to be kept. */
static bool make_key(const struct request *request, char key[KEPT_KEY_SIZE])
{
	return snprintf(key, KEPT_KEY_SIZE, "%s?%s", request->path,
		   request->query != NULL ? request->query : "") <
	       KEPT_KEY_SIZE;
}

bool kept_recall(struct kept *kept, const char *tag,
    const struct request *request, struct reply *reply)
{
	enum coding coding;
	char key[KEPT_KEY_SIZE];
	struct buf body = {0};
	size_t i;

	if (strcmp(kept->tag, tag) != 0) {
		kept_free(kept);
		return false;
	}
	if (!request_is_read(request) || !make_key(request, key))
		return false;
	coding = coding_choose(request);
	for (i = 0; i < KEPT_COUNT; i++) {
		const struct kept_reply *one = &kept->replies[i];

		if (one->coding != coding || strcmp(one->key, key) != 0)
			continue;
		buf_append(&body, one->body.data, one->body.length);
		reply_json(reply, 200, &body);
		reply_set_tag(reply, tag);
		reply->coded = one->coded;
		if (one->link != NULL)
			reply_set_header(reply, "Link", one->link);
		return true;
	}
	return false;
}

static const char *find_header(const struct reply *reply, const char *name)
{
	size_t i;

	for (i = 0; i < reply->nheaders; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			return reply->headers[i].value;
	return NULL;
}

static bool is_for_later(const struct reply *reply, const char *tag)
{
	char quoted[REPLY_TAG_SIZE];

	snprintf(quoted, sizeof(quoted), "W/\"%s\"", tag);
	return reply->status == 200 && !reply->failed &&
	       reply->stream.fill == NULL && reply->bytes.plain == NULL &&
	       (reply->coded != CODING_NONE ||
		   reply->body.length >= CODING_LEAST) &&
	       reply->body.length <= KEPT_MOST &&
	       strcmp(reply->tag, quoted) == 0;
}

/* The fields that a handler of the view's answers sets. */
void kept_add(struct kept *kept, const char *tag, const struct request *request,
    const struct reply *reply)
{
	struct kept_reply *one = &kept->replies[kept->next];
	const char *link = find_header(reply, "Link");
	char key[KEPT_KEY_SIZE];

	if (!is_for_later(reply, tag) || !make_key(request, key))
		return;
	if (strcmp(kept->tag, tag) != 0)
		kept_free(kept);
	forget(one);
	buf_append(&one->body, reply->body.data, reply->body.length);
	one->link = link != NULL ? strdup(link) : NULL;
	if (one->body.failed || (link != NULL && one->link == NULL)) {
		forget(one);
		return;
	}
	snprintf(kept->tag, sizeof(kept->tag), "%s", tag);
	snprintf(one->key, sizeof(one->key), "%s", key);
	one->coding = coding_choose(request);
	one->coded = reply->coded;
	kept->next = (kept->next + 1) % KEPT_COUNT;
}
