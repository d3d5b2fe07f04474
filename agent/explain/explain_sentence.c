/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_sentence.h"

#include <string.h>

#include "agent/explain/place.h"
#include "agent/explain/reason.h"

#define BIT(value) (1u << (value))

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

/* Where not all that were stopped were stopped so. */
static void add_share(struct sentence *sentence,
    const struct explain_selection *of, const struct diagnosis *most)
{
	const struct explain_item *item;
	size_t at = 0, same = 0, count = explain_count(of);

	while ((item = explain_next(of, &at)) != NULL)
		same += explain_same(&item->diagnosis, most);
	if (same < count)
		sentence_add(
		    sentence, " (so at %zu of %zu addresses)", same, count);
}

static void add_working_ports(
    struct sentence *sentence, const struct explain_port *ports, size_t count)
{
	size_t i, listed = 0, open = 0;

	for (i = 0; i < count; i++)
		open += ports[i].state == PORT_OPEN;
	for (i = 0; i < count; i++) {
		if (ports[i].state != PORT_OPEN)
			continue;
		listed++;
		sentence_add(sentence, "%s%u",
		    listed == 1      ? "; "
		    : listed == open ? " and "
				     : ", ",
		    ports[i].port);
	}
	if (open > 0)
		sentence_add(sentence, open == 1 ? " works" : " work");
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
    {MECHANISM_BROKEN, "", " breaks off the dialogue itself",
	" break off the dialogue themselves", true, false},
    {MECHANISM_RESOLVE, "", "", "", false, false},
    {MECHANISM_NO_CONTROL, "nothing can be said of ", "", "", true, false},
    {MECHANISM_OFFLINE, "nothing answers", "", "", false, true},
    {MECHANISM_NO_ROUTE, "this host has no route", "", "", false, true},
};

static void add_leftover(struct sentence *sentence,
    const struct explain_selection *of, const struct leftover *leftover)
{
	size_t count = 1;

	if (leftover->mechanism == MECHANISM_RESOLVE) {
		reason_add_dns(sentence, of);
		return;
	}
	sentence_add(sentence, "%s", leftover->lead);
	if (leftover->named)
		count = sentence_add_names(sentence, of, NULL);
	sentence_add(
	    sentence, "%s", count == 1 ? leftover->one : leftover->many);
	if (leftover->family)
		sentence_add_family(sentence, of);
}

/* A family that does not work here is said once for all ports, in a note. */
static bool is_noted(
    const struct explain_selection *of, const struct leftover *leftover)
{
	int dead = explain_dead_family(of->round);

	return leftover->family && dead != 0 && explain_only_family(of) == dead;
}

/* All but those with the mechanism `told`. */
static void add_leftovers(struct sentence *sentence,
    const struct explain_round *round, uint16_t port, enum mechanism told)
{
	struct explain_selection of = {round, port,
	    BIT(OUTCOME_ENDPOINT) | BIT(OUTCOME_UNKNOWN), 0, false};
	size_t i;

	for (i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++) {
		of.mechanisms = BIT(leftovers[i].mechanism);
		if (leftovers[i].mechanism == told || explain_count(&of) == 0 ||
		    is_noted(&of, &leftovers[i]))
			continue;
		sentence_add(sentence, "; ");
		add_leftover(sentence, &of, &leftovers[i]);
	}
}

/* Where the asked endpoints do not decide, but the references do. */
static void add_references(struct sentence *sentence,
    const struct explain_round *round, const struct explain_port *port)
{
	struct explain_selection of = {
	    round, port->port, BIT(OUTCOME_REACHABLE), 0, false};

	if ((port->state != PORT_UNKNOWN && port->state != PORT_ENDPOINT) ||
	    explain_count(&of) == 0)
		return;
	sentence_add(sentence, "; the network lets it through to ");
	sentence_add_names(sentence, &of, NULL);
}

/* The first of them that ended the dialogue with words of its own, or NULL. */
static const struct explain_item *find_reply(const struct explain_selection *of)
{
	const struct explain_item *item;
	const struct probe_seen *probe;
	size_t at = 0;

	while ((item = explain_next(of, &at)) != NULL) {
		probe = explain_best_probe(of->round, item);
		if (probe != NULL && reason_has_reply(probe))
			return item;
	}
	return NULL;
}

/* "mx1 says "554 no""; false: none of them said anything. */
static bool add_reply(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct explain_item *item = find_reply(of);

	if (item == NULL)
		return false;
	sentence_add(
	    sentence, "%.40s says ", explain_target(of->round, item)->endpoint);
	reason_add_reply(sentence, explain_best_probe(of->round, item));
	return true;
}

/* With the server's own words, if they are known. */
static void add_refusal(struct sentence *sentence,
    const struct explain_selection *of, const struct diagnosis *most)
{
	struct explain_selection such = *of;

	such.mechanisms = BIT(MECHANISM_REJECTED);
	sentence_add(sentence, ": the network lets it through, and ");
	if (!add_reply(sentence, &such))
		sentence_add(sentence, "%s", most->because);
}

/* Open, perhaps with a refusal that is the endpoint's own policy. */
static void say_open(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	const struct explain_item *item;
	size_t at = 0, plain = 0;

	while ((item = explain_next(of, &at)) != NULL)
		plain += item->diagnosis.plaintext;
	sentence_add(sentence, "Port %u is open", of->port);
	if (most->mechanism == MECHANISM_REJECTED)
		add_refusal(sentence, of, most);
	else if (plain == explain_count(of))
		sentence_add(sentence, ", without STARTTLS");
}

static void say_stopped(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);

	sentence_add(sentence, "Port %u %s", of->port, deed(most->mechanism));
	place_add(sentence, of, most);
	add_share(sentence, of, most);
}

/* Some pass and others do not: whole families, or else endpoints. */
static void say_mixed(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	struct explain_selection passed = *of;
	int family;

	passed.outcomes = BIT(OUTCOME_REACHABLE);
	family = explain_only_family(&passed);
	if (family != 0 && explain_only_family(of) != 0 &&
	    explain_only_family(of) != family) {
		sentence_add(sentence,
		    "Port %u is open over IPv%d, but %s over IPv%d", of->port,
		    family, deed(most->mechanism), explain_only_family(of));
	} else {
		sentence_add(sentence, "Port %u is open for ", of->port);
		sentence_add_names(sentence, &passed, of);
		sentence_add(sentence, ", but %s for ", deed(most->mechanism));
		sentence_add_names(sentence, of, &passed);
	}
	place_add(sentence, of, most);
	add_share(sentence, of, most);
}

static void say_down(
    struct sentence *sentence, const struct explain_selection *of)
{
	sentence_add(sentence,
	    "Port %u cannot be tried: the endpoint is down (", of->port);
	sentence_add_names(sentence, of, NULL);
	sentence_add(sentence, ")");
}

static void say_refused(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct explain_item *item;
	size_t at = 0;

	item = explain_next(of, &at);
	if (item != NULL &&
	    target_seen_is_self(explain_target(of->round, item))) {
		sentence_add(sentence,
		    "Port %u is refused by the endpoint itself: %s", of->port,
		    item->diagnosis.because);
		return;
	}
	if (of->port == 465 || of->port == 587)
		sentence_add(sentence,
		    "The endpoint offers no submission on port %u (", of->port);
	else
		sentence_add(sentence,
		    "Port %u is refused by the endpoint itself (", of->port);
	sentence_add_names(sentence, of, NULL);
	sentence_add(sentence, "); the network lets it through");
}

static void say_silent(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	bool ends_before = most->rule != NULL &&
			   strcmp(most->rule, "far-break") == 0;

	sentence_add(sentence, "Port %u is not served there (", of->port);
	sentence_add_names(sentence, of, NULL);
	sentence_add(sentence, "): %s",
	    ends_before ? most->because
			: "nothing answers, though packets to it get as far as "
			  "those to other ports");
}

static void say_broken(
    struct sentence *sentence, const struct explain_selection *of)
{
	sentence_add(sentence,
	    "Port %u is reached, and the endpoint breaks off the dialogue (",
	    of->port);
	sentence_add_names(sentence, of, NULL);
	sentence_add(sentence, "): ");
	if (!add_reply(sentence, of))
		sentence_add(sentence, "%s", explain_commonest(of)->because);
}

static void say_endpoint(
    struct sentence *sentence, const struct explain_selection *of)
{
	const enum mechanism mechanism = explain_commonest(of)->mechanism;
	struct explain_selection such = *of;

	such.mechanisms = BIT(mechanism);
	if (mechanism == MECHANISM_DOWN)
		say_down(sentence, &such);
	else if (mechanism == MECHANISM_SILENT)
		say_silent(sentence, &such);
	else if (mechanism == MECHANISM_BROKEN)
		say_broken(sentence, &such);
	else
		say_refused(sentence, &such);
}

static void say_unknown(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct diagnosis *most = explain_commonest(of);
	struct explain_selection such = *of;
	size_t i;

	such.mechanisms = BIT(most->mechanism);
	if (most->mechanism == MECHANISM_NO_CONTROL) {
		sentence_add(sentence, "Port %u cannot be judged: %s", of->port,
		    most->because);
		return;
	}
	sentence_add(sentence, "Port %u cannot be tried: ", of->port);
	for (i = 0; i < sizeof(leftovers) / sizeof(*leftovers); i++)
		if (leftovers[i].mechanism == most->mechanism)
			add_leftover(sentence, &such, &leftovers[i]);
}

static const struct telling {
	unsigned outcomes; /* that it speaks of */
	void (*say)(
	    struct sentence *sentence, const struct explain_selection *of);
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
	const struct explain_selection of = {round, port->port,
	    telling->outcomes, 0, !port_state_is_stopped(port->state)};
	struct sentence sentence = {port->because, sizeof(port->because), 0};

	telling->say(&sentence, &of);
	if (telling->works)
		add_working_ports(&sentence, ports, count);
	add_leftovers(&sentence, round, port->port, port->mechanism);
	add_references(&sentence, round, port);
	sentence_add(&sentence, ".");
}
