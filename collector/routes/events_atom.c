/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/events_atom.h"

#include <stdio.h>
#include <string.h>

#include "collector/base/fnv.h"
#include "lib/base/rfc3339.h"
#include "lib/base/text.h"

/* Append text in XML: names come from address databases, queries from clients.
 * Bytes that XML does not have become '?'. */
static void append_xml(struct buf *out, const char *text)
{
	char plain[1024];
	const char *at;

	snprintf(plain, sizeof(plain), "%s", text);
	text_make_plain(plain);
	for (at = plain; *at != '\0'; at++)
		switch (*at) {
		case '&':
			buf_append_text(out, "&amp;");
			break;
		case '<':
			buf_append_text(out, "&lt;");
			break;
		case '>':
			buf_append_text(out, "&gt;");
			break;
		case '"':
			buf_append_text(out, "&quot;");
			break;
		default:
			buf_append_char(out, *at);
		}
}

static void append_time(struct buf *out, const char *element, int64_t at_ms)
{
	char time[RFC3339_SIZE];

	buf_printf(
	    out, "<%s>%s</%s>", element, rfc3339_format(at_ms, time), element);
}

void events_atom_begin(struct events_atom *feed, const char *query)
{
	memset(feed, 0, sizeof(*feed));
	feed->query = query;
}

/* "Port 25 IPv4 of Example (AS64500) went from open to filtered" */
static void append_title(
    struct buf *out, const struct event *event, const struct network_info *info)
{
	buf_printf(out, "<title>Port %u IPv%u of ", event->port, event->family);
	if (info->name[0] != '\0') {
		append_xml(out, info->name);
		buf_printf(out, " (AS%u)", event->asn);
	} else {
		buf_printf(out, "AS%u", event->asn);
	}
	buf_printf(out, " went from %s to %s</title>",
	    network_state_word(event->from), network_state_word(event->to));
}

void events_atom_add(struct events_atom *feed, const struct event *event,
    const struct network_info *info)
{
	struct buf *out = &feed->entries;

	if (event->at_ms > feed->newest_ms)
		feed->newest_ms = event->at_ms;
	buf_printf(
	    out, "<entry><id>tag:egress25,2026:event:%s</id>", event->id);
	append_title(out, event, info);
	append_time(out, "updated", event->at_ms);
	append_time(out, "published", event->at_ms);
	buf_printf(out,
	    "<link rel=\"alternate\" type=\"text/html\" href=\"/as/%u?family="
	    "%u\"/><category term=\"%s\"/><summary>",
	    event->asn, event->family, network_state_word(event->to));
	append_xml(out, event->because);
	buf_append_text(out, "</summary></entry>\n");
}

/* The feed's id and its link to itself have the filter. */
static void append_head(const struct events_atom *feed, struct buf *out)
{
	const char *query = feed->query != NULL ? feed->query : "";

	buf_append_text(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			     "<feed xmlns=\"http://www.w3.org/2005/Atom\">"
			     "<id>tag:egress25,2026:events");
	if (query[0] != '\0') {
		buf_append_char(out, '?');
		append_xml(out, query);
	}
	buf_append_text(out,
	    "</id><title>Changes of outbound mail ports</title>"
	    "<author><name>egress25</name></author>"
	    "<link rel=\"self\" type=\"application/atom+xml\" "
	    "href=\"/v1/events.atom");
	if (query[0] != '\0') {
		buf_append_char(out, '?');
		append_xml(out, query);
	}
	buf_append_text(out, "\"/>");
	append_time(out, "updated", feed->newest_ms);
	buf_append_char(out, '\n');
}

void events_atom_reply(struct events_atom *feed, struct reply *reply)
{
	struct buf body = {0};
	char tag[REPLY_TAG_SIZE];

	append_head(feed, &body);
	if (feed->entries.failed)
		body.failed = true;
	else
		buf_append(&body, feed->entries.data, feed->entries.length);
	buf_append_text(&body, "</feed>\n");
	snprintf(tag, sizeof(tag), "%016llx",
	    (unsigned long long)fnv1a(body.data, body.length));
	events_atom_drop(feed);
	reply_text(reply, "application/atom+xml; charset=utf-8", &body);
	reply_set_tag(reply, tag);
}

void events_atom_drop(struct events_atom *feed)
{
	buf_free(&feed->entries);
}
