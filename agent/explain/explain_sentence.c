/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_sentence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/explain/explain_select.h"

#define NAMES_MOST 3 /* in one list; the others are counted */

#define BIT(value) (1u << (value))

/* A sentence as it grows; what does not fit is cut. */
struct words {
	char *out;
	size_t size, length;
};

static void add(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct words *words, const char *format, ...)
{
	size_t room = words->size - words->length;
	va_list args;
	int added;

	va_start(args, format);
	added = vsnprintf(words->out + words->length, room, format, args);
	va_end(args);
	if (added > 0)
		words->length += (size_t)added < room ? (size_t)added
						      : room - 1;
}

static bool has_endpoint(
    const struct explain_selection *of, const char *endpoint)
{
	const struct explain_item *item;
	size_t at = 0;

	while ((item = explain_next(of, &at)) != NULL)
		if (strcmp(explain_target(of->round, item)->endpoint,
			endpoint) == 0)
			return true;
	return false;
}

/* The endpoint of `item` was named already: an item before it has the same. */
static bool was_named(
    const struct explain_selection *of, const struct explain_item *item)
{
	const char *endpoint = explain_target(of->round, item)->endpoint;
	const struct explain_item *before;
	size_t at = 0;

	while ((before = explain_next(of, &at)) != item)
		if (strcmp(explain_target(of->round, before)->endpoint,
			endpoint) == 0)
			return true;
	return false;
}

/* Name the first `most` endpoints of `of`, of `count`, each once; returns how
 * many there are. An endpoint has one name however many addresses it has,
 * unless some of them are in `against` (which may be NULL): then each address
 * is named. */
static size_t list_names(struct words *words,
    const struct explain_selection *of, const struct explain_selection *against,
    size_t most, size_t count)
{
	const struct explain_item *item;
	const struct target_seen *target;
	char address[ADDR_TEXT_SIZE];
	size_t at = 0, found = 0;
	bool split;

	while ((item = explain_next(of, &at)) != NULL) {
		target = explain_target(of->round, item);
		split = against != NULL &&
			has_endpoint(against, target->endpoint);
		if ((!split && was_named(of, item)) || found++ >= most)
			continue;
		if (found > 1)
			add(words, found == count ? " and " : ", ");
		add(words, "%.40s", target->endpoint);
		if (split)
			add(words, " (%s)",
			    addr_format(&target->address, address));
	}
	return found;
}

static size_t add_names(struct words *words, const struct explain_selection *of,
    const struct explain_selection *against)
{
	size_t count = list_names(NULL, of, against, 0, 0);

	if (count <= NAMES_MOST)
		return list_names(words, of, against, count, count);
	list_names(words, of, against, NAMES_MOST - 1, count);
	add(words, " and %zu more", count - (NAMES_MOST - 1));
	return count;
}

static const char *const deeds[MECHANISM_COUNT] = {
    [MECHANISM_DROP] = "is dropped",
    [MECHANISM_DROP_REPLY] = "is not answered",
    [MECHANISM_RESET] = "is reset",
    [MECHANISM_ICMP] = "is rejected by ICMP",
    [MECHANISM_RESET_AFTER_CONNECT] = "is reset after the handshake",
    [MECHANISM_STALL_AFTER_CONNECT] = "falls silent after the handshake",
    [MECHANISM_THROTTLE] = "is throttled",
    [MECHANISM_REDIRECT] = "is answered by another server",
    [MECHANISM_STARTTLS_STRIPPED] = "has its STARTTLS taken away",
    [MECHANISM_TLS_INTERCEPTED] = "shows a foreign TLS key",
    [MECHANISM_DENIED] = "is denied",
    [MECHANISM_NO_ROUTE] = "has no route",
};

static const char *deed(enum mechanism mechanism)
{
	const char *words = NULL;

	if (mechanism < MECHANISM_COUNT)
		words = deeds[mechanism];
	return words != NULL ? words : "does not pass";
}

/* The addresses of the hop, each once: one a family, or one a path. */
static void add_hop_addresses(struct words *words,
    const struct explain_selection *of, const struct diagnosis *most)
{
	struct addr seen[NAMES_MOST];
	const struct explain_item *item;
	const struct addr *hop;
	char text[ADDR_TEXT_SIZE];
	size_t at = 0, i, count = 0;

	while ((item = explain_next(of, &at)) != NULL && count < NAMES_MOST) {
		hop = &item->diagnosis.after_address;
		if (!explain_same(&item->diagnosis, most) || hop->family == 0)
			continue;
		for (i = 0; i < count && !addr_equal(&seen[i], hop);)
			i++;
		if (i < count)
			continue;
		seen[count] = *hop;
		add(words, "%s%s", count++ > 0 ? ", " : " (",
		    addr_format(hop, text));
	}
	if (count > 0)
		add(words, ")");
}

/* In words, where on the path that is. The nearer half of it is taken for the
 * provider's. */
static void add_region(struct words *words, const struct diagnosis *most)
{
	if (most->where == WHERE_ACCESS)
		add(words,
		    ", in the home router or the provider's first router");
	else if (most->where == WHERE_FAR_END)
		add(words, ", the last one before the endpoint");
	else if (most->endpoint_hops == OBSERVE_ABSENT)
		add(words, ", on the path");
	else if (most->after_hop * 2 <= most->endpoint_hops)
		add(words, ", inside the provider's network");
	else
		add(words, ", on the path to the endpoint, %d hops away",
		    most->endpoint_hops);
}

static void add_place(struct words *words, const struct explain_selection *of,
    const struct diagnosis *most)
{
	if (most->where == WHERE_NONE)
		return;
	if (most->where == WHERE_HOST) {
		add(words, " on this host itself, before the first hop");
		return;
	}
	add(words, " after hop %d", most->after_hop);
	add_hop_addresses(words, of, most);
	add_region(words, most);
}

/* Where not all that were stopped were stopped so. */
static void add_share(struct words *words, const struct explain_selection *of,
    const struct diagnosis *most)
{
	const struct explain_item *item;
	size_t at = 0, same = 0, count = explain_count(of);

	while ((item = explain_next(of, &at)) != NULL)
		same += explain_same(&item->diagnosis, most);
	if (same < count)
		add(words, " (so at %zu of %zu addresses)", same, count);
}

static void add_working_ports(
    struct words *words, const struct explain_port *ports, size_t count)
{
	size_t i, listed = 0, open = 0;

	for (i = 0; i < count; i++)
		open += ports[i].state == PORT_OPEN;
	for (i = 0; i < count; i++) {
		if (ports[i].state != PORT_OPEN)
			continue;
		listed++;
		add(words, "%s%u",
		    listed == 1      ? "; "
		    : listed == open ? " and "
				     : ", ",
		    ports[i].port);
	}
	if (open > 0)
		add(words, open == 1 ? " works" : " work");
}

/* " over IPv4" where all of them are. */
static void add_family(struct words *words, const struct explain_selection *of)
{
	int family = explain_only_family(of);

	if (family != 0)
		add(words, " over IPv%d", family);
}

/* What is said of endpoints that do not weigh in the state. */
static const struct leftover {
	enum mechanism mechanism;
	const char *lead, *one, *many; /* around the endpoints' names */
	bool named, family;
} leftovers[] = {
    {MECHANISM_DOWN, "", " is down", " are down", true, false},
    {MECHANISM_REFUSED, "", " refuses it itself", " refuse it themselves", true,
	false},
    {MECHANISM_SILENT, "", " does not serve it", " do not serve it", true,
	false},
    {MECHANISM_BROKEN, "", " ends the dialogue itself",
	" end the dialogue themselves", true, false},
    {MECHANISM_RESOLVE, "", " does not resolve", " do not resolve", true, true},
    {MECHANISM_NO_CONTROL, "nothing can be said of ", "", "", true, false},
    {MECHANISM_OFFLINE, "nothing answers", "", "", false, true},
    {MECHANISM_NO_ROUTE, "this host has no route", "", "", false, true},
};

static void add_leftover(struct words *words,
    const struct explain_selection *of, const struct leftover *leftover)
{
	size_t count = 1;

	add(words, "%s", leftover->lead);
	if (leftover->named)
		count = add_names(words, of, NULL);
	add(words, "%s", count == 1 ? leftover->one : leftover->many);
	if (leftover->family)
		add_family(words, of);
}

/* All but those with the mechanism `told`. */
static void add_leftovers(struct words *words,
    const struct explain_round *round, uint16_t port, enum mechanism told)
{
	struct explain_selection of = {
	    round, port, BIT(OUTCOME_ENDPOINT) | BIT(OUTCOME_UNKNOWN), 0};
	size_t i;

	for (i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++) {
		of.mechanisms = BIT(leftovers[i].mechanism);
		if (leftovers[i].mechanism == told || explain_count(&of) == 0)
			continue;
		add(words, "; ");
		add_leftover(words, &of, &leftovers[i]);
	}
}

/* Open, perhaps with a refusal that is the endpoint's own policy. */
static void say_open(struct words *words, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	const struct explain_item *item;
	size_t at = 0, plain = 0;

	while ((item = explain_next(of, &at)) != NULL)
		plain += item->diagnosis.plaintext;
	add(words, "Port %u is open", of->port);
	if (most->mechanism == MECHANISM_REJECTED)
		add(words, ": the network lets it through, and %s",
		    most->because);
	else if (plain == explain_count(of))
		add(words, ", without STARTTLS");
}

static void say_stopped(struct words *words, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);

	add(words, "Port %u %s", of->port, deed(most->mechanism));
	add_place(words, of, most);
	add_share(words, of, most);
}

/* Some pass and others do not: whole families, or else endpoints. */
static void say_mixed(struct words *words, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	struct explain_selection passed = *of;
	int family;

	passed.outcomes = BIT(OUTCOME_REACHABLE);
	family = explain_only_family(&passed);
	if (family != 0 && explain_only_family(of) != 0 &&
	    explain_only_family(of) != family) {
		add(words, "Port %u is open over IPv%d, but %s over IPv%d",
		    of->port, family, deed(most->mechanism),
		    explain_only_family(of));
	} else {
		add(words, "Port %u is open for ", of->port);
		add_names(words, &passed, of);
		add(words, ", but %s for ", deed(most->mechanism));
		add_names(words, of, &passed);
	}
	add_place(words, of, most);
	add_share(words, of, most);
}

static void say_endpoint(
    struct words *words, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	struct explain_selection such = *of;

	such.mechanisms = BIT(most->mechanism);
	if (most->mechanism == MECHANISM_DOWN) {
		add(words, "Port %u cannot be tried: the endpoint is down (",
		    of->port);
		add_names(words, &such, NULL);
		add(words, ")");
		return;
	}
	if (of->port == 465 || of->port == 587)
		add(words, "The endpoint offers no submission on port %u (",
		    of->port);
	else
		add(words, "Port %u is refused by the endpoint itself (",
		    of->port);
	add_names(words, &such, NULL);
	add(words, "); the network lets it through");
}

static void say_unknown(struct words *words, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	struct explain_selection such = *of;
	size_t i;

	such.mechanisms = BIT(most->mechanism);
	if (most->mechanism == MECHANISM_NO_CONTROL) {
		add(words, "Port %u cannot be judged: %s", of->port,
		    most->because);
		return;
	}
	add(words, "Port %u cannot be tried: ", of->port);
	for (i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++)
		if (leftovers[i].mechanism == most->mechanism)
			add_leftover(words, &such, &leftovers[i]);
}

static const struct telling {
	unsigned outcomes; /* that it speaks of */
	void (*say)(struct words *words, const struct explain_selection *of);
	bool works; /* say too which other ports work */
} tellings[PORT_STATES] = {
    [PORT_OPEN] = {BIT(OUTCOME_REACHABLE), say_open, false},
    [PORT_FILTERED] = {EXPLAIN_STOPPED, say_stopped, true},
    [PORT_INTERCEPTED] = {EXPLAIN_STOPPED, say_stopped, true},
    [PORT_LOCAL] = {EXPLAIN_STOPPED, say_stopped, true},
    [PORT_ENDPOINT] = {BIT(OUTCOME_ENDPOINT), say_endpoint, false},
    [PORT_UNKNOWN] = {BIT(OUTCOME_UNKNOWN), say_unknown, false},
    [PORT_MIXED] = {EXPLAIN_STOPPED, say_mixed, true},
};

void explain_sentence(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct explain_port *port)
{
	const struct telling *telling = &tellings[port->state];
	const struct explain_selection of = {
	    round, port->port, telling->outcomes, 0};
	struct words words = {port->because, sizeof(port->because), 0};

	telling->say(&words, &of);
	if (telling->works)
		add_working_ports(&words, ports, count);
	add_leftovers(&words, round, port->port, port->mechanism);
	add(&words, ".");
}
