/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/round.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/allowance.h"
#include "agent/base/bounds.h"
#include "agent/net/resolve.h"
#include "agent/net/tls.h"
#include "lib/base/clock.h"
#include "lib/report/words.h"
#include "tests/support/dns_server.h"
#include "tests/support/rows.h"

#define SERVERS_MAX 8

/* A mail server of one temper on one address and port. */
enum temper {
	REJECTS, /* 554 */
	BARE,    /* speaks, and offers no STARTTLS */
	SLAMS,   /* resets at once */
	MUTE,    /* accepts and says nothing */
};

struct mail_server {
	struct world *world;
	enum temper temper;
	struct addr address;
	uint16_t port;
	struct evconnlistener *listener;
	int connections, standing;
	int quits;
};

/* Everything of one test. */
struct world {
	struct event_base *base;
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct dns_server dns;
	struct mail_server servers[SERVERS_MAX];
	size_t nservers;
	struct endpoint_list endpoints;
	struct round_request request;
	struct report report;
	int done, most_standing; /* at one address */
	int64_t took_ms;
};

/* One connection of a mail server. */
struct client {
	struct mail_server *server;
	struct bufferevent *stream;
};

static void client_end(struct client *client)
{
	client->server->standing--;
	bufferevent_free(client->stream);
	free(client);
}

static void on_client_event(struct bufferevent *stream, short what, void *arg)
{
	client_end(arg);
}

static void on_client_says(struct bufferevent *stream, void *arg)
{
	struct client *client = arg;
	char line[512];
	size_t length = bufferevent_read(stream, line, sizeof(line) - 1);
	const char *answer = "250-mx.example\r\n250 SIZE 1000\r\n";

	line[length] = '\0';
	if (strstr(line, "QUIT") != NULL) {
		client->server->quits++;
		answer = "221 bye\r\n";
	}
	bufferevent_write(stream, answer, strlen(answer));
}

static void count_standing(struct mail_server *server)
{
	struct world *world = server->world;
	int standing = 0;
	size_t i;

	server->connections++;
	server->standing++;
	for (i = 0; i < world->nservers; i++)
		if (addr_equal(&world->servers[i].address, &server->address))
			standing += world->servers[i].standing;
	if (standing > world->most_standing)
		world->most_standing = standing;
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int length, void *arg)
{
	static const char *const greetings[] = {
	    [REJECTS] = "554 mx.example no\r\n",
	    [BARE] = "220 mx.example\r\n",
	    [MUTE] = "",
	};
	struct mail_server *server = arg;
	struct linger hard = {1, 0};
	struct client *client;

	if (server->temper == SLAMS) {
		server->connections++;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		evutil_closesocket(fd);
		return;
	}
	count_standing(server);
	client = calloc(1, sizeof(*client));
	assert_non_null(client);
	client->server = server;
	client->stream = bufferevent_socket_new(
	    server->world->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(
	    client->stream, on_client_says, NULL, on_client_event, client);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	bufferevent_write(client->stream, greetings[server->temper],
	    strlen(greetings[server->temper]));
}

/* A server on a free port; `port` 0: any. Returns its port. */
static uint16_t serve(
    struct world *world, const char *host, uint16_t port, enum temper temper)
{
	struct mail_server *server = &world->servers[world->nservers++];
	struct sockaddr_storage at;
	socklen_t length;

	server->world = world;
	server->temper = temper;
	assert_true(addr_parse(&server->address, host));
	length = addr_to_sockaddr(&server->address, port, &at);
	server->listener = evconnlistener_new_bind(world->base, on_client,
	    server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 16,
	    (struct sockaddr *)&at, (int)length);
	assert_non_null(server->listener);
	length = sizeof(at);
	getsockname(evconnlistener_get_fd(server->listener),
	    (struct sockaddr *)&at, &length);
	server->port = ntohs(((struct sockaddr_in *)&at)->sin_port);
	return server->port;
}

/* A port of the address on which nobody listens. */
static uint16_t closed_port(struct world *world, const char *host)
{
	struct mail_server *server = &world->servers[world->nservers];
	uint16_t port = serve(world, host, 0, MUTE);

	evconnlistener_free(server->listener);
	world->nservers--;
	return port;
}

static void world_open(struct world *world, const struct dns_record *records)
{
	struct err err;

	memset(world, 0, sizeof(*world));
	world->base = event_base_new();
	assert_non_null(world->base);
	world->dns.records = records;
	dns_server_start(&world->dns, world->base);
	assert_int_equal(resolver_new(world->base, world->dns.address,
			     &world->resolver, &err),
	    0);
	assert_int_equal(tls_probe_context(&world->tls, &err), 0);
	world->request.endpoints = &world->endpoints;
	world->request.family4 = true;
	world->request.family6 = true;
	world->request.trace = TRACE_NEVER;
	world->request.banner_ms = 60000;
	world->request.timeout_ms = 20000;
	world->request.visits_max = 8;
}

static void world_close(struct world *world)
{
	struct timeval soon = {0, 50000};
	size_t i;

	report_free(&world->report);
	for (i = 0; i < world->nservers; i++)
		evconnlistener_free(world->servers[i].listener);
	/* What clients are left see their end. */
	event_base_loopexit(world->base, &soon);
	event_base_dispatch(world->base);
	endpoints_free(&world->endpoints);
	tls_context_free(world->tls);
	resolver_free(world->resolver);
	dns_server_stop(&world->dns);
	event_base_free(world->base);
}

static struct endpoint *add(struct world *world, const char *name,
    const char *host, const char *ports, const char *control)
{
	struct endpoint *endpoint = endpoints_add(&world->endpoints, name);
	struct err err;

	assert_non_null(endpoint);
	snprintf(endpoint->host, sizeof(endpoint->host), "%s", host);
	assert_int_equal(port_list_parse(ports, &endpoint->ports, &err), 0);
	if (control != NULL)
		assert_int_equal(
		    port_list_parse(control, &endpoint->control, &err), 0);
	return endpoint;
}

static void on_done(void *arg, struct report *report)
{
	struct world *world = arg;

	world->done++;
	world->report = *report;
	event_base_loopbreak(world->base);
}

static void run(struct world *world)
{
	struct timeval limit = {40, 0};
	int64_t began_us = clock_mono_us();
	struct round *round = round_start(world->base, world->resolver,
	    world->tls, &world->request, NULL, on_done, world);

	assert_non_null(round);
	assert_int_equal(world->done, 0);
	event_base_loopexit(world->base, &limit);
	event_base_dispatch(world->base);
	assert_int_equal(world->done, 1);
	world->took_ms = (clock_mono_us() - began_us) / 1000;
}

/* The report's targets as "endpoint address: 25 connect none; ...". */
static const char *say_target(const struct world *world, size_t index)
{
	static char text[2000];
	char address[ADDR_TEXT_SIZE];
	const struct target_seen *target;
	size_t i, length;

	assert_true(index < world->report.ntargets);
	target = &world->report.targets[index];
	length = (size_t)sprintf(text, "%s %s%s", target->endpoint,
	    target->family == 4 ? "4 " : "6 ",
	    addr_format(&target->address, address));
	for (i = 0; i < target->nprobes; i++)
		length += (size_t)sprintf(text + length, " %s:%s:%s",
		    port_mode_word(target->probes[i].mode),
		    stage_word(target->probes[i].ended),
		    failure_word(target->probes[i].failure));
	return text;
}

static const char *port_text(uint16_t port, const char *mode)
{
	static char text[4][32];
	static int at;

	at = (at + 1) % 4;
	snprintf(text[at], sizeof(text[at]), "%u/%s", port, mode);
	return text[at];
}

static void rejecting(void **state)
{
	struct world world;
	uint16_t port, control;

	world_open(&world, NULL);
	port = serve(&world, "127.0.0.31", 0, REJECTS);
	control = serve(&world, "127.0.0.31", 0, MUTE);
	add(&world, "a", "127.0.0.31", port_text(port, "starttls"),
	    port_text(control, "connect"));
	run(&world);
	assert_int_equal(world.report.ntargets, 1);
	assert_string_equal(say_target(&world, 0),
	    "a 4 127.0.0.31 connect:connect: starttls:banner:rejected");
	assert_int_equal(world.servers[0].connections, 1);
	assert_int_equal(world.servers[0].quits, 1);
	assert_int_equal(world.most_standing, 1);
	assert_true(world.report.started_ms > 0);
	assert_true(world.report.ended_ms >= world.report.started_ms);
	world_close(&world);
}

static void tried_again(void **state)
{
	struct world world;
	uint16_t bare, slams, closed;
	char ports[64];

	world_open(&world, NULL);
	bare = serve(&world, "127.0.0.32", 0, BARE);
	slams = serve(&world, "127.0.0.32", 0, SLAMS);
	closed = closed_port(&world, "127.0.0.32");
	snprintf(ports, sizeof(ports), "%u/starttls %u/starttls %u/starttls",
	    bare, slams, closed);
	add(&world, "a", "127.0.0.32", ports, NULL);
	run(&world);
	assert_int_equal(world.report.targets[0].nprobes, 3 + 3 + 4);
	assert_int_equal(world.servers[0].connections, 3);
	assert_int_equal(world.servers[0].quits, 3);
	assert_int_equal(world.servers[1].connections, 3);
	assert_int_equal(world.most_standing, 1);
	world_close(&world);
}

static void traced(void **state)
{
	const struct target_seen *target;
	struct world world;
	uint16_t control, closed;

	world_open(&world, NULL);
	control = serve(&world, "::1", 0, MUTE);
	closed = closed_port(&world, "::1");
	add(&world, "a", "::1", port_text(closed, "starttls"),
	    port_text(control, "connect"));
	world.request.trace = TRACE_AUTO;
	run(&world);
	target = &world.report.targets[0];
	assert_int_equal(target->npaths, 2);
	assert_int_equal(target->paths[0].port, control);
	assert_int_equal(target->paths[0].answer, ANSWER_SYN_ACK);
	assert_int_equal(target->paths[0].answer_ttl, 1);
	assert_int_equal(target->paths[1].port, closed);
	assert_int_equal(target->paths[1].answer, ANSWER_RST);
	assert_int_equal(target->paths[1].answer_ttl, 1);
	assert_int_equal(world.most_standing, 1);
	world_close(&world);
}

/* Each trace's SYN is answered, and so is a connection too. */
static void traces_take_turns(void **state)
{
	const struct target_seen *target;
	uint16_t control, first, second;
	struct world world;
	char ports[64];

	world_open(&world, NULL);
	control = serve(&world, "127.0.0.36", 0, MUTE);
	first = serve(&world, "127.0.0.36", 0, BARE);
	second = serve(&world, "127.0.0.36", 0, REJECTS);
	snprintf(
	    ports, sizeof(ports), "%u/starttls %u/starttls", first, second);
	add(&world, "a", "127.0.0.36", ports, port_text(control, "connect"));
	world.request.trace = TRACE_ALWAYS;
	run(&world);
	target = &world.report.targets[0];
	assert_int_equal(target->npaths, 3);
	assert_int_equal(target->nprobes, 1 + 3 + 1);
	assert_int_equal(world.servers[0].connections, 1 + 1);
	assert_int_equal(world.servers[1].connections, 3 + 1);
	assert_int_equal(world.servers[2].connections, 1 + 1);
	assert_int_equal(world.servers[1].quits, 3);
	assert_int_equal(world.servers[2].quits, 1);
	assert_int_equal(world.most_standing, 1);
	world_close(&world);
}

/* Two endpoints and the host's two families; one address is in both. */
static void side_by_side(void **state)
{
	struct world world;
	uint16_t port;

	world_open(&world, NULL);
	port = serve(&world, "127.0.0.33", 0, BARE);
	serve(&world, "127.0.0.34", port, BARE);
	add(&world, "b", "127.0.0.33", port_text(port, "starttls"), NULL);
	add(&world, "a", "127.0.0.34", port_text(port, "starttls"), NULL);
	add(&world, "c", "127.0.0.33", port_text(port, "starttls"), NULL);
	run(&world);
	assert_int_equal(world.report.ntargets, 3);
	assert_string_equal(world.report.targets[0].endpoint, "b");
	assert_string_equal(world.report.targets[1].endpoint, "a");
	assert_string_equal(world.report.targets[2].endpoint, "c");
	assert_int_equal(world.servers[0].connections, 6);
	assert_int_equal(world.most_standing, 1);
	world_close(&world);
}

static void unresolved(void **state)
{
	static const struct dns_record none[] = {
	    {RR_A, "\177\000\000\001", 4, "other"}, {0}};
	struct world world;
	struct port_list only = {.port = {25, 465}, .count = 2};

	world_open(&world, none);
	world.request.ports = only;
	add(&world, "a", "mx.example", "25 587 465", NULL);
	run(&world);
	assert_int_equal(world.report.ntargets, 1);
	assert_string_equal(say_target(&world, 0),
	    "a 4  starttls:resolve:resolve tls:resolve:resolve");
	assert_int_equal(world.report.targets[0].probes[1].port, 465);
	world_close(&world);
}

static void families(void **state)
{
	static const struct dns_record both[] = {
	    {RR_A, "\177\000\000\043", 4, "mx"},
	    {RR_AAAA, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\001", 16, "mx"}, {0}};
	struct world world;
	uint16_t port;

	world_open(&world, both);
	port = serve(&world, "127.0.0.35", 0, REJECTS);
	serve(&world, "::1", port, REJECTS);
	add(&world, "a", "mx.example", port_text(port, "starttls"), NULL);
	run(&world);
	assert_int_equal(world.report.ntargets, 2);
	assert_string_equal(
	    say_target(&world, 0), "a 4 127.0.0.35 starttls:banner:rejected");
	assert_string_equal(
	    say_target(&world, 1), "a 6 ::1 starttls:banner:rejected");
	world_close(&world);
}

static void one_family(void **state)
{
	static const struct dns_record both[] = {
	    {RR_A, "\177\000\000\043", 4, "mx"},
	    {RR_AAAA, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\001", 16, "mx"}, {0}};
	struct world world;
	uint16_t port;

	world_open(&world, both);
	world.request.family4 = false;
	port = serve(&world, "::1", 0, REJECTS);
	add(&world, "a", "mx.example", port_text(port, "starttls"), NULL);
	run(&world);
	assert_int_equal(world.report.ntargets, 1);
	assert_int_equal(world.report.targets[0].family, 6);
	world_close(&world);
}

/* Three MX hosts of which the best has two addresses; two are wanted. */
static void best_mx(void **state)
{
	static const struct dns_record records[] = {
	    {RR_MX, "\000\024\005worse\007example\000", 17, "domain"},
	    {RR_MX, "\000\005\004best\007example\000", 16, "domain"},
	    {RR_MX, "\000\012\004next\007example\000", 16, "domain"},
	    {RR_A, "\177\000\000\044", 4, "best"},
	    {RR_A, "\177\000\000\045", 4, "next"},
	    {RR_A, "\177\000\000\046", 4, "next"},
	    {RR_A, "\177\000\000\047", 4, "worse"}, {0}};
	struct endpoint *endpoint;
	struct world world;
	uint16_t port;

	world_open(&world, records);
	world.request.family6 = false;
	port = closed_port(&world, "127.0.0.36");
	endpoint = add(&world, "a", "", port_text(port, "starttls"), NULL);
	snprintf(endpoint->domain, sizeof(endpoint->domain), "domain.example");
	endpoint->addresses = 2;
	run(&world);
	assert_int_equal(world.report.ntargets, 2);
	assert_string_equal(world.report.targets[0].host, "best.example");
	assert_string_equal(world.report.targets[1].host, "next.example");
	world_close(&world);
}

static void null_mx(void **state)
{
	static const struct dns_record records[] = {
	    {RR_MX, "\000\000\000", 3, "domain"}, {0}};
	struct endpoint *endpoint;
	struct world world;

	world_open(&world, records);
	endpoint = add(&world, "a", "", "25", NULL);
	snprintf(endpoint->domain, sizeof(endpoint->domain), "domain.example");
	run(&world);
	assert_int_equal(world.report.ntargets, 1);
	assert_string_equal(world.report.targets[0].host, "domain.example");
	assert_string_equal(
	    say_target(&world, 0), "a 4  starttls:resolve:resolve");
	world_close(&world);
}

/* The greeting that does not come in time is not called silence. */
static void cut_short(void **state)
{
	struct world world;
	uint16_t mute, other;
	char ports[64];

	world_open(&world, NULL);
	world.request.timeout_ms = 6000;
	mute = serve(&world, "127.0.0.41", 0, MUTE);
	other = serve(&world, "127.0.0.41", 0, REJECTS);
	snprintf(ports, sizeof(ports), "%u/starttls %u/starttls", other, mute);
	add(&world, "a", "127.0.0.41", ports, NULL);
	run(&world);
	assert_true(world.took_ms < 6200);
	assert_int_equal(world.report.ntargets, 1);
	assert_string_equal(say_target(&world, 0),
	    "a 4 127.0.0.41 starttls:banner:rejected connect:connect:");
	world_close(&world);
}

static void silent_long_enough(void **state)
{
	struct world world;
	uint16_t mute;

	world_open(&world, NULL);
	world.request.banner_ms = 500;
	mute = serve(&world, "127.0.0.42", 0, MUTE);
	add(&world, "a", "127.0.0.42", port_text(mute, "starttls"), NULL);
	run(&world);
	assert_string_equal(say_target(&world, 0),
	    "a 4 127.0.0.42 starttls:banner:timeout tls:tls:tls "
	    "starttls:banner:timeout "
	    "starttls:banner:timeout");
	world_close(&world);
}

static void one_at_a_time(void **state)
{
	struct world world;
	uint16_t port;

	world_open(&world, NULL);
	world.request.banner_ms = 300;
	world.request.visits_max = 1;
	port = serve(&world, "127.0.0.43", 0, MUTE);
	serve(&world, "127.0.0.44", port, MUTE);
	add(&world, "a", "127.0.0.43", port_text(port, "starttls"), NULL);
	add(&world, "b", "127.0.0.44", port_text(port, "starttls"), NULL);
	run(&world);
	assert_int_equal(world.report.ntargets, 2);
	assert_true(world.took_ms >= 1200);
	world_close(&world);
}

static void nothing_to_do(void **state)
{
	struct world world;

	world_open(&world, NULL);
	run(&world);
	assert_int_equal(world.report.ntargets, 0);
	world_close(&world);
}

static void cancelled(void **state)
{
	struct timeval soon = {0, 300000};
	struct world world;
	struct round *round;
	uint16_t port;

	world_open(&world, NULL);
	world.dns.behaviour = DNS_SILENT;
	port = serve(&world, "127.0.0.45", 0, MUTE);
	add(&world, "a", "127.0.0.45", port_text(port, "starttls"), NULL);
	add(&world, "b", "mx.example", "25", NULL);
	round = round_start(world.base, world.resolver, world.tls,
	    &world.request, NULL, on_done, &world);
	event_base_loopexit(world.base, &soon);
	event_base_dispatch(world.base);
	assert_int_equal(world.servers[0].connections, 1);
	round_cancel(round);
	event_base_loopexit(world.base, &soon);
	event_base_dispatch(world.base);
	assert_int_equal(world.done, 0);
	assert_int_equal(world.servers[0].standing, 0);
	world_close(&world);
}

/* The second endpoint takes all the time that there is. */
static void no_turn(void **state)
{
	bool left_out[3] = {false, false, false};
	struct world world;
	uint16_t port;

	world_open(&world, NULL);
	world.request.timeout_ms = 6000;
	world.request.visits_max = 1;
	world.request.no_turn = left_out;
	port = serve(&world, "127.0.0.46", 0, REJECTS);
	add(&world, "a", "127.0.0.46", port_text(port, "starttls"), NULL);
	port = serve(&world, "127.0.0.47", 0, MUTE);
	add(&world, "b", "127.0.0.47", port_text(port, "starttls"), NULL);
	port = serve(&world, "127.0.0.48", 0, REJECTS);
	add(&world, "c", "127.0.0.48", port_text(port, "starttls"), NULL);
	run(&world);
	assert_false(left_out[0]);
	assert_true(left_out[2]);
	assert_int_equal(world.servers[2].connections, 0);
	world_close(&world);
}

/* What a collector may have visited: here a network, and nothing public. */
static void bounded(void **state)
{
	struct allowance allowance = {
	    .rate = 1000, .daily = 1000, .daily_questions = 1000};
	bool left_out[3];
	struct bounds bounds;
	struct world world;
	struct err err;
	uint16_t port;

	world_open(&world, NULL);
	assert_int_equal(bounds_parse("127.0.0.49", "", &bounds, &err), 0);
	world.request.bounds = &bounds;
	world.request.allowance = &allowance;
	world.request.no_turn = left_out;
	world.request.trace = TRACE_NEVER;
	port = serve(&world, "127.0.0.49", 0, REJECTS);
	add(&world, "a", "127.0.0.49", port_text(port, "starttls"), NULL);
	add(&world, "b", "127.0.0.49", port_text(port, "starttls"), NULL);
	port = serve(&world, "127.0.0.50", 0, REJECTS);
	add(&world, "c", "127.0.0.50", port_text(port, "starttls"), NULL);
	run(&world);
	assert_int_equal(world.report.ntargets, 1);
	assert_int_equal(world.servers[0].connections, 1);
	assert_int_equal(world.servers[1].connections, 0);
	assert_int_equal(allowance.spent, 1);
	/* Their turn is over all the same. */
	assert_false(left_out[0] || left_out[1] || left_out[2]);
	allowance_free(&allowance);
	world_close(&world);
}

/* Two hosts of a domain are five questions, a tenth of a second each. */
static void paced(void **state)
{
	static const struct dns_record records[] = {
	    {RR_MX, "\000\005\004best\007example\000", 16, "domain"},
	    {RR_MX, "\000\012\004next\007example\000", 16, "domain"},
	    {RR_A, "\177\000\000\063", 4, "best"},
	    {RR_A, "\177\000\000\064", 4, "next"}, {0}};
	struct allowance allowance = {
	    .rate = 1, .daily = 1000, .daily_questions = 1000};
	struct endpoint *endpoint;
	struct world world;
	uint16_t port;

	world_open(&world, records);
	world.request.allowance = &allowance;
	port = serve(&world, "127.0.0.51", 0, REJECTS);
	serve(&world, "127.0.0.52", port, REJECTS);
	endpoint = add(&world, "a", "", port_text(port, "starttls"), NULL);
	snprintf(endpoint->domain, sizeof(endpoint->domain), "domain.example");
	endpoint->addresses = 2;
	run(&world);
	assert_int_equal(world.report.ntargets, 2);
	assert_int_equal(allowance.asked, 5);
	assert_true(world.took_ms >= 300);
	allowance_free(&allowance);
	world_close(&world);
}

/* Nothing is said of names that were not looked up, nor of a domain's hosts. */
static void day_spent(void **state)
{
	static const struct dns_record records[] = {
	    {RR_MX, "\000\005\004best\007example\000", 16, "domain"},
	    {RR_A, "\177\000\000\065", 4, "best"}, {0}};
	struct allowance allowance = {
	    .rate = 1000, .daily = 1000, .daily_questions = 2};
	struct endpoint *endpoint;
	struct world world;
	bool left_out[2];

	world_open(&world, records);
	world.request.allowance = &allowance;
	world.request.no_turn = left_out;
	endpoint = add(&world, "a", "", "25", NULL);
	snprintf(endpoint->domain, sizeof(endpoint->domain), "domain.example");
	add(&world, "b", "other.example", "25", NULL);
	run(&world);
	assert_int_equal(allowance.asked, 1);
	assert_int_equal(world.report.ntargets, 0);
	assert_false(left_out[0] || left_out[1]);
	allowance_free(&allowance);
	world_close(&world);
}

static void cancelled_at_once(void **state)
{
	struct world world;

	world_open(&world, NULL);
	add(&world, "b", "mx.example", "25", NULL);
	round_cancel(round_start(world.base, world.resolver, world.tls,
	    &world.request, NULL, on_done, &world));
	world_close(&world);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a rejecting server is asked once, and told QUIT",
	    rejecting);
	test_add(&list, "no STARTTLS, a reset and a refusal are tried again",
	    tried_again);
	test_add(&list, "a refused port and its control are traced", traced);
	test_add(&list, "ports and their traces connect one after the other",
	    traces_take_turns);
	test_add(&list, "an address of two endpoints has one visit at a time",
	    side_by_side);
	test_add(
	    &list, "a host without addresses is what was seen", unresolved);
	test_add(&list, "every A and AAAA is visited", families);
	test_add(&list, "only the family that was asked for", one_family);
	test_add(&list, "a domain's best MX hosts come first", best_mx);
	test_add(
	    &list, "a domain that takes no mail resolves to nothing", null_mx);
	test_add(
	    &list, "what the deadline cuts short is not a timeout", cut_short);
	test_add(&list, "silence for as long as was asked is one",
	    silent_long_enough);
	test_add(
	    &list, "no more visits side by side than allowed", one_at_a_time);
	test_add(&list, "who had no turn before the end is known", no_turn);
	test_add(
	    &list, "what a collector's bounds forbid is not visited", bounded);
	test_add(&list, "a plan's names are asked for slowly", paced);
	test_add(&list, "what a spent day left out is no finding", day_spent);
	test_add(&list, "a round of nothing ends", nothing_to_do);
	test_add(&list, "a cancelled round closes and calls nobody", cancelled);
	test_add(&list, "a round may be cancelled at once", cancelled_at_once);
	return test_run("round", &list);
}
