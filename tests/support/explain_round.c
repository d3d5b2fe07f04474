/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/explain_round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/words.h"
#include "tests/support/rows.h"

#define ENDPOINT_HOPS 5

static const enum outcome outcomes[MECHANISM_COUNT] = {
    [MECHANISM_OPEN] = OUTCOME_REACHABLE,
    [MECHANISM_REJECTED] = OUTCOME_REACHABLE,
    [MECHANISM_DROP] = OUTCOME_FILTERED,
    [MECHANISM_DROP_REPLY] = OUTCOME_FILTERED,
    [MECHANISM_RESET] = OUTCOME_FILTERED,
    [MECHANISM_ICMP] = OUTCOME_FILTERED,
    [MECHANISM_RESET_AFTER_CONNECT] = OUTCOME_FILTERED,
    [MECHANISM_STALL_AFTER_CONNECT] = OUTCOME_FILTERED,
    [MECHANISM_THROTTLE] = OUTCOME_FILTERED,
    [MECHANISM_REDIRECT] = OUTCOME_INTERCEPTED,
    [MECHANISM_STARTTLS_STRIPPED] = OUTCOME_INTERCEPTED,
    [MECHANISM_TLS_INTERCEPTED] = OUTCOME_INTERCEPTED,
    [MECHANISM_DENIED] = OUTCOME_LOCAL,
    [MECHANISM_DOWN] = OUTCOME_ENDPOINT,
    [MECHANISM_REFUSED] = OUTCOME_ENDPOINT,
    [MECHANISM_OFFLINE] = OUTCOME_UNKNOWN,
    [MECHANISM_NO_ROUTE] = OUTCOME_UNKNOWN,
    [MECHANISM_RESOLVE] = OUTCOME_UNKNOWN,
    [MECHANISM_NO_CONTROL] = OUTCOME_UNKNOWN,
    [MECHANISM_SILENT] = OUTCOME_ENDPOINT,
    [MECHANISM_BROKEN] = OUTCOME_ENDPOINT,
};

/* A place that has a word and no hop. */
static bool place_by_word(struct diagnosis *diagnosis, const char *word)
{
	int where;

	if (sscanf(word, "path-%d", &diagnosis->before_hop) == 1) {
		diagnosis->where = WHERE_PATH;
		diagnosis->after_hop = 0;
		return true;
	}
	where = where_from_word(word);
	if (where < 0)
		return false;
	diagnosis->where = (enum where)where;
	if (where == WHERE_LINK)
		diagnosis->before_hop = 1;
	if (where == WHERE_LINK)
		diagnosis->after_hop = 0;
	return true;
}

static void place(struct diagnosis *diagnosis, int family, int hop)
{
	static const enum where places[] = {
	    WHERE_HOST, WHERE_ACCESS, WHERE_PATH, WHERE_PATH, WHERE_FAR_END};
	char text[ADDR_TEXT_SIZE];

	diagnosis->where = places[hop];
	diagnosis->after_hop = hop;
	if (hop == 0) {
		diagnosis->outcome = OUTCOME_LOCAL;
		return;
	}
	snprintf(text, sizeof(text),
	    family == 6 ? "2001:db8:ff::%d"
	    : hop == 1  ? "192.168.1.%d"
			: "198.51.100.%d",
	    hop);
	assert_true(addr_parse(&diagnosis->after_address, text));
}

/* The target of that endpoint, address number and family, old or new. */
static size_t target_of(
    struct report *report, const char *endpoint, int number, int family)
{
	struct target_seen *target;
	struct addr address;
	char text[ADDR_TEXT_SIZE];
	size_t i;

	snprintf(text, sizeof(text),
	    family == 6 ? "2001:db8::%d" : "192.0.2.%d", number);
	assert_true(addr_parse(&address, text));
	for (i = 0; i < report->ntargets; i++)
		if (strcmp(report->targets[i].endpoint, endpoint) == 0 &&
		    addr_equal(&report->targets[i].address, &address))
			return i;
	target = report_add_target(report);
	assert_non_null(target);
	snprintf(target->endpoint, sizeof(target->endpoint), "%s", endpoint);
	target->address = address;
	target->family = (uint8_t)family;
	return i;
}

/* "control", "control-silent"; or "counted": a dialogue, and a handshake that
 * follows. False: it is none of these. */
static bool add_control(
    struct target_seen *target, int port, const char *mechanism)
{
	struct probe_seen probe = {.port = (uint16_t)port,
	    .mode = MODE_CONNECT,
	    .ended = STAGE_CONNECT};
	struct probe_seen dialogue = {
	    .port = (uint16_t)port, .mode = MODE_STARTTLS, .ended = STAGE_DONE};

	if (strcmp(mechanism, "counted") == 0)
		assert_int_equal(target_seen_add_probe(target, &dialogue), 0);
	else if (strncmp(mechanism, "control", 7) != 0)
		return false;
	if (strcmp(mechanism, "control-silent") == 0)
		probe.failure = FAILURE_TIMEOUT;
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
	return true;
}

static void add_item(
    struct explain_round *round, struct report *report, const char *text)
{
	char endpoint[64], mechanism[64], *mark, *gap, *dns;
	struct explain_item *item = &round->items[round->count];
	struct diagnosis *diagnosis = &item->diagnosis;
	int family, port, found, number = 1;

	assert_int_equal(sscanf(text, " %63s %d %d %63s", endpoint, &family,
			     &port, mechanism),
	    4);
	mark = strchr(endpoint, '#');
	if (mark != NULL) {
		*mark = '\0';
		number = atoi(mark + 1);
	}
	memset(item, 0, sizeof(*item));
	item->target = target_of(report, endpoint, number, family);
	if (add_control(&report->targets[item->target], port, mechanism))
		return;
	round->count++;
	diagnosis->port = (uint16_t)port;
	diagnosis->after_hop = OBSERVE_ABSENT;
	diagnosis->before_hop = OBSERVE_ABSENT;
	diagnosis->endpoint_hops = ENDPOINT_HOPS;
	snprintf(diagnosis->because, sizeof(diagnosis->because), "so it is");
	mark = strchr(mechanism, '+');
	if (mark != NULL) {
		diagnosis->endpoint_hops = OBSERVE_ABSENT;
		memmove(mark, mark + 1, strlen(mark));
	}
	diagnosis->plaintext = mark != NULL;
	mark = strchr(mechanism, '@');
	if (mark != NULL)
		*mark = '\0';
	dns = strchr(mechanism, '=');
	if (dns != NULL)
		*dns++ = '\0';
	found = mechanism_from_word(mechanism);
	assert_true(found >= 0);
	diagnosis->mechanism = (enum mechanism)found;
	diagnosis->outcome = outcomes[found];
	if (dns != NULL)
		report->targets[item->target].dns = (enum dns_seen)
		    dns_from_word(dns);
	if (mark == NULL || place_by_word(diagnosis, mark + 1))
		return;
	gap = strchr(mark + 1, '-');
	if (gap != NULL)
		diagnosis->before_hop = atoi(gap + 1);
	place(diagnosis, family, atoi(mark + 1));
}

void explain_round_make(
    struct explain_round *round, struct report *report, const char *text)
{
	char copy[1024], *at, *rest = copy;
	size_t count = 1;

	memset(report, 0, sizeof(*report));
	memset(round, 0, sizeof(*round));
	round->report = report;
	assert_true(strlen(text) < sizeof(copy));
	snprintf(copy, sizeof(copy), "%s", text);
	for (at = copy; *at != '\0'; at++)
		count += *at == ';';
	round->items = calloc(count, sizeof(*round->items));
	assert_non_null(round->items);
	while (*text != '\0' && (at = strsep(&rest, ";")) != NULL)
		add_item(round, report, at);
}

void explain_round_drop(struct explain_round *round, struct report *report)
{
	explain_free(round);
	report_free(report);
}
