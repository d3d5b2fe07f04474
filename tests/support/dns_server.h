/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_DNS_SERVER_H
#define EGRESS25_TESTS_SUPPORT_DNS_SERVER_H

/* A minimal name server on a port of 127.0.0.1, in the test's event loop. */

#include <stdbool.h>
#include <stdint.h>

struct event;
struct event_base;

enum dns_behaviour {
	DNS_ANSWERS,   /* with its records */
	DNS_CODE,      /* with its response code, no records */
	DNS_SILENT,    /* never answers */
	DNS_CLOSED,    /* nobody listens on the port */
	DNS_TRUNCATED, /* answers, cut off inside the records */
	DNS_FOREIGN,   /* answers another question */
	DNS_BY_TCP,    /* answers in full over TCP only */
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
	/* Answers only questions for this label in front of ".example"; NULL:
	 * all questions. */
	const char *label;
	/* The owner name in wire format; NULL: the question's. */
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

/* The caller has set the behaviour, code and records. */
void dns_server_start(struct dns_server *server, struct event_base *base);
void dns_server_stop(struct dns_server *server);

#endif
