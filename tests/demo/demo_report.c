/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/demo/demo_report.h"

#include <stdio.h>

#include "lib/json/json.h"

#define HOPS       9 /* the endpoint is the last */
#define ROUTERS_TO 4 /* hops 2 to 4 are the provider's */
#define SILENT_HOP 5
#define STRICT_HOP 3 /* refuses, by ICMP or a reset */
#define PROXY_HOP  3

static const struct demo_port {
	int port;
	const char *mode;
} demo_ports[] = {
    {25, "starttls"}, {587, "starttls"}, {465, "tls"}, {443, "connect"}};

#define PORTS (sizeof(demo_ports) / sizeof(*demo_ports))

/* One target of the report. */
struct demo_target {
	struct demo_world *world;
	const struct demo_round *round;
	struct json_writer *json;
	enum demo_policy policies[PORTS]; /* of demo_ports */
	int family;
	size_t endpoint;
	bool is_second;          /* of two that show the same */
	char name[16], host[32]; /* of the endpoint */
};

static double about(struct demo_target *target, double ms)
{
	return ms * (0.8 + (double)demo_draw(target->world, 400) / 1000);
}

static void write_stage(
    struct demo_target *target, const char *stage, double ms)
{
	json_decimal(target->json, stage, about(target, ms), 1);
}

static void write_times(struct demo_target *target, const char *mode)
{
	bool is_tls = mode[0] == 't', talks = mode[0] != 'c';

	json_open_object(target->json, "ms");
	write_stage(target, "connect", 14);
	if (is_tls)
		write_stage(target, "tls", 25);
	if (talks)
		write_stage(target, "banner", 38);
	if (talks)
		write_stage(target, "ehlo", 14);
	if (talks && !is_tls) {
		write_stage(target, "starttls", 14);
		write_stage(target, "tls", 25);
		write_stage(target, "ehlo-tls", 14);
	}
	json_close_object(target->json);
}

static void write_words(
    struct demo_target *target, const char *name, bool has_starttls)
{
	struct json_writer *json = target->json;
	char text[64];

	json_open_object(json, "smtp");
	snprintf(text, sizeof(text), "%s ESMTP", name);
	json_integer(json, "code", 220);
	json_text(json, "text", text);
	json_text(json, "name", name);
	json_open_array(json, "capabilities");
	json_text(json, NULL, "PIPELINING");
	json_text(json, NULL, "SIZE 52428800");
	if (has_starttls)
		json_text(json, NULL, "STARTTLS");
	json_text(json, NULL, "ENHANCEDSTATUSCODES");
	json_text(json, NULL, "8BITMIME");
	json_close_array(json);
	json_close_object(json);
}

/* `spki`: the key; NULL: not noted. */
static void write_tls(
    struct json_writer *json, const char *verify, const char *spki)
{
	json_open_object(json, "tls");
	json_text(json, "version", "TLSv1.3");
	json_text(json, "cipher", "TLS_AES_128_GCM_SHA256");
	json_text(json, "verify", verify);
	json_text_or_null(json, "spki_sha256", spki != NULL ? spki : "");
	json_close_object(json);
}

static void write_open(struct demo_target *target, const struct demo_port *port)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", port->mode[0] == 'c' ? "connect" : "done");
	json_null(json, "failure");
	write_times(target, port->mode);
	if (port->mode[0] == 'c')
		return;
	write_words(target, target->host, port->mode[0] == 's');
	write_tls(
	    json, "ok", target->policies[0] == DEMO_KEY ? DEMO_SPKI : NULL);
}

/* `failed`: of the host's two retransmissions, those that did not leave it; -1:
 * the host does not tell. */
static void write_dropped(struct demo_target *target, int failed)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "connect");
	json_text(json, "failure", "timeout");
	json_open_object(json, "ms");
	json_decimal(json, "connect", 3500, 1);
	json_close_object(json);
	if (failed < 0)
		return;
	json_open_object(json, "host");
	json_integer(json, "retransmitted", 2);
	json_integer(json, "failed", failed);
	json_integer(json, "looped", 0);
	json_close_object(json);
}

static void write_prohibited(struct demo_target *target)
{
	struct json_writer *json = target->json;
	bool is_ipv4 = target->family == 4;
	char router[48];

	demo_router(target->round->network, STRICT_HOP, target->family, router);
	json_text(json, "ended", "connect");
	json_text(json, "failure", "unreachable");
	json_open_object(json, "ms");
	write_stage(target, "connect", 9);
	json_close_object(json);
	json_open_object(json, "icmp");
	json_integer(json, "type", is_ipv4 ? 3 : 1);
	json_integer(json, "code", is_ipv4 ? 13 : 1);
	json_text(json, "from", router);
	json_close_object(json);
	json_text(json, "errno", is_ipv4 ? "EHOSTUNREACH" : "EACCES");
}

/* A proxy, which has a greeting and a key of its own. */
static void write_proxied(struct demo_target *target)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "done");
	json_null(json, "failure");
	write_times(target, "starttls");
	write_words(target, "smtp-gateway.example", true);
	write_tls(json, "self-signed", NULL);
}

/* The endpoint's words, and a key that is not its own. */
static void write_swapped(struct demo_target *target)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "done");
	json_null(json, "failure");
	write_times(target, "starttls");
	write_words(target, target->host, true);
	write_tls(json, "untrusted",
	    "0101010101010101010101010101010101010101010101010101010101010101");
}

/* The connection stands, and `failure` comes before a greeting. */
static void write_unspoken(
    struct demo_target *target, const char *failure, double ms)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "banner");
	json_text(json, "failure", failure);
	json_open_object(json, "ms");
	write_stage(target, "connect", 14);
	write_stage(target, "banner", ms);
	json_close_object(json);
}

static void write_rejected(struct demo_target *target)
{
	struct json_writer *json = target->json;

	write_unspoken(target, "rejected", 38);
	json_open_object(json, "smtp");
	json_integer(json, "code", 554);
	json_text(json, "text", "no SMTP service for your address");
	json_close_object(json);
}

static void write_denied(struct demo_target *target)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "connect");
	json_text(json, "failure", "denied");
	json_open_object(json, "ms");
	json_close_object(json);
	json_text(json, "errno", "EPERM");
}

/* A router resets it, in the endpoint's name. */
static void write_reset(struct demo_target *target)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "connect");
	json_text(json, "failure", "refused");
	json_open_object(json, "ms");
	write_stage(target, "connect", 6);
	json_close_object(json);
	json_text(json, "errno", "ECONNREFUSED");
}

static void write_stripped(struct demo_target *target)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "starttls");
	json_text(json, "failure", "no-starttls");
	json_open_object(json, "ms");
	write_stage(target, "connect", 14);
	write_stage(target, "banner", 38);
	write_stage(target, "ehlo", 14);
	json_close_object(json);
	write_words(target, target->host, false);
}

#define THROTTLED_TRIES  10
#define THROTTLED_PASSES 2

/* Try number `at` of the port, from 0. */
static void write_probe(struct demo_target *target, size_t index, int at)
{
	const struct demo_port *port = &demo_ports[index];

	json_open_object(target->json, NULL);
	json_integer(target->json, "port", port->port);
	json_text(target->json, "mode", port->mode);
	switch (target->policies[index]) {
	case DEMO_DROP_ACCESS:
	case DEMO_UPSTREAM:
	case DEMO_DROP:
	case DEMO_LINK:
	case DEMO_NO_REPLY:
	case DEMO_UNPLACED:
	case DEMO_NOT_SERVED:
	case DEMO_DOWN:
		write_dropped(target, 0);
		break;
	case DEMO_HOST_DROPS:
		write_dropped(target, 2);
		break;
	case DEMO_HOST_OR_PATH:
		write_dropped(target, -1);
		break;
	case DEMO_HOST_DENIES:
		write_denied(target);
		break;
	case DEMO_THROTTLE:
		if (at < THROTTLED_TRIES - THROTTLED_PASSES)
			write_dropped(target, 0);
		else
			write_open(target, port);
		break;
	case DEMO_CUT:
		write_unspoken(target, "reset", 4);
		break;
	case DEMO_STALL:
		write_unspoken(target, "timeout", 8000);
		break;
	case DEMO_BROKEN:
		write_unspoken(target, "closed", 20);
		break;
	case DEMO_REJECTED:
		write_rejected(target);
		break;
	case DEMO_KEY:
		write_swapped(target);
		break;
	case DEMO_ICMP:
		write_prohibited(target);
		break;
	case DEMO_RESET:
	case DEMO_REFUSED:
		write_reset(target);
		break;
	case DEMO_REDIRECT:
		write_proxied(target);
		break;
	case DEMO_STRIPPED:
		write_stripped(target);
		break;
	default:
		write_open(target, port);
	}
	json_close_object(target->json);
}

/* A limit is counted on the port and on the control. */
static int tries_of(const struct demo_target *target, size_t index)
{
	if (target->policies[0] == DEMO_THROTTLE &&
	    (index == 0 || index + 1 == PORTS))
		return THROTTLED_TRIES;
	switch (target->policies[index]) {
	case DEMO_OPEN:
	case DEMO_ICMP:
	case DEMO_REDIRECT:
	case DEMO_REJECTED:
	case DEMO_KEY:
	case DEMO_HOST_DENIES:
		return 1;
	case DEMO_STRIPPED:
	case DEMO_CUT:
		return 3;
	default:
		return 2;
	}
}

static void write_probes(struct demo_target *target)
{
	size_t i;
	int at;

	json_open_array(target->json, "probes");
	for (i = 0; i < PORTS; i++)
		for (at = 0; at < tries_of(target, i); at++)
			write_probe(target, i, at);
	json_close_array(target->json);
}

#define LOOKS 6 /* at each hop */

static void hop_address(struct demo_target *target, int ttl, char text[48])
{
	bool is_ipv4 = target->family == 4;

	if (ttl == 1)
		snprintf(text, 48, "%s", is_ipv4 ? "192.168.1.1" : "fe80::1");
	else if (ttl <= ROUTERS_TO)
		demo_router(target->round->network, ttl, target->family, text);
	else
		snprintf(text, 48,
		    is_ipv4 ? "203.0.113.%d" : "2001:db8:ffff::%d", ttl);
}

static void write_hop(struct demo_target *target, int ttl, bool is_silent)
{
	struct json_writer *json = target->json;
	char router[48];

	hop_address(target, ttl, router);
	json_open_object(json, NULL);
	json_integer(json, "ttl", ttl);
	json_text_or_null(json, "address", is_silent ? "" : router);
	json_integer(json, "asked", LOOKS);
	json_integer(json, "answered", is_silent ? 0 : LOOKS);
	if (!is_silent)
		json_decimal(json, "ms", about(target, ttl * 1.4), 1);
	json_close_object(json);
}

#define SILENT 4 /* hops without an answer end a trace */

static bool is_cut(const struct demo_target *target, int port)
{
	size_t i;

	for (i = 0; i < PORTS; i++)
		if (demo_ports[i].port == port)
			return target->policies[i] == DEMO_CUT;
	return false;
}

/* What follows a SYN is reset, although it ends before the endpoint. */
static void write_limited(struct json_writer *json)
{
	json_open_object(json, "limited");
	json_integer(json, "ttl", HOPS - 1);
	json_bool(json, "reset", true);
	json_close_object(json);
}

/* A trace: routers answer up to hop `last`, and the port itself, by `answer`
 * (NULL: it does not), at the hop after. */
static void write_path(
    struct demo_target *target, int port, int last, const char *answer)
{
	struct json_writer *json = target->json;
	int ttl;

	json_open_object(json, NULL);
	json_integer(json, "port", port);
	json_bool(json, "reached", answer != NULL);
	if (answer != NULL) {
		json_integer(json, "answer_ttl", last + 1);
		json_text(json, "answer", answer);
	} else {
		json_null(json, "answer_ttl");
	}
	if (is_cut(target, port))
		write_limited(json);
	json_open_array(json, "hops");
	for (ttl = 1; ttl <= last; ttl++)
		write_hop(target, ttl, ttl == SILENT_HOP);
	for (ttl = last + 1; answer == NULL && ttl <= last + SILENT; ttl++)
		write_hop(target, ttl, true);
	json_close_array(json);
	json_close_object(json);
}

/* What does not get through is traced. */
static void write_stopped_path(
    struct demo_target *target, int port, enum demo_policy policy)
{
	switch (policy) {
	case DEMO_DROP_ACCESS:
		write_path(target, port, 1, NULL);
		break;
	case DEMO_DROP:
	case DEMO_UPSTREAM:
		write_path(target, port, policy == DEMO_DROP ? 2 : 6, NULL);
		break;
	case DEMO_ICMP:
		write_path(target, port, STRICT_HOP, NULL);
		break;
	case DEMO_RESET:
		write_path(target, port, STRICT_HOP - 1, "rst");
		break;
	case DEMO_LINK:
	case DEMO_HOST_OR_PATH:
		write_path(target, port, 0, NULL);
		break;
	case DEMO_NO_REPLY:
	case DEMO_NOT_SERVED:
	case DEMO_DOWN:
		write_path(target, port, HOPS - 1, NULL);
		break;
	case DEMO_REFUSED:
		write_path(target, port, HOPS - 1, "rst");
		break;
	case DEMO_REDIRECT:
		write_path(target, port, PROXY_HOP - 1, "syn-ack");
		break;
	default:
		write_path(target, port, HOPS - 1, "syn-ack");
	}
}

static bool is_to_be_traced(enum demo_policy policy)
{
	switch (policy) {
	case DEMO_OPEN:
	case DEMO_UNPLACED:
	case DEMO_THROTTLE:
	case DEMO_REJECTED:
	case DEMO_HOST_DROPS:
	case DEMO_HOST_DENIES:
		return false;
	default:
		return true;
	}
}

/* So is a control, to compare. */
static void write_paths(struct demo_target *target)
{
	bool is_traced = target->is_second &&
			 target->policies[PORTS - 1] == DEMO_OPEN;
	size_t i;

	json_open_array(target->json, "paths");
	for (i = 0; i < PORTS; i++) {
		if (!is_to_be_traced(target->policies[i]))
			continue;
		write_stopped_path(
		    target, demo_ports[i].port, target->policies[i]);
		is_traced = true;
	}
	if (is_traced && target->policies[PORTS - 1] == DEMO_OPEN)
		write_path(
		    target, demo_ports[PORTS - 1].port, HOPS - 1, "syn-ack");
	json_close_array(target->json);
}

static void choose_policies(struct demo_target *target)
{
	const struct demo_visit visit = {
	    .network = target->round->network,
	    .line = target->round->line,
	    .endpoint = target->endpoint,
	    .day = target->round->day,
	    .family = target->family,
	};
	size_t i;

	for (i = 0; i < PORTS; i++)
		target->policies[i] = demo_policy_of(
		    target->world, &visit, demo_ports[i].port);
	/* Only one of two is down. */
	for (i = 0; target->is_second && i < PORTS; i++)
		if (target->policies[i] == DEMO_DOWN)
			target->policies[i] = DEMO_OPEN;
}

static void write_target(struct demo_target *target)
{
	struct json_writer *json = target->json;
	char text[48];

	json_open_object(json, NULL);
	json_text(json, "endpoint", target->name);
	json_text(json, "host", target->host);
	snprintf(text, sizeof(text),
	    target->family == 4 ? "192.0.2.%zu" : "2001:db8:25::%zu",
	    target->endpoint + 10);
	json_text(json, "address", text);
	json_integer(json, "family", target->family);
	json_time(json, "at", target->round->at_ms);
	json_text(json, "own_address", "private");
	write_probes(target);
	write_paths(target);
	json_close_object(json);
}

static void write_source(struct demo_target *target, const char *proof)
{
	char address[48];

	if (proof == NULL)
		return;
	demo_address(target->round->network, target->round->line,
	    target->family, address);
	json_open_object(target->json, NULL);
	json_integer(target->json, "family", target->family);
	json_text(target->json, "address", address);
	json_text(target->json, "proof", proof);
	json_close_object(target->json);
}

static void write_target_at(
    struct demo_target *target, size_t endpoint, bool is_second)
{
	target->endpoint = endpoint % DEMO_ENDPOINTS;
	target->is_second = is_second;
	snprintf(target->name, sizeof(target->name), "mx-%c",
	    (char)('a' + (int)target->endpoint));
	snprintf(
	    target->host, sizeof(target->host), "%s.example", target->name);
	choose_policies(target);
	write_target(target);
}

static void write_targets(struct demo_target *target)
{
	write_target_at(target, target->round->endpoint, false);
	if (demo_takes_two(target->policies[0]))
		write_target_at(target, target->round->endpoint + 1, true);
}

void demo_report_write(
    struct demo_world *world, const struct demo_round *round, struct buf *out)
{
	struct json_writer json = {.out = out};
	struct demo_target target = {
	    .world = world, .round = round, .json = &json};

	json_open_object(&json, NULL);
	json_text(&json, "format", "egress25-report/1");
	json_text(&json, "report", round->id);
	json_text(&json, "agent", round->agent);
	json_text(&json, "software", "egress25-agent/simulated");
	json_time(&json, "started", round->at_ms);
	json_time(&json, "ended", round->at_ms + 9000);
	json_open_array(&json, "sources");
	for (target.family = 4; target.family <= 6; target.family += 2)
		write_source(&target,
		    target.family == 4 ? round->proof4 : round->proof6);
	json_close_array(&json);
	json_open_array(&json, "targets");
	for (target.family = 4; target.family <= 6; target.family += 2)
		if (target.family == 4 || round->proof6 != NULL)
			write_targets(&target);
	json_close_array(&json);
	json_close_object(&json);
}
