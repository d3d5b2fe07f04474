/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_ENDPOINT_KNOWN_H
#define EGRESS25_LIB_REPORT_ENDPOINT_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KNOWN_KEYS_MAX         8
#define KNOWN_PORTS_MAX        16
#define KNOWN_RECEIPT_KEYS_MAX 4

/* What is known of an endpoint before it is probed: from an endpoints file, a
 * plan, or what the fleet saw. Zero-initialised, nothing is known. */
struct endpoint_known {
	bool offers_starttls;
	uint8_t spki_sha256[KNOWN_KEYS_MAX][32]; /* keys it may show */
	size_t nspki;
	/* A beacon's: Ed25519 public keys that sign its receipts. */
	uint8_t receipt_keys[KNOWN_RECEIPT_KEYS_MAX][32];
	size_t nreceipt_keys;
	uint32_t asn; /* of the target's address; 0: unknown, or not asked */
	/* Ports listed for it in an endpoints file or in the plan. Ports asked
	 * by default are not among them. */
	uint16_t serves[KNOWN_PORTS_MAX];
	size_t nserves;
	/* Ports on which the fleet's dialogues with it go through. */
	uint16_t passes[KNOWN_PORTS_MAX];
	size_t npasses;
};

/* It is a beacon, whose receipts can be checked. */
bool endpoint_signs(const struct endpoint_known *known);

/* It is known to serve that port: listed, or others get through. */
bool endpoint_serves(const struct endpoint_known *known, uint16_t port);

/* Others get through to it on that port. */
bool endpoint_passes_others(const struct endpoint_known *known, uint16_t port);

#endif
