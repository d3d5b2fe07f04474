/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_BLOCKLIST_H
#define EGRESS25_AGENT_READINESS_BLOCKLIST_H

/* DNS block lists (RFC 5782): query names, and what the answers mean. Pure. */

#include "lib/base/addr.h"
#include "lib/base/err.h"

#define BLOCKLISTS_MAX      8
#define BLOCKLIST_ZONE_SIZE 128
#define BLOCKLIST_CODES_MAX 4

/* The zones named with --blocklists. */
struct blocklist_zones {
	char zone[BLOCKLISTS_MAX][BLOCKLIST_ZONE_SIZE];
	size_t count;
};

enum blocklist_state {
	BLOCKLIST_UNKNOWN, /* DNS gave no answer */
	BLOCKLIST_REFUSED, /* the list gave no answer that counts */
	BLOCKLIST_NOT_LISTED,
	BLOCKLIST_LISTED,
};

/* The answer to one query. */
struct blocklist_answer {
	bool failed; /* no answer from DNS */
	struct addr code[BLOCKLIST_CODES_MAX];
	size_t count;
};

/* The result for one address in one zone. */
struct blocklist_seen {
	char zone[BLOCKLIST_ZONE_SIZE];
	enum blocklist_state state;
	struct blocklist_answer answer; /* for the address itself */
	char because[320];              /* a clause without a full stop */
};

/* "zen.spamhaus.org,bl.example": commas or blanks between. */
int blocklist_parse_zones(
    const char *text, struct blocklist_zones *zones, struct err *err);

/* The name under which a zone has `address` (RFC 5782, 2.1 and 2.4). */
void blocklist_query_name(
    const struct addr *address, const char *zone, char name[256]);

/* The test entries: an address that every zone must list, and one that it must
 * not list (RFC 5782, 5). */
void blocklist_test_points(
    int family, struct addr *listed, struct addr *unlisted);

/* Set state and reason from `seen->answer`. A zone that fails its test entries
 * does not count. */
void blocklist_judge(struct blocklist_seen *seen,
    const struct blocklist_answer *listed,
    const struct blocklist_answer *unlisted);

#endif
