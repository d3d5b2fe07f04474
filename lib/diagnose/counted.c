/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/counted.h"

#include "lib/diagnose/breaks.h"

#define TRIES_LEAST 10

/* What chance does less often is none, of all SYNs, and of those losses that do
 * not hang together. What it does so seldom is `enough`, and what it does less
 * often than `doubts` is worth more connects. */
struct bar {
	double syns, losses;
};

static const struct bar bars[] = {
    [COUNTED_AT_TWO] = {.001, .002}, [COUNTED_AT_THREE] = {.02, .02}};
static const struct bar enough[] = {
    [COUNTED_AT_TWO] = {.001, .002}, [COUNTED_AT_THREE] = {.0003, .0006}};
static const double doubts[] = {
    [COUNTED_AT_TWO] = .2, [COUNTED_AT_THREE] = .51}; /* one more of ten */

/* So many of ten connects pass, of a port that others are held against. */
#define STEADY_OF_TEN 9

/* Of the connects, at most so many percent pass a limit. */
#define THROTTLED_CONNECTS 80

/* Of the SYNs, and of the connects if others are turned away, at each endpoint,
 * and at two or three of them together. A tunnel that the port alone goes by
 * may lose one packet in ten. */
static const struct bound {
	int syns, connects;
} alone = {75, 80}, two = {55, 70}, three = {61, 70};

/* Of the SYNs, so many percent at least are answered if nobody limits them: a
 * path that loses one packet in ten answers four in five. */
#define STEADY_PERCENT 65

#define TIMEOUTS_FOR_CUT_OFF 8
#define TIMEOUTS_A_PASSED    9 /* of a limit, one in ten or so passes */

double counted_chance(int passed, int lost, int other_passed, int other_lost)
{
	int tries = passed + lost, others = other_passed + other_lost;
	int all = passed + other_passed, most = tries < all ? tries : all;
	int least = all > others ? all - others : 0, i;
	double each = 1, few = 0, sum = 0;

	/* Each in proportion to the first one: the hypergeometric terms. */
	for (i = least; i <= most; i++) {
		sum += each;
		if (i <= passed)
			few += each;
		each *= (double)(all - i) * (tries - i) /
			((double)(i + 1) * (others - all + i + 1));
	}
	return few / sum;
}

static int answered(const struct port_evidence *port)
{
	return port->tries - port->timeouts;
}

/* Of all its SYNs, so many percent were answered at once. */
static int answered_percent(const struct port_evidence *port)
{
	return answered(port) * 100 / (answered(port) + port->syns_lost);
}

bool counted_may_be_steady(int tries, int passed, int more)
{
	return (passed + more) * 10 >= (tries + more) * STEADY_OF_TEN;
}

/* Nearly all of many connects passed, and few SYNs were lost on the way. */
static bool is_steady(const struct port_evidence *port)
{
	return port->tries >= TRIES_LEAST &&
	       counted_may_be_steady(port->tries, port->connected, 0) &&
	       answered_percent(port) >= STEADY_PERCENT;
}

const struct port_evidence *counted_steady_control(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct port_evidence *best = NULL, *other;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (other == port || !is_steady(other))
			continue;
		if (best == NULL ||
		    answered_percent(other) > answered_percent(best) ||
		    (answered_percent(other) == answered_percent(best) &&
			other->port < best->port))
			best = other;
	}
	return best;
}

static double chance_of_syns(
    const struct port_evidence *port, const struct port_evidence *control)
{
	return counted_chance(answered(port), port->syns_lost,
	    answered(control), control->syns_lost);
}

/* As many losses as do not hang together: all those of a connect are one, on a
 * way that leads nowhere; but where SYNs are lost one by one, some connects
 * pass by a repeat, and that explains as many that vanished. */
static int lost_apart(const struct port_evidence *port)
{
	int connects = port->repeated + port->timeouts;

	if (port->repeated >= port->timeouts)
		return port->syns_lost;
	return connects +
	       (port->syns_lost - connects) * port->repeated / port->timeouts;
}

static double chance_of_losses(
    const struct port_evidence *port, const struct port_evidence *control)
{
	return counted_chance(answered(port), lost_apart(port),
	    answered(control), control->syns_lost);
}

static bool is_no_chance(const struct port_evidence *port,
    const struct port_evidence *control, const struct bar *bar)
{
	return chance_of_syns(port, control) <= bar->syns &&
	       chance_of_losses(port, control) <= bar->losses;
}

/* Behind two uplinks of which one filters, an attempt may be reset as well as
 * lost; by the path, if the RST comes from nearer than the endpoint. */
static int reset_early(
    const struct evidence *evidence, const struct port_evidence *port)
{
	bool early = port->nearest != NULL &&
		     port->nearest->answer == ANSWER_RST &&
		     port->nearest->answer_ttl <
			 breaks_distance_least(evidence, port);

	return early ? port->refused : 0;
}

/* By ICMP, where neither the endpoint nor this host sent it. */
static int prohibited(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct icmp_seen *icmp;

	if (port->icmp == NULL)
		return 0;
	icmp = &port->icmp->icmp;
	return icmp->own || addr_equal(&icmp->from, &evidence->target->address)
		   ? 0
		   : port->unreachable;
}

static int turned_away(
    const struct evidence *evidence, const struct port_evidence *port)
{
	return reset_early(evidence, port) + prohibited(evidence, port);
}

enum counted_how counted_how(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int resets = reset_early(evidence, port);
	int errors = prohibited(evidence, port);

	if (resets + errors <= port->timeouts)
		return COUNTED_VANISHES;
	return resets > errors ? COUNTED_RESET : COUNTED_PROHIBITED;
}

/* A connect, or a SYN of a trace. */
static bool did_pass(const struct port_evidence *port)
{
	return port->connected > 0 ||
	       evidence_accept_ttl(port) != OBSERVE_ABSENT;
}

/* The control of a port that was counted, if something passed and not all of
 * the connects did. */
static const struct port_evidence *counted_against(
    const struct evidence *evidence, const struct port_evidence *port)
{
	if (port->tries < TRIES_LEAST || !did_pass(port) ||
	    port->timeouts + turned_away(evidence, port) == 0)
		return NULL;
	return counted_steady_control(evidence, port);
}

/* Chance turns no connect away. */
static bool is_limited(const struct port_evidence *port,
    const struct port_evidence *control, int turned, const struct bar *bar,
    const struct bound *bound)
{
	if (turned > port->timeouts)
		return port->connected * 100 <= port->tries * bound->connects;
	return port->connected * 100 <= port->tries * THROTTLED_CONNECTS &&
	       answered_percent(port) <= bound->syns &&
	       is_no_chance(port, control, bar);
}

bool counted_is_throttled(const struct evidence *evidence,
    const struct port_evidence *port, enum counted_owners owners)
{
	const struct port_evidence *control = counted_against(evidence, port);

	return control != NULL &&
	       is_limited(port, control, turned_away(evidence, port),
		   &bars[owners], &alone);
}

struct counted_sum counted_sum_of(
    const struct evidence *evidence, const struct port_evidence *port)
{
	struct counted_sum sum = {
	    .passed = answered(port), .failed = port->syns_lost};

	sum.connects = counted_how(evidence, port) != COUNTED_VANISHES;
	if (sum.connects) {
		sum.passed = port->connected;
		sum.failed = port->tries - port->connected;
	}
	return sum;
}

bool counted_are_throttled(const struct counted_sum *const *sums, size_t count)
{
	const struct bound *bound = count < 3 ? &two : &three;
	int passed = 0, failed = 0, percent;
	size_t i;

	for (i = 0; i < count; i++) {
		if (sums[i]->connects != sums[0]->connects)
			return false;
		passed += sums[i]->passed;
		failed += sums[i]->failed;
	}
	percent = sums[0]->connects ? bound->connects : bound->syns;
	return passed * 100 / (passed + failed) <= percent;
}

bool counted_is_unsure(const struct evidence *evidence,
    const struct port_evidence *port, enum counted_owners owners)
{
	const struct port_evidence *control = counted_against(evidence, port);
	struct port_evidence then = *port;

	/* A dialogue that follows may pass. */
	then.tries++;
	then.connected++;
	return control != NULL && port->timeouts > 0 &&
	       !is_limited(&then, control, turned_away(evidence, port),
		   &enough[owners], &three) &&
	       chance_of_syns(port, control) <= doubts[owners];
}

bool counted_is_unsure_of_resets(const struct port_evidence *port)
{
	return port->refused + port->unreachable > 0 && port->connected > 0 &&
	       (port->connected + 1) * 100 > (port->tries + 1) * three.connects;
}

bool counted_was_shut_meanwhile(const struct port_evidence *port)
{
	int passed = port->connected - port->stalled_after;

	return port->connected > 0 && port->timeouts >= TIMEOUTS_FOR_CUT_OFF &&
	       port->timeouts >= TIMEOUTS_A_PASSED * passed &&
	       port->refused == 0 && port->nearest == NULL &&
	       port->icmp_path == NULL;
}
