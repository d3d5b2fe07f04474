/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_RECEIPT_SEEN_H
#define EGRESS25_LIB_REPORT_RECEIPT_SEEN_H

/* What an agent keeps of a beacon's receipt (lib/receipt/receipt.h), and what
 * its reader finds it worth. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/addr.h"

#define RECEIPT_KEYWORD    "XEGRESS25" /* of EHLO (RFC 5321, 4.1.1.1) */
#define RECEIPT_NONCE_SIZE 24
#define RECEIPT_NONCE_TEXT 33  /* base64url, and NUL */
#define RECEIPT_TEXT_SIZE  260 /* base64url, and NUL */

/* What a receipt is worth to who reads the report. */
enum receipt_worth {
	RECEIPT_NONE,        /* not asked for, no reply to EHLO, no known key */
	RECEIPT_MISSING,     /* EHLO was answered without one */
	RECEIPT_SPOILED,     /* none that can be read, or no valid signature */
	RECEIPT_UNKNOWN_KEY, /* the list has no such key */
	RECEIPT_STALE,       /* not of the time of the visit */
	RECEIPT_OTHER_NONCE, /* not what the agent sent, or none */
	RECEIPT_OTHER_PORT,  /* the beacon saw the connection on another port */
	RECEIPT_OTHER_EHLO,  /* the beacon saw another EHLO */
	RECEIPT_OTHER_SOURCE, /* of a client in another network */
	RECEIPT_RIGHT,
};

/* Of one attempt on a beacon's port. The first four are in the report. */
struct receipt_seen {
	bool asked; /* the agent sent a nonce, or would have */
	uint8_t nonce[RECEIPT_NONCE_SIZE];
	uint8_t ehlo_sha256[32];      /* of the EHLO line that was sent */
	char said[RECEIPT_TEXT_SIZE]; /* as it came; "": none did */
	/* What receipt_judge() makes of it: */
	enum receipt_worth worth;
	/* With a valid signature: whom the beacon saw, and how far off. */
	struct addr client;
	uint16_t client_port, port;
	int hops; /* from the agent; 0: the beacon does not know */
	uint8_t spki_sha256[32]; /* of the key that its TLS shows on the port */
	bool has_spki;
};

#endif
