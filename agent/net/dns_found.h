/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_DNS_FOUND_H
#define EGRESS25_AGENT_NET_DNS_FOUND_H

/* The results of DNS queries (resolve.h). */

#include "lib/base/addr.h"
#include "lib/report/vocabulary.h"

#define RESOLVE_ADDRESSES_MAX 16
#define RESOLVE_MX_MAX        16
#define RESOLVE_PTR_MAX       8
#define RESOLVE_TXT_MAX       64     /* records */
#define RESOLVE_TXT_BYTES     16384  /* of all of them */
#define RESOLVE_TXT_NUL       '\x7f' /* replaces a NUL in a record */

/* Results. If `count` is 0, `why` is the reason in words, and `failed` tells
 * whether DNS failed to answer (true) or there are no such records (false);
 * `dns` is the same for the report. */
struct resolve_addresses {
	struct addr address[RESOLVE_ADDRESSES_MAX];
	size_t count;
	bool cut; /* there were more */
	bool failed;
	enum dns_seen dns;
	char why[96];
};

struct resolve_mx {
	struct {
		uint16_t preference;
		char host[256];
	} mx[RESOLVE_MX_MAX]; /* best preference first (RFC 5321, 5.1) */
	size_t count;
	bool implicit;   /* no MX record: the domain itself */
	bool null_mx;    /* RFC 7505: the domain accepts no mail */
	bool is_address; /* an MX record names an address (RFC 5321, 5.1) */
	bool failed;
	enum dns_seen dns;
	char why[96];
};

struct resolve_ptr {
	char name[RESOLVE_PTR_MAX][256]; /* host names */
	size_t count;
	bool failed;
	char why[96];
};

struct resolve_txt {
	/* One per record, its strings joined; borrowed until the callback
	 * returns. */
	const char *text[RESOLVE_TXT_MAX];
	size_t count;
	bool cut; /* there were more */
	bool failed;
	char why[96];
};

#endif
