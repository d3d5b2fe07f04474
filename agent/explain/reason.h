/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_REASON_H
#define EGRESS25_AGENT_EXPLAIN_REASON_H

/* What DNS and the servers said, in words. Pure. */

#include "agent/explain/sentence.h"

/* Append why the hosts of `of` have no address, each host once: "there is no
 * domain mx.example.net (NXDOMAIN)". */
void reason_add_dns(
    struct sentence *sentence, const struct explain_selection *of);

/* True: the server itself ended the dialogue of `probe` with a reply, with
 * bytes that are none, or with a TLS alert. */
bool reason_has_reply(const struct probe_seen *probe);

/* Append these words: "\"554 no\"", or "TLS alert 40 (...)". */
void reason_add_reply(
    struct sentence *sentence, const struct probe_seen *probe);

#endif
