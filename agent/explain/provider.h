/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_PROVIDER_H
#define EGRESS25_AGENT_EXPLAIN_PROVIDER_H

/* Hosters and access providers: how to recognise them, and their port policy.
 * Only hints for people, never evidence. Pure. */

#include "lib/base/buf.h"
#include "lib/config/port_list.h"

#define PROVIDER_ASNS_MAX   8
#define PROVIDER_DMI_FIELDS 5
#define PROVIDER_DMI_SIZE   64

/* A section of providers.conf, which explains the fields. */
struct provider {
	char id[64]; /* the section's name; "": none */
	bool is_line;
	char name[64], looks[96];
	char dmi[192], rdns[192]; /* as the file has them */
	uint32_t asn[PROVIDER_ASNS_MAX];
	size_t nasns;
	struct port_list ports;
	char policy[192], lift[256], source[320];
};

/* What identifies the machine's provider; "" and 0: unknown. */
struct provider_traits {
	char dmi[PROVIDER_DMI_FIELDS][PROVIDER_DMI_SIZE];
	char rdns[256];
	uint32_t asn;
};

/* What matched; later values are more reliable. */
enum provider_match {
	PROVIDER_NO_MATCH,
	PROVIDER_BY_ASN,
	PROVIDER_BY_RDNS,
	PROVIDER_BY_DMI
};

/* Set a field from a line of the file. -EINVAL: an unknown key, a bad value, or
 * a key twice. */
int provider_set(struct provider *provider, const char *key, const char *value,
    struct err *err);

/* -EINVAL: a field is missing that every provider needs. */
int provider_check(const struct provider *provider, struct err *err);

enum provider_match provider_match(
    const struct provider *provider, const struct provider_traits *traits);

/* "This machine looks like an Amazon EC2 instance. Amazon blocks ...; ask at
 * ...": two sentences and a full stop, without a line end. */
void provider_sentence(const struct provider *provider, struct buf *out);

#endif
