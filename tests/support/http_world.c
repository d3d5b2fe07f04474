/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/http_world.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/support/rows.h"

#define WAIT_S    10
#define BODY_MOST (64 << 20)

static void refresh(void *arg, struct peer_rules *rules)
{
	const struct http_world *world = arg;

	rules->trusted = world->trusted;
}

static void dispatch(void *arg, struct exchange *exchange)
{
	struct http_world *world = arg;

	world->dispatch(world->arg, exchange);
}

static void dispatch_to_routes(void *arg, struct exchange *exchange)
{
	const struct http_world_route *route = arg;

	while (route->path != NULL &&
	       strcmp(route->path, exchange->request.path) != 0)
		route++;
	route->handler(NULL, &exchange->request, &exchange->reply);
	exchange_send(exchange);
}

static void open_listener(struct http_world *world)
{
	struct listener_settings settings = {
	    .metrics = &world->metrics,
	    .body_most = BODY_MOST,
	    .refresh = refresh,
	    .dispatch = dispatch,
	    .arg = world,
	};
	struct sockaddr_in where = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(where);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct err err;

	settings.base = world->base = event_base_new();
	assert_int_equal(bind(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(
	    getsockname(fd, (struct sockaddr *)&where, &length), 0);
	world->port = ntohs(where.sin_port);
	assert_int_equal(
	    listener_open(&settings, fd, &world->listener, &err), 0);
}

void http_world_open_dispatch(struct http_world *world,
    void (*wanted)(void *arg, struct exchange *exchange), void *arg)
{
	memset(world, 0, sizeof(*world));
	world->dispatch = wanted;
	world->arg = arg;
	open_listener(world);
}

void http_world_open(struct http_world *world,
    const struct http_world_route *routes, const char *trusted)
{
	struct err err;

	memset(world, 0, sizeof(*world));
	assert_int_equal(prefixes_parse(trusted, &world->trusted, &err), 0);
	world->dispatch = dispatch_to_routes;
	world->arg = (void *)routes;
	open_listener(world);
}

void http_world_close(struct http_world *world)
{
	listener_close(world->listener);
	event_base_free(world->base);
	buf_free(&world->reply);
}

static void on_bytes(struct bufferevent *client, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(client);
	size_t length = evbuffer_get_length(input);
	struct http_world *world = arg;
	char *room = buf_reserve(&world->reply, length);

	assert_non_null(room);
	evbuffer_remove(input, room, length);
	buf_commit(&world->reply, length);
	if (world->leaves)
		event_base_loopbreak(world->base);
}

static void on_end(struct bufferevent *client, short what, void *arg)
{
	struct http_world *world = arg;

	(void)client;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		event_base_loopbreak(world->base);
}

void http_world_talk(struct http_world *world, const void *bytes, size_t length)
{
	struct timeval most = {.tv_sec = WAIT_S};
	struct sockaddr_in where = {.sin_family = AF_INET,
	    .sin_port = htons(world->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct bufferevent *client = bufferevent_socket_new(
	    world->base, -1, BEV_OPT_CLOSE_ON_FREE);

	bufferevent_setcb(client, on_bytes, NULL, on_end, world);
	bufferevent_enable(client, EV_READ | EV_WRITE);
	assert_int_equal(bufferevent_socket_connect(
			     client, (struct sockaddr *)&where, sizeof(where)),
	    0);
	bufferevent_write(client, bytes, length);
	event_base_loopexit(world->base, &most);
	event_base_dispatch(world->base);
	bufferevent_free(client);
	if (!event_base_got_break(world->base))
		fail_msg("no end within %d s: %s", WAIT_S,
		    world->reply.data != NULL ? world->reply.data : "");
}

void http_world_expect(
    const struct http_world *world, const char *const *wanted)
{
	size_t i;

	assert_non_null(world->reply.data);
	for (i = 0; i < HTTP_WORLD_WANTED && wanted[i] != NULL; i++) {
		bool absent = wanted[i][0] == '~';
		bool found = strstr(world->reply.data, wanted[i] + absent) !=
			     NULL;

		if (found == absent)
			fail_msg("%s %s in:\n%s", wanted[i] + absent,
			    absent ? "is" : "is not", world->reply.data);
	}
}
