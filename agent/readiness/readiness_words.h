/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_READINESS_WORDS_H
#define EGRESS25_AGENT_READINESS_READINESS_WORDS_H

/*
 * The findings about an address that is to send mail, as JSON (section 2 of the
 * contract) and as text with advice. Pure.
 */

#include "agent/readiness/blocklist.h"
#include "agent/readiness/spf_record.h"
#include "lib/base/buf.h"

struct json_writer;

enum fact { FACT_UNKNOWN, FACT_NO, FACT_YES };

/* Of one family. */
struct readiness_family {
	uint8_t family;
	struct addr address;     /* public; absent: not known */
	struct addr local;       /* the socket's own; absent: no route */
	uint32_t asn;            /* its network; 0: not known */
	bool by_collector;       /* else `address` is the socket's */
	char collector_why[160]; /* why not; "": it did, or is none */

	enum fact has_name; /* a PTR record */
	char rdns[256];     /* one that resolves back, if any; "": none */
	char dns_why[96];   /* FACT_UNKNOWN: what DNS said */
	enum fact leads_back;

	char spf_domain[256];  /* "": no domain to look up */
	enum spf_result spf;   /* SPF_PENDING: not looked up in time */
	char spf_because[160]; /* a sentence without its full stop */

	/* What the block lists say that were asked; BLOCKLIST_UNKNOWN while
	 * they have no answer. */
	struct blocklist_seen blocklists[BLOCKLISTS_MAX];
	size_t nblocklists;

	enum fact helo_matches; /* the name resolves to the address */
};

enum helo_source { HELO_NONE, HELO_OPTION, HELO_CONFIGURED, HELO_HOST };

struct readiness {
	char helo[256]; /* EHLO name of a server here; "": none */
	enum helo_source helo_source;
	bool domain_given; /* SPF is of --domain */
	struct readiness_family family[2];
	size_t count;
};

/* The member "readiness"; `readiness` NULL: null. The fields are those of the
 * first family whose address is known, and `families` has all of them. */
void readiness_words_json(
    struct json_writer *json, const struct readiness *readiness);

/* Append an empty line, and a paragraph for each family that has a route. */
void readiness_words_text(const struct readiness *readiness, struct buf *out);

#endif
