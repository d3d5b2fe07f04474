/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/drawn_round.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define HOPS_MOST  9
#define PORTS_MOST 4

static const uint16_t numbers[PORTS_MOST] = {25, 587, 465, 443};

enum service { SERVED, CLOSED, SHUT, TARPIT, BREAKS, PLAIN, SERVICES };

struct server {
	int distance;
	int deeper[PORTS_MOST]; /* a port that is served one hop on */
	enum service service[PORTS_MOST];
	bool own_hop; /* it answers TTLs in its own name, as a host of
		       * containers does */
};

struct network {
	uint64_t dice;
	struct drawn_round *round;
	bool v6;
	int shared; /* hops that all servers have in common */
	bool silent[HOPS_MOST + 1];
	int one_in[HOPS_MOST + 1]; /* of so many looks it answers one */
	int looked[HOPS_MOST + 1];
	bool port_treated[PORTS_MOST];
	bool tunnel; /* port 25 goes another way */
	int tunnel_hops;
	bool translator; /* TCP ends at TTL 1 */
	bool counters;   /* the host's, readable */
	bool traced;
	struct server servers[DRAWN_TARGETS_MOST];
};

int drawn_dice(uint64_t *state, int sides)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (int)((*state * 2685821657736338717U >> 33) % (uint64_t)sides);
}

static int dice(struct network *net, int sides)
{
	return drawn_dice(&net->dice, sides);
}

/* --- building --- */

static void build_hops(struct network *net)
{
	int style = dice(net, 5), hop;

	net->shared = 1 + dice(net, 3);
	for (hop = 1; hop <= HOPS_MOST; hop++) {
		net->silent[hop] = style == 0   ? hop <= net->shared
				   : style == 1 ? true
				   : style == 2 ? hop > 1
						: dice(net, 6) == 0;
		net->one_in[hop] = hop == 1 || dice(net, 6) ? 1
							    : 2 + dice(net, 5);
	}
}

static void build_server(struct network *net, struct server *server)
{
	/* Faults of its own has one server: two would be the network's. */
	int manner = dice(net, server == net->servers ? 5 : 4), i;

	server->distance = net->shared + 2 + dice(net, 3);
	server->own_hop = dice(net, 2);
	for (i = 0; i < PORTS_MOST; i++) {
		server->deeper[i] = manner == 3 && dice(net, 2);
		server->service[i] = SERVED;
		if (i > 0 && manner == 1)
			server->service[i] = SHUT;
		else if (i > 0 && manner == 2)
			server->service[i] = dice(net, 2) ? CLOSED : SHUT;
		else if (i < 3 && manner == 4)
			server->service[i] = (enum service)dice(net, SERVICES);
	}
}

static void build(struct network *net)
{
	struct drawn_round *round = net->round;
	size_t i;

	round->deed = (enum drawn_deed)dice(net, DRAWN_DEEDS);
	round->ntargets = 1 + (size_t)dice(net, DRAWN_TARGETS_MOST);
	net->v6 = dice(net, 2);
	build_hops(net);
	round->box = dice(net, net->shared + 1);
	if (round->deed == DRAWN_OPEN || round->deed == DRAWN_LOSS)
		round->box = HOPS_MOST;
	round->by_host = round->box == 0 && dice(net, 2);
	if (round->box == 0 && !round->by_host && round->deed == DRAWN_REDIRECT)
		round->box = 1;
	net->counters = dice(net, 3) > 0;
	net->traced = dice(net, 6) > 0;
	net->tunnel = dice(net, 6) == 0;
	net->tunnel_hops = 1 + dice(net, 6);
	net->translator = dice(net, 10) == 0;
	net->port_treated[0] = true;
	for (i = 1; i < 3; i++)
		net->port_treated[i] = dice(net, 3) == 0;
	for (i = 0; i < round->ntargets; i++)
		build_server(net, &net->servers[i]);
}

/* --- what a SYN meets --- */

enum reply { NOTHING, HOP, SYN_ACK, RST, ICMP };

struct answer {
	enum reply reply;
	struct addr from;
};

static struct addr hop_address(
    struct network *net, size_t target, int hop, bool tunnelled)
{
	char text[64];
	struct addr address;

	if (tunnelled)
		snprintf(text, sizeof(text), net->v6 ? "fd09::%d" : "10.9.0.%d",
		    hop);
	else if (hop == 1)
		snprintf(text, sizeof(text), "%s",
		    net->v6 ? "fd00::1" : "192.168.1.1");
	else if (hop <= net->shared)
		snprintf(text, sizeof(text),
		    net->v6 ? "2001:db8:1::%d" : "198.51.100.%d", hop);
	else
		snprintf(text, sizeof(text),
		    net->v6 ? "2001:db8:2:%zx::%d" : "198.18.%zu.%d", target,
		    hop);
	assert_true(addr_parse(&address, text));
	return address;
}

static bool is_treated(struct network *net, int port)
{
	return net->port_treated[port];
}

/* Does the packet get past the box, and if not, what comes back? */
static bool passes(
    struct network *net, int port, struct answer *answer, size_t target)
{
	struct drawn_round *round = net->round;

	if (!is_treated(net, port))
		return true;
	switch (round->deed) {
	case DRAWN_DROP:
		return false;
	case DRAWN_RESET:
		answer->reply = RST;
		return false;
	case DRAWN_ICMP:
		answer->reply = ICMP;
		if (round->box > 0)
			answer->from = hop_address(
			    net, target, round->box, false);
		return false;
	case DRAWN_REDIRECT:
		answer->reply = SYN_ACK;
		return false;
	default:
		return true;
	}
}

static void answer_at_hop(struct network *net, size_t target, int hop,
    bool tunnelled, struct answer *answer)
{
	const struct server *server = &net->servers[target];

	if ((net->silent[hop] && !(tunnelled && hop == 1)) ||
	    net->looked[hop]++ % net->one_in[hop] != 0)
		return;
	answer->reply = HOP;
	answer->from = hop_address(net, target, hop, tunnelled);
	if (server->own_hop && hop == server->distance)
		answer->from = net->round->targets[target].address;
}

static void answer_of_server(
    struct network *net, size_t target, int port, struct answer *answer)
{
	enum service service = net->servers[target].service[port];

	if (service == CLOSED)
		answer->reply = RST;
	else if (service != SHUT)
		answer->reply = SYN_ACK;
}

static struct answer cross(
    struct network *net, size_t target, int port, int ttl)
{
	struct answer answer = {NOTHING, {0}};
	const struct server *server = &net->servers[target];
	bool tunnelled = net->tunnel && port == 0;
	int far = tunnelled ? net->tunnel_hops + 1
			    : server->distance + server->deeper[port];
	struct drawn_round *round = net->round;
	int hop;

	/* A connect sends its SYN three times. */
	if (round->deed == DRAWN_LOSS && dice(net, ttl > 0 ? 10 : 1000) == 0)
		return answer;
	for (hop = 0; hop < far; hop++) {
		if (hop == ttl && ttl > 0) {
			answer_at_hop(net, target, hop, tunnelled, &answer);
			return answer;
		}
		/* A box that answers as the endpoint does so itself, before it
		 * looks at the TTL. */
		if (round->deed == DRAWN_REDIRECT && hop + 1 == round->box &&
		    !tunnelled && !passes(net, port, &answer, target))
			return answer;
		if (hop == round->box && (!tunnelled || hop == 0) &&
		    !passes(net, port, &answer, target))
			return answer;
	}
	answer_of_server(net, target, port, &answer);
	return answer;
}

/* A SYN of that TTL; 0: of any, as a connect's is. A translator connects anew,
 * and passes an ICMP error on as a RST. */
static struct answer send_syn(
    struct network *net, size_t target, int port, int ttl)
{
	struct answer answer = cross(
	    net, target, port, net->translator ? 0 : ttl);

	if (net->translator && answer.reply == ICMP)
		answer.reply = RST;
	return answer;
}

/* --- what is written down --- */

static void set_counters(
    struct network *net, struct probe_seen *probe, int port, enum reply reply)
{
	struct drawn_round *round = net->round;
	bool own = round->by_host && is_treated(net, port);

	if (!net->counters)
		return;
	probe->host.known = true;
	if (reply == NOTHING) {
		probe->host.retransmitted = 2;
		probe->host.failed = own && round->deed == DRAWN_DROP ? 2 : 0;
	} else {
		probe->host.looped = own && (round->deed == DRAWN_RESET ||
						round->deed == DRAWN_ICMP ||
						round->deed == DRAWN_REDIRECT);
	}
}

static void end_dialogue(
    struct network *net, struct probe_seen *probe, size_t target, int port)
{
	enum service service = net->servers[target].service[port];
	enum drawn_deed deed = is_treated(net, port) ? net->round->deed
						     : DRAWN_OPEN;

	probe->ended = STAGE_DONE;
	if (port == 3) {
		probe->ended = STAGE_CONNECT;
	} else if (deed == DRAWN_STALL || service == TARPIT) {
		probe->ended = STAGE_BANNER;
		probe->failure = FAILURE_TIMEOUT;
		if (net->counters)
			probe->peer = deed == DRAWN_STALL && !net->translator
					  ? PEER_CUT_OFF
					  : PEER_ALIVE;
	} else if (deed == DRAWN_RESET_AFTER || service == BREAKS) {
		probe->ended = STAGE_BANNER;
		probe->failure = FAILURE_RESET;
	} else if (probe->mode == MODE_STARTTLS &&
		   (deed == DRAWN_STRIP || service == PLAIN)) {
		probe->ended = STAGE_STARTTLS;
		probe->failure = FAILURE_NO_STARTTLS;
		strcpy(probe->smtp.caps[probe->smtp.ncaps++], "SIZE");
	} else if (deed != DRAWN_REDIRECT) {
		probe->tls.has_spki = true;
		probe->tls.spki_sha256[0] = (uint8_t)(target + 1);
	}
}

static bool add_probe(struct network *net, size_t target, int port)
{
	static const enum port_mode modes[PORTS_MOST] = {
	    MODE_STARTTLS, MODE_STARTTLS, MODE_TLS, MODE_CONNECT};
	struct answer answer = send_syn(net, target, port, 0);
	struct probe_seen probe;

	probe_seen_init(&probe, numbers[port], modes[port]);
	set_counters(net, &probe, port, answer.reply);
	if (answer.reply == NOTHING) {
		probe.failure = FAILURE_TIMEOUT;
	} else if (answer.reply == RST) {
		probe.failure = FAILURE_REFUSED;
	} else if (answer.reply == ICMP) {
		probe.failure = FAILURE_UNREACHABLE;
		probe.icmp.type = net->v6 ? 1 : 3;
		probe.icmp.code = net->v6 ? 1 : 13;
		probe.icmp.from = answer.from;
		if (answer.from.family == 0)
			assert_true(addr_parse(&probe.icmp.from,
			    net->v6 ? "fd00::99" : "192.168.1.99"));
	} else {
		end_dialogue(net, &probe, target, port);
	}
	assert_int_equal(
	    target_seen_add_probe(&net->round->targets[target], &probe), 0);
	return probe.failure == FAILURE_NONE;
}

/* Looks at one TTL; false: the far side answered, and the trace ends. */
static bool look(struct network *net, size_t target, int port, int ttl,
    int looks, struct path_seen *path)
{
	struct hop_seen *hop = &path->hops[path->nhops];
	struct answer answer;

	memset(hop, 0, sizeof(*hop));
	hop->ttl = ttl;
	hop->us = OBSERVE_ABSENT;
	for (; looks > 0; looks--) {
		answer = send_syn(net, target, port, ttl);
		if (answer.reply == SYN_ACK || answer.reply == RST ||
		    answer.reply == ICMP) {
			path->answer_ttl = ttl;
			path->reached = answer.reply != ICMP;
			path->answer = answer.reply == SYN_ACK ? ANSWER_SYN_ACK
				       : answer.reply == RST   ? ANSWER_RST
							       : ANSWER_ICMP;
			path->answer_from = answer.from;
			return false;
		}
		hop->asked++;
		if (answer.reply == HOP) {
			hop->answered++;
			hop->address = answer.from;
		}
	}
	path->nhops++;
	return true;
}

static void trace(struct network *net, size_t target, int port)
{
	struct path_seen path = {
	    .port = numbers[port], .answer_ttl = OBSERVE_ABSENT};
	int looks = 1 + dice(net, 5), ttl;

	for (ttl = 1; ttl <= HOPS_MOST; ttl++)
		if (!look(net, target, port, ttl, looks, &path))
			break;
	if (path.answer == ANSWER_SYN_ACK && path.answer_ttl > 1 && looks > 1) {
		path.limited_ttl = path.answer_ttl - 1;
		path.limited_reset = net->round->deed == DRAWN_RESET_AFTER &&
				     is_treated(net, port) &&
				     path.limited_ttl > net->round->box;
	}
	assert_int_equal(
	    target_seen_add_path(&net->round->targets[target], &path), 0);
}

static void measure(struct network *net, size_t target)
{
	int port, tries;
	bool ok = false;

	for (port = 0; port < PORTS_MOST; port++) {
		ok = false;
		for (tries = 0; !ok && tries < 2 + dice(net, 2); tries++)
			ok = add_probe(net, target, port);
		if (net->traced && (port == 0 || port == 3 || !ok))
			trace(net, target, port);
	}
}

static void name_target(struct network *net, size_t index)
{
	struct target_seen *target = &net->round->targets[index];
	struct endpoint_known *known = &net->round->known[index];
	char address[64];
	size_t i;

	memset(target, 0, sizeof(*target));
	snprintf(address, sizeof(address),
	    net->v6 ? "2001:db8:25:%zx::1" : "203.0.113.%zu", index * 8 + 1);
	assert_true(addr_parse(&target->address, address));
	snprintf(target->endpoint, sizeof(target->endpoint), "endpoint-%zu",
	    index == 3 ? 0 : index);
	snprintf(target->host, sizeof(target->host), "mx.owner-%zu.example",
	    index == 3 ? 0 : index);
	target->family = net->v6 ? 6 : 4;
	target->own_address = (enum own_address)dice(net, OWN_COUNT);
	memset(known, 0, sizeof(*known));
	known->offers_starttls = dice(net, 2) &&
				 net->servers[0].service[0] != PLAIN &&
				 net->servers[0].service[1] != PLAIN;
	for (i = 0; i < 3 && net->servers[index].service[i] == SERVED; i++)
		known->serves[known->nserves++] = numbers[i];
	if (dice(net, 3) == 0)
		known->spki_sha256[known->nspki++][0] = (uint8_t)(index + 1);
	net->round->pointers[index] = known;
}

void drawn_round_make(struct drawn_round *round, uint64_t seed)
{
	struct network net = {.dice = seed * 2 + 1, .round = round};
	size_t i;

	memset(round, 0, sizeof(*round));
	for (i = 0; i < 8; i++)
		dice(&net, 2);
	build(&net);
	for (i = 0; i < round->ntargets; i++) {
		name_target(&net, i);
		measure(&net, i);
	}
}

void drawn_round_free(struct drawn_round *round)
{
	size_t i;

	for (i = 0; i < round->ntargets; i++)
		target_seen_free(&round->targets[i]);
}
