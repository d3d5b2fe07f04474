/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/net/client.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "beacon/net/syn.h"
#include "beacon/smtp/session.h"
#include "lib/base/address_count.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/receipt/receipt_sign.h"

/* A turn of the loop: so many reads of one client at most. */
#define READS_A_TURN 4

/* A record of TLS with a fatal alert (RFC 8446, 6): internal_error, which is
 * none of the client's. */
static const char tls_alert[] = {21, 3, 3, 0, 2, 2, 80};

enum moved { MOVED, MOVE_WAITS_READ, MOVE_WAITS_WRITE, MOVE_ENDED };

struct client {
	struct beacon *beacon;
	LIST_ENTRY(client) entry;
	int fd;
	uint16_t port, client_port;
	uint8_t ttl;
	bool tls_first, shaking, closing;
	bool said_ehlo;
	struct addr address;
	int64_t ends_us; /* its time is over */
	struct event *io;
	short watched;
	SSL *tls; /* NULL: in the clear, or not a byte came yet */
	struct session session;
	struct buf out; /* what is not yet sent */
	size_t sent;
	char line[SESSION_LINE_MAX]; /* what came of a command */
	size_t length;
};

static void on_io(int fd, short what, void *arg);

static void client_free(struct client *client)
{
	struct beacon *beacon = client->beacon;

	if (client->tls != NULL) {
		if (!client->shaking)
			SSL_shutdown(client->tls);
		else
			beacon->metrics.handshakes_failed++;
		SSL_free(client->tls);
		ERR_clear_error();
		beacon->metrics.open_tls--;
	}
	if (client->io != NULL)
		event_free(client->io);
	close(client->fd);
	buf_free(&client->out);
	LIST_REMOVE(client, entry);
	address_count_give(beacon->addresses, &client->address);
	beacon->metrics.open--;
	free(client);
}

static void watch(struct client *client, short what)
{
	if (client->watched != what) {
		event_del(client->io);
		event_assign(client->io, client->beacon->base, client->fd,
		    (short)(what | EV_PERSIST), on_io, client);
		client->watched = what;
	}
	event_add(client->io, client->beacon->idle);
}

static enum moved tls_result(struct client *client, int result)
{
	int error = SSL_get_error(client->tls, result);

	ERR_clear_error();
	if (error == SSL_ERROR_WANT_READ)
		return MOVE_WAITS_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return MOVE_WAITS_WRITE;
	return MOVE_ENDED;
}

static enum moved read_some(
    struct client *client, char *bytes, size_t size, size_t *got)
{
	ssize_t count;
	int result;

	if (client->tls != NULL) {
		result = SSL_read(client->tls, bytes, (int)size);
		*got = result > 0 ? (size_t)result : 0;
		return result > 0 ? MOVED : tls_result(client, result);
	}
	count = recv(client->fd, bytes, size, 0);
	*got = count > 0 ? (size_t)count : 0;
	if (count > 0)
		return MOVED;
	return count < 0 && (errno == EAGAIN || errno == EINTR)
		   ? MOVE_WAITS_READ
		   : MOVE_ENDED;
}

static enum moved send_some(
    struct client *client, const char *bytes, size_t size, size_t *sent)
{
	ssize_t count;
	int result;

	if (client->tls != NULL) {
		result = SSL_write(client->tls, bytes, (int)size);
		*sent = result > 0 ? (size_t)result : 0;
		return result > 0 ? MOVED : tls_result(client, result);
	}
	count = send(client->fd, bytes, size, MSG_NOSIGNAL);
	*sent = count > 0 ? (size_t)count : 0;
	if (count >= 0)
		return MOVED;
	return errno == EAGAIN || errno == EINTR ? MOVE_WAITS_WRITE
						 : MOVE_ENDED;
}

/* Send what waits. MOVED: all of it is out. */
static enum moved flush(struct client *client)
{
	enum moved moved = MOVED;
	size_t sent;

	while (client->sent < client->out.length) {
		moved = send_some(client, client->out.data + client->sent,
		    client->out.length - client->sent, &sent);
		if (moved != MOVED)
			return moved;
		client->sent += sent;
	}
	buf_free(&client->out);
	client->sent = 0;
	return MOVED;
}

/* What this beacon saw, signed. False: it could not be. */
static bool make_receipt(const struct client *client, const char *line,
    size_t length, char text[RECEIPT_TEXT_SIZE])
{
	struct receipt receipt = {.at_ms = clock_wall_ms(),
	    .client = client->address,
	    .client_port = client->client_port,
	    .port = client->port,
	    .ttl = client->ttl,
	    .ehlo_length = (uint16_t)length,
	    .has_spki = true};

	memcpy(receipt.nonce, client->session.nonce, RECEIPT_NONCE_SIZE);
	memcpy(receipt.spki_sha256, client->beacon->spki_sha256,
	    sizeof(receipt.spki_sha256));
	sha256(line, length, receipt.ehlo_sha256);
	if (receipt_sign(client->beacon->key, &receipt, text) < 0)
		return false;
	client->beacon->metrics.receipts++;
	return true;
}

static bool has_tls_room(const struct beacon *beacon)
{
	return beacon->metrics.open_tls < beacon->options->tls_sessions;
}

/* Begin TLS as a server; within the limit of sessions. */
static bool begin_tls(struct client *client)
{
	struct beacon *beacon = client->beacon;

	if (!has_tls_room(beacon)) {
		beacon->metrics.refused[LIMIT_TLS]++;
		return false;
	}
	client->tls = SSL_new(beacon->tls);
	if (client->tls == NULL)
		return false;
	beacon->metrics.open_tls++;
	client->shaking = true;
	SSL_set_accept_state(client->tls);
	return SSL_set_fd(client->tls, client->fd) == 1;
}

/* Of a connection, the first EHLO that is answered counts. */
static void count_dialogue(struct client *client)
{
	client->beacon->metrics.dialogues += !client->said_ehlo;
	client->said_ehlo = true;
}

static void take_line(struct client *client, const char *line, size_t length)
{
	struct session *session = &client->session;
	char receipt[RECEIPT_TEXT_SIZE];
	struct session_reply reply;

	session->has_tls_room = has_tls_room(client->beacon);
	session_line(session, line, length, &reply);
	client->beacon->metrics.refused[LIMIT_TLS] += reply.lacks_tls;
	if (reply.next == SESSION_RECEIPT) {
		count_dialogue(client);
		session_greet_back(session,
		    make_receipt(client, line, length, receipt) ? receipt
								: NULL,
		    &reply);
	}
	buf_append(&client->out, reply.text, reply.length);
	if (reply.next == SESSION_CLOSE)
		client->closing = true;
	/* Nothing is read of what came behind STARTTLS in the clear. */
	if (reply.next == SESSION_TLS)
		client->shaking = true;
}

static void take_bytes(struct client *client, const char *bytes, size_t length)
{
	struct session_reply reply;
	size_t i;

	for (i = 0; i < length && !client->closing && !client->shaking; i++) {
		client->line[client->length++] = bytes[i];
		if (bytes[i] == '\n') {
			take_line(client, client->line, client->length);
			client->length = 0;
		} else if (client->length == sizeof(client->line)) {
			session_too_long(&reply);
			buf_append(&client->out, reply.text, reply.length);
			client->closing = true;
		}
	}
}

static void greet(struct client *client)
{
	struct session_reply reply;

	session_begin(&client->session, client->beacon->name,
	    client->beacon->options->commands, &reply);
	if (client->tls_first)
		session_enter_tls(&client->session);
	buf_append(&client->out, reply.text, reply.length);
}

/* Said in the clear. What came is taken off, for a close that leaves it behind
 * is a reset, as filters make them. */
static enum moved refuse_tls(struct client *client)
{
	char bytes[1024];
	int reads = READS_A_TURN;

	while (reads-- > 0 && recv(client->fd, bytes, sizeof(bytes), 0) > 0)
		continue;
	buf_append(&client->out, tls_alert, sizeof(tls_alert));
	client->shaking = false;
	client->closing = true;
	return MOVED;
}

/* The handshake; then the greeting, where TLS came first. */
static enum moved shake_hands(struct client *client)
{
	enum moved moved;
	int result;

	if (client->tls == NULL && !begin_tls(client))
		return client->tls == NULL ? refuse_tls(client) : MOVE_ENDED;
	result = SSL_accept(client->tls);
	if (result == 1) {
		client->shaking = false;
		client->beacon->metrics.handshakes++;
		if (client->tls_first)
			greet(client);
		else
			session_enter_tls(&client->session);
		return MOVED;
	}
	moved = tls_result(client, result);
	return moved == MOVED ? MOVE_ENDED : moved;
}

/* One step of what is to be done next. MOVED: and there may be more. */
static enum moved step(struct client *client)
{
	char bytes[1024];
	enum moved moved;
	size_t got;

	if (client->out.length > 0)
		return flush(client);
	if (client->closing || client->out.failed)
		return MOVE_ENDED;
	if (client->shaking)
		return shake_hands(client);
	moved = read_some(client, bytes, sizeof(bytes), &got);
	if (moved == MOVED)
		take_bytes(client, bytes, got);
	return moved;
}

static void say_timeout(struct client *client)
{
	struct session_reply reply;
	size_t sent;

	if (client->shaking || client->out.length > 0)
		return;
	session_timeout(&reply);
	send_some(client, reply.text, reply.length, &sent);
}

static void on_io(int fd, short what, void *arg)
{
	struct client *client = arg;
	enum moved moved = MOVED;
	int steps = 3 * READS_A_TURN;

	if ((what & EV_TIMEOUT) != 0 || clock_mono_us() >= client->ends_us) {
		client->beacon->metrics.timeouts++;
		say_timeout(client);
		client_free(client);
		return;
	}
	while (moved == MOVED && steps-- > 0)
		moved = step(client);
	if (moved == MOVE_ENDED)
		client_free(client);
	else if (moved == MOVED) /* TLS may hold bytes that the loop does not
				    know of */
		event_active(client->io, EV_READ, 0);
	else
		watch(client, moved == MOVE_WAITS_WRITE ? EV_WRITE : EV_READ);
}

static void look_at_peer(struct client *client)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);

	if (getpeername(client->fd, (struct sockaddr *)&peer, &length) < 0)
		return;
	addr_from_sockaddr(&client->address, (struct sockaddr *)&peer);
	client->client_port =
	    peer.ss_family == AF_INET6
		? ntohs(((struct sockaddr_in6 *)&peer)->sin6_port)
		: ntohs(((struct sockaddr_in *)&peer)->sin_port);
	client->ttl = syn_ttl(client->fd);
}

static bool has_room(struct beacon *beacon, const struct client *client)
{
	struct metrics *metrics = &beacon->metrics;

	if (client->address.family == 0)
		return false;
	if (metrics->open >= beacon->options->connections) {
		metrics->refused[LIMIT_CONNECTIONS]++;
		return false;
	}
	if (!address_count_take(beacon->addresses, &client->address,
		beacon->options->connections_address)) {
		metrics->refused[LIMIT_ADDRESS]++;
		return false;
	}
	return true;
}

static bool refuse(struct client *client)
{
	static const char words[] = "421 4.7.0 too many connections\r\n";

	if (client->tls_first)
		send(client->fd, tls_alert, sizeof(tls_alert),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	else
		send(client->fd, words, sizeof(words) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	close(client->fd);
	free(client);
	return false;
}

bool client_open(struct beacon *beacon, int fd, uint16_t port, bool tls_first)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		close(fd);
		return false;
	}
	client->beacon = beacon;
	client->fd = fd;
	client->port = port;
	client->tls_first = tls_first;
	look_at_peer(client);
	if (!has_room(beacon, client))
		return refuse(client);
	beacon->metrics.open++;
	beacon->metrics.connections++;
	LIST_INSERT_HEAD(&beacon->clients, client, entry);
	client->ends_us = clock_mono_us() +
			  beacon->options->session_s * 1000000;
	client->shaking = tls_first;
	client->watched = EV_READ;
	client->io = event_new(
	    beacon->base, fd, EV_READ | EV_PERSIST, on_io, client);
	if (client->io == NULL) {
		client_free(client);
		return false;
	}
	event_add(client->io, beacon->idle);
	if (!tls_first) {
		greet(client);
		on_io(fd, EV_WRITE, client);
	}
	return true;
}

void client_close_all(struct beacon *beacon)
{
	while (!LIST_EMPTY(&beacon->clients))
		client_free(LIST_FIRST(&beacon->clients));
}
