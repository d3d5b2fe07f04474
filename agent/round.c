/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/round.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/resolve.h"
#include "agent/visit.h"
#include "lib/clock.h"
#include "lib/log.h"

/* The addresses of one host, or the hosts of one domain, being asked for. */
struct lookup {
	struct round *round;
	struct lookup *next;
	const struct endpoint *endpoint;
	struct lookup *domain; /* whose MX this host is; NULL: none's */
	struct resolve_mx *mx; /* of a domain; owned */
	size_t next_mx;
	char host[256];
	int pending; /* answers to come */
	bool found;
};

/* One address to visit. */
struct stop {
	struct round *round;
	struct stop *next; /* in the order they were found */
	const struct endpoint *endpoint;
	struct target_seen target;
	struct visit *visit; /* NULL: not begun, or over */
	bool over;
};

struct round {
	struct event_base *base;
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct round_request request;
	round_progress *progress;
	round_done *done;
	void *arg;
	int64_t started_ms, deadline_us;
	struct lookup *lookups;
	struct stop *stops, **last;
	size_t running;
	struct event *begin, *deadline;
};

static void go_on(struct round *round);

static void tell(struct round *round, const struct stop *stop, const char *what)
{
	char sentence[400], address[ADDR_TEXT_SIZE];

	if (round->progress == NULL)
		return;
	snprintf(sentence, sizeof(sentence), "%s %s: %s", stop->target.host,
	    addr_format(&stop->target.address, address), what);
	round->progress(round->arg, sentence);
}

/* --- what is to be visited --- */

static struct stop *add_stop(struct round *round, const struct lookup *lookup,
    uint8_t family, const struct addr *address)
{
	struct stop *stop = calloc(1, sizeof(*stop));
	struct target_seen *target;

	if (stop == NULL) {
		log_error("no memory for an address of %s", lookup->host);
		return NULL;
	}
	stop->round = round;
	stop->endpoint = lookup->endpoint;
	target = &stop->target;
	snprintf(target->endpoint, sizeof(target->endpoint), "%s",
	    lookup->endpoint->name);
	snprintf(target->host, sizeof(target->host), "%s", lookup->host);
	target->family = family;
	target->at_ms = clock_wall_ms();
	if (address != NULL)
		target->address = *address;
	*round->last = stop;
	round->last = &stop->next;
	return stop;
}

/* The endpoint's own ports, or those of them that were asked for. */
static struct port_list asked_ports(
    const struct round *round, const struct endpoint *endpoint)
{
	struct port_list ports = {0};
	size_t i, j;

	if (round->request.ports.count == 0)
		return endpoint->ports;
	for (i = 0; i < endpoint->ports.count; i++)
		for (j = 0; j < round->request.ports.count; j++)
			if (round->request.ports.port[j] ==
			    endpoint->ports.port[i]) {
				ports.port[ports.count] = endpoint->ports
							      .port[i];
				ports.mode[ports.count++] = endpoint->ports
								.mode[i];
			}
	return ports;
}

/* A host without any address: that is what was seen of each of its ports. */
static void add_unresolved(struct round *round, const struct lookup *lookup)
{
	struct port_list ports = asked_ports(round, lookup->endpoint);
	uint8_t family = round->request.family4 ? 4 : 6;
	struct stop *stop = add_stop(round, lookup, family, NULL);
	struct probe_seen probe;
	size_t i;

	if (stop == NULL)
		return;
	stop->over = true;
	for (i = 0; i < ports.count; i++) {
		probe_seen_init(
		    &probe, ports.port[i], (enum port_mode)ports.mode[i]);
		probe.ended = STAGE_RESOLVE;
		probe.failure = FAILURE_RESOLVE;
		target_seen_add_probe(&stop->target, &probe);
	}
}

static int64_t count_stops(
    const struct round *round, const struct endpoint *endpoint, uint8_t family)
{
	const struct stop *stop;
	int64_t count = 0;

	for (stop = round->stops; stop != NULL; stop = stop->next)
		count += stop->endpoint == endpoint &&
			 stop->target.address.family == family;
	return count;
}

static bool is_known_stop(const struct round *round,
    const struct endpoint *endpoint, const struct addr *address)
{
	const struct stop *stop;

	for (stop = round->stops; stop != NULL; stop = stop->next)
		if (stop->endpoint == endpoint &&
		    addr_equal(&stop->target.address, address))
			return true;
	return false;
}

/* --- DNS --- */

static struct lookup *add_lookup(
    struct round *round, const struct endpoint *endpoint, const char *host)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (lookup == NULL) {
		log_error("no memory to look up %s", host);
		return NULL;
	}
	lookup->round = round;
	lookup->endpoint = endpoint;
	snprintf(lookup->host, sizeof(lookup->host), "%s", host);
	lookup->next = round->lookups;
	round->lookups = lookup;
	return lookup;
}

static void free_lookup(struct lookup *lookup)
{
	free(lookup->mx);
	free(lookup);
}

static void remove_lookup(struct lookup *lookup)
{
	struct lookup **at = &lookup->round->lookups;

	while (*at != lookup)
		at = &(*at)->next;
	*at = lookup->next;
	free_lookup(lookup);
}

static void ask_next_mx(struct lookup *domain);

/* One answer less to wait for; with the last one the host is settled. */
static void end_question(struct lookup *lookup)
{
	struct round *round = lookup->round;
	struct lookup *domain = lookup->domain;

	if (--lookup->pending > 0)
		return;
	if (!lookup->found)
		add_unresolved(round, lookup);
	remove_lookup(lookup);
	if (domain != NULL)
		ask_next_mx(domain);
	else
		go_on(round);
}

static void on_addresses(void *arg, const struct resolve_addresses *found)
{
	struct lookup *lookup = arg;
	struct round *round = lookup->round;
	size_t i;

	for (i = 0; i < found->count; i++) {
		const struct addr *address = &found->address[i];

		lookup->found = true;
		if (is_known_stop(round, lookup->endpoint, address) ||
		    count_stops(round, lookup->endpoint, address->family) >=
			lookup->endpoint->addresses)
			continue;
		add_stop(round, lookup, address->family, address);
	}
	if (found->count == 0)
		log_debug("%s: %s", lookup->host, found->why);
	end_question(lookup);
}

/* The caller waits for one answer more than were asked for. */
static void ask_family(struct lookup *lookup, uint8_t family)
{
	if (resolve_addresses(lookup->round->resolver, lookup->host, family,
		on_addresses, lookup) < 0)
		lookup->pending--;
}

/* All answers come later than this returns. */
static void ask_addresses(struct lookup *lookup)
{
	struct round *round = lookup->round;
	struct addr literal;
	bool is_literal = addr_parse(&literal, lookup->host);
	bool ask4 = round->request.family4 &&
		    (!is_literal || literal.family == 4);
	bool ask6 = round->request.family6 &&
		    (!is_literal || literal.family == 6);

	lookup->pending = ask4 + ask6 + 1;
	if (ask4)
		ask_family(lookup, 4);
	if (ask6)
		ask_family(lookup, 6);
	end_question(lookup);
}

static void ask_host(struct round *round, const struct endpoint *endpoint)
{
	struct lookup *lookup = add_lookup(round, endpoint, endpoint->host);

	if (lookup != NULL)
		ask_addresses(lookup);
}

static bool has_enough(const struct lookup *lookup)
{
	const struct round *round = lookup->round;
	const struct endpoint *endpoint = lookup->endpoint;

	return (!round->request.family4 ||
		   count_stops(round, endpoint, 4) >= endpoint->addresses) &&
	       (!round->request.family6 ||
		   count_stops(round, endpoint, 6) >= endpoint->addresses);
}

/* One host after the other, best preference first, so that the addresses that
 * are visited are the best ones; no more hosts than addresses. */
static void ask_next_mx(struct lookup *domain)
{
	struct round *round = domain->round;
	struct lookup *host = NULL;

	if (domain->next_mx < domain->mx->count &&
	    (int64_t)domain->next_mx < domain->endpoint->addresses &&
	    !has_enough(domain))
		host = add_lookup(round, domain->endpoint,
		    domain->mx->mx[domain->next_mx++].host);
	if (host == NULL) {
		end_question(domain);
		return;
	}
	host->domain = domain;
	ask_addresses(host);
	go_on(round);
}

static void on_mx(void *arg, const struct resolve_mx *found)
{
	struct lookup *lookup = arg;

	lookup->mx = malloc(sizeof(*lookup->mx));
	if (found->count == 0 || lookup->mx == NULL) {
		log_debug("%s: %s", lookup->host, found->why);
		end_question(lookup);
		return;
	}
	*lookup->mx = *found;
	lookup->found = true;
	ask_next_mx(lookup);
}

static void ask_mx(struct round *round, const struct endpoint *endpoint)
{
	struct lookup *lookup = add_lookup(round, endpoint, endpoint->domain);

	if (lookup == NULL)
		return;
	lookup->pending = 1;
	if (resolve_mx(round->resolver, endpoint->domain, on_mx, lookup) < 0)
		end_question(lookup);
}

/* --- visits --- */

static void on_visited(void *arg)
{
	struct stop *stop = arg;
	struct round *round = stop->round;

	stop->visit = NULL;
	stop->over = true;
	round->running--;
	tell(round, stop, "done");
	go_on(round);
}

/* The same address may belong to two endpoints: one visit at a time. */
static bool is_being_visited(
    const struct round *round, const struct addr *address)
{
	const struct stop *stop;

	for (stop = round->stops; stop != NULL; stop = stop->next)
		if (stop->visit != NULL &&
		    addr_equal(&stop->target.address, address))
			return true;
	return false;
}

static void begin_visit(struct round *round, struct stop *stop)
{
	struct visit_request request = {
	    .asked = asked_ports(round, stop->endpoint),
	    .control = stop->endpoint->control,
	    .trace = stop->endpoint->kind == ENDPOINT_BEACON &&
			     round->request.trace == TRACE_AUTO
			 ? TRACE_ALWAYS
			 : round->request.trace,
	    .ehlo = stop->target.family == 4 ? round->request.ehlo4
					     : round->request.ehlo6,
	    .banner_ms = round->request.banner_ms,
	    .deadline_us = round->deadline_us,
	    .tls = round->tls,
	    .target = &stop->target,
	};

	stop->target.at_ms = clock_wall_ms();
	stop->visit = visit_start(round->base, &request, on_visited, stop);
	if (stop->visit == NULL) {
		log_error("no memory to visit %s", stop->target.host);
		stop->over = true;
		return;
	}
	round->running++;
	tell(round, stop, "trying");
}

static void begin_visits(struct round *round)
{
	struct stop *stop;

	for (stop = round->stops; stop != NULL; stop = stop->next)
		if (!stop->over && stop->visit == NULL &&
		    round->running < round->request.visits_max &&
		    !is_being_visited(round, &stop->target.address))
			begin_visit(round, stop);
}

/* --- the round --- */

static int endpoint_order(const void *a, const void *b)
{
	const struct stop *const *left = a, *const *right = b;

	if ((*left)->endpoint != (*right)->endpoint)
		return (*left)->endpoint < (*right)->endpoint ? -1 : 1;
	if ((*left)->target.family != (*right)->target.family)
		return (*left)->target.family - (*right)->target.family;
	return memcmp(&(*left)->target.address, &(*right)->target.address,
	    sizeof(struct addr));
}

/* Hand the targets over, in the order of the endpoints file. What a stop
 * never saw is left out. */
static int collect(struct round *round, struct report *report)
{
	struct target_seen *target;
	struct stop *stop, **order;
	size_t count = 0, i = 0;

	for (stop = round->stops; stop != NULL; stop = stop->next)
		count++;
	order = calloc(count + 1, sizeof(struct stop *));
	if (order == NULL)
		return -ENOMEM;
	for (stop = round->stops; stop != NULL; stop = stop->next)
		order[i++] = stop;
	qsort(order, count, sizeof(*order), endpoint_order);
	for (i = 0; i < count; i++) {
		if (order[i]->target.nprobes == 0)
			continue;
		target = report_add_target(report);
		if (target == NULL)
			break;
		*target = order[i]->target;
		order[i]->target.probes = NULL;
		order[i]->target.paths = NULL;
	}
	free(order);
	return 0;
}

static void finish(struct round *round)
{
	round_done *done = round->done;
	void *arg = round->arg;
	struct report report;
	struct stop *stop;

	for (stop = round->stops; stop != NULL; stop = stop->next) {
		visit_cancel(stop->visit);
		stop->visit = NULL;
	}
	memset(&report, 0, sizeof(report));
	report.started_ms = round->started_ms;
	report.ended_ms = clock_wall_ms();
	if (collect(round, &report) < 0)
		log_error("no memory for what the round saw");
	round_cancel(round);
	done(arg, &report);
}

static bool is_over(const struct round *round)
{
	const struct stop *stop;

	for (stop = round->stops; stop != NULL; stop = stop->next)
		if (!stop->over)
			return false;
	return round->lookups == NULL;
}

static void go_on(struct round *round)
{
	begin_visits(round);
	if (is_over(round))
		event_active(round->deadline, EV_TIMEOUT, 0);
}

static void on_begin(evutil_socket_t fd, short what, void *arg)
{
	struct round *round = arg;
	const struct endpoint_list *list = round->request.endpoints;
	size_t i;

	(void)fd;
	(void)what;
	for (i = 0; i < list->count; i++) {
		if (list->items[i].domain[0] != '\0')
			ask_mx(round, &list->items[i]);
		else
			ask_host(round, &list->items[i]);
	}
	go_on(round);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg);
}

static int arm(struct round *round)
{
	struct timeval now = {0},
		       limit = {
			   .tv_sec = round->request.timeout_ms / 1000,
			   .tv_usec = round->request.timeout_ms % 1000 * 1000,
		       };

	round->begin = evtimer_new(round->base, on_begin, round);
	round->deadline = evtimer_new(round->base, on_deadline, round);
	if (round->begin == NULL || round->deadline == NULL)
		return -ENOMEM;
	return event_add(round->begin, &now) < 0 ||
		       event_add(round->deadline, &limit) < 0
		   ? -ENOMEM
		   : 0;
}

struct round *round_start(struct event_base *base, struct resolver *resolver,
    struct ssl_ctx_st *tls, const struct round_request *request,
    round_progress *progress, round_done *done, void *arg)
{
	struct round *round = calloc(1, sizeof(*round));

	if (round == NULL)
		return NULL;
	round->base = base;
	round->resolver = resolver;
	round->tls = tls;
	round->request = *request;
	round->progress = progress;
	round->done = done;
	round->arg = arg;
	round->started_ms = clock_wall_ms();
	round->deadline_us = clock_mono_us() +
			     (int64_t)request->timeout_ms * 1000;
	round->last = &round->stops;
	if (arm(round) < 0) {
		round_cancel(round);
		return NULL;
	}
	return round;
}

static void free_stops(struct round *round)
{
	struct stop *stop;

	while ((stop = round->stops) != NULL) {
		round->stops = stop->next;
		visit_cancel(stop->visit);
		target_seen_free(&stop->target);
		free(stop);
	}
}

void round_cancel(struct round *round)
{
	struct lookup *lookup;

	if (round == NULL)
		return;
	while ((lookup = round->lookups) != NULL) {
		round->lookups = lookup->next;
		resolve_cancel(round->resolver, lookup);
		free_lookup(lookup);
	}
	free_stops(round);
	if (round->begin != NULL)
		event_free(round->begin);
	if (round->deadline != NULL)
		event_free(round->deadline);
	free(round);
}
