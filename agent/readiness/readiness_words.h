/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_READINESS_WORDS_H
#define EGRESS25_AGENT_READINESS_READINESS_WORDS_H

/*
 * Is an address fit to send mail from? What was found out about it, in JSON
 * (section 2 of the contract) and in words, with what to do. Pure.
 */

#include "agent/readiness/blocklist.h"
#include "agent/readiness/spf_record.h"
#include "lib/base/buf.h"

struct json_writer;

enum fact { FACT_UNKNOWN, FACT_NO, FACT_YES };

/* Of one family. */
struct readiness_family {
	uint8_t family;
	struct addr address;     /* the public one; absent: not known */
	struct addr local;       /* the socket's; absent: no way out */
	uint32_t asn;            /* its network; 0: not known */
	bool by_collector;       /* it told the address; else the socket */
	char collector_why[160]; /* why it did not; "": it did, or is none */

	enum fact has_name; /* a PTR record */
	char rdns[256];     /* that leads back, if any does; "": none */
	char dns_why[96];   /* FACT_UNKNOWN: what DNS said */
	enum fact leads_back;

	char spf_domain[256];  /* "": there is no domain to ask for */
	enum spf_result spf;   /* SPF_PENDING: not asked, or no time */
	char spf_because[160]; /* a sentence without its full stop */

	/* What the block lists say that were asked; BLOCKLIST_UNKNOWN while
	 * they have no answer. */
	struct blocklist_seen blocklists[BLOCKLISTS_MAX];
	size_t nblocklists;

	enum fact helo_matches; /* the name leads to the address */
};

enum helo_source { HELO_NONE, HELO_OPTION, HELO_CONFIGURED, HELO_HOST };

struct readiness {
	char helo[256]; /* what EHLO would say; "": no such name */
	enum helo_source helo_source;
	bool domain_given; /* SPF was asked for a domain that was named */
	struct readiness_family family[2];
	size_t count;
};

/* The member "readiness"; `readiness` NULL: null. The fields are those of the
 * first family whose address is known, and `families` has all of them. */
void readiness_words_json(
    struct json_writer *json, const struct readiness *readiness);

/* An empty line, and a paragraph a family that has a way out. */
void readiness_words_text(const struct readiness *readiness, struct buf *out);

#endif
