/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/dns_server.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(bool well, const char *what)
{
	if (well)
		return;
	perror(what);
	abort();
}

static size_t put16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return 2;
}

static size_t put_record(uint8_t *out, const struct dns_record *record)
{
	size_t n = 0;

	if (record->owner == NULL) {
		n += put16(out + n, 0xc00c); /* the name of the question */
	} else {
		n = strlen(record->owner) + 1;
		memcpy(out, record->owner, n);
	}
	n += put16(out + n, record->type);
	n += put16(out + n, 1);
	n += put16(out + n, 0);
	n += put16(out + n, 60);
	n += put16(out + n, record->length);
	memcpy(out + n, record->bytes, record->length);
	return n + record->length;
}

/* The header and the question alone, without the EDNS record behind it. */
static size_t cut_to_question(uint8_t *packet)
{
	size_t at = 12;

	while (packet[at] != 0)
		at += packet[at] + 1u;
	put16(packet + 10, 0);
	return at + 5;
}

/* A record with a label is for the question of its own name and type. */
static bool is_asked_for(
    const struct dns_record *record, const uint8_t *packet, size_t question_end)
{
	size_t length;

	if (record->label == NULL)
		return true;
	length = strlen(record->label);
	return packet[12] == length &&
	       memcmp(packet + 13, record->label, length) == 0 &&
	       packet[question_end - 3] == record->type;
}

/* Turn a question into its answer. */
static size_t make_answer(
    const struct dns_server *server, uint8_t *packet, bool by_tcp)
{
	const struct dns_record *record = server->records;
	size_t question_end = cut_to_question(packet), length = question_end;
	unsigned count = 0;

	packet[2] |= 0x80;
	packet[3] = (uint8_t)server->code;
	if (server->behaviour == DNS_FOREIGN)
		packet[13] ^= 1;
	if (server->behaviour == DNS_BY_TCP && !by_tcp) {
		packet[2] |= 2;
		record = NULL;
	}
	for (; record != NULL && record->type != 0; record++) {
		if (!is_asked_for(record, packet, question_end))
			continue;
		length += put_record(packet + length, record);
		count++;
	}
	put16(packet + 6, count);
	return server->behaviour == DNS_TRUNCATED ? length - 3 : length;
}

#define PACKET_BYTES 32768

static void on_question(evutil_socket_t fd, short what, void *arg)
{
	struct dns_server *server = arg;
	uint8_t packet[PACKET_BYTES];
	struct sockaddr_storage from;
	socklen_t from_length = sizeof(from);
	ssize_t length = recvfrom(
	    fd, packet, 512, 0, (struct sockaddr *)&from, &from_length);

	if (length < 12)
		return;
	server->questions++;
	if (server->behaviour == DNS_SILENT)
		return;
	length = (ssize_t)make_answer(server, packet, false);
	sendto(fd, packet, (size_t)length, 0, (struct sockaddr *)&from,
	    from_length);
}

/* One question by TCP: it comes and goes in one piece on loopback. */
static void on_tcp_question(evutil_socket_t fd, short what, void *arg)
{
	struct dns_server *server = arg;
	uint8_t packet[PACKET_BYTES];
	size_t length;

	server->questions++;
	if (recv(fd, packet, 512, 0) > 14) {
		length = make_answer(server, packet + 2, true);
		put16(packet, (unsigned)length);
		send(fd, packet, length + 2, 0);
	}
	close(fd);
}

static void on_connection(evutil_socket_t listener, short what, void *arg)
{
	struct dns_server *server = arg;

	event_base_once(event_get_base(server->listening),
	    accept(listener, NULL, NULL), EV_READ, on_tcp_question, server,
	    NULL);
}

static void listen_by_tcp(struct dns_server *server, struct event_base *base)
{
	must(listen(server->listener, 5) == 0, "listen");
	server->listening = event_new(base, server->listener,
	    EV_READ | EV_PERSIST, on_connection, server);
	event_add(server->listening, NULL);
}

/* A port that is free for UDP, and for TCP too. */
static void bind_both(struct dns_server *server, struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	bool bound = false;
	int tries;

	for (tries = 0; tries < 100 && !bound; tries++) {
		if (tries > 0) {
			close(server->fd);
			close(server->listener);
		}
		address->sin_port = 0;
		server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		server->listener = socket(AF_INET, SOCK_STREAM, 0);
		bound = bind(server->fd, (struct sockaddr *)address,
			    sizeof(*address)) == 0 &&
			getsockname(server->fd, (struct sockaddr *)address,
			    &length) == 0 &&
			bind(server->listener, (struct sockaddr *)address,
			    sizeof(*address)) == 0;
	}
	must(bound, "bind");
}

void dns_server_start(struct dns_server *server, struct event_base *base)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind_both(server, &address);
	snprintf(server->address, sizeof(server->address), "127.0.0.1:%d",
	    ntohs(address.sin_port));
	server->event = event_new(
	    base, server->fd, EV_READ | EV_PERSIST, on_question, server);
	event_add(server->event, NULL);
	if (server->behaviour == DNS_BY_TCP)
		listen_by_tcp(server, base);
	if (server->behaviour == DNS_CLOSED) {
		event_del(server->event);
		close(server->fd);
		server->fd = -1;
	}
}

void dns_server_stop(struct dns_server *server)
{
	event_free(server->event);
	if (server->listening != NULL)
		event_free(server->listening);
	close(server->listener);
	if (server->fd >= 0)
		close(server->fd);
}
