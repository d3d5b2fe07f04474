/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/http_world.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/support/rows.h"

#define WAIT_S 10

void http_world_open(
    struct http_world *world, const struct http_world_route *routes, void *arg)
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in where;
	socklen_t length = sizeof(where);

	memset(world, 0, sizeof(*world));
	world->base = event_base_new();
	world->http = evhttp_new(world->base);
	for (; routes->path != NULL; routes++)
		evhttp_set_cb(world->http, routes->path, routes->handle, arg);
	if (routes->handle != NULL)
		evhttp_set_gencb(world->http, routes->handle, arg);
	bound = evhttp_bind_socket_with_handle(world->http, "127.0.0.1", 0);
	assert_non_null(bound);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(bound),
			     (struct sockaddr *)&where, &length),
	    0);
	world->port = ntohs(where.sin_port);
}

void http_world_close(struct http_world *world)
{
	evhttp_free(world->http);
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
