/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_DNS_SERVER_H
#define EGRESS25_TESTS_SUPPORT_DNS_SERVER_H

/* A tiny name server on a port of 127.0.0.1, in the test's own loop. */

#include <stdbool.h>
#include <stdint.h>

struct event;
struct event_base;

enum dns_behaviour {
	DNS_ANSWERS,   /* with its records */
	DNS_CODE,      /* with its response code and nothing else */
	DNS_SILENT,    /* never answers */
	DNS_CLOSED,    /* nobody listens there */
	DNS_TRUNCATED, /* an answer that is cut off inside its records */
	DNS_FOREIGN,   /* answers another question */
	DNS_BY_TCP,    /* answers in full by TCP alone */
};

enum {
	RR_A = 1,
	RR_CNAME = 5,
	RR_PTR = 12,
	RR_MX = 15,
	RR_TXT = 16,
	RR_AAAA = 28
};

struct dns_record {
	uint16_t type; /* 0: the end of a list */
	const char *bytes;
	uint16_t length;
	/* The one label in front of ".example" that it is for; NULL: it
	 * answers every question. */
	const char *label;
	/* Whose record it is, as in a packet; NULL: the question's. */
	const char *owner;
};

struct dns_server {
	struct event *event, *listening;
	int fd, listener;
	enum dns_behaviour behaviour;
	int code;
	const struct dns_record *records;
	int questions;
	char address[32]; /* for resolver_new() */
};

/* The behaviour, code and records were set by the caller. */
void dns_server_start(struct dns_server *server, struct event_base *base);
void dns_server_stop(struct dns_server *server);

#endif
