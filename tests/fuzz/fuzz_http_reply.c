/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/net/resolve.h"
#include "agent/upload/uplink.h"
#include "lib/base/log.h"
#include "tests/fuzz/fuzz.h"

/*
 * The first byte is the call that the agent makes, the rest what comes back on
 * its connection, status line and all, before that is closed.
 */

#define AGENT     "0123456789abcdef0123456789abcdef"
#define DAY_S     86400
#define BYTES_MAX 60000 /* a socket takes them at once */

struct scene {
	struct event_base *base;
	struct event *accepts;
	int listener, peer;
	const uint8_t *bytes;
	size_t length;
	int calls;
};

static struct sign_key *key(void)
{
	static struct sign_key *made;
	char folder[] = "/tmp/egress25-fuzz-XXXXXX", path[100];

	if (made != NULL)
		return made;
	fuzz_require(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/key", folder);
	fuzz_require(sign_key_load_or_make(path, &made, NULL) == 0);
	unlink(path);
	rmdir(folder);
	return made;
}

static int listen_anywhere(uint16_t *port)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	socklen_t size = sizeof(own);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fuzz_require(fd >= 0 &&
		     bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0 &&
		     listen(fd, 8) == 0 &&
		     getsockname(fd, (struct sockaddr *)&own, &size) == 0);
	*port = ntohs(own.sin_port);
	return fd;
}

/* Say it all, and that there is no more; the peer's words do not matter, but
 * unread they would reset the connection. */
static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct scene *scene = arg;

	(void)what;
	if (scene->peer >= 0)
		close(scene->peer);
	scene->peer = accept(fd, NULL, NULL);
	if (scene->peer < 0)
		return;
	if (scene->length > 0 &&
	    send(scene->peer, scene->bytes, scene->length, MSG_NOSIGNAL) < 0)
		return;
	shutdown(scene->peer, SHUT_WR);
}

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static void on_done(void *arg, const struct uplink_result *result)
{
	struct scene *scene = arg;

	scene->calls++;
	fuzz_require(is_text(result->why, sizeof(result->why)));
	fuzz_require(is_text(result->agent_id, sizeof(result->agent_id)));
	fuzz_require(
	    result->retry_after_s >= 0 && result->retry_after_s <= DAY_S);
	fuzz_require(result->end == UPLINK_OK || result->why[0] != '\0');
	/* Nothing counts as an answer but a 200. */
	fuzz_require(result->end != UPLINK_OK || result->status == 200);
	event_base_loopbreak(scene->base);
}

static void call(struct uplink *uplink, uint8_t which, struct scene *scene)
{
	switch (which) {
	case 'e':
		uplink_enrol(uplink, "secret", NULL, on_done, scene);
		break;
	case 'k':
		uplink_rotate(uplink, key(), on_done, scene);
		break;
	case 'w':
		uplink_whoami(uplink, on_done, scene);
		break;
	case 'p':
		uplink_plan(uplink, on_done, scene);
		break;
	default:
		uplink_report(uplink, "{}", 2, on_done, scene);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct timeval patience = {.tv_sec = 20};
	struct httpc_url url = {.host = "127.0.0.1"};
	struct scene scene = {.peer = -1};
	struct resolver *resolver;
	struct uplink *uplink;

	if (length == 0 || length > BYTES_MAX)
		return 0;
	scene.bytes = bytes + 1;
	scene.length = length - 1;
	scene.base = event_base_new();
	scene.listener = listen_anywhere(&url.port);
	scene.accepts = event_new(scene.base, scene.listener,
	    EV_READ | EV_PERSIST, on_accept, &scene);
	event_add(scene.accepts, NULL);
	fuzz_require(
	    resolver_new(scene.base, "127.0.0.1:9", &resolver, NULL) == 0);
	uplink = uplink_new(scene.base, resolver, &url, NULL, key(), AGENT);
	call(uplink, bytes[0], &scene);
	event_base_loopexit(scene.base, &patience);
	event_base_dispatch(scene.base);
	fuzz_require(scene.calls == 1);
	uplink_free(uplink);
	resolver_free(resolver);
	event_free(scene.accepts);
	if (scene.peer >= 0)
		close(scene.peer);
	close(scene.listener);
	event_base_free(scene.base);
	return 0;
}
