/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_BLOCKLIST_H
#define EGRESS25_AGENT_READINESS_BLOCKLIST_H

/* DNS block lists (RFC 5782): names to ask for, and what the answers mean.
 * Pure. */

#include "lib/base/addr.h"
#include "lib/base/err.h"

#define BLOCKLISTS_MAX      8
#define BLOCKLIST_ZONE_SIZE 128
#define BLOCKLIST_CODES_MAX 4

/* The zones of a command line. */
struct blocklist_zones {
	char zone[BLOCKLISTS_MAX][BLOCKLIST_ZONE_SIZE];
	size_t count;
};

enum blocklist_state {
	BLOCKLIST_UNKNOWN, /* DNS gave no answer */
	BLOCKLIST_REFUSED, /* the list answers us nothing that counts */
	BLOCKLIST_NOT_LISTED,
	BLOCKLIST_LISTED,
};

/* What DNS said to one question. */
struct blocklist_answer {
	bool failed; /* no answer; else no address means: not listed */
	struct addr code[BLOCKLIST_CODES_MAX];
	size_t count;
};

/* One list on one address. */
struct blocklist_seen {
	char zone[BLOCKLIST_ZONE_SIZE];
	enum blocklist_state state;
	struct blocklist_answer answer; /* on the address itself */
	char because[320];              /* a clause without a full stop */
};

/* "zen.spamhaus.org,bl.example": commas or blanks between. */
int blocklist_parse_zones(
    const char *text, struct blocklist_zones *zones, struct err *err);

/* The name under which a zone has `address` (RFC 5782, 2.1 and 2.4). */
void blocklist_query_name(
    const struct addr *address, const char *zone, char name[256]);

/* The addresses that every list of the family must have and must not have (RFC
 * 5782, 5). */
void blocklist_test_points(
    int family, struct addr *listed, struct addr *unlisted);

/* Judge: `seen->answer` is set. A list that does not have the first test point,
 * or has the second, does not count. */
void blocklist_judge(struct blocklist_seen *seen,
    const struct blocklist_answer *listed,
    const struct blocklist_answer *unlisted);

#endif
