/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_MOVE_H
#define EGRESS25_COLLECTOR_STORE_STORE_MOVE_H

/* What is moved from one engine to another one: what store.h, store_past.h and
 * store_review.h do not list as it was written. */

#include "collector/store/registry.h"
#include "collector/store/store.h"

/* Reports with all that was written of them. Start from {0}. */
struct move_batch {
	struct store_report *reports; /* what they point to is owned */
	size_t nreports, nrows;
};

/* Free what one report points to. */
void move_report_free(struct store_report *report);

void move_batch_free(struct move_batch *batch);

enum move_kind {
	MOVE_AGENT,
	MOVE_FORMER_KEY, /* of an agent that is not known any more */
	MOVE_TOKEN,
	MOVE_REVOKED, /* a pseudonym */
};

/* A line of the registry. */
struct move_entry {
	enum move_kind kind;
	struct registry_agent agent;
	uint8_t bytes[32]; /* a former key, or a token's digest */
	int64_t made_ms, used_ms;
	char pseudonym[ROW_AGENT_SIZE];
};

/* Anything but 0 ends the list. */
typedef int move_visit(void *arg, const struct move_entry *entry);

/* How far removal has come, and whose pseudonyms there are. */
struct move_limits {
	int64_t expired_ms, clock_ms;
	uint8_t fingerprint[REGISTRY_FINGERPRINT_BYTES];
	bool has_fingerprint;
};

#endif
