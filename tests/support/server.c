/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 5
#define FLOOD_MOST (UINT64_C(1) << 30)

static void need(bool well)
{
	if (!well)
		abort();
}

static void pause_ms(int ms)
{
	struct timespec time = {0, ms * 1000000l};

	nanosleep(&time, NULL);
}

static int put(struct server *server, const char *bytes, size_t length)
{
	int sent;

	if (server->session != NULL)
		sent = SSL_write(server->session, bytes, (int)length);
	else
		sent = (int)send(server->fd, bytes, length, MSG_NOSIGNAL);
	if (sent > 0)
		server->sent += (uint64_t)sent;
	return sent;
}

static void put_apart(struct server *server, const struct server_step *step,
    size_t length, int pace_ms)
{
	size_t i;

	for (i = 0; i < length && put(server, step->text + i, 1) == 1; i++)
		pause_ms(pace_ms);
}

/* Note what the client says, up to a line's end. False: it closed. */
static bool hear(struct server *server)
{
	size_t at = strlen(server->said);
	char c;
	int got;

	do {
		if (server->session != NULL)
			got = SSL_read(server->session, &c, 1);
		else
			got = (int)recv(server->fd, &c, 1, 0);
		if (got == 1 && c != '\r' && at + 2 < sizeof(server->said))
			server->said[at++] = c == '\n' ? ';' : c;
	} while (got == 1 && c != '\n');
	server->said[at] = '\0';
	return got == 1;
}

static void shake_hands(struct server *server)
{
	server->session = SSL_new(server->tls);
	need(server->session != NULL);
	SSL_set_fd(server->session, server->fd);
	if (SSL_accept(server->session) == 1)
		strcat(server->said, "tls;");
}

static void close_at_once(struct server *server, bool reset)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (reset)
		setsockopt(server->fd, SOL_SOCKET, SO_LINGER, &at_once,
		    sizeof(at_once));
	close(server->fd);
	server->fd = -1;
}

static void take(struct server *server)
{
	char bytes[4096];

	need(recv(server->fd, bytes, sizeof(bytes), 0) > 0);
}

static void watch(struct server *server)
{
	struct pollfd quiet = {.fd = server->fd, .events = POLLIN};
	char byte;

	if (poll(&quiet, 1, 200) == 0)
		return;
	strcat(server->said,
	    recv(server->fd, &byte, 1, MSG_PEEK) > 0 ? "early;" : "gone;");
}

/* OpenSSL takes no notice where a ticket meets a client that is gone. */
static bool may_send_more(const struct server *server)
{
	struct pollfd state = {.fd = server->fd, .events = POLLOUT};
	uint64_t sent = server->session != NULL
			    ? BIO_number_written(SSL_get_wbio(server->session))
			    : server->sent;

	poll(&state, 1, 0);
	return sent < FLOOD_MOST && (state.revents & (POLLHUP | POLLERR)) == 0;
}

/* One more of what TLS 1.3 lets a server send at any time. */
static bool send_ticket(struct server *server)
{
	return SSL_new_session_ticket(server->session) == 1 &&
	       SSL_do_handshake(server->session) == 1;
}

static bool send_key_update(struct server *server)
{
	return SSL_key_update(server->session, SSL_KEY_UPDATE_REQUESTED) == 1 &&
	       SSL_do_handshake(server->session) == 1;
}

static void flood(
    struct server *server, const struct server_step *step, size_t length)
{
	bool well = true;

	while (well && may_send_more(server)) {
		if (step->kind == SERVER_TICKETS)
			well = send_ticket(server);
		else if (step->kind == SERVER_REKEYS)
			well = send_key_update(server);
		else
			well = put(server, step->text, length) > 0;
	}
}

static void play(struct server *server, const struct server_step *step)
{
	size_t length = step->length;

	if (length == 0 && step->text != NULL)
		length = strlen(step->text);
	if (step->kind == SERVER_SAY)
		put(server, step->text, length);
	else if (step->kind == SERVER_DRIP)
		put_apart(server, step, length, 1);
	else if (step->kind == SERVER_TRICKLE)
		put_apart(server, step, length, 50);
	else if (step->kind == SERVER_HEAR)
		hear(server);
	else if (step->kind == SERVER_TAKE)
		take(server);
	else if (step->kind == SERVER_TLS)
		shake_hands(server);
	else if (step->kind == SERVER_FIN || step->kind == SERVER_RST)
		close_at_once(server, step->kind == SERVER_RST);
	else if (step->kind == SERVER_WATCH)
		watch(server);
	else if (step->kind == SERVER_FLOOD || step->kind == SERVER_TICKETS ||
		 step->kind == SERVER_REKEYS)
		flood(server, step, length);
}

static void accept_one(struct server *server)
{
	struct pollfd wanted = {.fd = server->listener, .events = POLLIN};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int on = 1;

	need(poll(&wanted, 1, PATIENCE_S * 1000) == 1);
	server->fd = accept(server->listener, NULL, NULL);
	need(server->fd >= 0);
	setsockopt(server->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(
	    server->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(
	    server->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static void *serve(void *arg)
{
	struct server *server = arg;
	sigset_t pipe;
	int i;

	/* SSL_write to a client that is gone. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	accept_one(server);
	for (i = 0; i < SERVER_STEPS_MAX && server->fd >= 0; i++) {
		if (server->steps[i].kind == SERVER_END)
			break;
		play(server, &server->steps[i]);
	}
	while (server->fd >= 0 && hear(server))
		;
	SSL_free(server->session);
	if (server->fd >= 0)
		close(server->fd);
	return NULL;
}

static void listen_on(struct server *server, const char *host, int backlog)
{
	struct sockaddr_storage own;
	socklen_t length;

	memset(server, 0, sizeof(*server));
	need(addr_parse(&server->address, host));
	length = addr_to_sockaddr(&server->address, 0, &own);
	server->listener = socket(own.ss_family, SOCK_STREAM, 0);
	need(server->listener >= 0);
	need(bind(server->listener, (struct sockaddr *)&own, length) == 0);
	need(listen(server->listener, backlog) == 0);
	need(getsockname(server->listener, (struct sockaddr *)&own, &length) ==
	     0);
	/* Both families have it at the same place. */
	server->port = ntohs(((struct sockaddr_in *)&own)->sin_port);
}

void server_start(struct server *server, const char *host,
    const struct server_step *steps, struct ssl_ctx_st *tls)
{
	listen_on(server, host, 4);
	server->steps = steps;
	server->tls = tls;
	need(pthread_create(&server->thread, NULL, serve, server) == 0);
}

void server_join(struct server *server)
{
	pthread_join(server->thread, NULL);
	close(server->listener);
}

void server_start_full(struct server *server, int fillers[8])
{
	struct sockaddr_storage own;
	socklen_t length;
	int i;

	listen_on(server, "127.0.0.1", 0);
	length = addr_to_sockaddr(&server->address, server->port, &own);
	for (i = 0; i < 8; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fillers[i], (struct sockaddr *)&own, length);
	}
}

void server_stop_full(struct server *server, int fillers[8])
{
	int i;

	for (i = 0; i < 8; i++)
		close(fillers[i]);
	close(server->listener);
}

void server_start_silent(struct server *server, int most)
{
	listen_on(server, "127.0.0.1", most);
}

void server_stop_silent(struct server *server)
{
	close(server->listener);
}
