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

static void write_tls(struct json_writer *json, const char *verify)
{
	json_open_object(json, "tls");
	json_text(json, "version", "TLSv1.3");
	json_text(json, "cipher", "TLS_AES_128_GCM_SHA256");
	json_text(json, "verify", verify);
	json_close_object(json);
}

static void write_open(struct demo_target *target, const struct demo_port *port)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "done");
	json_null(json, "failure");
	write_times(target, port->mode);
	if (port->mode[0] == 'c')
		return;
	write_words(target, target->host, port->mode[0] == 's');
	write_tls(json, "ok");
}

static void write_dropped(struct demo_target *target)
{
	struct json_writer *json = target->json;

	json_text(json, "ended", "connect");
	json_text(json, "failure", "timeout");
	json_open_object(json, "ms");
	json_decimal(json, "connect", 3500, 1);
	json_close_object(json);
	json_open_object(json, "host");
	json_integer(json, "retransmitted", 2);
	json_integer(json, "failed", 0);
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
	write_tls(json, "self-signed");
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

static void write_probe(struct demo_target *target, size_t index)
{
	const struct demo_port *port = &demo_ports[index];

	json_open_object(target->json, NULL);
	json_integer(target->json, "port", port->port);
	json_text(target->json, "mode", port->mode);
	switch (target->policies[index]) {
	case DEMO_DROP_ACCESS:
	case DEMO_DROP:
		write_dropped(target);
		break;
	case DEMO_ICMP:
		write_prohibited(target);
		break;
	case DEMO_RESET:
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

static int tries_of(enum demo_policy policy)
{
	switch (policy) {
	case DEMO_OPEN:
	case DEMO_ICMP:
	case DEMO_REDIRECT:
		return 1;
	case DEMO_STRIPPED:
		return 3;
	default:
		return 2;
	}
}

static void write_probes(struct demo_target *target)
{
	size_t i;
	int tries;

	json_open_array(target->json, "probes");
	for (i = 0; i < PORTS; i++)
		for (tries = tries_of(target->policies[i]); tries > 0; tries--)
			write_probe(target, i);
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
		write_path(target, port, 2, NULL);
		break;
	case DEMO_ICMP:
		write_path(target, port, STRICT_HOP, NULL);
		break;
	case DEMO_RESET:
		write_path(target, port, STRICT_HOP - 1, "rst");
		break;
	case DEMO_REDIRECT:
		write_path(target, port, PROXY_HOP - 1, "syn-ack");
		break;
	default:
		write_path(target, port, HOPS - 1, "syn-ack");
	}
}

/* So is a control, to compare. */
static void write_paths(struct demo_target *target)
{
	bool is_traced = false;
	size_t i;

	json_open_array(target->json, "paths");
	for (i = 0; i < PORTS; i++) {
		if (target->policies[i] == DEMO_OPEN)
			continue;
		write_stopped_path(
		    target, demo_ports[i].port, target->policies[i]);
		is_traced = true;
	}
	if (is_traced)
		write_path(
		    target, demo_ports[PORTS - 1].port, HOPS - 1, "syn-ack");
	json_close_array(target->json);
}

static void choose_policies(struct demo_target *target)
{
	const struct demo_visit visit = {
	    .network = target->round->network,
	    .line = target->round->line,
	    .endpoint = target->round->endpoint,
	    .day = target->round->day,
	    .family = target->family,
	};
	size_t i;

	for (i = 0; i < PORTS; i++)
		target->policies[i] = demo_policy_of(
		    target->world, &visit, demo_ports[i].port);
}

static void write_target(struct demo_target *target)
{
	struct json_writer *json = target->json;
	char text[48];

	choose_policies(target);
	json_open_object(json, NULL);
	json_text(json, "endpoint", target->name);
	json_text(json, "host", target->host);
	snprintf(text, sizeof(text),
	    target->family == 4 ? "192.0.2.%zu" : "2001:db8:25::%zu",
	    target->round->endpoint + 10);
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

void demo_report_write(
    struct demo_world *world, const struct demo_round *round, struct buf *out)
{
	struct json_writer json = {.out = out};
	struct demo_target target = {
	    .world = world, .round = round, .json = &json};

	snprintf(target.name, sizeof(target.name), "mx-%c",
	    (char)('a' + (int)round->endpoint));
	snprintf(target.host, sizeof(target.host), "%s.example", target.name);
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
			write_target(&target);
	json_close_array(&json);
	json_close_object(&json);
}
