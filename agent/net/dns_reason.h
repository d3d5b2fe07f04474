/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_DNS_REASON_H
#define EGRESS25_AGENT_NET_DNS_REASON_H

/* Why DNS found nothing, from a status of c-ares. */

#include <stdbool.h>

#include "lib/report/vocabulary.h"

/* The reason in words, and whether DNS failed to answer; `none`: the words
 * where it did answer, that there is none. */
void dns_reason(bool *failed, char why[96], int status, const char *none);

/* The same for the report. */
enum dns_seen dns_reason_seen(int status);

#endif
