/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_REVIEW_H
#define EGRESS25_COLLECTOR_RECORD_REVIEW_H

/* What somebody has decided about an accusation that rests only on new agents
 * (doc/verdict.md, section 7). */

#include <stdbool.h>
#include <stdint.h>

#define REVIEW_REASON_SIZE 101

struct review {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	int64_t at_ms;
	bool is_released;                /* else it is rejected */
	char reason[REVIEW_REASON_SIZE]; /* is published */
};

/* Anything but 0 ends the list, and is what the lister returns. */
typedef int review_visit(void *arg, const struct review *review);

#endif
