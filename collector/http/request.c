/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request.h"

#include <string.h>
#include <strings.h>

const char *request_method_word(const struct request *request)
{
	static const char *const words[] = {
	    [METHOD_GET] = "GET",
	    [METHOD_HEAD] = "HEAD",
	    [METHOD_POST] = "POST",
	    [METHOD_OPTIONS] = "OPTIONS",
	    [METHOD_OTHER] = "",
	};

	return words[request->method];
}

bool request_is_read(const struct request *request)
{
	return request->method == METHOD_GET || request->method == METHOD_HEAD;
}

const char *request_header(const struct request *request, const char *name)
{
	size_t i;

	for (i = 0; i < request->nheaders; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

void request_join_header(
    const struct request *request, const char *name, struct buf *all)
{
	bool is_first = true;
	size_t i;

	for (i = 0; i < request->nheaders; i++) {
		if (strcasecmp(request->headers[i].name, name) != 0)
			continue;
		if (!is_first)
			buf_append_text(all, ", ");
		buf_append_text(all, request->headers[i].value);
		is_first = false;
	}
}

/* --- the client --- */

/* Read the last address of the list `text[0..length)`. The length of the list
 * before it. */
static size_t take_last(const char *text, size_t length, struct addr *address)
{
	char copy[ADDR_TEXT_SIZE];
	size_t end = length, begin;

	while (end > 0 && strchr(" \t", text[end - 1]) != NULL)
		end--;
	begin = end;
	while (begin > 0 && strchr(", \t", text[begin - 1]) == NULL)
		begin--;
	memset(address, 0, sizeof(*address));
	if (end - begin < sizeof(copy)) {
		memcpy(copy, text + begin, end - begin);
		copy[end - begin] = '\0';
		addr_parse(address, copy);
	}
	while (begin > 0 && strchr(", \t", text[begin - 1]) != NULL)
		begin--;
	return begin;
}

/* Each proxy appends the address it got the request from, so the list is read
 * from its end; what a client made up comes first. */
void request_find_client(const struct request *request,
    const struct prefix_list *trusted, struct addr *client)
{
	struct buf forwarded = {0};
	size_t length;

	if (!prefixes_contain(trusted, client))
		return;
	/* The comma tells an empty header, which names nobody, from none. */
	if (request_header(request, "X-Forwarded-For") != NULL)
		buf_append_char(&forwarded, ',');
	request_join_header(request, "X-Forwarded-For", &forwarded);
	if (forwarded.failed)
		memset(client, 0, sizeof(*client));
	length = forwarded.length;
	while (length > 0 && prefixes_contain(trusted, client))
		length = take_last(forwarded.data, length, client);
	buf_free(&forwarded);
}

/* --- conditions --- */

bool request_has_tag(const struct request *request, const char *etag)
{
	struct buf tags = {0};
	bool has = false;

	if (strncmp(etag, "W/", 2) == 0)
		etag += 2; /* a strong tag of the same text is equal enough */
	request_join_header(request, "If-None-Match", &tags);
	if (tags.length > 0)
		has = tags.data[strspn(tags.data, ", \t")] == '*' ||
		      strstr(tags.data, etag) != NULL;
	buf_free(&tags);
	return has;
}
