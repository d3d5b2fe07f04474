/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/letter.h"

#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/place.h"
#include "agent/readiness/readiness_words.h"
#include "lib/base/rfc3339.h"
#include "lib/report/words.h"

#define LINES_MOST 16 /* of one list */
#define LINE_WIDTH 78 /* RFC 5322, 2.1.1 */

/* A network does it, not this host. */
static bool is_networks(const struct diagnosis *diagnosis)
{
	return (diagnosis->outcome == OUTCOME_FILTERED ||
		   diagnosis->outcome == OUTCOME_INTERCEPTED) &&
	       diagnosis->where != WHERE_HOST &&
	       diagnosis->where != WHERE_HOST_OR_PATH;
}

static bool is_hit(const struct explain_round *round, size_t target)
{
	size_t i;

	for (i = 0; i < round->count; i++)
		if (round->items[i].target == target &&
		    is_networks(&round->items[i].diagnosis))
			return true;
	return false;
}

/* "2026-11-26 14:00:01 UTC" */
static void add_time(int64_t wall_ms, struct buf *out)
{
	char text[RFC3339_SIZE];

	rfc3339_format(wall_ms, text);
	buf_printf(out, "%.10s %.8s UTC", text, text + 11);
}

/* The ports that a network stops, each once: "25 and 587". */
static size_t add_ports(const struct explain_round *round, struct buf *out)
{
	uint16_t ports[LINES_MOST];
	size_t i, k, count = 0;

	for (i = 0; i < round->count && count < LINES_MOST; i++) {
		if (!is_networks(&round->items[i].diagnosis))
			continue;
		for (k = 0; k < count; k++)
			if (ports[k] == round->items[i].diagnosis.port)
				break;
		if (k == count)
			ports[count++] = round->items[i].diagnosis.port;
	}
	for (i = 0; out != NULL && i < count; i++)
		buf_printf(out, "%s%u",
		    i == 0           ? ""
		    : i + 1 == count ? " and "
				     : ", ",
		    ports[i]);
	return count;
}

static void add_target(const struct target_seen *target, struct buf *out)
{
	char address[ADDR_TEXT_SIZE];

	addr_format(&target->address, address);
	if (target->host[0] != '\0' && strcmp(target->host, address) != 0)
		buf_printf(out, "%s (%s)", target->host, address);
	else
		buf_append_text(out, address);
}

static void add_failure(const struct explain_round *round,
    const struct explain_item *item, struct buf *out)
{
	const struct target_seen *target = explain_target(round, item);
	const struct diagnosis *diagnosis = &item->diagnosis;
	char place[120];

	buf_append_text(out, "- ");
	add_time(target->at_ms, out);
	buf_append_text(out, "  ");
	add_target(target, out);
	buf_printf(out, ", port %u: %s", diagnosis->port,
	    mechanism_word(diagnosis->mechanism));
	place_short(diagnosis, place, sizeof(place));
	if (place[0] != '\0')
		buf_printf(out, ", %s", place);
	buf_printf(out, "; %s\n", diagnosis->because);
}

/* A port of a target that was hit, on which a handshake stood. */
static bool add_success(const struct explain_round *round, size_t target,
    uint16_t port, struct buf *out)
{
	const struct target_seen *seen = &round->report->targets[target];
	const struct probe_seen *probe;
	size_t i;

	for (i = 0; i < seen->nprobes; i++) {
		probe = &seen->probes[i];
		if (probe->port != port ||
		    (probe->ended == STAGE_CONNECT &&
			probe->failure != FAILURE_NONE) ||
		    probe->ended == STAGE_RESOLVE)
			continue;
		buf_append_text(out, "- ");
		add_time(seen->at_ms, out);
		buf_append_text(out, "  ");
		add_target(seen, out);
		buf_printf(out, ", port %u: %s%s\n", port,
		    probe->tls.version[0] != '\0' ? "connected, " : "connected",
		    probe->tls.version);
		return true;
	}
	return false;
}

static bool is_stopped(
    const struct explain_round *round, size_t target, uint16_t port)
{
	size_t i;

	for (i = 0; i < round->count; i++)
		if (round->items[i].target == target &&
		    round->items[i].diagnosis.port == port)
			return round->items[i].diagnosis.outcome !=
			       OUTCOME_REACHABLE;
	return false; /* a control */
}

static bool was_probed_before(
    const struct target_seen *target, size_t probe, uint16_t port)
{
	size_t i;

	for (i = 0; i < probe; i++)
		if (target->probes[i].port == port)
			return true;
	return false;
}

static void add_successes(const struct explain_round *round, struct buf *out)
{
	const struct target_seen *target;
	size_t i, k, lines = 0;
	uint16_t port;
	struct buf list = {0};

	for (i = 0; i < round->report->ntargets; i++) {
		target = &round->report->targets[i];
		for (k = 0; is_hit(round, i) && k < target->nprobes; k++) {
			port = target->probes[k].port;
			if (lines < LINES_MOST && !is_stopped(round, i, port) &&
			    !was_probed_before(target, k, port))
				lines += add_success(round, i, port, &list);
		}
	}
	if (lines > 0) {
		buf_append_text(out,
		    "\nWhat works to the same hosts in the same minute:\n");
		buf_append(out, list.data, list.length);
	}
	out->failed |= list.failed;
	buf_free(&list);
}

static const struct readiness_family *known_family(
    const struct readiness *readiness)
{
	size_t i;

	for (i = 0; readiness != NULL && i < readiness->count; i++)
		if (readiness->family[i].address.family != 0)
			return &readiness->family[i];
	return NULL;
}

static void add_address(const struct readiness_family *family, struct buf *out)
{
	char address[ADDR_TEXT_SIZE];

	if (family == NULL)
		return;
	buf_printf(out, " from %s", addr_format(&family->address, address));
	if (family->rdns[0] != '\0')
		buf_printf(out, " (reverse DNS: %s)", family->rdns);
	else if (family->has_name == FACT_NO)
		buf_append_text(out, " (no reverse DNS)");
}

static void add_failures(const struct explain_round *round, struct buf *out)
{
	size_t i, lines = 0;

	for (i = 0; i < round->count && lines < LINES_MOST; i++) {
		if (!is_networks(&round->items[i].diagnosis))
			continue;
		add_failure(round, &round->items[i], out);
		lines++;
	}
}

/* Where a line of a mail breaks: at its last blank within the width, or at its
 * end. */
static size_t break_at(const char *line, size_t length, size_t width)
{
	size_t at = width;

	if (length <= width)
		return length;
	while (at > 0 && line[at] != ' ')
		at--;
	return at > 0 ? at : length;
}

/* Append lines of at most LINE_WIDTH; the rest of a list's line is indented. */
static void wrap_line(const char *line, size_t length, struct buf *out)
{
	const char *indent = length > 2 && memcmp(line, "- ", 2) == 0 ? "  "
								      : "";
	size_t at = break_at(line, length, LINE_WIDTH);

	buf_append(out, line, at);
	buf_append_char(out, '\n');
	while (at < length) {
		line += at + 1; /* without the blank */
		length -= at + 1;
		at = break_at(line, length, LINE_WIDTH - strlen(indent));
		buf_append_text(out, indent);
		buf_append(out, line, at);
		buf_append_char(out, '\n');
	}
}

static void wrap(const struct buf *text, struct buf *out)
{
	const char *line = text->data, *end;

	out->failed |= text->failed;
	if (text->failed)
		return;
	while ((end = strchr(line, '\n')) != NULL) {
		wrap_line(line, (size_t)(end - line), out);
		line = end + 1;
	}
}

static void write_body(const struct explain_round *round,
    const struct readiness_family *family, struct buf *out)
{
	buf_append_text(out, "\nHello,\n\nour connections");
	add_address(family, out);
	buf_printf(
	    out, " to TCP port%s ", add_ports(round, NULL) > 1 ? "s" : "");
	add_ports(round, out);
	buf_append_text(
	    out, " of other mail servers do not get through.\n\nWhat fails:\n");
	add_failures(round, out);
	add_successes(round, out);
	buf_printf(out,
	    "\nPlease tell us whether this is a filter of yours, and lift it "
	    "for us if you can. If you need anything from us first, we are "
	    "glad to send it. Thank you.\n\n-- \nMeasured by %s, report %s\n",
	    round->report->software, round->report->id);
}

bool letter_write(const struct explain_round *round,
    const struct readiness *readiness, struct buf *out)
{
	const struct readiness_family *family = known_family(readiness);
	char address[ADDR_TEXT_SIZE];
	struct buf body = {0};

	if (add_ports(round, NULL) == 0)
		return false;
	buf_append_text(out, "Subject: outbound TCP port ");
	add_ports(round, out);
	if (family != NULL)
		buf_printf(
		    out, " from %s", addr_format(&family->address, address));
	buf_append_char(out, '\n');
	write_body(round, family, &body);
	wrap(&body, out);
	buf_free(&body);
	return true;
}
