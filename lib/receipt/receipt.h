/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_RECEIPT_RECEIPT_H
#define EGRESS25_LIB_RECEIPT_RECEIPT_H

/*
 * A beacon's receipt: what it saw of a connection and of its EHLO, signed. It
 * is the parameter of a keyword in the reply to EHLO (RFC 5321, 4.1.1.1), in
 * base64url without padding:
 *
 *	250 XEGRESS25 AWJwcm9...
 *
 *	bytes	what (numbers in network byte order)
 *	1	the format's version, 1 or 2
 *	8	key id: the first bytes of the public key's SHA-256
 *	24	the client's nonce; zeros: it sent none
 *	8	time, ms since 1970
 *	1+16	the client's address: 4 or 6, and its bytes, zeros behind IPv4
 *	2+2	the client's port, the beacon's own port
 *	1	TTL or hop limit of the client's SYN; 0: unknown
 *	2+32	length and SHA-256 of the EHLO line, with its CRLF
 *	32	version 2: SHA-256 of the public key of its TLS on this port
 *	64	Ed25519 signature (RFC 8032) over RECEIPT_CONTEXT and all before
 */

#include <stddef.h>

#include "lib/report/receipt_seen.h"

#define RECEIPT_CONTEXT        "egress25-receipt/1\n"
#define RECEIPT_KEY_ID_SIZE    8
#define RECEIPT_BODY_MOST      129 /* 97 of version 1 */
#define RECEIPT_SIGNATURE_SIZE 64
#define RECEIPT_MOST           (RECEIPT_BODY_MOST + RECEIPT_SIGNATURE_SIZE)

struct receipt {
	uint8_t key_id[RECEIPT_KEY_ID_SIZE];
	uint8_t nonce[RECEIPT_NONCE_SIZE];
	int64_t at_ms;
	struct addr client;
	uint16_t client_port, port;
	uint8_t ttl;
	uint16_t ehlo_length;
	uint8_t ehlo_sha256[32];
	uint8_t spki_sha256[32];
	bool has_spki; /* then it is of version 2 */
};

/* Write the bytes that are signed, without the signature; says how many. */
size_t receipt_pack(
    const struct receipt *receipt, uint8_t bytes[RECEIPT_BODY_MOST]);

/* Read them. False: they are no receipt. */
bool receipt_unpack(
    const uint8_t *bytes, size_t length, struct receipt *receipt);

/* How many hops a packet with that TTL has come, the last one included. Hosts
 * begin at 64, 128 or 255 (RFC 1700 and practice). 0: unknown. */
int receipt_hops(uint8_t ttl);

#endif
